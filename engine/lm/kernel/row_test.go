package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naiveLanes is the fixed order of a reduction: element i to lane i mod 8, then
// halves, quarters and the pair.
func naiveLanes(n int, term func(i int) float32) float32 {
	var s [8]float32
	for i := range n {
		s[i%8] += term(i)
	}
	for width := 4; width > 0; width /= 2 {
		for i := range width {
			s[i] += s[i+width]
		}
	}
	return s[0]
}

func TestReductionsUseEightLanes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 70 {
		x, y := random(r, n), random(r, n)
		const mean = 0.3
		got := []float32{sum(x), dot(x, y), dotCentred(x, y, mean)}
		want := []float32{
			naiveLanes(n, func(i int) float32 { return x[i] }),
			naiveLanes(n, func(i int) float32 { return float32(x[i] * y[i]) }),
			naiveLanes(n, func(i int) float32 { return float32(x[i] * (y[i] - mean)) }),
		}
		sameBits(t, "sum, dot, centred dot", got, want)
	}
}

func TestSumSquares(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{0, 1, 1023, 1024, 1025, 100000} {
		x := random(r, n)
		want := inner(wide(x), wide(x))
		if got := SumSquares(x); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%d elements: %g, want %g", n, got, want)
		}
	}
}

func naiveSoftmax(x []float64, scale float64) []float64 {
	p, total := make([]float64, len(x)), 0.0
	for i, v := range x {
		p[i] = math.Exp(scale * v)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}

func TestSoftmax(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	for n := 1; n < 60; n++ {
		x := random(r, n)
		Scale(x, 5)
		in := wide(x)
		largest, total := Softmax(x, 0.6)
		near(t, "softmax", x, naiveSoftmax(in, 0.6), 1e-6)
		lse := 0.0
		for _, v := range in {
			lse += math.Exp(0.6 * v)
		}
		near(t, "log of the sum", []float32{largest + Log(total)}, []float64{math.Log(lse)}, 1e-6)

		dy := random(r, n)
		up := wide(dy)
		SoftmaxBackward(dy, x, 0.6)
		near(t, "softmax backward", dy, slope(func(x []float64) float64 { return inner(naiveSoftmax(x, 0.6), up) }, in), 1e-5)
	}
}

// Large numbers do not overflow, and a single hopeless one gets nothing.
func TestSoftmaxExtremes(t *testing.T) {
	t.Parallel()
	x := []float32{1e30, 1e30, -1e30}
	Softmax(x, 1)
	sameBits(t, "softmax", x, []float32{0.5, 0.5, 0})
	x = []float32{0, float32(math.NaN()), 1}
	if Softmax(x, 1); x[0] == x[0] {
		t.Errorf("softmax with a NaN is %v", x)
	}
}

func naiveNorm(x, gain []float64) []float64 {
	n, c := len(x)/len(gain), len(gain)
	y := make([]float64, len(x))
	for i := range n {
		row, mean, variance := x[i*c:(i+1)*c], 0.0, 0.0
		for _, v := range row {
			mean += v / float64(c)
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(c)
		}
		for j, v := range row {
			y[i*c+j] = (v - mean) / math.Sqrt(variance+1e-5) * gain[j]
		}
	}
	return y
}

func TestNorm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	for _, shape := range [][2]int{{1, 2}, {3, 8}, {5, 13}, {4, 64}} {
		n, c := shape[0], shape[1]
		x, gain := random(r, n*c), random(r, c)
		norm := Norm{gain, make([]float32, n), make([]float32, n)}
		y := make([]float32, n*c)
		norm.Forward(y, x)
		near(t, "norm", y, naiveNorm(wide(x), wide(gain)), 3e-6)

		dy, dx, dgain := random(r, n*c), random(r, n*c), random(r, c)
		up := wide(dy)
		wx := slope(func(x []float64) float64 { return inner(naiveNorm(x, wide(gain)), up) }, wide(x))
		wg := slope(func(gain []float64) float64 { return inner(naiveNorm(wide(x), gain), up) }, wide(gain))
		for i, v := range wide(dx) {
			wx[i] += v
		}
		for i, v := range wide(dgain) {
			wg[i] += v
		}
		norm.Backward(dx, dgain, dy, x)
		near(t, "norm backward", dx, wx, 2e-4)
		near(t, "norm gain", dgain, wg, 1e-5)
	}
}

// A row without variance is all zeros, not NaN.
func TestNormOfAConstant(t *testing.T) {
	t.Parallel()
	norm := Norm{[]float32{1, 1, 1}, make([]float32, 1), make([]float32, 1)}
	y := make([]float32, 3)
	norm.Forward(y, []float32{5, 5, 5})
	sameBits(t, "norm", y, []float32{0, 0, 0})
}
