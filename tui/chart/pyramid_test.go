package chart_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

// walk is n points of a random walk with repeated x, gaps of any length, spikes,
// and values on both sides of 0.
func walk(n int, seed uint64) (xs, ys []float64) {
	r := rand.New(rand.NewPCG(seed, 7))
	x, y, gap := 0.0, 0.0, 0
	for range n {
		if r.IntN(9) > 0 {
			x += r.Float64()
		}
		y += r.NormFloat64()
		v := y
		switch {
		case gap > 0:
			v = math.NaN()
			gap--
		case r.IntN(50) == 0:
			gap = int(math.Pow(float64(n)/3, r.Float64()))
			v = math.Inf(1)
		case r.IntN(100) == 0:
			v *= 20
		}
		xs, ys = append(xs, x), append(ys, v)
	}
	return xs, ys
}

// naive is the least and the greatest number of a slice, NaN without any.
func naive(ys []float64) (lo, hi float64) {
	lo, hi = math.NaN(), math.NaN()
	for _, y := range ys {
		if y-y != 0 {
			continue
		}
		if !(lo <= y) {
			lo = y
		}
		if !(hi >= y) {
			hi = y
		}
	}
	return lo, hi
}

func TestPyramidRange(t *testing.T) {
	t.Parallel()
	xs, ys := walk(3000, 1)
	var p chart.Pyramid
	if n := p.AppendAll(xs, ys); n != 3000 || p.Len() != 3000 {
		t.Fatalf("took %d of 3000 points and has %d", n, p.Len())
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		lo, hi := r.IntN(3001), r.IntN(3001)
		wantLo, wantHi := naive(ys[min(lo, hi):max(lo, hi)])
		gotLo, gotHi := p.Range(min(lo, hi), max(lo, hi))
		same := func(a, b float64) bool { return a == b || a != a && b != b }
		if !same(gotLo, wantLo) || !same(gotHi, wantHi) {
			t.Fatalf("Range(%d, %d) = %g, %g, want %g, %g", min(lo, hi), max(lo, hi), gotLo, gotHi, wantLo, wantHi)
		}
	}
	if lo, hi := p.Range(-5, 1e6); lo != first(naive(ys)) || hi != second(naive(ys)) {
		t.Errorf("beyond both ends: %g, %g", lo, hi)
	}
}

func first(a, _ float64) float64  { return a }
func second(_, b float64) float64 { return b }

func TestPyramidRefuses(t *testing.T) {
	t.Parallel()
	var p chart.Pyramid
	for _, tt := range []struct {
		x    float64
		want bool
	}{{1, true}, {1, true}, {0.5, false}, {math.NaN(), false}, {math.Inf(1), false}, {2, true}} {
		if got := p.Append(tt.x, 7); got != tt.want {
			t.Errorf("Append(%g) = %v", tt.x, got)
		}
	}
	if p.Len() != 3 {
		t.Errorf("%d points, want 3", p.Len())
	}
	var none *chart.Pyramid
	if none.Len() != 0 {
		t.Error("a nil pyramid has points")
	}
}

// A pyramid that was cut and went on otherwise equals one that was built at once.
func TestPyramidCut(t *testing.T) {
	t.Parallel()
	xs, ys := walk(20_000, 3)
	r := rand.New(rand.NewPCG(5, 5))
	var p chart.Pyramid
	p.AppendAll(xs, ys)
	for round := range 12 {
		at := xs[r.IntN(len(xs))]
		p.Cut(at)
		n := p.Len()
		if n > 0 && xs[n-1] >= at || n < len(xs) && xs[n] < at {
			t.Fatalf("Cut(%g) keeps %d points, the last at %g", at, n, xs[n-1])
		}
		otherX, otherY := walk(len(xs)-n, uint64(100+round))
		for i := range otherX {
			otherX[i] += at
		}
		xs, ys = append(xs[:n:n], otherX...), append(ys[:n:n], otherY...)
		p.AppendAll(otherX, otherY)
		for i := range xs {
			if x, y := p.At(i); x != xs[i] || y != ys[i] && y == y {
				t.Fatalf("after Cut(%g) point %d is %g, %g, want %g, %g", at, i, x, y, xs[i], ys[i])
			}
		}
		pictures(t, &p, xs, ys, uint64(round))
	}
	p.Cut(-1)
	if p.Len() != 0 || !p.Append(-7, 0) {
		t.Error("an emptied pyramid takes no new point")
	}
}

// pictures compares what a pyramid draws with what its points draw as slices.
func pictures(t *testing.T, p *chart.Pyramid, xs, ys []float64, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	end := xs[len(xs)-1]
	for i := range 30 {
		w := chart.Window{X0: end * r.Float64()}
		w.X1 = w.X0 + end*math.Pow(10, -4*r.Float64())
		if i%4 == 0 {
			w = chart.Window{}
		}
		l := chart.Line{Series: []chart.Series{{X: xs, Y: ys, Goal: chart.Highest}}, Window: w, Title: "t",
			X: chart.Axis{Log: i%3 == 1}, Y: chart.Axis{Log: i%5 == 2}, Style: noColor(chart.Glyphs(i % 3))}
		want := l.Render(60, 14)
		l.Series[0].X, l.Series[0].Y, l.Series[0].Data = nil, nil, p
		if diff := cmp.Diff(want, l.Render(60, 14)); diff != "" {
			t.Errorf("window %v, log %v %v (-slices +pyramid):\n%s", w, l.X.Log, l.Y.Log, diff)
		}
	}
}

// A pyramid draws exactly what its points draw.
func TestPyramidDrawsTheSame(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 15, 16, 17, 300, 5000, 50_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			xs, ys := walk(n, uint64(n))
			var p chart.Pyramid
			p.AppendAll(xs, ys)
			pictures(t, &p, xs, ys, uint64(n))
		})
	}
}

// Memory is little more than the 16 bytes of a point, and less than that where x
// counts steps; what growing throws away counts, too.
func TestPyramidMemory(t *testing.T) {
	const n = 1_000_000
	for _, tt := range []struct {
		name string
		x    func(i int) float64
		most float64
	}{
		{"steps", func(i int) float64 { return float64(10 * i) }, 0.65},
		{"seconds", func(i int) float64 { return math.Sqrt(float64(i)) }, 1.15},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		p := new(chart.Pyramid)
		for i := range n {
			p.Append(tt.x(i), math.Sin(float64(i)))
		}
		runtime.ReadMemStats(&after)
		if got := float64(after.TotalAlloc-before.TotalAlloc) / (16 * n); got > tt.most {
			t.Errorf("%s: %d points took %.2f times 16 bytes each", tt.name, n, got)
		}
		runtime.KeepAlive(p)
	}
}

// What goes in comes out, whether x is evenly spaced or not, and after a cut.
func TestPyramidAt(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	var xs []float64
	x := -5.0
	for i := range 30_000 {
		switch {
		case i%11_000 > 9000: // a chunk and more of odd distances
			x += r.Float64()
		case i%5000 == 4999:
			x += 1e6
		default:
			x += 0.1
		}
		xs = append(xs, x)
	}
	var p chart.Pyramid
	p.AppendAll(xs, xs)
	for range 3 {
		for i, want := range xs {
			if gotX, gotY := p.At(i); gotX != want || gotY != want {
				t.Fatalf("point %d is %v, %v, want %v", i, gotX, gotY, want)
			}
		}
		p.Cut(xs[r.IntN(len(xs))])
		n := p.Len()
		p.AppendAll(xs[n:], xs[n:])
	}
	var far chart.Pyramid
	far.AppendAll([]float64{-math.MaxFloat64, math.MaxFloat64}, []float64{1, 2})
	if x, _ := far.At(1); x != math.MaxFloat64 {
		t.Errorf("the far end is at %g", x)
	}
}
