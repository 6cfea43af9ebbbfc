package report

import (
	"errors"
	"math"
	"sort"

	"ablate/experiments/store"
)

// Curve is a metric of a unit along training: the mean of its runs, and the lowest
// and highest of them.
type Curve struct {
	Steps, Mean []float64
	Low, High   []float64 // nil with one run
	Runs        int
}

// followed are the points of one run so far.
type followed struct {
	follower store.Follower
	history  store.History
	ended    bool // and read to the end
	attempt  int  // that was the newest then
}

// Curves are those of a metric for units, nil units among them; a run that goes on
// is read further at each call.
func (c *Comparer) Curves(units []*Unit, metric string) ([]Curve, error) {
	curves := make([]Curve, len(units))
	var errs []error
	for i, u := range units {
		if u == nil {
			continue
		}
		var all []*store.Series
		for _, r := range u.Runs {
			if r.Attempt == 0 {
				continue
			}
			h, err := c.follow(r)
			errs = append(errs, err)
			if s := h.Series[metric]; s != nil && len(s.Steps) > 0 {
				all = append(all, s)
			}
		}
		curves[i] = curveOf(all)
	}
	return curves, errors.Join(errs...)
}

// follow reads what a run has written since; of one at rest all of it, once for
// each attempt.
func (c *Comparer) follow(r store.Record) (*store.History, error) {
	f := c.curves[r.ID]
	if f != nil && f.ended && f.attempt == r.Attempt {
		return &f.history, nil
	}
	if f == nil || f.ended { // it was tried again
		f = &followed{follower: store.Follower{Dir: r.Dir}}
		c.curves[r.ID] = f
		if !r.Status.Live() { // packed ones among them
			h, err := store.ReadHistory(r.Dir)
			if err == nil {
				f.history, f.ended, f.attempt = *h, true, r.Attempt
			}
			return &f.history, err
		}
	}
	const piece = 1 << 20 // bytes: of a long run there is never more than that as points
	for more := true; more; {
		var batches []store.Batch
		var err error
		if batches, more, err = f.follower.Next(piece); err != nil {
			return &f.history, err
		}
		for _, b := range batches {
			f.history.Add(b)
		}
	}
	f.ended, f.attempt = !r.Status.Live(), r.Attempt
	return &f.history, nil
}

// curveOf is the mean of series with their range.
func curveOf(all []*store.Series) Curve {
	if len(all) == 0 {
		return Curve{}
	}
	c := Curve{Runs: len(all)}
	c.Steps, c.Mean = store.Mean(all)
	if len(all) == 1 {
		return c
	}
	c.Low, c.High = make([]float64, len(c.Steps)), make([]float64, len(c.Steps))
	for i, step := range c.Steps {
		lo, hi, n := math.Inf(1), math.Inf(-1), 0
		for _, s := range all {
			if v, ok := valueAt(s, step); ok {
				lo, hi, n = min(lo, v), max(hi, v), n+1
			}
		}
		if c.Low[i], c.High[i] = lo, hi; n < 2 {
			c.Low[i], c.High[i] = math.NaN(), math.NaN()
		}
	}
	return c
}

// valueAt is the value of a series at a step; of a thinned one the last of the
// bucket before.
func valueAt(s *store.Series, step float64) (float64, bool) {
	i := sort.SearchFloat64s(s.Steps, step)
	if i < len(s.Steps) && s.Steps[i] == step {
		v := s.Values[i]
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	if i == 0 || s.Width == 0 || step-s.Steps[i-1] >= s.Width {
		return 0, false
	}
	v := s.Values[i-1]
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}
