package lab

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// less is a place that is behind by d points, with an interval of half as much.
func less(d float64, apart bool) report.Behind {
	x := report.Contrast{Metric: "eval/pass@1", Goal: experiments.Max}
	x.Effect = stats.Effect{Mean: -d / 100, Lo: -1.5 * d / 100, Hi: -0.5 * d / 100, Seeds: 3}
	return report.Behind{Contrast: x, Apart: apart}
}

// nearing is the page of grid, all done, after it was read which of its places may be
// the best: 1024×1, which is beside the best, and 2048×2, which has no interval.
func nearing(t *testing.T, w, h int) (*reader, *Experiment) {
	t.Helper()
	r, p := open(t, "grid", w, h)
	r.send(data(p.study.plan, slices.Repeat([]store.Status{store.Done}, 48)...)).press("tab")
	read := p.grid.unread(evidence{plan: p.study.plan.Hash})
	read.Contenders = report.Contenders{Best: 15, Behind: map[int]report.Behind{}, Family: 15}
	for at := range 15 {
		read.Behind[at] = less(float64(30-at), true)
	}
	read.Behind[14] = less(2, false)
	alone := less(0, false)
	alone.Mean, alone.Lo, alone.Hi = -0.01, math.NaN(), math.NaN()
	read.Behind[11] = alone
	r.send(verdictMsg{experiment: "grid", near: read})
	return r, p
}

// What may be the best has a mark in the matrix, the mark is explained under it, and
// the last line is about the cell under the cursor; all of that at every size.
func TestNearBest(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 22}, {120, 38}, {200, 58}} {
		r, p := nearing(t, size[0], size[1])
		r.sees("▲.61", "≈.36", "≈.60", "≈ not told apart from the best, 2048×1").lacks("≈.23", "≈.61", "≈.59")
		p.grid.at, p.grid.moved = chart.At{Row: 3, Col: 3}, true
		r.sees("2048×1: the best of 16, 2 of them not told apart from it")
		r.press("h").sees("1024×1: -2.0 points [-3.0, -1.0]").press("l", "k").sees("2048×2: -1.0 points", "no interval")
		r.press("h").sees("1024×2: -20.0 points [-30.0, -10.0]")
		r.press("a").lacks("≈", "told apart") // other axes have other places
	}
}

// What further solutions are worth stands under the matrix, cut where it is narrow, and
// never takes a row's place.
func TestWorthUnderTheMatrix(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		w, h        int
		sees, lacks string
	}{
		{120, 38, "gamma 0.44 [0.42, 0.48]", ""},
		{200, 58, "tasks × solutions^gamma: gamma 0.44 [0.42, 0.48] ", ""},
		{60, 13, "1 │", "gamma"},
	} {
		r, p := nearing(t, tt.w, tt.h)
		r.lacks("gamma")
		p.grid.near.Worth = "gamma 0.44 [0.42, 0.48]: further solutions of a task are worth something, and less than new tasks"
		if r.sees(tt.sees); tt.lacks != "" {
			r.lacks(tt.lacks)
		}
		if got := p.grid.worth(120); got != p.grid.near.Worth {
			t.Errorf("with room for all of it: %q", got)
		}
	}
}

// Where nothing else may be the best, that is said once.
func TestNothingNearBest(t *testing.T) {
	t.Parallel()
	r, p := nearing(t, 120, 38)
	for at, b := range p.grid.near.Behind {
		b.Apart = true
		p.grid.near.Behind[at] = b
	}
	p.grid.at, p.grid.moved = chart.At{Row: 3, Col: 3}, true
	r.sees("all others told apart from the best, 2048×1").lacks("the best of 16")
}

// At 60x15 the matrix keeps its rows, but for the one that the note on its numbers
// takes; the help has the mark.
func TestNearBestWithoutRoom(t *testing.T) {
	t.Parallel()
	r, _ := nearing(t, 60, 13)
	for _, row := range []string{"4 ↑", "2 │", "1 │", "▲ best"} {
		r.sees(row)
	}
}

// What was read goes when another place comes out ahead, or the design is another one.
func TestNearBestIsOfThisMatrix(t *testing.T) {
	t.Parallel()
	_, p := nearing(t, 80, 22)
	if _, ok := p.grid.nearest(); !ok {
		t.Fatal("it is of this matrix")
	}
	if p.grid.unread(p.grid.near.of) != nil {
		t.Error("it is read again though nothing changed")
	}
	if p.grid.unread(evidence{plan: p.study.plan.Hash, done: 1}) == nil {
		t.Error("it is not read again though more is done")
	}
	r := p.study.records[p.study.id(0, 0)]
	r.Metrics = store.Values{"eval/pass@1": 9}
	p.study.records[r.ID] = r
	p.study.version++
	if p.grid.make(); strings.Contains(p.grid.chart.Cells[3][2].Label, nearMark) || p.grid.nearNote(80) != "" {
		t.Error("another place is ahead by now")
	}
	plan := *p.study.plan
	plan.Hash = "another"
	p.study.plan = &plan
	if _, ok := p.grid.nearest(); ok {
		t.Error("it is of another design")
	}
}

// Cells are called as everywhere, whichever axis has the columns.
func TestPlaceIsCalledAsItsCell(t *testing.T) {
	t.Parallel()
	for axes, want := range map[string]string{"tasks solutions": "2048×1", "solutions tasks": "256×8"} {
		g := gridOf(t, "grid")
		if !g.choose(axes) {
			t.Fatal(axes)
		}
		g.make()
		if got := g.called(15); got != want {
			t.Errorf("%s: the last place is %s, want %s", axes, got, want)
		}
	}
	g := gridOf(t, "line")
	if g.make(); g.called(1) != "verified" {
		t.Errorf("one axis: %s", g.called(1))
	}
}
