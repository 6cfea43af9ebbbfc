package plot_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/plot"
)

// line has 101 points on x from 0 to 100.
func line() chart.Line {
	s := chart.Series{Name: "loss", Data: &chart.Pyramid{}}
	for i := range 101 {
		s.Data.Append(float64(i), 1+float64(i%7))
	}
	return chart.Line{Title: "train/loss", Series: []chart.Series{s}, X: chart.Axis{Label: "step"}}
}

// reader looks at a chart of 60x10.
type reader struct {
	plot.Plot
	t    *testing.T
	line chart.Line
}

func look60(t *testing.T) *reader {
	t.Helper()
	r := &reader{t: t, line: line()}
	r.view()
	return r
}

func (r *reader) view() string {
	r.t.Helper()
	lines := r.View(look.New(chart.Style{Theme: chart.Theme{NoColor: true}}), 60, 10, r.line)
	if len(lines) != 10 {
		r.t.Fatalf("%d lines of 10", len(lines))
	}
	for _, l := range lines {
		if n := look.Width(l); n != 60 {
			r.t.Fatalf("%d cells of 60: %q", n, l)
		}
	}
	return strings.Join(lines, "\n")
}

// press presses keys one after the other, each on what is drawn then.
func (r *reader) press(keys ...string) *reader {
	r.t.Helper()
	for _, name := range keys {
		found := false
		for _, k := range r.Keys() {
			if slices.Contains(strings.Fields(k.Keys), name) {
				k.Do()
				found = true
			}
		}
		if !found {
			r.t.Fatalf("no key %q", name)
		}
		r.view()
	}
	return r
}

func TestSteering(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		keys   string
		x0, x1 float64
	}{
		{"all at first", "", 0, 100},
		{"in about the middle", "+", 25, 75},
		{"in, twice", "+ +", 37.5, 62.5},
		{"in and out", "+ -", 0, 100},
		{"never out of all", "-", 0, 100},
		{"right by a quarter of the window", "+ >", 37.5, 87.5},
		{"not beyond the end", "+ > > > >", 50, 100},
		{"left", "+ <", 12.5, 62.5},
		{"whole", "+ + < 0", 0, 100},
		{"about the crosshair, which begins at the newest point", "l +", 50, 100},
		{"about the newest point where it is followed", ". +", 50, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := look60(t).press(strings.Fields(tt.keys)...)
			if x0, x1 := r.Visible(); math.Abs(x0-tt.x0) > 1e-9 || math.Abs(x1-tt.x1) > 1e-9 {
				t.Errorf("it shows %g to %g, want %g to %g", x0, x1, tt.x0, tt.x1)
			}
		})
	}
}

func TestCrosshair(t *testing.T) {
	t.Parallel()
	r := look60(t)
	if _, ok := r.Cursor(); ok {
		t.Error("a crosshair nobody asked for")
	}
	r.press("h")
	if x, ok := r.Cursor(); !ok || x != 100 {
		t.Errorf("it begins at %g, %v; want the newest point, 100", x, ok)
	}
	// 100 units on 52 columns: a column is 1.92 units, and the next point beyond
	// that is 2 away.
	r.press("h", "h")
	if x, _ := r.Cursor(); x != 96 {
		t.Errorf("two columns on it is at %g, want 96", x)
	}
	r.press("l")
	if x, _ := r.Cursor(); x != 98 {
		t.Errorf("back it is at %g, want 98", x)
	}
	if r.press("l", "l", "l", "l"); true {
		if x, _ := r.Cursor(); x != 100 {
			t.Errorf("at the end it is at %g, want 100", x)
		}
	}
	if !r.Back() || r.Back() {
		t.Error("esc takes the crosshair, and then nothing")
	}
	if _, ok := r.Cursor(); ok {
		t.Error("the crosshair is still there")
	}
}

// Where points are far apart the crosshair goes from one to the next.
func TestCrosshairOnFewPoints(t *testing.T) {
	t.Parallel()
	r := look60(t)
	r.line.Series = []chart.Series{{Name: "pass@1", X: []float64{0, 40, 80}, Y: []float64{0, 0.1, 0.2}}}
	r.view()
	r.press("h", "h")
	if x, _ := r.Cursor(); x != 40 {
		t.Errorf("it is at %g, want 40", x)
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	r := look60(t)
	r.Click(0, 3) // the labels
	if _, ok := r.Cursor(); ok {
		t.Error("a click on the labels set a crosshair")
	}
	r.Click(30, 3)
	x, ok := r.Cursor()
	if want, _ := r.line.XAt(60, 10, 30); !ok || x != want {
		t.Errorf("a click at column 30 set %g, want %g", x, want)
	}
	before := x
	r.Wheel(30, 3, -4)
	if x0, x1 := r.Visible(); !(x1-x0 < 50) || before < x0 || before > x1 {
		t.Errorf("the wheel shows %g to %g; want less than half, with %g inside", x0, x1, before)
	}
}

func TestLooks(t *testing.T) {
	t.Parallel()
	r := look60(t)
	r.Xs = []string{"step", "tokens", "time"}
	r.press("y", "w", "w")
	if v := r.view(); !strings.Contains(v, "smoothed 0.9 · log y") {
		t.Errorf("it does not say how it is looked at:\n%s", v)
	}
	if got := r.press("+", "x").X(); got != "tokens" {
		t.Errorf("x is %q, want tokens", got)
	}
	if x0, x1 := r.Visible(); x0 != 0 || x1 != 100 {
		t.Errorf("of another axis it shows %g to %g, want all", x0, x1)
	}
	r.press("x", "x")
	if got := r.X(); got != "step" {
		t.Errorf("x is %q after all others, want step", got)
	}
	for _, k := range r.Keys() {
		if k.With != nil {
			if diff := cmp.Diff([]string{"step", "tokens", "time"}, k.Args()); diff != "" {
				t.Errorf("for the palette (-want +got):\n%s", diff)
			}
			k.With("time")
		}
	}
	if got := r.X(); got != "time" {
		t.Errorf("x is %q, want time", got)
	}
}

// Linked charts show the same part of x, each with a y of its own.
func TestLink(t *testing.T) {
	t.Parallel()
	a, b := look60(t), look60(t)
	a.press("l", "h", "+", "y")
	b.Link(&a.Plot)
	b.view()
	ax, _ := a.Cursor()
	bx, ok := b.Cursor()
	if !ok || ax != bx {
		t.Errorf("crosshairs at %g and %g", ax, bx)
	}
	if v := b.view(); strings.Contains(v, "log y") {
		t.Errorf("y is linked, too:\n%s", v)
	}
	a0, a1 := a.Visible()
	if b0, b1 := b.Visible(); a0 != b0 || a1 != b1 {
		t.Errorf("they show %g to %g and %g to %g", a0, a1, b0, b1)
	}
}

func FuzzPlot(f *testing.F) {
	f.Add("+l+>y<h0.wx-", uint8(60), uint8(10), 3.0, math.NaN())
	f.Fuzz(func(t *testing.T, keys string, w, h uint8, a, b float64) {
		p := plot.Plot{Xs: []string{"step", "time"}, Scaling: len(keys)%2 == 0}
		l := chart.Line{Series: []chart.Series{{Y: []float64{a, b, a, 0}}, {X: []float64{0, a, b}, Y: []float64{a, b, 1}}}}
		for _, r := range keys[:min(len(keys), 20)] {
			lines := p.View(look.New(chart.Style{}), int(w), int(h), l)
			if len(lines) != int(h) {
				t.Fatalf("%d lines of %d", len(lines), h)
			}
			for _, k := range p.Keys() {
				if slices.Contains(strings.Fields(k.Keys), string(r)) {
					k.Do()
				}
			}
			p.Click(int(r)%80, 0)
			p.Wheel(int(r)%80, 0, int(r)%5-2)
		}
	})
}
