package compare

import (
	"testing"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// The verdicts of many seeds are counted: one by one the middle of them was cut.
func TestCountedVerdicts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		of   []string
		want string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"AC", "WA", "AC"}, "AC WA AC"},
		{[]string{"WA", "CE", "WA", "AC", "RE", "WA"}, "1 AC 3 WA 1 CE 1 RE"},
		{[]string{"AC", "AC", "AC", "AC"}, "4 AC"},
		{[]string{"", "", "", ""}, ""},
	} {
		if got := counted(tt.of); got != tt.want {
			t.Errorf("%q are %q, want %q", tt.of, got, tt.want)
		}
	}
}

// Results that were made elsewhere have no course, and the tables take its room; what
// is to come keeps it.
func TestChartsWithoutPoints(t *testing.T) {
	t.Parallel()
	p := laid(1, 9, false)
	unit := &report.Unit{Done: make([]store.Record, 1)}
	p.data.Chosen = &report.CompareRow{Units: []*report.Unit{unit, unit}}
	p.reader.got.curves = make([]report.Curve, 2)
	if p.has(paneCurves) || p.has(paneCourse) {
		t.Error("there are charts of no points")
	}
	for _, size := range [][2]int{{80, 20}, {120, 36}, {60, 10}} {
		p.focus = paneFacts
		check(t, p, size[0], size[1])
		if got := p.lay(size[0], 1, size[1]); got[0].pane != paneFacts || got[0].w != size[0] {
			t.Errorf("%v: the table has %+v", size, got[0])
		}
	}
	p.reader.got.light = true
	if !p.has(paneCurves) {
		t.Error("points that are being read have no chart")
	}
	p.reader.got.light, p.data.Live = false, 1
	if !p.has(paneCurves) {
		t.Error("points that are to come have no chart")
	}
	p.data.Live, p.reader.got.curves[1].Steps = 0, []float64{1}
	if !p.has(paneCurves) || p.has(paneCourse) {
		t.Error("points of one side have no chart")
	}
}

// Sizes go over decades, and stand on a logarithmic axis.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		xs   []float64
		want bool
	}{{[]float64{256, 2048}, true}, {[]float64{256, 2047}, false}, {[]float64{0, 2048}, false}, {nil, false}, {[]float64{-8, 64}, false}} {
		if got := sizes([]chart.Series{{X: tt.xs}, {}}); got != tt.want {
			t.Errorf("%v: %v", tt.xs, got)
		}
	}
}

// Where the name of a side is long, the letter is the name of all.
func TestNamesInLegends(t *testing.T) {
	t.Parallel()
	p := laid(1, 1, false)
	p.data.Sides = []report.Side{{Letter: "A", Label: "2048×1"}, {Letter: "B", Label: "tasks-vs-solutions"}}
	p.data.Chosen = &report.CompareRow{Units: []*report.Unit{nil, nil}}
	l, bare := look.New(chart.Style{}), look.New(chart.Style{Theme: chart.Theme{NoColor: true}})
	for _, tt := range []struct {
		look look.Look
		w, i int
		want string
	}{{l, 53, 0, "A"}, {l, 53, 1, "B"}, {l, 100, 1, "B tasks-vs-solutions"}, {bare, 100, 0, "2048×1"}, {bare, 53, 1, "tasks-vs-sol…"}} {
		if got := p.curveName(tt.look, tt.w, tt.i); got != tt.want {
			t.Errorf("side %d in %d cells: %q, want %q", tt.i, tt.w, got, tt.want)
		}
	}
}
