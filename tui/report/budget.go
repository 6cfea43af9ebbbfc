package report

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Spent is what the runs of an experiment have used of its limits, those of
// earlier designs among them.
type Spent struct {
	Wall     float64 // seconds in which any of them lived and was not halted
	Runs     int     // attempts that began
	GPUHours float64 // of GPUs that were claimed for them
}

// ReadSpent adds up the attempts of runs.
func ReadSpent(records []store.Record) (Spent, error) {
	return readSpent(records, func(store.Record, []store.Life) error { return nil })
}

// readSpent is ReadSpent, and hands on when each run lived.
func readSpent(records []store.Record, hear func(store.Record, []store.Life) error) (s Spent, err error) {
	var going store.Spans
	now := store.Now()
	for _, r := range records {
		lives, failed := store.Lives(r.Dir, now)
		err = errors.Join(err, failed, hear(r, lives))
		for _, l := range lives {
			s.Runs++
			s.GPUHours += (l.Ended - l.Began) / 3600 * float64(l.GPUs)
			for _, part := range l.Going {
				going = going.With(part)
			}
		}
	}
	s.Wall = going.Total()
	return s, err
}

// Limit is one limit of `plan EXP --json`; null is no limit, or what nobody knows.
type Limit struct {
	Used  float64  `json:"used"`
	Total *float64 `json:"total"` // with the runs that are left
	Over  *float64 `json:"over"`  // that the total is above the limit; 0: it is within
}

// Projected are the limits in seconds, attempts and GPU-hours.
type Projected struct {
	Wall     Limit `json:"wall"`
	Runs     Limit `json:"runs"`
	GPUHours Limit `json:"gpu_hours"`
}

// limits are the limits of an experiment, null for none.
type limits struct {
	Wall     *float64 `json:"wall"` // seconds
	Runs     *int     `json:"runs"`
	GPUHours *float64 `json:"gpu_hours"`
}

func newLimits(l experiments.Limits) limits {
	return limits{Wall: nullIfZero(l.Wall), Runs: nullIfZero(l.Runs), GPUHours: nullIfZero(l.GPUHours)}
}

func nullIfZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// project adds what is left to what was used; a NaN is not known.
func project(limit, used, left float64) Limit {
	l := Limit{Used: used}
	if math.IsNaN(left) {
		return l
	}
	total := used + left
	l.Total = &total
	if limit > 0 {
		over := max(0, total-limit)
		l.Over = &over
	}
	return l
}

// words say how the design stands to a limit; "" without one. show writes an
// amount of what is limited.
func (l Limit) words(what string, limit float64, show func(float64) string) string {
	if limit == 0 {
		return ""
	}
	s := fmt.Sprintf("limit of %s %s: ", what, show(limit))
	switch {
	case l.Used >= limit && (l.Total == nil || *l.Total > l.Used):
		return s + "used up: what is left will not start"
	case l.Total == nil:
		return s + show(l.Used) + " used; what the rest takes is not known"
	case *l.Over > 0:
		return s + fmt.Sprintf("may go over by %s: %s used, %s to go", show(*l.Over), show(l.Used), show(*l.Total-l.Used))
	}
	return s + fmt.Sprintf("%s used, %s to go", show(l.Used), show(*l.Total-l.Used))
}

// lines say how a design stands to each of its limits.
func (p Projected) lines(l experiments.Limits) []string {
	hours := func(h float64) string { return fmt.Sprintf("%.3g", h) }
	lines := []string{
		p.Wall.words("wall time", l.Wall, Duration),
		p.Runs.words("runs", float64(l.Runs), func(n float64) string { return fmt.Sprintf("%.0f", n) }),
		p.GPUHours.words("GPU-hours", l.GPUHours, hours),
	}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}
