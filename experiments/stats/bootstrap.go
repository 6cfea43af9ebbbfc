package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Bootstrap is the 95 % percentile interval of the mean of s (Efron & Tibshirani 1993):
// each draw takes as many seeds as there are, and as many tasks (or clusters of them),
// with replacement. Seeds share their tasks, so one draw of tasks serves all seeds of
// it (Owen 2007). The same seed gives the same digits, whatever the number of workers.
// NaN where nothing tells of the spread, or a score is not a number.
//
// It says nothing of how few seeds there are, so with fewer than ten [Crossed] is to be
// believed: a mean of two seeds is drawn from three values.
func Bootstrap(s Scores, draws int, seed uint64) (lo, hi float64) {
	if draws < 1 || s.empty() {
		return math.NaN(), math.NaN()
	}
	sums, groups := s.sums()
	seeds := len(s.Of)
	if groups < 2 && seeds < 2 {
		return math.NaN(), math.NaN()
	}
	return percentiles(resample(draws, seed, func(rng *rand.Rand) float64 {
		drawn := make([]float64, seeds+1)
		for range groups {
			for i, x := range sums[rng.IntN(groups)] {
				drawn[i] += x
			}
		}
		sum := 0.0
		for range seeds {
			sum += drawn[rng.IntN(seeds)]
		}
		return sum / float64(seeds) / drawn[seeds]
	}))
}

// sums are, by cluster with a task in it, the sum of the scores of each seed, and then
// the number of tasks.
func (s Scores) sums() (sums [][]float64, groups int) {
	seeds := len(s.Of)
	all := make([][]float64, s.groups())
	for t := range s.Of[0] {
		g := s.group(t)
		if all[g] == nil {
			all[g] = make([]float64, seeds+1)
			groups++
		}
		for r, row := range s.Of {
			all[g][r] += row[t]
		}
		all[g][seeds]++
	}
	return slices.DeleteFunc(all, func(x []float64) bool { return x == nil }), groups
}

// resample are values of a statistic that draws its data itself. Each block of draws
// has a stream of its own, so that it is no matter who computes it.
func resample(draws int, seed uint64, statistic func(*rand.Rand) float64) []float64 {
	const block = 250
	values := make([]float64, draws)
	workers := min(runtime.GOMAXPROCS(0), (draws+block-1)/block)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for from := w * block; from < draws; from += workers * block {
				rng := rand.New(rand.NewPCG(seed, uint64(from)))
				for i := from; i < min(from+block, draws); i++ {
					values[i] = statistic(rng)
				}
			}
		})
	}
	wait.Wait()
	return values
}

// percentiles are those of 2.5 and 97.5 %, or NaN if any value is.
func percentiles(values []float64) (lo, hi float64) {
	slices.Sort(values) // NaN first
	if math.IsNaN(values[0]) {
		return math.NaN(), math.NaN()
	}
	return quantile(values, 0.025), quantile(values, 0.975)
}

// quantile is that of ascending values, on the line between two where it is not at one
// of them.
func quantile(ascending []float64, p float64) float64 {
	at := p * float64(len(ascending)-1)
	below := int(at)
	above := min(below+1, len(ascending)-1)
	return ascending[below] + (at-float64(below))*(ascending[above]-ascending[below])
}
