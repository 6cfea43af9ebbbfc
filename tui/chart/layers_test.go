package chart_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

// intervals is a chart of pass rates with their intervals, a ghost, and a
// crosshair.
func intervals() *chart.Line {
	l := rates()
	for i := range l.Series {
		s := &l.Series[i]
		s.Goal = chart.Highest
		for _, y := range s.Y {
			s.Low, s.High = append(s.Low, y-0.05), append(s.High, y+0.05)
		}
	}
	l.Series[0].Ghosts = []chart.Segment{{X: []float64{100, 150, 200, 250}, Y: []float64{.4, .3, .5, .55}}}
	at := 250.0
	l.Cursor = &at
	return l
}

// descent is a noisy loss on a log axis with its mean over it.
func descent() *chart.Line {
	r, p := rand.New(rand.NewPCG(1, 2)), new(chart.Pyramid)
	for i := range 4000 {
		p.Append(float64(i), 2*math.Exp(-float64(i)/600)*(1+0.2*r.NormFloat64())+0.02*(1+0.3*r.NormFloat64()))
	}
	return &chart.Line{Title: "train/loss", Note: "raw · smoothed 0.98", X: chart.Axis{Label: "step"}, Y: chart.Axis{Log: true},
		Series: []chart.Series{{Name: "2048×1 s1", Data: p, Smooth: 0.98, Goal: chart.Lowest, Color: chart.Categorical(0)}}}
}

// scaling is a power law with its fit, and published points.
func scaling() *chart.Scatter {
	fit, set := chart.Series{}, chart.Set{Name: "ours", Color: chart.Categorical(0)}
	for i, x := range []float64{256, 512, 1024, 2048, 4096} {
		y := 0.02 * math.Pow(x, 0.45)
		set.Points = append(set.Points, chart.Point{X: x, Y: y * (1 + 0.04*float64(i%3-1)), Low: y * 0.9, High: y * 1.1})
		fit.X, fit.Y = append(fit.X, x), append(fit.Y, y)
		fit.Low, fit.High = append(fit.Low, y*0.93), append(fit.High, y*1.07)
	}
	set.Fit = fit
	paper := chart.Set{Name: "paper, Table 3", Reference: true, Color: chart.Muted,
		Points: []chart.Point{{X: 256, Y: 0.2}, {X: 4096, Y: 0.6}}}
	return &chart.Scatter{Title: "pass@1 against tasks", Note: "mean of 3 seeds", X: chart.Axis{Log: true, Label: "tasks"},
		Y: chart.Axis{Log: true}, Sets: []chart.Set{set, paper}}
}

func TestLayersGolden(t *testing.T) {
	t.Parallel()
	wide := noColor(chart.Braille)
	wide.WideAmbiguous = true
	sixteen := chart.Style{Theme: chart.Sixteen(false)}
	clock := &chart.Line{Title: "reward", X: chart.Axis{Unit: chart.Seconds}, Y: chart.Axis{Rate: true},
		Series: []chart.Series{{Name: "s1", X: []float64{0, 1800, 6000}, Y: []float64{0, 0.7, 0.9}}}}
	for _, tt := range []struct {
		name  string
		line  *chart.Line
		style chart.Style
		sizes [][2]int
	}{
		{"intervals", intervals(), noColor(chart.Braille), [][2]int{{120, 20}, {72, 18}, {50, 12}}},
		{"intervals_ascii", intervals(), noColor(chart.ASCII), [][2]int{{72, 14}}},
		{"intervals_wide", intervals(), wide, [][2]int{{72, 14}}},
		{"intervals_sixteen", intervals(), sixteen, [][2]int{{72, 12}}},
		{"descent", descent(), noColor(chart.Braille), [][2]int{{72, 18}}},
		{"descent_color", descent(), chart.Style{}, [][2]int{{72, 12}}},
		{"scaling", scaling().Line(), noColor(chart.Braille), [][2]int{{72, 18}}},
		{"scaling_ascii", scaling().Line(), noColor(chart.ASCII), [][2]int{{60, 14}}},
		{"clock", clock, noColor(chart.Braille), [][2]int{{72, 10}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.line.Style = tt.style
			for _, size := range tt.sizes {
				s := tt.line.Render(size[0], size[1])
				exact(t, s, size[0], size[1], tt.style.Theme)
				golden(t, fmt.Sprintf("%s_%dx%d", tt.name, size[0], size[1]), s)
			}
		})
	}
}

// On log axes what is not above 0 is a gap, and equal ratios are equal lengths.
func TestLogByHand(t *testing.T) {
	t.Parallel()
	log := chart.Axis{Min: 1, Max: 10_000, Log: true}
	for _, tt := range []struct {
		name string
		x, y []float64
		want []string
	}{
		{"power law", []float64{1, 10_000}, []float64{10_000, 10_000}, []string{"'''''", "     "}},
		{"decades are columns", []float64{1, math.NaN(), 10, math.NaN(), 1000}, []float64{1, 0, 1, 0, 1}, []string{"     ", "__ _ "}},
		{"zero and below are gaps", []float64{-1, 0, 1, 10, 100, 1000, 10_000}, []float64{1, 1, 1, 0, 1, -5, 1}, []string{"     ", "_ _ _"}},
		{"nothing comes from zero", []float64{0, 100, 1000}, []float64{1, 1, 1}, []string{"     ", "  __ "}},
		{"decades are rows", []float64{10, 10, 10}, []float64{1, 100, 10_000}, []string{" |   ", " |   "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := &chart.Line{Series: []chart.Series{{X: tt.x, Y: tt.y}}, X: log, Y: log}
			if diff := cmp.Diff(tt.want, rows(l, 5, 2)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The mean is sum of w^k y over sum of w^k, from the first value on.
func TestMean(t *testing.T) {
	t.Parallel()
	ys := []float64{3, 5, math.NaN(), -2, math.Inf(1), 8, 8}
	got := chart.Means(0.9, ys)
	var seen []float64
	for i, y := range ys {
		if y-y == 0 {
			seen = append(seen, y)
		}
		sum, weight := 0.0, 0.0
		for k, v := range seen {
			w := math.Pow(0.9, float64(len(seen)-1-k))
			sum, weight = sum+w*v, weight+w
		}
		if math.Abs(got[i]-sum/weight) > 1e-12 {
			t.Errorf("after %v the mean is %g, want %g", ys[:i+1], got[i], sum/weight)
		}
	}
	if huge := chart.Means(0.5, []float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}); huge[2]-huge[2] != 0 {
		t.Errorf("huge values have the mean %v", huge)
	}
}

// A smoothed line runs where its means are, with its own line still to be seen
// under it, and a pyramid's runs where the slices' does.
func TestSmooth(t *testing.T) {
	t.Parallel()
	ys := make([]float64, 3000)
	r := rand.New(rand.NewPCG(8, 8))
	for i := range ys {
		ys[i] = math.Sin(float64(i)/300) + r.NormFloat64()/3
		if i%97 == 0 || i > 1000 && i < 1200 {
			ys[i] = math.NaN()
		}
	}
	xs := make([]float64, len(ys))
	var p chart.Pyramid
	for i := range xs {
		xs[i] = float64(i)
		p.Append(xs[i], ys[i])
	}
	style := noColor(chart.Braille)
	raw := chart.Line{Series: []chart.Series{{X: xs, Y: ys}}, Style: style, NoLegend: true}
	smooth := raw
	smooth.Series = []chart.Series{{X: xs, Y: ys, Smooth: 0.95}}
	data := raw
	data.Series = []chart.Series{{Data: &p, Smooth: 0.95}}
	if diff := cmp.Diff(smooth.Render(80, 20), data.Render(80, 20)); diff != "" {
		t.Errorf("(-slices +pyramid):\n%s", diff)
	}
	smooth.Series[0].Smooth, data.Series[0].Smooth = 0.9, 0.9
	for _, x := range []float64{300, 1210, 2000, 2950} {
		smooth.Window = chart.Window{X0: x, X1: x + 40}
		data.Window = smooth.Window
		if diff := cmp.Diff(smooth.Render(80, 20), data.Render(80, 20)); diff != "" {
			t.Errorf("zoomed in at %g (-slices +pyramid):\n%s", x, diff)
		}
	}
	smooth.Window = chart.Window{}
	// What the raw line touches stays touched.
	a, b := []rune(raw.Render(80, 20)), []rune(smooth.Render(80, 20))
	lost := 0
	for i := range a {
		if a[i] > 0x2800 && b[i] == ' ' {
			lost++
		}
	}
	if lost > len(a)/50 {
		t.Errorf("%d cells of the raw line are gone", lost)
	}
	if a := strings.Count(string(a), "\u2800"); a > 0 {
		t.Error("empty braille")
	}
	// The gap of two columns and more is one in the mean, too.
	empty := 0
	for _, line := range strings.Split(string(b), "\n")[1:19] {
		if line := []rune(line); strings.TrimSpace(string(line[33:34])) == "" {
			empty++
		}
	}
	if empty == 0 {
		t.Error("the gap is closed")
	}
}

// A band lies beneath the lines and is fainter than they are without colour:
// one dot a cell at most.
func TestBandIsFaint(t *testing.T) {
	t.Parallel()
	x := []float64{0, 100}
	l := chart.Line{Style: noColor(chart.Braille), NoLegend: true, Y: chart.Axis{Min: 0, Max: 10},
		Series: []chart.Series{{X: x, Y: []float64{20, 20}, Low: []float64{2, 2}, High: []float64{8, 8}}, {X: x, Y: []float64{5, 5}}}}
	filled := 0
	for _, r := range l.Render(60, 14) {
		if r < 0x2800 || r > 0x28ff {
			continue
		}
		dots := 0
		for b := r - 0x2800; b != 0; b &= b - 1 {
			dots++
		}
		if dots > 2 {
			t.Fatalf("a cell has %d dots: %c", dots, r)
		}
		if dots == 1 {
			filled++
		}
	}
	if filled < 200 {
		t.Errorf("only %d cells are filled", filled)
	}
	l.Series[0] = chart.Series{X: []float64{0, 40, 50, 60, 100}, Y: []float64{5, 5, 5, 5, 5},
		Low: []float64{2, 2, math.NaN(), 2, 2}, High: []float64{8, 8, 8, 8, 8}}
	l.Series = l.Series[:1]
	for i, line := range strings.Split(l.Render(60, 14), "\n")[:13] {
		cells := []rune(line)
		inside := i > 2 && i < 10 // of 13 rows those from 8 down to 2
		gap := strings.Trim(string(cells[31:35]), " ⠄⠁") == "" && strings.TrimSpace(string(cells[31:35])) == ""
		if row := string(cells[6:]); i < 2 && strings.TrimSpace(row) != "" || inside && i != 6 && !gap {
			t.Errorf("row %d is filled where it must not be: %q", i, line)
		}
	}
}

// The legend gives up its values one by one as the room shrinks, and no number
// is ever cut.
func TestLegendColumns(t *testing.T) {
	t.Parallel()
	l := intervals()
	for _, tt := range []struct {
		w    int
		want string // head of the legend, and its first entry
	}{
		{120, "at last best|2048×1 0.718 0.776 0.776"},
		{92, "at last best|2048×1 0.718 0.776 0.776"},
		{82, "|2048×1 0.718"},
		{72, "|━ 2048×1 0.718 ━ 512×4 0.465 ━ 256×8 0.402"},
		{62, "|2048×1 0.718"},
		{32, "|━ 2048×1 0.718 +2"},
	} {
		lines := strings.Split(ansi.Strip(l.Render(tt.w, 16)), "\n")
		_, head, _ := strings.Cut(lines[0], "seeds")
		entry := lines[1]
		for _, line := range lines {
			if strings.Contains(line, "2048×1") {
				entry = line[strings.IndexAny(line, "━2"):]
			}
		}
		if got := strings.Join(strings.Fields(head), " ") + "|" + strings.Join(strings.Fields(entry), " "); got != tt.want {
			t.Errorf("at %d: %q, want %q\n%s", tt.w, got, tt.want, strings.Join(lines, "\n"))
		}
	}
}

// A chart of a small terminal has sixty columns of curves, whatever the curves are
// called, and still names as many as it can, the best of them first.
func TestLegendLeavesThePlot(t *testing.T) {
	t.Parallel()
	for _, goal := range []chart.Goal{chart.Highest, chart.Lowest} {
		for w := 66; w < 84; w++ {
			for _, n := range []int{1, 3, 5, 12} {
				l := chart.Line{Title: "pass@1 held-out", Note: "mean of seeds"}
				for i := range n {
					l.Series = append(l.Series, chart.Series{Name: fmt.Sprintf("128×%d×0.001", i+1), Y: []float64{0, 0.1 + 0.05*float64(i)}, Goal: goal})
				}
				columns := 0
				for x := range w {
					if _, ok := l.XAt(w, 7, x); ok {
						columns++
					}
				}
				best := l.Series[n-1].Name
				if goal == chart.Lowest {
					best = l.Series[0].Name
				}
				if s := ansi.Strip(l.Render(w, 7)); columns < 60 || !strings.Contains(s, best) {
					t.Fatalf("at %d, %d curves: %d columns, want 60 and %s named:\n%s", w, n, columns, best, s)
				}
			}
		}
	}
}

// Without a title line nothing says which value is which: there is one.
func TestLegendWithoutTitle(t *testing.T) {
	t.Parallel()
	l := intervals()
	l.Title, l.Note = "", ""
	if s := ansi.Strip(l.Render(120, 16)); !strings.Contains(s, "2048×1  0.718") || strings.Contains(s, "0.776") {
		t.Errorf("not just the value at the crosshair:\n%s", s)
	}
}

// A long name gives way to the values, and no two entries of one line run into
// each other.
func TestLegendNames(t *testing.T) {
	t.Parallel()
	l := intervals()
	for i := range l.Series {
		l.Series[i].Name = "a name that is longer than anybody can read " + l.Series[i].Name
	}
	for w, want := range map[int]string{140: "a name that is longer than …  0.718  0.776  0.776",
		100: "a name that is long…  0.718  0.776", 34: "━ a name … 0.718  +2"} {
		if s := ansi.Strip(l.Render(w, 16)); !strings.Contains(s, want) {
			t.Errorf("at %d it does not say %q:\n%s", w, want, s)
		}
	}
}

// The value at the crosshair is that of the nearest point; there is none in a gap
// or beyond the curve.
func TestAtCursor(t *testing.T) {
	t.Parallel()
	s := chart.Series{Name: "s", X: []float64{0, 10, 20, 30}, Y: []float64{1, 2, math.NaN(), 4}}
	var p chart.Pyramid
	p.AppendAll(s.X, s.Y)
	for _, tt := range []struct {
		at   float64
		want string
	}{{0, "1.00"}, {4, "1.00"}, {6, "2.00"}, {10, "2.00"}, {18, "-"}, {26, "4.00"}, {30, "4.00"}, {60, "-"}} {
		for _, series := range []chart.Series{s, {Name: "s", Data: &p}} {
			l := &chart.Line{Title: "t", Series: []chart.Series{series}, Cursor: &tt.at, X: chart.Axis{Max: 100}, Style: noColor(chart.Braille)}
			fields := strings.Fields(ansi.Strip(l.Render(80, 8)))
			i := 0
			for i = range fields {
				if fields[i] == "s" {
					break
				}
			}
			if fields[i+1] != tt.want {
				t.Errorf("at %g stands %q, want %q\n%s", tt.at, fields[i+1], tt.want, l.Render(80, 8))
			}
		}
	}
}

// Where ambiguous characters are wide, none is drawn, and texts lose theirs but
// keep what is wide anyway.
func TestWideAmbiguous(t *testing.T) {
	t.Parallel()
	l := intervals()
	l.Title, l.Note = "准确率 pass@1 ±", "Ω × α"
	l.Series[0].Dots = true
	style := noColor(chart.Braille)
	style.WideAmbiguous = true
	l.Style = style
	m := design()
	m.Style = style
	m.Equal = []string{"one × two"}
	m.Cells[0][0].Equal = 1
	out := l.Render(100, 20) + m.Render(80, 14) + m.Render(20, 6) + chart.Stack(verdicts(), 60, style) + chart.Phases(stages(), 70, style) +
		chart.Phases(stages(), 9, style) + chart.Spark([]float64{1, 2, 3}, 0, 0, 5, style)
	if !strings.Contains(out, "准确率 pass@1 ~") {
		t.Error("the title has lost more than it must")
	}
	for _, r := range out {
		braille := r >= 0x2800 && r <= 0x28ff
		if r > 0x7e && !braille && !strings.ContainsRune("准确率✓◌✗", r) {
			t.Errorf("%q (U+%04X) is drawn", r, r)
		}
	}
}

// Where something happened is a sign on the axis, over a curve that runs there; what is
// not in sight has none.
func TestMarks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		style chart.Style
		want  string
	}{{chart.Style{}, "▲"}, {chart.Style{Glyphs: chart.ASCII}, "^"}} {
		line := chart.Line{Series: []chart.Series{{Y: []float64{0, 0, 0, 0, 1}}}, Marks: []float64{1, 2.5, -7, 900}, Style: tt.style, NoLegend: true}
		rows := strings.Split(line.Render(40, 6), "\n")
		axis := rows[len(rows)-2]
		if got := strings.Count(axis, tt.want); got != 2 {
			t.Errorf("%d signs, want 2: %q", got, axis)
		}
		if at, third := strings.Index(axis, tt.want), strings.LastIndex(axis, tt.want); at < 0 || third <= at {
			t.Errorf("%q", axis)
		}
	}
}
