package store

import (
	"math"
	"time"

	"ablate/experiments"
)

// instant reads a time as people write it, in the local time zone: a day, which
// means its end, a minute, "yesterday", "now", or how long ago it was. Times are in
// seconds since 1970.
func instant(text string, now float64) (at float64, ok bool) {
	today := moment(now)
	switch text {
	case "now", "today":
		return now, true
	case "yesterday":
		return endOfDay(today.AddDate(0, 0, -1)), true
	}
	if ago, ok := experiments.Seconds(text); ok {
		return now - float64(ago), true
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return endOfDay(day), true
	}
	for _, f := range timeForms {
		if t, err := time.ParseInLocation(f.form, text, time.Local); err == nil {
			return float64(t.Unix()) + f.seconds - instantStep, true
		}
	}
	return 0, false
}

// timeForms are those of times, and for how long each lasts: what was done in the minute
// that somebody names is meant, too.
var timeForms = []struct {
	form    string
	seconds float64
}{{"2006-01-02T15:04", 60}, {"2006-01-02 15:04", 60}, {"2006-01-02T15:04:05", 1}, {time.DateTime, 1}, {time.RFC3339, 1}}

// instantStep is less than what lies between two times in files.
const instantStep = 1e-6

// endOfDay is the last instant of a day.
func endOfDay(t time.Time) float64 {
	y, m, d := t.Date()
	next := time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
	return float64(next.Unix()) - instantStep
}

// moment is a time in seconds since 1970 in the local time zone.
func moment(at float64) time.Time {
	seconds, part := math.Modf(at)
	return time.Unix(int64(seconds), int64(part*1e9))
}

// clockText is a time for people.
func clockText(at float64) string { return moment(at).Format("2006-01-02 15:04") }
