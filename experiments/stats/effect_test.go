package stats

import (
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
}

// One seed is a paired t test over tasks; one task is one over seeds.
func TestCrossedOneWay(t *testing.T) {
	t.Parallel()
	if got := Crossed(Scores{Of: [][]float64{sleep()}}); !near(got, -1.58, -2.4598858, -0.7001142) || got.Seeds != 1 || got.Tasks != 10 {
		t.Errorf("one seed: %+v", got)
	}
	var column [][]float64
	for _, x := range sleep() {
		column = append(column, []float64{x})
	}
	if got := Crossed(Scores{Of: column}); !near(got, -1.58, -2.4598858, -0.7001142) || got.Seeds != 10 {
		t.Errorf("one task: %+v", got)
	}
}

// By hand: what the means of the seeds vary by, with the quantile of t for one seed less,
// and what those of the tasks do beyond single outcomes, with that for one task less.
func TestCrossedByHand(t *testing.T) {
	t.Parallel()
	const t1, t2 = 12.7062047, 4.3026527 // 0.975 quantiles of t with 1 and 2 degrees of freedom
	for _, c := range []struct {
		name         string
		d            [][]float64
		mean, square float64
	}{
		{"no single outcomes: 1/4 by seeds and 1/4 by tasks", [][]float64{{0, 1}, {1, 2}}, 1, t1 * t1 / 2},
		{"tasks differ as single outcomes do: 1/12 by seeds, 1/36 - 1/36", [][]float64{{1, 0}, {1, 1}, {0, 0}}, 1.0 / 2, t2 * t2 / 12},
		{"1/144 by seeds, 13/144 - 1/144 by tasks", [][]float64{{1, 0, 0.5}, {1, 0, 0}}, 5.0 / 12, t1*t1/144 + t2*t2/12},
	} {
		half := math.Sqrt(c.square)
		if got := Crossed(Scores{Of: c.d}); !near(got, c.mean, c.mean-half, c.mean+half) {
			t.Errorf("%s: %+v, want %v ± %v", c.name, got, c.mean, half)
		}
	}
}

// The difference of two sets of tasks is that of their means; by hand 1/64 by seeds,
// 1/24 by the tasks of one and nothing by those of the other.
func TestCrossedParts(t *testing.T) {
	t.Parallel()
	a := Scores{Of: [][]float64{{1, 0, 1, 1}, {0, 0, 1, 1}}}
	b := Scores{Of: [][]float64{{-1, 0}, {0, 0}}}
	got := Crossed(a, b)
	half := 12.7062047 * math.Sqrt(1.0/64+1.0/24)
	if !near(got, 0.625-0.25, 0.375-half, 0.375+half) || got.Tasks != 6 || got.Seeds != 2 {
		t.Errorf("%+v, want ± %v", got, half)
	}
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
}

// Of 2 values against 8 whose spreads are alike, each counts by its own: by hand the
// variances of the means are 1/2 and 1/8 with 1 and 7 degrees of freedom.
func TestWelchOfUnlikeNumbers(t *testing.T) {
	t.Parallel()
	a := []float64{0, math.Sqrt2}
	half := math.Sqrt(7.0 / 8)
	b := []float64{1 - half, 1 + half, 1 - half, 1 + half, 1 - half, 1 + half, 1 - half, 1 + half}
	want := math.Sqrt(12.7062047*12.7062047/2 + 2.3646243*2.3646243/8)
	if got, mean := Welch(a, b), 1-math.Sqrt(0.5); !near(got, mean, mean-want, mean+want) {
		t.Errorf("%+v, want %v ± %v", got, mean, want)
	}
}

// Of two cells without a difference at most one in twenty pairs shows one, however many
// runs each has.
func TestWelchLevel(t *testing.T) {
	t.Parallel()
	const draws = 4000
	for i, n := range [][2]int{{2, 2}, {2, 5}, {2, 8}, {3, 8}, {5, 5}, {8, 16}} {
		rng := seed.Stream(6, "welch", i)
		values := func(n int) (x []float64) {
			for range n {
				x = append(x, rng.NormFloat64())
			}
			return x
		}
		found := 0
		for range draws {
			if e := Welch(values(n[0]), values(n[1])); e.Lo > 0 || e.Hi < 0 {
				found++
			}
		}
		if share := float64(found) / draws; share > 0.06 {
			t.Errorf("%d against %d: found in %.3f", n[0], n[1], share)
		}
	}
}

// The quantiles of t with 9 degrees of freedom are 2.262157 and 0.883404.
func TestMDE(t *testing.T) {
	t.Parallel()
	if got, want := OverSeeds(sleep()).MDE(), 0.3889587*(2.262157+0.883404); math.Abs(got-want) > 1e-5 {
		t.Errorf("%v can be found, want %v", got, want)
	}
}
