package chart_test

import (
	"math"
	"strings"
	"testing"

	"ablate/tui/chart"
)

// A power law on log axes is a straight line: its points lie on one diagonal of
// dots, each with its bar, and what is fitted has no entry of its own.
func TestScatter(t *testing.T) {
	t.Parallel()
	s := &chart.Scatter{X: chart.Axis{Log: true, Min: 1, Max: 10_000}, Y: chart.Axis{Log: true, Min: 1, Max: 10_000},
		Style: noColor(chart.ASCII), Sets: []chart.Set{{Name: "ours", Points: []chart.Point{
			{X: 1, Y: 1}, {X: 10, Y: 10}, {X: 100, Y: 100}, {X: 1000, Y: 1000}, {X: 10_000, Y: 10_000}, {X: 0, Y: 5}, {X: 5, Y: math.NaN()},
		}}}}
	l := s.Line()
	l.NoLegend = true
	got := strings.Split(l.Render(5, 5), "\n")
	// The last of five rows is for the x axis. Of 16 dots the decades take, from the
	// top, 0, 4, 8, 11 and 15: rows 0, 1, 2, 2 and 3.
	want := []string{"    o", "   o ", " oo  ", "o    "}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	s.Sets[0].Points[2].Low, s.Sets[0].Points[2].High = 1, 10_000
	l = s.Line()
	l.NoLegend = true
	if got := l.Render(5, 5); strings.Count(got, "|") != 3 {
		t.Errorf("no error bar through all rows:\n%s", got)
	}
	full := scaling()
	full.Style = noColor(chart.Braille)
	out := full.Render(72, 18)
	exact(t, out, 72, 18, full.Style.Theme)
	for _, want := range []string{"● ours", "╌ paper, Table 3", "0.8445", "0.6000", "tasks"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "●"); n != 6 {
		t.Errorf("%d markers, want 5 points and a key:\n%s", n, out)
	}
}

// Sets are told apart by their markers, even where all colours are equal.
func TestScatterMarkers(t *testing.T) {
	t.Parallel()
	var s chart.Scatter
	for i := range 4 {
		s.Sets = append(s.Sets, chart.Set{Name: string(rune('a' + i)), Points: []chart.Point{{X: 1, Y: float64(i)}, {X: 2, Y: float64(i)}}})
	}
	for glyphs, marks := range map[chart.Glyphs]string{chart.Braille: "●◆▲■", chart.ASCII: "ox+*"} {
		s.Style = noColor(glyphs)
		out := s.Render(60, 14)
		for i, r := range []rune(marks) {
			if !strings.Contains(out, string(r)+" "+s.Sets[i].Name) || strings.Count(out, string(r)) < 3 {
				t.Errorf("set %s has no %c:\n%s", s.Sets[i].Name, r, out)
			}
		}
	}
}
