package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"ablate/engine/seed"
)

// gaussian are scores with deviations between seeds, between tasks and of single outcomes.
func gaussian(seeds, tasks int, bySeed, byTask, single float64) Scores {
	rng := seed.Stream(11, "gaussian", 0)
	s := Scores{Of: make([][]float64, seeds)}
	of := make([]float64, tasks)
	for t := range of {
		of[t] = byTask * rng.NormFloat64()
	}
	for r := range s.Of {
		s.Of[r] = make([]float64, tasks)
		shift := bySeed * rng.NormFloat64()
		for t := range of {
			s.Of[r][t] = shift + of[t] + single*rng.NormFloat64()
		}
	}
	return s
}

// With many seeds and tasks, it is the interval by the sources of variance: over seeds,
// over tasks and over clusters alike.
func TestBootstrapAgrees(t *testing.T) {
	t.Parallel()
	clustered := gaussian(60, 80, 0.1, 1, 0)
	for r, row := range clustered.Of { // each task ten times
		for range 9 {
			clustered.Of[r] = append(clustered.Of[r], row[:80]...)
		}
	}
	for i := range clustered.Of[0] {
		clustered.Cluster = append(clustered.Cluster, i%80)
	}
	for name, s := range map[string]Scores{
		"seeds": gaussian(100, 20, 1, 0, 0), "tasks": gaussian(3, 400, 0, 1, 0), "both": gaussian(80, 200, 0.1, 1, 0), "clusters": clustered,
	} {
		lo, hi := Bootstrap(s, 4000, 1)
		e := Crossed(s)
		if half := (e.Hi - e.Lo) / 2; math.Abs(lo-e.Lo) > 0.1*half || math.Abs(hi-e.Hi) > 0.1*half {
			t.Errorf("%s: %v to %v, but %v to %v by the sources", name, lo, hi, e.Lo, e.Hi)
		}
	}
}

func TestBootstrapAtTheEnds(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, c := range map[string]struct {
		s      Scores
		draws  int
		lo, hi float64
	}{
		"nothing":                {Scores{}, 100, nan, nan},
		"no tasks":               {Scores{Of: [][]float64{{}, {}}}, 100, nan, nan},
		"no draws":               {Scores{Of: [][]float64{{0, 1}}}, 0, nan, nan},
		"one task of one seed":   {Scores{Of: [][]float64{{1}}}, 100, nan, nan},
		"one cluster":            {Scores{Of: [][]float64{{1, 0}}, Cluster: []int{0, 0}}, 100, nan, nan},
		"a NaN":                  {Scores{Of: [][]float64{{1, nan, 0}, {1, 1, 1}}}, 100, nan, nan},
		"all pass":               {Scores{Of: [][]float64{{1, 1, 1}, {1, 1, 1}}}, 100, 1, 1},
		"one draw":               {Scores{Of: [][]float64{{1, 1}}}, 1, 1, 1},
		"one task of some seeds": {Scores{Of: [][]float64{{0}, {1}}}, 1000, 0, 1},
		"clusters with gaps":     {Scores{Of: [][]float64{{0, 1}}, Cluster: []int{3, 7}}, 1000, 0, 1},
	} {
		if lo, hi := Bootstrap(c.s, c.draws, 1); !same(lo, c.lo) || !same(hi, c.hi) {
			t.Errorf("%s: %v to %v, want %v to %v", name, lo, hi, c.lo, c.hi)
		}
	}
}

func TestResampleIsOfTheSeed(t *testing.T) {
	draw := func(seed uint64) []float64 { return resample(1234, seed, (*rand.Rand).Float64) }
	want := draw(3)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for workers := 1; workers < 8; workers++ {
		runtime.GOMAXPROCS(workers)
		if !slices.Equal(draw(3), want) {
			t.Fatalf("%d workers draw other values", workers)
		}
	}
	slices.Sort(want)
	if len(slices.Compact(want)) != 1234 {
		t.Error("two blocks draw the same")
	}
	if slices.Equal(draw(4), draw(3)) {
		t.Error("two seeds draw the same")
	}
}

func BenchmarkBootstrap(b *testing.B) {
	s := gaussian(5, 1000, 0.03, 0.3, 0.2)
	for b.Loop() {
		Bootstrap(s, 10_000, 1)
	}
}
