package chart_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"ablate/tui/chart"
)

// near reports whether two numbers are equal but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1e-9) }

func same(a, b chart.Window) bool {
	return near(a.X0, b.X0) && near(a.X1, b.X1) && near(a.Y0, b.Y0) && near(a.Y1, b.Y1) && a.Follow == b.Follow
}

func TestWindow(t *testing.T) {
	t.Parallel()
	all := chart.Window{}
	linear := chart.Space{X1: 400, Y1: 1, End: 400}
	log := chart.Space{X0: 1, X1: 10_000, Y0: 0.01, Y1: 100, End: 10_000, LogX: true, LogY: true}
	middle := math.NaN()
	for _, tt := range []struct {
		name      string
		got, want chart.Window
	}{
		{"in about the middle", all.ZoomX(linear, middle, 2), chart.Window{X0: 100, X1: 300}},
		{"in about a point", all.ZoomX(linear, 100, 2), chart.Window{X0: 50, X1: 250}},
		{"in about an end", all.ZoomX(linear, 400, 4), chart.Window{X0: 300, X1: 400}},
		{"in about nothing inside", all.ZoomX(linear, 900, 2), chart.Window{X0: 100, X1: 300}},
		{"y", all.ZoomY(linear, 0.25, 2), chart.Window{Y0: 0.125, Y1: 0.625}},
		{"out to all", all.ZoomX(linear, 100, 2).ZoomX(linear, middle, 0.1), all},
		{"out at an edge", chart.Window{X0: 300, X1: 400}.ZoomX(linear, middle, 0.5), chart.Window{X0: 250, X1: 400}},
		{"log about the middle", all.ZoomX(log, middle, 2), chart.Window{X0: 10, X1: 1000}},
		{"log about a point", all.ZoomX(log, 10, 2), chart.Window{X0: math.Sqrt(10), X1: math.Pow(10, 2.5)}},
		{"log y", all.ZoomY(log, 1, 2), chart.Window{Y0: 0.1, Y1: 10}},
		{"right", chart.Window{X0: 100, X1: 200}.Pan(linear, 0.5, 0), chart.Window{X0: 150, X1: 250}},
		{"right to the end", chart.Window{X0: 100, X1: 200}.Pan(linear, 7, 0), chart.Window{X0: 300, X1: 400}},
		{"left to the end", chart.Window{X0: 100, X1: 200}.Pan(linear, -7, 0), chart.Window{X0: 0, X1: 100}},
		{"log right", chart.Window{X0: 10, X1: 100}.Pan(log, 1, 0), chart.Window{X0: 100, X1: 1000}},
		{"up", chart.Window{Y0: 0.1, Y1: 0.3}.Pan(linear, 0, 0.5), chart.Window{Y0: 0.2, Y1: 0.4}},
		{"all goes nowhere", all.Pan(linear, 1, 1), all},
		{"reset", chart.Window{X0: 1, X1: 2, Follow: true}.Reset(), chart.Window{Follow: true}},
		{"bad factors", all.ZoomX(linear, 1, 0).ZoomX(linear, 1, -1).ZoomX(linear, 1, math.NaN()), all},
		{"nothing to see", all.ZoomX(chart.Space{}, 1, 2), all},
		{"elsewhere", chart.Window{X0: 900, X1: 901}.ZoomX(linear, 100, 2), chart.Window{X0: 50, X1: 250}},
	} {
		if !same(tt.got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, tt.got, tt.want)
		}
	}
}

// Whatever is pressed, the window stays in what there is to see and can be
// drawn.
func TestWindowStaysInside(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range []chart.Space{
		{X1: 400, Y0: -1, Y1: 1, End: 400},
		{X0: 1e-5, X1: 1e7, Y0: 1e-3, Y1: 1, End: 1e7, LogX: true, LogY: true},
		{X0: 1e15, X1: 1e15 + 1000, Y0: -1e300, Y1: 1e300, End: 1e15 + 1000},
	} {
		w := chart.Window{}
		for range 3000 {
			switch r.IntN(4) {
			case 0:
				w = w.ZoomX(s, s.X0+r.Float64()*(s.X1-s.X0), math.Exp(r.NormFloat64()))
			case 1:
				w = w.ZoomY(s, math.NaN(), math.Exp(r.NormFloat64()))
			default:
				w = w.Pan(s, r.NormFloat64(), r.NormFloat64())
			}
			if w.X0 == w.X1 && w.Y0 == w.Y1 {
				continue
			}
			tol := 1 + 1e-9
			if w.X0 != w.X1 && (w.X0 > w.X1 || w.X0 < s.X0/tol || w.X1 > s.X1*tol) || w.Y0 > w.Y1 || w.Y1 != w.Y0 && w.Y1 > s.Y1*tol {
				t.Fatalf("%+v is not inside %+v", w, s)
			}
		}
	}
}

// While data come in, a following window jumps by a fifth and keeps the newest
// point inside; it never slides.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, log := range []bool{false, true} {
		w := chart.Window{X0: 80, X1: 100, Follow: true}
		width := 20.0
		last, jumps := w, 0
		for end := 50.0; end < 300; end++ {
			now := w.Seen(chart.Space{X1: 400, End: end, LogX: log})
			if end > now.X1*(1+1e-9) {
				t.Fatalf("the newest point at %g is right of %+v", end, now)
			}
			if now != last {
				jumps++
				by := now.X1 - last.X1
				if log {
					width = math.Log10(100.0 / 80)
					by = math.Log10(now.X1 / last.X1)
				}
				if by < width*0.1 || by > width*0.25 {
					t.Fatalf("log %v: at %g the window moved by %g of its width", log, end, by/width)
				}
			}
			last = now
		}
		if jumps < 10 || jumps > 60 {
			t.Errorf("log %v: %d jumps", log, jumps)
		}
		w.Follow = false
		if now := w.Seen(chart.Space{X1: 400, End: 300}); now != w {
			t.Errorf("it moved without being told to: %+v", now)
		}
	}
}

// A zoomed chart shows the window, and the space to move in does not change with
// it.
func TestLineWindow(t *testing.T) {
	t.Parallel()
	l := rates()
	before := l.Space()
	if x0, x1, y0, y1 := l.Extent(); x0 != 0 || x1 != 400 || y0 != 0 || !near(y1, 0.79*(1-math.Exp(-4))) {
		t.Errorf("the data reach over %g, %g, %g, %g", x0, x1, y0, y1)
	}
	l.Window = l.Window.ZoomX(before, 100, 4)
	after := l.Space()
	shown := after.Shown
	if after.Shown = before.Shown; after != before {
		t.Errorf("the space changed from %+v to %+v", before, after)
	}
	// From x = 75 to 175 the rates rise from about 0.29 to 0.65.
	if shown.X0 != 75 || shown.X1 != 175 || shown.Y0 > 0.3 || shown.Y1 < 0.6 || shown.Y1 > 0.75 {
		t.Errorf("shown is %+v", shown)
	}
	l.Y.Zero = false
	y := l.Window.ZoomY(l.Space(), math.NaN(), 2)
	if inner := l.Space().Shown; y.Y0 < inner.Y0 || y.Y1 > inner.Y1 || y.X0 != 75 {
		t.Errorf("y zoomed from %+v to %+v", inner, y)
	}
	left, ok := l.XAt(80, 20, 6)
	if !ok || left < l.Window.X0 || left > l.Window.X0+2 {
		t.Errorf("the first column is at %g, the window at %+v", left, l.Window)
	}
	l.Window = chart.Window{X0: 101, X1: 102}
	exact(t, l.Render(80, 20), 80, 20, l.Style.Theme)
	gap := &chart.Line{Series: []chart.Series{{X: []float64{0, 1, 2, 3}, Y: []float64{1, math.NaN(), math.NaN(), 4}}},
		Window: chart.Window{X0: 1.2, X1: 1.8}, Style: noColor(chart.ASCII)}
	if x, ok := gap.XAt(40, 10, 20); !ok || x < 1.2 || x > 1.8 {
		t.Errorf("a window between the data has no axis: %g, %v", x, ok)
	}
}

// XAt is the inverse of where points are drawn.
func TestXAt(t *testing.T) {
	t.Parallel()
	for _, log := range []bool{false, true} {
		for _, style := range []chart.Style{noColor(chart.Braille), noColor(chart.Blocks), noColor(chart.ASCII)} {
			at := 0.0
			l := &chart.Line{Series: []chart.Series{{X: []float64{1, 50, 1000}, Y: []float64{1, 1, 1}}},
				X: chart.Axis{Min: 1, Max: 1000, Log: log}, Y: chart.Axis{Min: 2, Max: 3}, Cursor: &at, Style: style, NoLegend: true}
			hit := 0
			for col := range 60 {
				x, ok := l.XAt(60, 8, col)
				if !ok {
					continue
				}
				at = x
				row := []rune(firstLine(l.Render(60, 8)))
				if row[col] != '│' && row[col] != '|' {
					t.Fatalf("log %v: the crosshair at %g is not in column %d: %q", log, x, col, string(row))
				}
				hit++
			}
			if hit != 60-6 {
				t.Errorf("%d of 54 columns", hit)
			}
		}
	}
	var none chart.Line
	if _, ok := none.XAt(60, 8, 20); ok {
		t.Error("an empty chart has an x")
	}
}

func firstLine(s string) string {
	for i := range len(s) {
		if s[i] == '\n' {
			return s[:i]
		}
	}
	return s
}
