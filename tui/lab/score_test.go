package lab

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// with is a study of an experiment whose runs have these statuses.
func with(t testing.TB, name string, statuses ...store.Status) *study {
	t.Helper()
	_, p := open(t, name, 120, 40)
	p.Update(data(p.study.plan, statuses...))
	return p.study
}

// Means and intervals by hand: the seeds of a cell come to m+0.01, m+0.02, m+0.03,
// whose standard deviation is 0.01; Student's t with two degrees of freedom is
// 4.3027, so half of the interval is 4.3027 x 0.01 / sqrt(3) = 0.024842.
func TestScore(t *testing.T) {
	t.Parallel()
	d, r, f, q := store.Done, store.Running, store.Failed, store.Queued
	m := 0.1 + 256.0/4096 - 0.01 // of the first cell
	for _, tt := range []struct {
		name     string
		statuses []store.Status
		cells    []int
		want     score
	}{
		{"nothing yet", []store.Status{q, q, q}, []int{0}, score{mean: math.NaN(), half: math.NaN(), of: 3}},
		{"three seeds", []store.Status{d, d, d}, []int{0}, score{mean: m + 0.02, half: 0.024842, kind: overSeeds, done: 3, of: 3}},
		{"two seeds have their sd", []store.Status{d, d, r}, []int{0}, score{mean: m + 0.015, half: 0.0070711, kind: seedsSD, done: 2, of: 3, going: true}},
		{"one seed has no interval", []store.Status{d, f, q}, []int{0}, score{mean: m + 0.01, half: math.NaN(), done: 1, of: 3, failed: true}},
		{"the newest values of what goes", []store.Status{r, r, q}, []int{0}, score{mean: (m + 0.015) / 2, half: math.NaN(), now: true, of: 3, going: true}},
		// The second cell has one more solution, which costs 0.01: the mean of the two
		// is 0.005 lower in every seed, and as spread.
		{"two cells together", []store.Status{d, d, d, d, d, d}, []int{0, 1}, score{mean: m + 0.015, half: 0.024842, kind: overSeeds, done: 6, of: 6}},
		{"two cells, and one seed that both have", []store.Status{d, d, d, d, q, q}, []int{0, 1}, score{mean: (m + 0.02 + m) / 2, half: math.NaN(), done: 4, of: 6}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := with(t, "grid", tt.statuses...).score(tt.cells, "eval/pass@1")
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(score{}), cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("score (-want +got):\n%s", diff)
			}
		})
	}
}

// One seed: Wilson's interval over the tasks. By hand for 0.5 of 100 tasks at
// z = 1.959964: from 0.403832 to 0.596168.
func TestScoreOverTasks(t *testing.T) {
	t.Parallel()
	s := with(t, "line", store.Done)
	s.plan.Cells[0].Params["eval_tasks"] = int64(100)
	r := s.records[s.id(0, 0)]
	r.Metrics = store.Values{"eval/pass@1": 0.5}
	s.records[r.ID] = r
	got := s.score([]int{0}, "eval/pass@1")
	if got.kind != overTasks || math.Abs(got.half-0.096168) > 1e-6 {
		t.Errorf("%+v", got)
	}
}

func TestRanked(t *testing.T) {
	t.Parallel()
	all := slices.Repeat([]store.Status{store.Done}, 48)
	if got := with(t, "grid", all...).ranked("eval/pass@1"); got[0] != 12 || got[15] != 3 { // 2048×1, 256×8
		t.Errorf("ranked %v", got)
	}
	if got := with(t, "grid", all...).ranked("train/loss"); got[0] != 12 { // less is better
		t.Errorf("by loss %v", got)
	}
	if got := with(t, "grid", store.Running).ranked("eval/pass@1"); got != nil {
		t.Errorf("cells without a result rank: %v", got)
	}
}

// The band of two seeds goes from one to the other; that of three is the interval,
// 4.3027 / sqrt(3) = 2.48414 times the standard deviation on either side.
func TestBand(t *testing.T) {
	t.Parallel()
	series := func(steps []float64, values ...float64) *store.Series {
		return &store.Series{Steps: steps, Values: values}
	}
	c3 := &curves{study: &study{widths: map[int]float64{}}}
	steps := []float64{1, 2, 3}
	a, b, c := series(steps, 1, 2, 3), series(steps, 2, 2, 1), series([]float64{1, 3}, 3, 5)
	low, high, what := c3.bandOf([]*store.Series{a, b}, steps)
	if !slices.Equal(low, []float64{1, 2, 1}) || !slices.Equal(high, []float64{2, 2, 3}) || what != "least to greatest" {
		t.Errorf("of two: %v %v %q", low, high, what)
	}
	low, high, what = c3.bandOf([]*store.Series{a, b, c}, steps)
	if what != "95 % over seeds" || math.Abs(low[0]-(2-2.48414)) > 1e-5 || math.Abs(high[2]-(3+2*2.48414)) > 1e-4 {
		t.Errorf("of three: %v %v %q", low, high, what)
	}
	if !math.IsNaN(low[1]) || !math.IsNaN(high[1]) {
		t.Errorf("a step that one seed does not have: %v %v", low, high)
	}
	if low, _, what := c3.bandOf([]*store.Series{a}, steps); low != nil || what != "" {
		t.Errorf("of one: %v %q", low, what)
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	xs, ys := []float64{10, 20, 40}, []float64{1, 2, 6}
	for x, want := range map[float64]float64{5: 1, 10: 1, 15: 1.5, 20: 2, 30: 4, 40: 6, 99: 6} {
		if got := between(xs, ys, x); got != want {
			t.Errorf("between at %v is %v, want %v", x, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		x    float64
		rate bool
		want string
	}{{0.781, true, ".78"}, {1, true, "1.00"}, {-0.25, true, "-.25"}, {0.004, true, ".00"}, {0.0123, false, "0.012"}, {123456, false, "123k"}, {-1e300, true, "-1e+300"}} {
		if got := short(tt.x, tt.rate, 2); got != tt.want {
			t.Errorf("short(%v, %v) = %q, want %q", tt.x, tt.rate, got, tt.want)
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{-5: "now", 59: "now", 60: "1m", 3599: "59m", 3600: "1h", 47 * 3600: "47h", 48 * 3600: "2d", 86400 * 400: "400d"} {
		if got := ago(seconds); got != want {
			t.Errorf("ago(%v) = %q, want %q", seconds, got, want)
		}
	}
}
