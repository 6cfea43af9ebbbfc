package chart_test

import (
	"fmt"
	"math"
	"testing"

	"ablate/tui/chart"
)

// noisy is a chart of 4 series with n points each.
func noisy(n int) *chart.Line {
	l := &chart.Line{Title: "train/loss", X: chart.Axis{Label: "step"}, Y: chart.Axis{Zero: true}}
	for k := range 4 {
		s := chart.Series{Name: fmt.Sprint("s", k+1), Color: chart.Categorical(k), X: make([]float64, n), Y: make([]float64, n)}
		for i := range n {
			s.X[i] = float64(i) / float64(n)
			s.Y[i] = float64(k+1)*math.Exp(-3*float64(i)/float64(n)) + 0.1*math.Sin(float64(i*(k+7)%1009))
		}
		l.Series = append(l.Series, s)
	}
	return l
}

func BenchmarkLine(b *testing.B) {
	for _, n := range []int{1e3, 1e6} {
		b.Run(fmt.Sprintf("79x20/4x%d", n), func(b *testing.B) {
			l := noisy(n)
			b.ReportAllocs()
			for b.Loop() {
				l.Render(79, 20)
			}
		})
	}
}

func BenchmarkMatrix(b *testing.B) {
	huge := large(1000)
	huge.Cursor = &chart.At{Row: 500, Col: 500}
	for name, m := range map[string]*chart.Matrix{"4x4": design(), "1000x1000": huge} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Render(84, 14)
			}
		})
	}
}

// Drawing must not allocate a point: a hundred times as many points may cost no
// more allocations.
func TestLineAllocs(t *testing.T) {
	few, many := noisy(1_000), noisy(100_000)
	a := testing.AllocsPerRun(5, func() { few.Render(79, 20) })
	b := testing.AllocsPerRun(5, func() { many.Render(79, 20) })
	if a > 40 || b > a {
		t.Errorf("%g allocations for 1e3 points and %g for 1e5, want at most 40 and no more", a, b)
	}
}

// long is a chart of 4 series with a million points each, as pyramids.
func long(n int) *chart.Line {
	l := noisy(n)
	for i := range l.Series {
		s := &l.Series[i]
		p := new(chart.Pyramid)
		for i, y := range s.Y {
			p.Append(float64(i), y)
		}
		s.X, s.Y, s.Data = nil, nil, p
	}
	return l
}

// zoom is a window that moves in and out, another one in each frame.
func zoom(l *chart.Line, frame int) {
	depth := math.Pow(1.13, float64(frame%100))
	at := math.Mod(float64(frame)*0.618, 1)
	n := float64(l.Series[0].Data.Len())
	l.Window = chart.Window{X0: n * at * (1 - 1/depth), X1: n * (at*(1-1/depth) + 1/depth)}
}

// A redraw at any zoom: goal below 0.2 ms and no allocation.
func BenchmarkRedraw4x1e6(b *testing.B) {
	l, buf, frame := long(1e6), []byte(nil), 0
	var r chart.Renderer
	b.ReportAllocs()
	for b.Loop() {
		zoom(l, frame)
		buf = r.RenderTo(buf[:0], l, 72, 18)
		frame++
	}
}

// The same with a mean over each.
func BenchmarkSmooth4x1e6(b *testing.B) {
	l, buf, frame := long(1e6), []byte(nil), 0
	for i := range l.Series {
		l.Series[i].Smooth = 0.9
	}
	var r chart.Renderer
	b.ReportAllocs()
	for b.Loop() {
		zoom(l, frame)
		buf = r.RenderTo(buf[:0], l, 72, 18)
		frame++
	}
}

// 64 live curves of 500 points on a large screen.
func BenchmarkRedraw64(b *testing.B) {
	l := &chart.Line{Title: "train/loss", X: chart.Axis{Label: "step"}}
	for k := range 64 {
		p := new(chart.Pyramid)
		for i := range 500 {
			p.Append(float64(i), math.Exp(-float64(i)/float64(50+k))+0.01*float64(k))
		}
		l.Series = append(l.Series, chart.Series{Name: fmt.Sprint("run ", k), Data: p, Color: chart.Categorical(k)})
	}
	var r chart.Renderer
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.RenderTo(buf[:0], l, 200, 58)
	}
}

func BenchmarkAppend(b *testing.B) {
	p, x := new(chart.Pyramid), 0.0
	b.ReportAllocs()
	for b.Loop() {
		p.Append(x, x)
		x++
	}
}

// A warm Renderer allocates nothing, whatever it draws.
func TestRendererAllocs(t *testing.T) {
	at := 0.3
	rich := long(5000)
	rich.Title, rich.Note, rich.Cursor = "verlust 损失", "3 seeds × 2", &at
	rich.X.Log, rich.Y.Log = true, true
	rich.Style.WideAmbiguous = true
	s := &rich.Series[0]
	s.Smooth, s.Goal, s.Name, s.Dashed = 0.9, chart.Lowest, "2048×1", true
	s.Ghosts = []chart.Segment{{X: []float64{0.1, 0.9}, Y: []float64{0.5, 0.2}}}
	rich.Series = append(rich.Series, chart.Series{Name: "band", Points: true, X: []float64{0.1, 0.5, 1},
		Y: []float64{1, 1, 2}, Low: []float64{0.5, 0.5, 1}, High: []float64{2, 2, 2}})
	var r chart.Renderer
	var buf []byte
	for name, l := range map[string]*chart.Line{"long": long(5000), "slices": noisy(500), "rich": rich, "empty": {}} {
		frame := 0
		if n := testing.AllocsPerRun(200, func() {
			if name == "long" {
				zoom(l, frame)
			}
			buf = r.RenderTo(buf[:0], l, 100, 24)
			frame++
		}); n != 0 {
			t.Errorf("%s: %g allocations a frame", name, n)
		}
	}
}
