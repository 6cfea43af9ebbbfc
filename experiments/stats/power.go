package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// PairedMDE is the least difference between two models that n tasks, the same for both,
// find with that power, by a two-sided test at 0.05 (Miller 2024, arXiv 2411.00640):
// omega2 is the variance between tasks of the true difference, sigma2A and sigma2B are
// those of single answers, of which a task has kA and kB. Infinite without tasks.
func PairedMDE(omega2, sigma2A, kA, sigma2B, kB float64, n int, power float64) float64 {
	return normalSum(0.05, power) * math.Sqrt((omega2+sigma2A/kA+sigma2B/kB)/float64(n))
}

// normalSum is how many standard errors from 0 an effect is that a two-sided test at
// alpha finds with that power.
func normalSum(alpha, power float64) float64 {
	return distuv.UnitNormal.Quantile(1-alpha/2) + distuv.UnitNormal.Quantile(power)
}

// PairedPower is the chance that a paired t test of n pairs, two-sided at level
// alpha, finds a difference: the differences of the pairs are normal with mean
// delta and standard deviation sd. It counts both tails, as alpha does. NaN for
// fewer than two pairs, which have no spread.
func PairedPower(n int, delta, sd, alpha float64) float64 {
	if n < 2 || !(sd >= 0) {
		return math.NaN()
	}
	if sd == 0 {
		return 1
	}
	nu, shift := float64(n-1), delta/sd*math.Sqrt(float64(n))
	c := tQuantile(alpha/2, nu)
	return tTail(c, nu, shift) + tTail(c, nu, -shift)
}

// PairsFor is the smallest number of pairs, two or more, with which a paired t
// test has at least that power; 0 where no number of up to a million has.
func PairsFor(delta, sd, alpha, power float64) int {
	const most = 1_000_000
	// The same test with a known spread needs fewer, so the search starts there.
	z := normalSum(alpha, power)
	least := z * sd / delta * z * sd / delta
	if !(least <= most) {
		return 0
	}
	for n := max(2, int(least)); n <= most; n++ {
		if PairedPower(n, delta, sd, alpha) >= power {
			return n
		}
	}
	return 0
}

// tTail is P(T > c) of a noncentral T = (Z + shift) / S, with Z standard normal
// and nu S^2 chi-squared with nu degrees of freedom: the mean of P(Z > c S -
// shift) over S, by Simpson's rule over where the density of S is not
// negligible. It is good to 1e-9 for levels of 0.001 and more.
func tTail(c, nu, shift float64) float64 {
	const intervals = 6000
	spread := 12 / math.Sqrt(2*nu) // of S, in twelve of its standard deviations
	from := max(0, 1-spread)
	step := (1 + spread - from) / intervals
	gamma, _ := math.Lgamma(nu / 2)
	scale := math.Ln2 + nu/2*math.Log(nu/2) - gamma
	sum := 0.0
	for i := range intervals + 1 {
		s := from + float64(i)*step
		weight := 4.0
		switch {
		case i == 0 || i == intervals:
			weight = 1
		case i%2 == 0:
			weight = 2
		}
		// With one degree of freedom the density is not 0 at s = 0.
		density := math.Exp(scale - nu*s*s/2 + (nu-1)*math.Log(max(s, math.SmallestNonzeroFloat64)))
		sum += weight * density * distuv.UnitNormal.CDF(shift-c*s)
	}
	return sum * step / 3
}
