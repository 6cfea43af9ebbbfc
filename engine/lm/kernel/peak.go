package kernel

// Name is the arithmetic that this machine runs: "avx2", or "plain" for the Go
// loops. Its products are fused on the first and not on the second, so their
// bits differ.
func Name() string {
	if fast {
		return "avx2"
	}
	return "plain"
}

// Peak does n rounds of multiply-adds that wait for nothing but each other, and
// returns how many floating-point operations they were: the measure of what a
// product can reach on one core at most.
func Peak(n int) float64 {
	if n < 1 {
		return 0
	}
	if fast {
		peak(n)
		return 2 * 8 * 12 * float64(n)
	}
	var s [8]float32
	x := float32(n >> 40)
	for range n {
		s[0] += float32(x * x)
		s[1] += float32(x * x)
		s[2] += float32(x * x)
		s[3] += float32(x * x)
		s[4] += float32(x * x)
		s[5] += float32(x * x)
		s[6] += float32(x * x)
		s[7] += float32(x * x)
	}
	if sum(s[:]) < 0 { // it never is: the loop is not to be left out
		return 0
	}
	return 2 * 8 * float64(n)
}
