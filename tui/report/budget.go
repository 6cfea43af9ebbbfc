package report

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Spent is what the runs of an experiment have used of its limits, those of
// earlier designs among them.
type Spent struct {
	Wall     float64 // seconds in which any of them lived
	Runs     int     // attempts that began
	GPUHours float64 // of GPUs that were claimed for them
}

// ReadSpent adds up the attempts of runs. An earlier one that left no record of
// its end counts for no time.
func ReadSpent(records []store.Record) (s Spent) {
	var lives [][2]float64 // when each attempt began and ended
	for _, r := range records {
		for n := 1; n <= r.Attempt; n++ {
			dir := store.AttemptDir(r.Dir, n)
			var start struct {
				Time float64  `json:"time"`
				Held []string `json:"held"` // GPUs that were claimed
			}
			if store.ReadJSON(filepath.Join(dir, "start.json"), &start) != nil {
				continue // it never began
			}
			seconds := r.Seconds - r.Before
			if n < r.Attempt {
				var exit store.Exit
				_ = store.ReadJSON(filepath.Join(dir, "exit.json"), &exit)
				seconds = exit.Seconds
			}
			seconds = max(seconds, 0)
			s.Runs++
			s.GPUHours += seconds / 3600 * float64(len(start.Held))
			lives = append(lives, [2]float64{start.Time, start.Time + seconds})
		}
	}
	s.Wall = covered(lives)
	return s
}

// covered is how much of a line intervals cover.
func covered(intervals [][2]float64) float64 {
	slices.SortFunc(intervals, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	sum, to := 0.0, math.Inf(-1)
	for _, i := range intervals {
		sum += max(0, i[1]-max(i[0], to))
		to = max(to, i[1])
	}
	return sum
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
