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

// fractionalTail is P(T > c) for c of 0 and more and any number of degrees of
// freedom above 0: half the regularised incomplete beta function of nu/2 and 1/2 at
// nu / (nu + c^2), by its continued fraction (Abramowitz & Stegun 26.5.8), on the side
// where that converges fast.
func fractionalTail(c, nu float64) float64 {
	x := nu / (nu + c*c)
	a, b := nu/2, 0.5
	front := func() float64 {
		la, _ := math.Lgamma(a)
		lb, _ := math.Lgamma(b)
		lab, _ := math.Lgamma(a + b)
		return math.Exp(lab - la - lb + a*math.Log(x) + b*math.Log1p(-x))
	}
	switch {
	case c == 0:
		return 0.5
	case x < (a+1)/(a+b+2):
		return front() / a * betaFraction(a, b, x) / 2
	}
	a, b, x = b, a, 1-x
	return (1 - front()/a*betaFraction(a, b, x)) / 2
}

// betaFraction is that continued fraction, by Lentz's method.
func betaFraction(a, b, x float64) float64 {
	const tiny, terms = 1e-300, 500
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	f := d
	for i := 1; i <= terms; i++ {
		m := float64(i)
		for _, k := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d, c = 1/away(1+k*d), away(1+k/c)
			f *= d * c
		}
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return f
}
