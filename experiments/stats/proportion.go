package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Z95 is the 0.975 quantile of the standard normal distribution.
const Z95 = 1.959963984540054

// Wilson is the score interval of a proportion of x in n at the normal quantile
// z (Wilson 1927): it has a width at 0 and n, unlike Wald's, and the proportion is in it.
// NaN for n = 0.
func Wilson(x, n, z float64) (lo, hi float64) {
	p, z2 := x/n, z*z
	mid := p + z2/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	// At 0 and n an end is at p but for rounding.
	return max(0, min(p, (mid-half)/(1+z2/n))), min(1, max(p, (mid+half)/(1+z2/n)))
}

// McNemar is the p of as many tasks gained as lost, two-sided, of two models with one
// answer to each task: exact is that of the binomial distribution (McNemar 1947), mid
// takes half of the chance of just this outcome, and so keeps nearer to its level with
// few tasks (Fagerland, Lydersen & Laake 2013). Both are 1 where no task changed, NaN
// for less than none.
func McNemar(gained, lost int) (exact, mid float64) {
	if min(gained, lost) < 0 {
		return math.NaN(), math.NaN()
	}
	b, least := distuv.Binomial{N: float64(gained + lost), P: 0.5}, float64(min(gained, lost))
	both := 2 * b.CDF(least)
	return min(1, both), both - b.Prob(least)
}
