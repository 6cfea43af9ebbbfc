package report_test

import (
	"testing"

	"ablate/tui/report"
)

// By hand, on paper with a line a slot.
func TestMakespan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		going, waiting []float64
		slots          int
		want           float64
	}{
		"nothing":                            {nil, nil, 2, 0},
		"one waits, slots are free":          {nil, []float64{5}, 8, 5},
		"three of a length on two slots":     {nil, []float64{5, 5, 5}, 2, 10},
		"in their order, not the best one":   {nil, []float64{1, 1, 9}, 2, 10},
		"one goes, one begins beside it":     {[]float64{3}, []float64{5}, 2, 5},
		"one waits for the first to end":     {[]float64{7, 3}, []float64{5}, 2, 8},
		"more go than slots":                 {[]float64{7, 3, 2}, []float64{1}, 2, 7},
		"more go than slots, and it matters": {[]float64{7, 3, 2}, []float64{6}, 2, 9},
		"no slots are one":                   {nil, []float64{2, 3}, 0, 5},
	} {
		if got := report.Makespan(c.going, c.waiting, c.slots); got != c.want {
			t.Errorf("%s: %g, want %g", name, got, c.want)
		}
	}
}
