// Package stats says what results mean: pure functions on slices. Formulas name
// their source; every test holds them to a published or independently computed
// number.
//
//	Scores of tasks in runs -> Crossed, Apart; OverSeeds, Welch -> Effect -> Interval, P, Equivalence, MDE
//	P of all comparisons    -> Holm
//	differences             -> SignFlip, McNemar, Bootstrap     checks, which decide nothing
//	Scores of done runs     -> ComponentsOf -> Design           what runs to come could see
//	results by size         -> Fit, Diverse                     laws, and whether they hold
//
// What the intervals cover, and how often there is a verdict where there is no effect,
// is simulated by
//
//	go test ./experiments/stats -run TestCoverage -simulate -v -timeout 1h
package stats

import "math"

// Mean is the arithmetic mean; NaN of nothing.
func Mean(xs []float64) float64 { return total(xs) / float64(len(xs)) }

func total(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum
}

// SD is the sample standard deviation (divisor n-1); NaN for fewer than two
// values, since one says nothing about a spread.
func SD(xs []float64) float64 {
	if len(xs) < 2 {
		return math.NaN()
	}
	m, sum := Mean(xs), 0.0
	for _, x := range xs {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(xs)-1))
}
