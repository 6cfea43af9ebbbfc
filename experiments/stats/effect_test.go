package stats

import (
	"fmt"
	"math"
	"testing"

	"ablate/engine/seed"
)

func near(got Effect, mean, lo, hi float64) bool {
	return math.Abs(got.Mean-mean) < 1e-6 && math.Abs(got.Lo-lo) < 1e-6 && math.Abs(got.Hi-hi) < 1e-6
}

// Student's sleep data: R's t.test prints this interval.
func sleep() []float64 { return []float64{-1.2, -2.4, -1.3, -1.3, 0, -1, -1.8, -0.8, -4.6, -1.4} }

func TestOverSeeds(t *testing.T) {
	t.Parallel()
	if got := OverSeeds(sleep()); !near(got, -1.58, -2.4598858, -0.7001142) || got.Seeds != 10 || got.Tasks != 0 {
		t.Errorf("OverSeeds = %+v", got)
	}
	if got := OverSeeds([]float64{0.5}); got.Mean != 0.5 || !math.IsNaN(got.Lo) || !math.IsNaN(got.Hi) {
		t.Errorf("one seed has the interval %+v", got)
	}
	if got := OverSeeds([]float64{0, 0}); got.Mean != 0 || got.Lo != 0 || got.Hi != 0 {
		t.Errorf("two zeros are %+v", got)
	}
}

// One seed is a paired t test over tasks; one task is one over seeds.
func TestCrossedOneWay(t *testing.T) {
	t.Parallel()
	if got := Crossed([][]float64{sleep()}); !near(got, -1.58, -2.4598858, -0.7001142) || got.Seeds != 1 || got.Tasks != 10 {
		t.Errorf("one seed: %+v", got)
	}
	var column [][]float64
	for _, x := range sleep() {
		column = append(column, []float64{x})
	}
	if got := Crossed(column); !near(got, -1.58, -2.4598858, -0.7001142) || got.Seeds != 10 {
		t.Errorf("one task: %+v", got)
	}
	if got := Crossed([][]float64{{1}}); got.Mean != 1 || !math.IsNaN(got.Lo) {
		t.Errorf("one of each: %+v", got)
	}
}

// By hand, with the variance of the mean by task, by seed and of single outcomes;
// the 0.975 quantile of t with one degree of freedom is 12.7062047.
func TestCrossedByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		d              [][]float64
		mean, variance float64
	}{
		{"the sum: 1/4 + 1/4 - 1/6", [][]float64{{0, 1}, {1, 2}}, 1, 1.0 / 3},
		{"no less than seeds: 1/36 + 1/12 - 1/20", [][]float64{{1, 0}, {1, 1}, {0, 0}}, 1.0 / 2, 1.0 / 12},
		{"no less than tasks: 13/144 + 1/144 - 29/720", [][]float64{{1, 0, 0.5}, {1, 0, 0}}, 5.0 / 12, 13.0 / 144},
	} {
		half := 12.7062047 * math.Sqrt(c.variance)
		if got := Crossed(c.d); !near(got, c.mean, c.mean-half, c.mean+half) {
			t.Errorf("%s: %+v, want %v ± %v", c.name, got, c.mean, half)
		}
	}
}

// The difference of two sets of tasks is that of their means.
func TestCrossedParts(t *testing.T) {
	t.Parallel()
	a := [][]float64{{1, 0, 1, 1}, {0, 0, 1, 1}}
	b := [][]float64{{-1, 0}, {0, 0}}
	got := Crossed(a, b)
	if got.Mean != 0.625-0.25 || got.Tasks != 6 || got.Seeds != 2 {
		t.Errorf("%+v", got)
	}
	ta, va := clusters(a)
	tb, vb := clusters(b)
	const bySeed = 1.0 / 64 // of the seeds' 1/4 and 1/2
	want := 12.7062047 * math.Sqrt(max(ta+tb+bySeed-va-vb, ta+tb, bySeed))
	if math.Abs(got.Hi-got.Mean-want) > 1e-6 {
		t.Errorf("%+v, want ± %v", got, want)
	}
}

func TestNoDifference(t *testing.T) {
	t.Parallel()
	if got := Crossed([][]float64{{0, 0, 0}, {0, 0, 0}}); got.Mean != 0 || got.Lo != 0 || got.Hi != 0 {
		t.Errorf("%+v", got)
	}
	if got := Crossed([][]float64{{1, 1}, {1, 1}}); got.Lo != 1 || got.Hi != 1 {
		t.Errorf("the same everywhere: %+v", got)
	}
}

// The interval holds the true difference as often as it says, however much the
// seeds differ: outcomes of two recipes on tasks of their own difficulty, paired,
// with spreads of 0, 3 and 7 points between the seeds of each.
func TestCrossedCovers(t *testing.T) {
	t.Parallel()
	const seeds, tasks, draws, gap = 8, 500, 400, 0.04
	factor := tCritical(seeds-1, 0.05)
	for _, spread := range []float64{0, 0.03, 0.07} {
		t.Run(fmt.Sprintf("%.0f points", 100*spread), func(t *testing.T) {
			t.Parallel()
			covered := 0
			for i := range draws {
				mean, variance := drawCrossed(i, seeds, tasks, spread, gap)
				if math.Abs(mean-gap) <= factor*math.Sqrt(variance) {
					covered++
				}
			}
			t.Logf("covers %.1f %%", 100*float64(covered)/draws)
			if covered < 0.93*draws {
				t.Errorf("a nominal 95 %% interval covers %d of %d", covered, draws)
			}
		})
	}
}

// drawCrossed is the mean and its variance of one simulated comparison.
func drawCrossed(i, seeds, tasks int, spread, gap float64) (mean, variance float64) {
	rng := seed.Stream(1, fmt.Sprintf("coverage %v", spread), i)
	easy, helped := make([]float64, tasks), make([]float64, tasks)
	for t := range tasks {
		easy[t] = 0.2 + 0.6*rng.Float64()
		helped[t] = gap + 0.15*(2*rng.Float64()-1) // the recipe helps some tasks and harms others
	}
	d := make([][]float64, seeds)
	for s := range seeds {
		d[s] = make([]float64, tasks)
		a, b := spread*rng.NormFloat64(), spread*rng.NormFloat64()
		for t := range tasks {
			d[s][t] = pass(rng.Float64(), easy[t]+helped[t]+b) - pass(rng.Float64(), easy[t]+a)
		}
	}
	e, variance, _ := crossed(d)
	return e.Mean, variance
}

func pass(draw, chance float64) float64 {
	if draw < chance {
		return 1
	}
	return 0
}

// R's t.test of the sleep data unpaired, with its Welch interval on 17.776 degrees of
// freedom: group 1 less group 2 is in [-3.3654832, 0.2054832], p is 0.07939.
func TestWelch(t *testing.T) {
	t.Parallel()
	one := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2}
	two := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	if got := Welch(two, one); !near(got, -1.58, -3.3654832, 0.2054832) || got.Seeds != 10 || math.Abs(got.P()-0.07939) > 1e-5 {
		t.Errorf("Welch = %+v", got)
	}
	if got := Welch([]float64{1}, []float64{2, 3}); got.Mean != 1.5 || !math.IsNaN(got.Lo) {
		t.Errorf("one value has the interval %+v", got)
	}
	if got := Welch([]float64{1, 1}, []float64{3, 3}); got.Lo != 2 || got.Hi != 2 {
		t.Errorf("no spread: %+v", got)
	}
}

// R's t.test prints this p of Student's sleep data; the quantiles of t with 9 degrees of
// freedom are 2.262157 and 0.883404.
func TestP(t *testing.T) {
	t.Parallel()
	paired := OverSeeds(sleep())
	if p := paired.P(); math.Abs(p-0.002833) > 1e-6 {
		t.Errorf("paired, p is %v", p)
	}
	if got, want := paired.MDE(), 0.3889587*(2.262157+0.883404); math.Abs(got-want) > 1e-5 {
		t.Errorf("%v can be found, want %v", got, want)
	}
	for _, e := range []Effect{{}, OverSeeds([]float64{1}), OverSeeds([]float64{2, 2}), Welch([]float64{1}, []float64{1, 2})} {
		if !math.IsNaN(e.P()) || !math.IsNaN(e.MDE()) {
			t.Errorf("%+v has p %v and finds %v", e, e.P(), e.MDE())
		}
	}
}

// p is below 0.05 just where the interval leaves out 0.
func TestPAgrees(t *testing.T) {
	t.Parallel()
	rng := seed.Stream(3, "p", 0)
	for range 300 {
		x := make([]float64, 2+rng.IntN(6))
		for i := range x {
			x[i] = rng.NormFloat64() + 1
		}
		if e := OverSeeds(x); (e.P() < 0.05) != (e.Lo > 0 || e.Hi < 0) {
			t.Errorf("p %v with %+v", e.P(), e)
		}
	}
}
