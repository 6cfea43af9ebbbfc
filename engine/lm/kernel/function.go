package kernel

import "math"

// Exp is e to the x: relative error below 2e-7 for -87.3 <= x <= 88.37, zero
// below, +Inf above, NaN for NaN. (Reduction by ln 2 and a polynomial of degree
// five, after the Cephes library.)
func Exp(x float32) float32 {
	const (
		log2e = 1.44269504088896341
		ln2Hi = 0.693359375
		ln2Lo = -2.12194440e-4
		shift = 3 << 22 // adding and subtracting it rounds to the nearest integer
	)
	if !(x >= -87.33) {
		if x != x {
			return x
		}
		return 0
	}
	if x > 88.37 {
		return float32(math.Inf(1))
	}
	n := (float32(x*log2e) + shift) - shift
	x -= float32(n * ln2Hi)
	x -= float32(n * ln2Lo)
	y := float32(1.9875691500e-4*x) + 1.3981999507e-3
	y = float32(y*x) + 8.3334519073e-3
	y = float32(y*x) + 4.1665795894e-2
	y = float32(y*x) + 1.6666665459e-1
	y = float32(y*x) + 5.0000001201e-1
	y = float32(y*float32(x*x)) + x + 1
	return y * math.Float32frombits(uint32(int32(n)+127)<<23)
}

// Log is the natural logarithm of a positive, normal x: relative error below
// 2e-7 away from 1. (After the Cephes library.)
func Log(x float32) float32 {
	const sqrtHalf = 0.707106781186547524
	if !(x > 0) || x > math.MaxFloat32 {
		switch {
		case x == 0:
			return float32(math.Inf(-1))
		case x > 0:
			return x
		}
		return float32(math.NaN())
	}
	bits := math.Float32bits(x)
	e := float32(int32(bits>>23) - 126)
	m := math.Float32frombits(bits&0x007fffff | 0x3f000000) // in [0.5, 1)
	if m < sqrtHalf {
		e--
		m += m
	}
	m--
	z := float32(m * m)
	y := float32(7.0376836292e-2*m) - 1.1514610310e-1
	y = float32(y*m) + 1.1676998740e-1
	y = float32(y*m) - 1.2420140846e-1
	y = float32(y*m) + 1.4249322787e-1
	y = float32(y*m) - 1.6668057665e-1
	y = float32(y*m) + 2.0000714765e-1
	y = float32(y*m) - 2.4999993993e-1
	y = float32(y*m) + 3.3333331174e-1
	y = float32(float32(y*m) * z)
	y += float32(-2.12194440e-4 * e)
	y -= float32(0.5 * z)
	return (m + y) + float32(0.693359375*e)
}

// SinCos is the sine and the cosine of x radians for |x| up to 1e6, with an
// absolute error below 1e-10: for rotary tables and learning rate schedules.
func SinCos(x float64) (sin, cos float64) {
	const (
		halfPiHi = 1.57079632673412561417e+00
		halfPiLo = 6.07710050650619224932e-11
	)
	n := math.Floor(float64(x*(2/math.Pi)) + 0.5)
	x -= float64(n * halfPiHi)
	x -= float64(n * halfPiLo)
	// Taylor series to the 13th and 14th power: the next terms are below 1e-13.
	z := float64(x * x)
	s, c := 1.0, 1.0
	for i := 6; i >= 1; i-- {
		s = 1 - float64(float64(s*z)/float64(2*i*(2*i+1)))
	}
	for i := 7; i >= 1; i-- {
		c = 1 - float64(float64(c*z)/float64(2*i*(2*i-1)))
	}
	s = float64(s * x)
	switch int64(n) & 3 {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	}
	return -c, s
}
