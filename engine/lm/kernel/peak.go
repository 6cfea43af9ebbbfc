package kernel

// Name is the kind of arithmetic that this program uses here.
func Name() string { return "plain" }

// peakSink keeps the compiler from dropping the sums of Peak.
var peakSink float32

// Peak runs n rounds of products and sums that touch no memory and returns how
// many operations that was: what one core of this machine can do at most.
func Peak(n int) float64 {
	// Twelve chains, since a product and a sum take about six turns of two pipes.
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 float32 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	x, y := float32(n&1)*0.5+0.25, float32(0.125)
	for range n {
		s0 = float32(s0*x) + y
		s1 = float32(s1*x) + y
		s2 = float32(s2*x) + y
		s3 = float32(s3*x) + y
		s4 = float32(s4*x) + y
		s5 = float32(s5*x) + y
		s6 = float32(s6*x) + y
		s7 = float32(s7*x) + y
		s8 = float32(s8*x) + y
		s9 = float32(s9*x) + y
		s10 = float32(s10*x) + y
		s11 = float32(s11*x) + y
	}
	if sum := s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11; sum < 0 {
		peakSink = sum
	}
	return 2 * 12 * float64(n)
}
