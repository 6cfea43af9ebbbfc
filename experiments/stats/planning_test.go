package stats

import (
	"math"
	"testing"

	"ablate/engine/seed"
)

// By hand: the means of the seeds are 1/2 and 3/2, those of the tasks 0 and 2; what is
// left over is 1/4 in each outcome, with one degree of freedom a variance of 4/16. The
// means of two outcomes have half of it in their own variances, which are 1/2 and 2.
func TestComponentsByHand(t *testing.T) {
	t.Parallel()
	got := ComponentsOf(Scores{Of: [][]float64{{-0.25, 1.25}, {0.25, 2.75}}})
	want := Components{Seeds: 0.5 - 0.25/2, Tasks: 2 - 0.25/2, Outcomes: 0.25}
	if math.Abs(got.Seeds-want.Seeds)+math.Abs(got.Tasks-want.Tasks)+math.Abs(got.Outcomes-want.Outcomes) > 1e-12 {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Means of seeds and of tasks that are alike vary by less than outcomes make them.
	if got := ComponentsOf(Scores{Of: [][]float64{{1, 0}, {0, 1}}}); got.Seeds != 0 || got.Tasks != 0 || got.Outcomes != 1 {
		t.Errorf("%+v", got)
	}
}

// What ComponentsOf says of a pair plans what Crossed then says of it.
func TestPlanAgreesWithEffect(t *testing.T) {
	t.Parallel()
	rng := seed.Stream(5, "planning", 0)
	for _, seeds := range []int{1, 2, 3, 8} {
		for _, clusters := range []bool{false, true} {
			s := differences(rng.NormFloat64, Components{Seeds: 0.01, Tasks: 0.04, Outcomes: 0.09}, Design{Seeds: seeds, Tasks: 40}, 0)
			if clusters {
				s.Cluster = make([]int, 40)
				for i := range s.Cluster {
					s.Cluster[i] = i / 4
				}
			}
			got, want := ComponentsOf(s).MDE(Design{Seeds: seeds, Tasks: 40}), Crossed(s).MDE()
			if math.Abs(got-want) > 1e-9*want {
				t.Errorf("%d seeds, clusters %v: %v, want %v", seeds, clusters, got, want)
			}
		}
	}
}

func TestComponentsOfOneSeed(t *testing.T) {
	t.Parallel()
	one, two := Scores{Of: [][]float64{sleep()}}, Scores{Of: [][]float64{{0, 1}, {1, 2}}}
	v := ComponentsOf(one)
	if !math.IsNaN(v.Seeds) || v.Tasks != 0 || math.Abs(v.Outcomes-SD(sleep())*SD(sleep())) > 1e-12 {
		t.Errorf("one seed: %+v", v)
	}
	if !math.IsNaN(v.MDE(Design{Seeds: 3, Tasks: 10})) {
		t.Error("the spread between seeds was guessed")
	}
	if got := ComponentsOf(one, two); got != ComponentsOf(two) {
		t.Errorf("a pair of several seeds is not preferred: %+v", got)
	}
	var column [][]float64
	for _, x := range sleep() {
		column = append(column, []float64{x})
	}
	over := ComponentsOf(Scores{Of: column})
	if got, want := over.MDE(Design{Seeds: 10}), OverSeeds(sleep()).MDE(); math.Abs(got-want) > 1e-12 {
		t.Errorf("a value a seed: %v, want %v", got, want)
	}
	for _, d := range []Design{{}, {Seeds: 1}, {Seeds: 1, Tasks: 1}, {Seeds: -1, Tasks: 9}} {
		if got := over.MDE(d); !math.IsNaN(got) {
			t.Errorf("%+v finds %v", d, got)
		}
	}
}

// The numbers are the smallest, and there is none where another source stands in the way.
func TestSmallest(t *testing.T) {
	t.Parallel()
	v := Components{Seeds: 0.0004, Tasks: 0.01, Outcomes: 0.05}.Sampled(0.32, 8)
	if math.Abs(v.Samples-0.32) > 1e-12 || math.Abs(v.Outcomes-0.01) > 1e-12 {
		t.Fatalf("%+v", v)
	}
	d := Design{Seeds: 5, Tasks: 200, Samples: 8}
	const delta = 0.035
	check := func(what string, n int, with func(int) Design) {
		if n < 2 || v.MDE(with(n)) > delta || v.MDE(with(n-1)) <= delta {
			t.Errorf("%d %s", n, what)
		}
	}
	check("seeds", v.SeedsFor(d, delta), func(n int) Design { e := d; e.Seeds = n; return e })
	check("tasks", v.TasksFor(d, delta), func(n int) Design { e := d; e.Tasks = n; return e })
	e := d
	e.Samples = 2
	if got, want := v.SamplesFor(e, v.MDE(d)), 8; got != want {
		t.Errorf("%d samples, want %d", got, want)
	}
	// Five seeds of that spread alone: 0.02 / sqrt(5) times 2.776 + 0.941.
	if got := v.TasksFor(d, 0.033); got != 0 {
		t.Errorf("%d tasks make up for seeds", got)
	}
	if got := v.SamplesFor(d, 0.033); got != 0 {
		t.Errorf("%d samples make up for seeds", got)
	}
	if got := v.SeedsFor(d, 0.001); got != 0 {
		t.Errorf("%d seeds make up for tasks", got)
	}
}

// differences draws the differences that a spread means.
func differences(normal func() float64, v Components, d Design, truth float64) Scores {
	tasks := make([]float64, d.Tasks)
	for i := range tasks {
		tasks[i] = math.Sqrt(v.Tasks) * normal()
	}
	s := Scores{Of: make([][]float64, d.Seeds)}
	for r := range s.Of {
		s.Of[r] = make([]float64, d.Tasks)
		of := truth + math.Sqrt(v.Seeds)*normal()
		for i := range tasks {
			s.Of[r][i] = of + tasks[i] + math.Sqrt(v.Outcomes)*normal()
		}
	}
	return s
}

// A design finds what it was planned for in 80 of 100 cases.
func TestPlannedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		name string
		v    Components
		d    Design
	}{
		{"one seed", Components{Tasks: 0.05, Outcomes: 0.2}, Design{Seeds: 1, Tasks: 60}},
		{"three seeds that differ", Components{Seeds: 0.0025, Outcomes: 0.1}, Design{Seeds: 3, Tasks: 60}},
		{"eight seeds, a little of all", Components{Seeds: 0.0009, Tasks: 0.01, Outcomes: 0.2}, Design{Seeds: 8, Tasks: 60}},
		{"five seeds, tasks that differ", Components{Tasks: 0.2, Outcomes: 0.1}, Design{Seeds: 5, Tasks: 60}},
	} {
		const cases = 3000
		rng := seed.Stream(11, "found", i)
		truth, found := c.v.MDE(c.d), 0
		for range cases {
			if e := Crossed(differences(rng.NormFloat64, c.v, c.d, truth)); e.Lo > 0 {
				found++
			}
		}
		if share := float64(found) / cases; math.Abs(share-0.8) > 0.04 {
			t.Errorf("%s: %.3f of a difference of %.3f is found", c.name, share, truth)
		}
	}
}
