package store

import (
	"maps"
	"math"
	"slices"
)

// differs reports whether u brings anything that a reader of old does not know.
func (u Update) differs(old Update) bool {
	return u.Fresh || len(u.Histories) > 0 || u.Behind != old.Behind || !u.Focus.Equal(old.Focus) || u.Phase != old.Phase ||
		words(u.Err) != words(old.Err) || hash(u) != hash(old) ||
		!slices.Equal(u.Log, old.Log) || !slices.Equal(u.Metrics, old.Metrics) || u.Marks.Len() != old.Marks.Len() ||
		!slices.EqualFunc(u.Experiments, old.Experiments, Summary.same) ||
		!slices.EqualFunc(u.Records, old.Records, Record.same)
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// hash is that of the plan, "" for none.
func hash(u Update) string {
	if u.Plan == nil {
		return ""
	}
	return u.Plan.Hash
}

func (s Summary) same(old Summary) bool {
	return s.Name == old.Name && s.Active == old.Active && s.Unreadable == old.Unreadable && maps.Equal(s.Runs, old.Runs)
}

// same compares all of a record but what never changes and the seconds of a live
// run, which always do.
func (r Record) same(old Record) bool {
	return r.ID == old.ID && r.Status == old.Status && r.Reason == old.Reason && r.Attempt == old.Attempt &&
		r.Started == old.Started && r.Ended == old.Ended && r.SHA256 == old.SHA256 && r.Damaged == old.Damaged &&
		(r.Ended == 0 || r.Seconds == old.Seconds) && maps.EqualFunc(r.Metrics, old.Metrics, sameNumber)
}

func sameNumber(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
