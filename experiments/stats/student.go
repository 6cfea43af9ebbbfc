package stats

import "math"

// tCritical is the value that |T| exceeds with probability alpha, for Student's
// T with nu degrees of freedom, a whole number.
func tCritical(nu, alpha float64) float64 {
	return solve(alpha/2, func(c float64) float64 { return centralTail(c, nu) })
}

// centralTail is P(T > c) for c of 0 and more, by the finite sums of Abramowitz &
// Stegun 26.7.3 and 26.7.4 in the angle whose tangent is c / sqrt(nu). With many
// degrees of freedom the sums are long, and Simpson's rule is as good.
func centralTail(c, nu float64) float64 {
	if nu > 2000 {
		return tTail(c, nu, 0)
	}
	angle := math.Atan(c / math.Sqrt(nu))
	sin, cos := math.Sincos(angle)
	odd, term, sum := math.Mod(nu, 2) == 1, 1.0, 0.0
	if odd {
		term = cos
	}
	for j := range int(nu) / 2 {
		sum += term
		n := float64(2*j + 1) // over n+1 if nu is even, else n+1 over n+2
		if odd {
			n++
		}
		term *= n / (n + 1) * cos * cos
	}
	if odd {
		return 0.5 - (angle+sin*sum)/math.Pi
	}
	return 0.5 - sin*sum/2
}
