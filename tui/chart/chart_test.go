package chart_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a picture with its recorded file, escapes made visible.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "^") + "\n"
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// exact checks that a picture has h lines of w cells, and no escape that it
// must not have.
func exact(t *testing.T, s string, w, h int, theme chart.Theme) {
	t.Helper()
	lines := strings.Split(s, "\n")
	if len(lines) != h {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), h, s)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Fatalf("line %d is %d cells wide, want %d: %q", i, got, w, line)
		}
		if at := strings.LastIndex(line, "\x1b["); at >= 0 && !off(line[at:]) {
			t.Fatalf("line %d leaves its colour on: %q", i, line)
		}
	}
	if theme.NoColor && strings.Contains(s, "\x1b") {
		t.Fatalf("an escape sequence without colour: %q", s)
	}
}

// off reports whether an escape sequence ends a colour or reverse video; a
// colour ends before reverse video begins, so that either will do.
func off(s string) bool {
	return strings.HasPrefix(s, "\x1b[m") || strings.HasPrefix(s, "\x1b[39m") || strings.HasPrefix(s, "\x1b[27m")
}

// curve is n+1 points of a*(1-exp(-x/k)) for x from 0 to 400.
func curve(name string, color chart.Color, a, k float64, n int) chart.Series {
	s := chart.Series{Name: name, Color: color}
	for i := range n + 1 {
		x := 400 * float64(i) / float64(n)
		s.X = append(s.X, x)
		s.Y = append(s.Y, a*(1-math.Exp(-x/k)))
	}
	return s
}

// rates is a chart of pass rates as the experiment screen shows it.
func rates() *chart.Line {
	return &chart.Line{
		Title: "pass@1", Note: "held-out, mean of 3 seeds",
		Series: []chart.Series{
			curve("2048×1", chart.Categorical(0), 0.79, 100, 10),
			curve("512×4", chart.Categorical(1), 0.50, 90, 10),
			curve("256×8", chart.Categorical(2), 0.41, 60, 10),
		},
		X: chart.Axis{Label: "step", Hint: 400},
		Y: chart.Axis{Rate: true, Zero: true},
	}
}

// loss is a dense noisy curve with a gap.
func loss() *chart.Line {
	s := chart.Series{Name: "s1"}
	for i := range 2000 {
		s.Y = append(s.Y, 2*math.Exp(-float64(i)/300)+0.3+0.15*math.Sin(float64(i*i%997)))
	}
	for i := 600; i < 700; i++ {
		s.Y[i] = math.NaN()
	}
	s.Y[1500] = math.Inf(1)
	return &chart.Line{Title: "train/loss", Note: "raw", Series: []chart.Series{s},
		X: chart.Axis{Label: "step"}, Y: chart.Axis{Zero: true, Label: "nats"}}
}

func noColor(g chart.Glyphs) chart.Style {
	return chart.Style{Theme: chart.Theme{NoColor: true}, Glyphs: g}
}

func TestLineGolden(t *testing.T) {
	t.Parallel()
	withReference := func() *chart.Line {
		l := rates()
		l.Series[0].Points = true
		l.Series = append(l.Series, chart.Series{Name: "64k×1, paper", Dashed: true, Color: chart.Muted,
			X: []float64{0, 400}, Y: []float64{0.47, 0.47}})
		return l
	}
	for _, tt := range []struct {
		name  string
		line  *chart.Line
		style chart.Style
		sizes [][2]int
	}{
		{"rates", rates(), chart.Style{}, [][2]int{{68, 11}}},
		{"rates_plain", withReference(), noColor(chart.Braille), [][2]int{{120, 20}, {79, 15}, {50, 9}, {36, 12}, {20, 6}, {8, 3}}},
		{"rates_blocks", withReference(), noColor(chart.Blocks), [][2]int{{68, 12}}},
		{"rates_ascii", withReference(), noColor(chart.ASCII), [][2]int{{68, 12}}},
		{"loss", loss(), noColor(chart.Braille), [][2]int{{60, 10}, {100, 20}}},
		{"empty", &chart.Line{Title: "pass@1", Empty: "enter on a cell starts it"}, noColor(chart.Braille), [][2]int{{50, 7}, {10, 2}}},
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

// rows are the lines of a chart without title, axes and legend.
func rows(l *chart.Line, w, h int) []string {
	l.Style = noColor(chart.ASCII)
	l.NoLegend = true
	return strings.Split(l.Render(w, h), "\n")
}

// Below 14 columns there are no labels and below 4 rows no x axis, so that the
// whole chart is canvas: every expected picture was drawn by hand. ASCII has
// four dots a cell: ' - . _ from the top.
func TestLineByHand(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	fixed := chart.Axis{Min: 0, Max: 4}
	for _, tt := range []struct {
		name string
		x, y []float64
		want []string
	}{
		{"straight", []float64{0, 4}, []float64{4, 4}, []string{"'''''", "     "}},
		{"floor", []float64{0, 4}, []float64{0, 0}, []string{"     ", "_____"}},
		{"gap", nil, []float64{4, 4, nan, 4, 4}, []string{"'' ''", "     "}},
		{"infinity is a gap", nil, []float64{4, math.Inf(1), 4, math.Inf(-1), 4}, []string{"' ' '", "     "}},
		{"lone points", nil, []float64{nan, 0, nan, 4, nan}, []string{"   ' ", " _   "}},
		{"stroke of a column", []float64{0, 2, 2, 2, 4}, []float64{0, 0, 4, 0, 0}, []string{"  |  ", "__|__"}},
		{"stroke from its first point", []float64{0, 2, 2, 2, 4}, []float64{0, 0, 1, 0, 0}, []string{"     ", "__|__"}},
		{"cut off above", []float64{0, 2, 2, 2, 4}, []float64{0, 0, 400, 0, 0}, []string{"  |  ", "__|__"}},
		{"enters from the left", []float64{-4, 4}, []float64{4, 4}, []string{"'''''", "     "}},
		{"all outside", []float64{5, 9}, []float64{1, 2}, []string{"no p~", "     "}},
		{"crosses without a point", []float64{-1, 5}, []float64{4, 4}, []string{"'''''", "     "}},
		{"crosses outside", []float64{-1, 5}, []float64{9, 9}, []string{"     ", "     "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := &chart.Line{Series: []chart.Series{{X: tt.x, Y: tt.y}}, X: fixed, Y: fixed, Empty: "no poi"}
			if diff := cmp.Diff(tt.want, rows(l, 5, 2)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Names of curves that end together are spread over the rows nearby, in the
// order of their values; the last row counts those without room.
func TestLegendSpreads(t *testing.T) {
	t.Parallel()
	flat := func(name string, y float64) chart.Series {
		return chart.Series{Name: name, X: []float64{0, 1}, Y: []float64{y, y}}
	}
	for _, tt := range []struct {
		name   string
		series []chart.Series
		want   []string // what each plot row ends with
	}{
		{"at the bottom", []chart.Series{flat("a", 0), flat("b", 0), flat("c", 1)},
			[]string{"c  1.000", "", "", "a  0.000", "b  0.000"}},
		{"at the top", []chart.Series{flat("a", 0.99), flat("b", 1), flat("c", 1)},
			[]string{"b  1.000", "c  1.000", "a  0.990", "", ""}},
		{"too many", []chart.Series{flat("a", 0), flat("b", 0), flat("c", 0), flat("d", 0), flat("e", 0), flat("f", 1)},
			[]string{"f  1.000", "a  0.000", "b  0.000", "c  0.000", "+2 more"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := &chart.Line{Series: tt.series, Y: chart.Axis{Min: 0, Max: 1}}
			lines := strings.Split(ansi.Strip(l.Render(60, 6)), "\n")
			var got []string
			for _, line := range lines[:5] {
				got = append(got, strings.TrimSpace(string([]rune(line)[52:])))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, strings.Join(lines, "\n"))
			}
		})
	}
}

// A hint is the end of the axis from the first point on, so that the curve
// grows into the chart; beyond it the axis goes on in jumps.
func TestHint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		last float64
		want string
	}{
		{30, "400"},
		{400, "400"},
		{410, "500"},
	} {
		l := &chart.Line{Series: []chart.Series{{X: []float64{1, tt.last}, Y: []float64{0, 1}}},
			X: chart.Axis{Hint: 400}, Style: noColor(chart.Braille), NoLegend: true}
		s := strings.TrimSpace(l.Render(66, 8))
		if !strings.HasSuffix(s, tt.want) {
			t.Errorf("up to %g the axis does not end at %s:\n%s", tt.last, tt.want, s)
		}
	}
}

// The labels of an axis share their decimals and their suffix, and never touch.
func TestAxisLabels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		lo, hi float64
		w      int
		want   string
	}{
		{"steps", 0, 400, 66, "0 100 200 300 400"},
		{"tokens", 0, 20_000, 66, "0 5k 10k 15k 20k"},
		{"millions", 0, 2.5e6, 66, "0 0.5M 1.0M 1.5M 2.0M 2.5M"},
		{"small", 0, 4e-5, 66, "0 1e-5 2e-5 3e-5 4e-5"},
		{"odd end", 0, 350, 66, "0 100 200 300"},
		{"two where it is narrow", 0, 400, 20, "0 400"},
		{"none that overlap", 100_001, 100_002, 22, "100.001k"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := &chart.Line{Series: []chart.Series{{X: []float64{tt.lo, tt.hi}, Y: []float64{0, 1}}},
				X: chart.Axis{Min: tt.lo, Max: tt.hi}, Style: noColor(chart.Braille), NoLegend: true}
			lines := strings.Split(l.Render(tt.w, 8), "\n")
			if got := strings.Join(strings.Fields(lines[7]), " "); got != tt.want {
				t.Errorf("got %q, want %q:\n%s", got, tt.want, strings.Join(lines, "\n"))
			}
		})
	}
}
