package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// spread is a random matrix with gap elements between its rows.
func spread(r *rand.Rand, rows, cols, gap int) Mat {
	return Mat{Data: random(r, rows*(cols+gap)), Rows: rows, Cols: cols, Stride: cols + gap}
}

// naive is the definition: one chain over k in ascending order that starts at
// the value in c. The operands are asked for element by element, so the three
// products differ only in whom they ask.
func naive(c Mat, k int, a, b func(i, j int) float32) []float32 {
	out := append([]float32(nil), c.Data...)
	for i := range c.Rows {
		for j := range c.Cols {
			for l := range k {
				out[i*c.Stride+j] += float32(a(i, l) * b(l, j))
			}
		}
	}
	return out
}

func (m Mat) element(i, j int) float32    { return m.Data[i*m.Stride+j] }
func (m Mat) transposed(i, j int) float32 { return m.Data[j*m.Stride+i] }

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

// products checks the three products of one size against their naive twins, to
// the bit, and that nothing between the rows is touched.
func products(t *testing.T, r *rand.Rand, w *Work, m, n, k, gap int) {
	t.Helper()
	for _, p := range []struct {
		name string
		a, b Mat
		do   func(c, a, b Mat)
		x, y func(a, b Mat) func(i, j int) float32
	}{
		{"NN", spread(r, m, k, gap), spread(r, k, n, gap), w.NN,
			func(a, _ Mat) func(i, j int) float32 { return a.element }, func(_, b Mat) func(i, j int) float32 { return b.element }},
		{"NT", spread(r, m, k, gap), spread(r, n, k, gap), w.NT,
			func(a, _ Mat) func(i, j int) float32 { return a.element }, func(_, b Mat) func(i, j int) float32 { return b.transposed }},
		{"TN", spread(r, k, m, gap), spread(r, k, n, gap), w.TN,
			func(a, _ Mat) func(i, j int) float32 { return a.transposed }, func(_, b Mat) func(i, j int) float32 { return b.element }},
	} {
		c := spread(r, m, n, gap)
		want := naive(c, k, p.x(p.a, p.b), p.y(p.a, p.b))
		p.do(c, p.a, p.b)
		sameBits(t, fmt.Sprintf("%s %dx%dx%d gap %d", p.name, m, n, k, gap), c.Data, want)
	}
}

func TestProductsExhaustive(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	var w Work
	for m := range 8 {
		for n := range 10 {
			for k := range 10 {
				products(t, r, &w, m, n, k, (m+n+k)%3)
			}
		}
	}
}

func TestProductsRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	var w Work
	for range 60 {
		products(t, r, &w, r.IntN(70), r.IntN(70), r.IntN(300), r.IntN(2))
	}
}

// A row of a product does not depend on the rows around it: packed and direct
// products of the same numbers agree.
func TestRowsAreIndependent(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var w Work
	a, b := spread(r, 20, 37, 0), spread(r, 37, 29, 0)
	all := Dense(make([]float32, 20*29), 20, 29)
	w.NN(all, a, b)
	for i := range 20 {
		one := Dense(make([]float32, 29), 1, 29)
		w.NN(one, a.Part(i, 0, 1, 37), b)
		sameBits(t, fmt.Sprintf("row %d", i), one.Data, all.Row(i))
	}
}

func TestProductsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var w Work
	a, b, c := spread(r, 33, 33, 0), spread(r, 33, 33, 0), spread(r, 33, 33, 0)
	if n := testing.AllocsPerRun(3, func() {
		w.NN(c, a, b)
		w.NT(c, a, b)
		w.TN(c, a, b)
		w.NT(c.Part(2, 3, 5, 6), a.Part(0, 4, 5, 8), b.Part(1, 1, 6, 8))
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestBrokenShapes(t *testing.T) {
	t.Parallel()
	m := func(rows, cols int) Mat { return Dense(make([]float32, rows*cols), rows, cols) }
	x := make([]float32, 4)
	var w Work
	for name, do := range map[string]func(){
		"dense":            func() { Dense(x, 2, 3) },
		"part":             func() { m(2, 2).Part(1, 0, 2, 1) },
		"NN":               func() { w.NN(m(2, 2), m(2, 3), m(2, 2)) },
		"NT":               func() { w.NT(m(2, 2), m(2, 3), m(3, 2)) },
		"TN":               func() { w.TN(m(2, 2), m(3, 2), m(2, 2)) },
		"add":              func() { Add(x, x[:3]) },
		"gelu":             func() { GELU(x, x[:3]) },
		"gelu backward":    func() { GELUBackward(x, x[:3]) },
		"rotate":           func() { Rotate(x, x[:1], x[:2]) },
		"unrotate":         func() { Unrotate(x, x[:2], x[:1]) },
		"softmax backward": func() { SoftmaxBackward(x, x[:3], 1) },
		"norm":             func() { Norm{x[:2], x[:1], x[:1]}.Forward(x, x) },
		"norm backward":    func() { Norm{x[:2], x[:2], x[:2]}.Backward(x, x[:1], x, x) },
		"update":           func() { AdamW{}.Update(x, x[:3], x, x) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			do()
		}()
	}
}

func BenchmarkProduct(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 5))
	var w Work
	for _, s := range []struct {
		name    string
		m, n, k int
		do      func(c, a, b Mat)
	}{
		{"NN", 184, 256, 64, w.NN}, {"NN", 184, 64, 256, w.NN}, {"NT", 96, 480, 64, w.NT}, {"NT", 184, 64, 256, w.NT},
		{"TN", 64, 256, 184, w.TN}, {"NT", 23, 23, 16, w.NT}, {"NN", 23, 16, 23, w.NN}, {"NN", 1, 256, 64, w.NN},
	} {
		b.Run(fmt.Sprintf("%s/%dx%dx%d", s.name, s.m, s.n, s.k), func(b *testing.B) {
			x, y := Dense(random(r, s.m*s.k), s.m, s.k), Dense(random(r, s.k*s.n), s.k, s.n)
			switch s.name {
			case "NT":
				y = Dense(y.Data, s.n, s.k)
			case "TN":
				x = Dense(x.Data, s.k, s.m)
			}
			c := Dense(make([]float32, s.m*s.n), s.m, s.n)
			for b.Loop() {
				s.do(c, x, y)
			}
			b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
