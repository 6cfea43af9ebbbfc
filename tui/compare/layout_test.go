package compare

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/tui/page"
	"ablate/tui/report"
)

// laid is a page with so many matched cells and so many facts.
func laid(cells, rows int, scaling bool) *Compare {
	p := New(&page.Site{}, []string{"a", "b"})
	p.data = &report.Comparison{Rows: make([]*report.CompareRow, cells), Sides: make([]report.Side, 2)}
	if scaling {
		p.data.Scaling = make([]report.Scaling, 1)
	}
	p.data.Detail.Flips = &report.Flips{Strata: make([]report.Stratum, 4)}
	p.sides.begin()
	for i := range rows {
		p.sides.set(fmt.Sprint(i), "A", "")
	}
	return p
}

// At any size no pane overlaps another or leaves the page, the one with the focus is
// there, and no table or chart is too small to be read.
func TestPanesFit(t *testing.T) {
	t.Parallel()
	for _, p := range []*Compare{laid(1, 9, true), laid(1, 90, false), laid(3, 20, true), laid(99, 5, true)} {
		for focus := range panes {
			if p.focus = focus; !p.has(focus) {
				continue
			}
			for w := 40; w < 220; w += 7 {
				for h := 5; h < 60; h++ {
					check(t, p, w, h)
				}
			}
		}
	}
}

func check(t *testing.T, p *Compare, w, h int) {
	t.Helper()
	const from = 1
	taken, seen := make([]bool, w*h), false
	for _, at := range p.lay(w, from, h) {
		seen = seen || at.pane == p.focus
		if at.x < 0 || at.x+at.w > w || at.y < from || at.y+at.h > from+h || at.w < 1 || at.h < 1 {
			t.Fatalf("%dx%d, focus %d: pane %d stands at %+v", w, h, p.focus, at.pane, at)
		}
		if chart := at.pane == paneCurves || at.pane == paneScaling || at.pane == paneCourse; chart && at.h < min(h-1, leastChart) {
			t.Fatalf("%dx%d, focus %d: a chart has %d lines", w, h, p.focus, at.h)
		}
		for y := at.y - from; y < at.y-from+at.h; y++ {
			for x := at.x; x < at.x+at.w; x++ {
				if taken[y*w+x] {
					t.Fatalf("%dx%d, focus %d: pane %d overlaps another at %d,%d", w, h, p.focus, at.pane, x, y)
				}
				taken[y*w+x] = true
			}
		}
	}
	if !seen {
		t.Fatalf("%dx%d: pane %d has the focus and no place", w, h, p.focus)
	}
}

// What 80x24 leaves for the panes: a table, 60 columns of chart or more, and a line.
func TestPanesAt80x24(t *testing.T) {
	t.Parallel()
	p := laid(1, 9, true)
	got := p.lay(80, 1, 18)
	want := []place{{paneFacts, 0, 1, 80, 7}, {paneCurves, 0, 8, 80, 10}, {paneFlips, 0, 18, 80, 1}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("panes (-want +got):\n%s", diff)
	}
}

// tab goes round all panes that there are.
func TestTurn(t *testing.T) {
	t.Parallel()
	p := laid(1, 9, false)
	p.data.Chosen = &report.CompareRow{}
	var got []pane
	for range 4 {
		p.turn(1)
		got = append(got, p.focus)
	}
	if diff := cmp.Diff([]pane{paneCurves, paneCourse, paneFlips, paneFacts}, got); diff != "" {
		t.Errorf("panes (-want +got):\n%s", diff)
	}
	p.turn(-1)
	if p.focus != paneFlips {
		t.Errorf("back is pane %d", p.focus)
	}
}

// The best mean is named where it is one side's alone.
func TestBest(t *testing.T) {
	t.Parallel()
	for want, means := range map[string][]float64{
		"":                  {0.5, 0.5},
		"highest B b 0.700": {0.5, 0.7, 0.5},
		"highest C b 0.900": {0.5, 0.5, 0.9},
		"highest A b 0.500": {0.5, math.NaN()},
	} {
		p := New(&page.Site{}, []string{"a", "b"})
		p.data = &report.Comparison{Goal: experiments.Max, Chosen: &report.CompareRow{}}
		for i, m := range means {
			p.data.Sides = append(p.data.Sides, report.Side{Letter: string(rune('A' + i))})
			p.data.Chosen.Units = append(p.data.Chosen.Units, &report.Unit{Label: "b"})
			var e report.Interval
			e.Mean = m
			p.data.Chosen.Means = append(p.data.Chosen.Means, e)
		}
		if got := p.best(); got != want {
			t.Errorf("of %v: %q, want %q", means, got, want)
		}
	}
}
