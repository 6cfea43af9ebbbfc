package stats

import "math"

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
	z := normalQuantile(1-alpha/2) + normalQuantile(power)
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

// normalQuantile is the p quantile of the standard normal distribution, p in
// [0.5, 1).
func normalQuantile(p float64) float64 {
	return solve(1-p, func(z float64) float64 { return normal(-z) })
}

// solve finds where a tail, a function that falls from its value at 0 towards
// 0, has the value p.
func solve(p float64, tail func(float64) float64) float64 {
	lo, hi := 0.0, 1.0
	for tail(hi) > p {
		lo, hi = hi, 2*hi
	}
	for range 60 {
		if mid := (lo + hi) / 2; tail(mid) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
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
		sum += weight * density * normal(shift-c*s)
	}
	return sum * step / 3
}

// normal is the distribution function of the standard normal distribution.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
