package kernel

import (
	"fmt"
	"math"
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

// fused is x y + z rounded once: in float64, where the product is exact, with
// the sum rounded to odd, so that the second rounding sees what was cut off.
func fused(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	back := s - p
	if lost := (p - (s - back)) + (c - back); lost != 0 {
		bits := math.Float64bits(s)
		if bits&1 == 0 {
			if (lost > 0) == (s > 0) {
				bits++
			} else {
				bits--
			}
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

func TestFused(t *testing.T) {
	t.Parallel()
	// By hand: (1+e)^2 - 1 = 2e + e^2 with e = 2^-23; two roundings lose e^2.
	const e = 1.0 / (1 << 23)
	if got, want := fused(1+e, 1+e, -1), float32(2*e+e*e); got != want {
		t.Errorf("fused = %g, want %g", got, want)
	}
}

// term adds one term to a sum as this machine's tiles do.
func term(x, y, sum float32) float32 {
	if fast {
		return fused(x, y, sum)
	}
	return sum + float32(x*y)
}

// naive is the definition: one chain over k in ascending order that starts at
// the value in c. The operands are asked for element by element, so the three
// products differ only in whom they ask.
func naive(c Mat, k int, a, b func(i, j int) float32) []float32 {
	out := append([]float32(nil), c.Data...)
	for i := range c.Rows {
		for j := range c.Cols {
			for l := range k {
				out[i*c.Stride+j] = term(a(i, l), b(l, j), out[i*c.Stride+j])
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
	for m := range 15 {
		for n := range 35 {
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

// A product that sets C, or knows that A or C is causal, against its definition
// on an A whose other elements are zero.
func forms(t *testing.T, r *rand.Rand, m, n, k, gap int) {
	t.Helper()
	var s Strips
	a, b := spread(r, m, k, gap), spread(r, k, n, gap)
	s.Pack(b)
	zeros := func(c Mat) Mat {
		d := Mat{append([]float32(nil), c.Data...), c.Rows, c.Cols, c.Stride}
		for i := range d.Rows {
			clear(d.Row(i))
		}
		return d
	}
	what := fmt.Sprintf("%dx%dx%d gap %d", m, n, k, gap)

	c := spread(r, m, n, gap)
	want := naive(zeros(c), k, a.element, b.element)
	Multiply(c, a, &s, Fresh)
	sameBits(t, "fresh "+what, c.Data, want)

	if n >= m {
		c := spread(r, m, n, gap)
		Multiply(c, a, &s, Fresh|CausalC)
		for i := range m {
			seen := i + n - m + 1
			sameBits(t, "causal C "+what, c.Row(i)[:seen], want[i*c.Stride:i*c.Stride+seen])
		}
	}
	if k < m {
		return
	}
	for i := range m {
		clear(a.Row(i)[i+k-m+1:])
	}
	c = spread(r, m, n, gap)
	want = naive(zeros(c), k, a.element, b.element)
	Multiply(c, a, &s, Fresh|CausalA)
	sameBits(t, "causal A "+what, c.Data, want)

	// The transposed twin: A^T is (k, m), and B has a row for each row of A.
	b = spread(r, m, n, gap)
	s.Pack(b)
	c = spread(r, k, n, gap)
	want = naive(c, m, a.transposed, b.element)
	Multiply(c, a, &s, Transposed|CausalA)
	sameBits(t, "causal A transposed "+what, c.Data, want)
}

func TestForms(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	for m := 1; m < 20; m++ {
		for _, n := range []int{1, 15, 16, 17, 32, 50} {
			for _, k := range []int{1, 5, 16, 19, 40} {
				forms(t, r, m, n, k, (m+n+k)%3)
			}
		}
	}
	forms(t, r, 300, 290, 310, 1) // deeper than a strip is walked at a time
}

// Columns that fill up the last strip may be asked for: they are the products
// with zeros.
func TestPaddedColumns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	for m := 1; m < 9; m++ {
		a, b := spread(r, m, 5, 0), spread(r, 21, 5, 0)
		var s Strips
		s.PackTransposed(b)
		exact, filled := spread(r, m, 21, 0), spread(r, m, 32, 0)
		Multiply(exact, a, &s, Fresh)
		Multiply(filled, a, &s, Fresh)
		for i := range m {
			sameBits(t, "padded", filled.Row(i)[:21], exact.Row(i))
			sameBits(t, "fill", filled.Row(i)[21:], make([]float32, 11))
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for rows := range 60 {
		whole, tail := split(rows)
		if sum := whole*tallest + tail[0] + tail[1]; sum != rows {
			t.Errorf("%d rows: %d tiles and %v", rows, whole, tail)
		}
		for _, h := range tail {
			if rows >= tallest && h > 0 && h < 3 {
				t.Errorf("%d rows: a tile of %d", rows, h)
			}
		}
	}
}

func FuzzProducts(f *testing.F) {
	f.Add(uint64(1), uint16(7), uint16(17), uint16(300), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint16, gap uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		var w Work
		products(t, r, &w, int(m%70), int(n%70), int(k%600), int(gap%4))
		forms(t, r, 1+int(m%40), 1+int(n%70), 1+int(k%600), int(gap%4))
	})
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
		"rotate by none":   func() { Rotate(x, nil, nil) },
		"blend":            func() { Blend(x, x[:3], 1) },
		"causal C":         func() { Multiply(m(3, 2), m(3, 2), &Strips{rows: 2, cols: 2, tall: 2}, CausalC) },
		"causal A":         func() { Multiply(m(3, 2), m(3, 2), &Strips{rows: 2, cols: 2, tall: 2}, CausalA) },
		"product":          func() { Multiply(m(2, 2), m(2, 3), &Strips{rows: 2, cols: 2}, 0) },
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

// BenchmarkProduct packs the right operand once, as a training step does with
// the weights, but for TN, whose right operand is new each time.
func BenchmarkProduct(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, s := range []struct {
		name    string
		m, n, k int
	}{
		{"NN", 4096, 128, 512}, {"NN", 4096, 512, 128}, {"NN", 4096, 128, 128}, {"NN", 256, 256, 64}, {"NN", 128, 480, 64},
		{"NN", 16, 512, 128}, {"NN", 1, 512, 128},
		{"TN", 512, 128, 4096}, {"TN", 128, 512, 4096}, {"TN", 128, 384, 256}, {"TN", 64, 256, 216},
	} {
		b.Run(fmt.Sprintf("%s/%dx%dx%d", s.name, s.m, s.n, s.k), func(b *testing.B) {
			x, y := Dense(random(r, s.m*s.k), s.m, s.k), Dense(random(r, s.k*s.n), s.k, s.n)
			c := Dense(make([]float32, s.m*s.n), s.m, s.n)
			var strips Strips
			var w Work
			strips.Pack(y)
			for b.Loop() {
				if s.name == "NN" {
					Multiply(c, x, &strips, 0)
				} else {
					w.TN(c, Dense(x.Data, s.k, s.m), y)
				}
			}
			b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
