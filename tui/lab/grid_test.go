package lab

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/reference"
	"ablate/experiments/store"
	"ablate/tui/chart"
)

func gridOf(t testing.TB, name string, statuses ...store.Status) *grid {
	t.Helper()
	return &grid{axes: axes{study: with(t, name, statuses...)}}
}

// A design of three axes: two of them make the matrix, the third is averaged over
// or fixed, and each key says which.
func TestAxesOfTheMatrix(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "cube", slices.Repeat([]store.Status{store.Done}, 24)...)
	steps := []struct {
		do   func() string
		says string
		rows int
		cols int
		of   int // runs at each place
	}{
		{g.says, "columns tasks, rows solutions; mean over lr", 2, 2, 6},
		{g.fix, "columns tasks, rows solutions; lr = 0.001", 2, 2, 2},
		{g.fix, "columns tasks, rows solutions; lr = 0.003", 2, 2, 2},
		{g.turn, "columns solutions, rows tasks; mean over lr", 2, 2, 6},
		{g.turn, "columns tasks, rows lr; mean over solutions", 3, 2, 4},
		{func() string { g.choose("lr tasks solutions=2"); return g.says() }, "columns lr, rows tasks; solutions = 2", 2, 3, 2},
		{func() string { g.choose("solutions"); return g.says() }, "columns solutions, rows tasks; mean over lr", 2, 2, 6},
	}
	for _, s := range steps {
		if got := s.do(); got != s.says {
			t.Fatalf("it says %q, want %q", got, s.says)
		}
		g.make()
		if len(g.cells) != s.rows || len(g.cells[0]) != s.cols || g.scores[0][0].of != s.of {
			t.Errorf("%s: %d x %d places of %d runs", s.says, len(g.cells), len(g.cells[0]), g.scores[0][0].of)
		}
	}
	for _, wrong := range []string{"depth", "tasks depth", "tasks solutions lr=7", "tasks solutions depth=1"} {
		if g.choose(wrong) {
			t.Errorf("%q was understood: %s", wrong, g.says())
		}
	}
}

// The mean over the further axis, by hand: tasks 256, solutions 1, three learning
// rates that change nothing, two seeds of m+0.01 and m+0.02.
func TestMeanOverAxis(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "cube", slices.Repeat([]store.Status{store.Done}, 24)...)
	g.make()
	s := g.scores[1][0]
	if want := 0.1 + 256.0/4096 - 0.01 + 0.015; math.Abs(s.mean-want) > 1e-12 || s.kind != seedsSD || math.Abs(s.half-0.01/math.Sqrt2) > 1e-12 {
		t.Errorf("%+v, want the mean %v", s, want)
	}
}

func TestEqualLines(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "grid")
	g.make()
	want := []string{"equal rows 512", "equal rows 1024", "equal rows 2048", "equal rows 4096", "equal rows 8192"}
	if diff := cmp.Diff(want, g.chart.Equal); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	// Rows stand from 8 solutions down, columns from 256 tasks up: 2048 rows are
	// 256 x 8, 512 x 4, 1024 x 2 and 2048 x 1.
	for i := range 4 {
		if got := g.chart.Cells[i][i].Equal; got != 3 {
			t.Errorf("the cell at %d, %d lies on line %d", i, i, got)
		}
	}
	if g = gridOf(t, "line"); g.says() != "columns source" || len(g.chart.Equal) != 0 {
		t.Errorf("one axis without tasks: %q, %v", g.says(), g.chart.Equal)
	}
}

// The best is the greatest, or the least where that is the goal, and never one that
// is only on its way.
func TestBestCell(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "grid", slices.Repeat([]store.Status{store.Done}, 6)...)
	g.make()
	if g.best != (chart.At{Row: 3, Col: 0}) || !strings.HasPrefix(g.chart.Cells[3][0].Label, bestMark) {
		t.Errorf("best at %+v: %+v", g.best, g.chart.Cells[3][0])
	}
	g = gridOf(t, "cube", slices.Repeat([]store.Status{store.Done}, 24)...) // the learning rate changes nothing
	if g.choose("lr tasks"); g.scores == nil {
		g.make()
	}
	if g.best.Row != -1 || g.chart.Cells[0][0].Shade != 1 {
		t.Errorf("of equal cells one is best: %+v", g.best)
	}
	g = gridOf(t, "grid", store.Running)
	if g.make(); g.best.Row != -1 {
		t.Errorf("what goes is best: %+v", g.best)
	}
	s := with(t, "line", store.Done, store.Done)
	for k, loss := range []float64{0.5, 0.25} {
		r := s.records[s.id(k, 0)]
		r.Metrics = store.Values{"train/loss": loss, "train/grad_norm": loss}
		s.records[r.ID] = r
	}
	s.version++
	g = &grid{axes: axes{study: s}}
	if g.make(); g.best.Col != 1 {
		t.Errorf("the least is best at %+v", g.best)
	}
	g.metric = "train/grad_norm"
	if g.make(); g.best.Row != -1 || strings.Contains(g.note(80), "best") {
		t.Errorf("nobody said which norm is better: %+v, %q", g.best, g.note(80))
	}
}

// From a cell of a diagonal design every key finds the next one.
func TestMoveOverDiagonal(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "grid")
	g.make()
	for r := range g.cells {
		for c := range g.cells[r] {
			if c != 3-r {
				g.cells[r][c] = nil
			}
		}
	}
	g.at = chart.At{Row: 3, Col: 0}
	for _, tt := range []struct {
		right, down int
		want        chart.At
	}{{1, 0, chart.At{Row: 2, Col: 1}}, {0, -1, chart.At{Row: 1, Col: 2}}, {1, 0, chart.At{Row: 0, Col: 3}}, {1, 0, chart.At{Row: 0, Col: 3}}, {0, 1, chart.At{Row: 1, Col: 2}}, {-1, 0, chart.At{Row: 2, Col: 1}}} {
		if g.move(tt.right, tt.down); g.at != tt.want {
			t.Fatalf("%d right, %d down: at %+v, want %+v", tt.right, tt.down, g.at, tt.want)
		}
	}
}

// A published curve stands at its own sizes where the design has these, else
// between the design's least and greatest, at the same share of decades.
func TestPaperCurve(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "grid")
	s := &scaling{grid: g}
	if got := s.ofAxis(); g.study.plan.Axes[got] != "solutions" {
		t.Errorf("the chart goes along %s", g.study.plan.Axes[got])
	}
	ref, _ := reference.Lookup("lcb5_solutions_per_task_64k_rows")
	var o overlay
	o.add(s, ref, 1)
	set := o.sets[0]
	// Wilson's intervals of 268 problems, by an independent calculation.
	want := []chart.Point{{X: 1, Y: 0.47, Low: 0.4111, High: 0.5298}, {X: 4, Y: 0.451, Low: 0.3925, High: 0.5108}, {X: 8, Y: 0.444, Low: 0.3857, High: 0.5039}}
	for i, p := range set.Points {
		if q := want[i]; p.X != q.X || p.Y != q.Y || math.Abs(p.Low-q.Low) > 5e-5 || math.Abs(p.High-q.High) > 5e-5 {
			t.Errorf("point %d is %v, want %v", i, p, q)
		}
	}
	if set.Name != "paper" || o.sources() != "dashed: X-Coder figure 3, n = 268 (bars at most)" {
		t.Errorf("the notes are %q, %q", set.Name, o.sources())
	}
	ref, _ = reference.Lookup("lcb5_tasks_v2") // 32k, 64k, 128k, 200k
	o = overlay{}
	o.add(s, ref, 0) // 256 to 2048
	set = o.sets[0]
	xs := []float64{set.Points[0].X, set.Points[1].X, set.Points[3].X}
	// 64k is ln 2 / ln 6.25 = 0.378236 of the way: 256 x 8^0.378236 = 562.11.
	if xs[0] != 256 || math.Abs(xs[1]-562.11) > 0.01 || math.Abs(xs[2]-2048) > 1e-9 || set.Name != "paper 32k-200k" || !strings.Contains(o.sources(), "its 32.0k to 200k drawn over ours") {
		t.Errorf("%v %q %q", xs, set.Name, o.sources())
	}
	// Two papers have names that tell them apart.
	g.study.plan.References = []string{"lcb5_tasks_v2", "lcb5_tasks_v1"}
	if o = s.papers(0); len(o.sets) != 2 || o.sets[0].Name == o.sets[1].Name {
		t.Errorf("two papers are %+v", o)
	}
	// What 268 problems resolve at 8 answers each, as published of such a test.
	if got := resolved(268, 8); math.Abs(got-0.0669) > 5e-5 {
		t.Errorf("268 problems resolve %v", got)
	}
	ref, _ = reference.Lookup("lcb5_verify")
	if s.speaksOf(ref, 0) {
		t.Error("a comparison of two words is a curve over task counts")
	}
}
