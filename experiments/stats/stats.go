// Package stats says what results mean: pure functions on slices. Formulas name
// their source; every test holds them to a published or independently computed
// number.
package stats

import "math"

// Mean is the arithmetic mean; NaN of nothing.
func Mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
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

// Z95 is the 0.975 quantile of the standard normal distribution.
const Z95 = 1.959963984540054

// Wilson is the score interval of a proportion of x in n at the normal quantile
// z (Wilson 1927): it has a width at 0 and n, unlike Wald's. NaN for n = 0.
func Wilson(x, n, z float64) (lo, hi float64) {
	p, z2 := x/n, z*z
	mid := p + z2/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	return max(0, (mid-half)/(1+z2/n)), min(1, (mid+half)/(1+z2/n))
}
