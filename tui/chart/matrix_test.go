package chart_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ablate/tui/chart"
)

// design is a matrix as the experiment screen shows it.
func design() *chart.Matrix {
	none := chart.MatrixCell{Value: math.NaN()}
	done := func(v float64, status string) chart.MatrixCell {
		return chart.MatrixCell{Value: v, Label: fmt.Sprintf("%.2f", v)[1:], Sub: "±.03", Status: status, Shade: v}
	}
	return &chart.Matrix{
		RowTitle: "solutions per task", ColTitle: "tasks",
		Rows: []string{"8", "4", "2", "1"}, Cols: []string{"256", "512", "1024", "2048"},
		Cells: [][]chart.MatrixCell{
			{done(0.41, "3/3"), none, none, none},
			{none, done(0.48, "2/3 ●"), none, none},
			{none, none, {Value: math.NaN(), Status: "◌"}},
			{done(0.25, "3/3"), done(0.38, "3/3"), done(0.55, "1/3 ●"), done(0.78, "3/3")},
		},
		Cursor: &chart.At{Row: 1, Col: 1},
	}
}

func TestMatrixGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		style chart.Style
		sizes [][2]int
	}{
		{"matrix", chart.Style{}, [][2]int{{84, 14}}},
		{"matrix_plain", noColor(chart.Braille), [][2]int{{84, 14}, {70, 12}, {50, 10}, {30, 7}, {18, 5}, {10, 4}, {4, 2}}},
		{"matrix_ascii", noColor(chart.ASCII), [][2]int{{84, 14}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := design()
			m.Style = tt.style
			for _, size := range tt.sizes {
				s := m.Render(size[0], size[1])
				exact(t, s, size[0], size[1], tt.style.Theme)
				golden(t, fmt.Sprintf("%s_%dx%d", tt.name, size[0], size[1]), s)
			}
		})
	}
}

// The parts go in the order sub, status, block; the number stays.
func TestMatrixDegrades(t *testing.T) {
	t.Parallel()
	m := design()
	m.Style = noColor(chart.Braille)
	for _, tt := range []struct {
		w, h                int
		sub, status, shaded bool
	}{
		{84, 14, true, true, true},
		{84, 8, false, true, true},
		{64, 14, false, true, true},
		{50, 14, false, false, true},
		{26, 14, false, false, false},
	} {
		s := m.Render(tt.w, tt.h)
		got := [...]bool{strings.Contains(s, "±"), strings.Contains(s, "3/3"), strings.ContainsAny(s, "░▒▓█")}
		if want := [...]bool{tt.sub, tt.status, tt.shaded}; got != want || !strings.Contains(s, ".78") {
			t.Errorf("%dx%d shows sub, status, block = %v, want %v:\n%s", tt.w, tt.h, got, want, s)
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		share  float64
		width  int
		glyphs chart.Glyphs
		want   string
	}{
		{0, 6, chart.Braille, "▕    ▏"},
		{1, 6, chart.Braille, "▕████▏"},
		{0.5, 6, chart.Braille, "▕██  ▏"},
		{0.53125, 6, chart.Braille, "▕██▏ ▏"},
		{0.9999, 6, chart.Braille, "▕███▉▏"},
		{0.0001, 6, chart.Braille, "▕▏   ▏"},
		{0.5, 6, chart.ASCII, "[##  ]"},
		{0.9999, 6, chart.ASCII, "[### ]"},
		{7, 4, chart.Braille, "▕██▏"},
		{-1, 4, chart.Braille, "▕  ▏"},
		{math.NaN(), 4, chart.Braille, "▕  ▏"},
		{1, 2, chart.Braille, "██"},
		{1, 0, chart.Braille, ""},
	} {
		if got := chart.Bar(tt.share, tt.width, tt.glyphs); got != tt.want {
			t.Errorf("Bar(%g, %d, %d) = %q, want %q", tt.share, tt.width, tt.glyphs, got, tt.want)
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		values []float64
		lo, hi float64
		style  chart.Style
		width  int
		want   string
	}{
		{name: "levels", values: []float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, width: 9, want: "▁▂▃▄▅▆▇██"},
		{name: "newest at the right", values: []float64{0, 8}, width: 4, want: "  ▁█"},
		{name: "newest kept", values: []float64{100, 0, 8}, width: 2, want: "▁█"},
		{name: "gap", values: []float64{0, math.NaN(), math.Inf(1), 8}, width: 4, want: "▁  █"},
		{name: "constant", values: []float64{5, 5}, width: 2, want: "▅▅"},
		{name: "fixed", values: []float64{-5, 50, 500}, hi: 100, width: 3, want: "▁▅█"},
		{name: "ascii", values: []float64{0, 8}, style: noColor(chart.ASCII), width: 2, want: "_#"},
		{name: "wide", values: []float64{0, 8}, style: chart.Style{WideAmbiguous: true}, width: 2, want: "_#"},
		{name: "nothing", width: 3, want: "   "},
		{name: "no room", values: []float64{1}, width: 0, want: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := chart.SparkIn(tt.values, tt.lo, tt.hi, tt.width, tt.style); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
