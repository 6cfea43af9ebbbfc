package lab

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
)

// many is a page of 1,000 runs, 200 cells of five seeds, whose every curve has 240
// points, and 64 of which are marked and drawn one by one.
func many(t testing.TB) (*reader, *Experiment) {
	r, p := open(t, "grid", 200, 60)
	r.look = look.New(chart.Style{})
	plan := *p.study.plan
	plan.Cells, plan.Seeds = nil, []int64{1, 2, 3, 4, 5}
	for i := range 200 {
		axes := []experiments.Setting{{Name: "tasks", Value: int64(1 + i%20)}, {Name: "solutions", Value: int64(1 + i/20)}}
		plan.Cells = append(plan.Cells, experiments.Cell{
			Name: fmt.Sprintf("tasks=%d,solutions=%d~%06x", 1+i%20, 1+i/20, i), Axes: axes,
			Params: experiments.Params{"tasks": axes[0].Value, "solutions": axes[1].Value},
		})
	}
	all := make([]store.Status, 1000)
	for i := range all {
		all[i] = store.Done
	}
	r.site.File.Experiments = nil
	p.Update(data(&plan, all...))
	for range 64 {
		p.runs.table.Mark()
		p.runs.table.Move(1)
	}
	return r, p
}

// A view of 1,000 runs with 64 curves: a key is seen within 16 ms.
func BenchmarkView(b *testing.B) {
	r, p := many(b)
	for b.Loop() {
		p.View(r.look, r.w, r.h)
	}
}

// The same when the cursor has moved on.
func BenchmarkMove(b *testing.B) {
	r, p := many(b)
	for i := 0; b.Loop(); i++ {
		p.runs.table.Move(1 - 2*(i/500%2))
		p.Focus()
		p.View(r.look, r.w, r.h)
	}
}

// An update of 1,000 runs, up to the new picture.
func BenchmarkUpdate(b *testing.B) {
	r, p := many(b)
	all := make([]store.Status, 1000)
	for i := range all {
		all[i] = store.Done
	}
	u := data(p.study.plan, all...)
	for b.Loop() {
		p.Update(u)
		p.View(r.look, r.w, r.h)
	}
}

// A filter typed to its last letter, up to the new picture.
func BenchmarkFilter(b *testing.B) {
	r, p := many(b)
	p.runs.filter.Begin()
	for b.Loop() {
		p.runs.filter.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
		p.runs.filter.Update(tea.PasteMsg{Content: "pass@1.max > 0.1 and tasks >= 4 or status = failed"})
		p.View(r.look, r.w, r.h)
	}
}
