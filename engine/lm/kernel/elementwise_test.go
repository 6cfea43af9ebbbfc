package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// near compares with a float64 twin: error relative to the larger of the value
// and one.
func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for i, w := range want {
		if e := math.Abs(float64(got[i])-w) / max(math.Abs(w), 1); !(e <= tolerance) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], w)
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// slope is the central difference of f in each element of x.
func slope(f func(x []float64) float64, x []float64) []float64 {
	const eps = 1e-5
	d := make([]float64, len(x))
	for i, v := range x {
		x[i] = v + eps
		up := f(x)
		x[i] = v - eps
		d[i] = (up - f(x)) / (2 * eps)
		x[i] = v
	}
	return d
}

// inner is the sum of x[i] y[i].
func inner(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

func TestAddAndScale(t *testing.T) {
	t.Parallel()
	x := []float32{1, 2, 3}
	Add(x, []float32{10, 20, 30})
	sameBits(t, "add", x, []float32{11, 22, 33})
	Scale(x, 2)
	sameBits(t, "scale", x, []float32{22, 44, 66})
}

func naiveGELU(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
	}
	return y
}

func TestGELU(t *testing.T) {
	t.Parallel()
	x := []float32{0, -100, 100, -1e30, 1e30, -12, 12}
	for v := float32(-9); v < 9; v += 0.013 {
		x = append(x, v)
	}
	y := make([]float32, len(x))
	GELU(y, x)
	near(t, "gelu", y, naiveGELU(wide(x)), 1e-6)

	x = x[5:] // central differences of 1e30 mean nothing
	dy := random(rand.New(rand.NewPCG(1, 1)), len(x))
	up := wide(dy)
	GELUBackward(dy, x)
	for i, v := range wide(x) {
		one := []float64{v}
		near(t, "gelu backward", dy[i:i+1], []float64{up[i] * slope(func(x []float64) float64 { return naiveGELU(x)[0] }, one)[0]}, 2e-6)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	x := []float32{1, 0, 0, 2}
	cos, sin := []float32{0, 0.6}, []float32{1, 0.8}
	// Pair (1, 0) by 90 degrees, pair (0, 2) by the angle of 3-4-5.
	Rotate(x, cos, sin)
	sameBits(t, "rotate", x, []float32{0, -1.6, 1, 1.2})
	Rotate(x, cos, []float32{-1, -0.8})
	near(t, "rotate back", x, []float64{1, 0, 0, 2}, 1e-6)
	two := []float32{1, 0, 0, 2, 1, 0, 0, 2}
	Rotate(two, cos, sin)
	sameBits(t, "rotate two heads", two, []float32{0, -1.6, 1, 1.2, 0, -1.6, 1, 1.2})
}

func TestAdamW(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	const n = 50
	p, m, v := random(r, n), make([]float32, n), make([]float32, n)
	wp, wm, wv := wide(p), make([]float64, n), make([]float64, n)
	for step := 1; step <= 5; step++ {
		g := random(r, n)
		c1, c2 := 1-math.Pow(0.9, float64(step)), 1-math.Pow(0.99, float64(step))
		AdamW{Rate: 0.01, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1, Scale: 0.5,
			Unbias1: float32(1 / c1), Unbias2: float32(1 / c2)}.Update(p, g, m, v)
		for i := range n {
			d := float64(g[i]) * 0.5
			wm[i] = 0.9*wm[i] + 0.1*d
			wv[i] = 0.99*wv[i] + 0.01*d*d
			wp[i] -= 0.01 * (wm[i]/c1/(math.Sqrt(wv[i]/c2)+1e-8) + 0.1*wp[i])
		}
		near(t, "weights", p, wp, 1e-6)
		near(t, "first moments", m, wm, 1e-6)
		near(t, "second moments", v, wv, 1e-6)
	}
}

func BenchmarkElementwise(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 3))
	const n = 4096
	x, y, z, v := random(r, n), make([]float32, n), make([]float32, n), make([]float32, n)
	norm := Norm{random(r, 64), make([]float32, n/64), make([]float32, n/64)}
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"GELU", func() { GELU(y, x) }},
		{"GELUBackward", func() { GELUBackward(y, x) }},
		{"Softmax", func() { copy(y, x); Softmax(y, 1) }},
		{"Norm", func() { norm.Forward(y, x) }},
		{"NormBackward", func() { norm.Backward(z, norm.Gain[:64:64], y, x) }},
		{"AdamW", func() {
			AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Scale: 1, Unbias1: 1, Unbias2: 1}.Update(y, x, z, v)
		}},
		{"Add", func() { Add(y, x) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.do()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
		})
	}
}
