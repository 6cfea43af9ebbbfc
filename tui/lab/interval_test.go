package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// solving is a store in which the first cells of the grid have their seeds done, with
// what became of 40 tasks in each: those below a bar pass, which rises with the seed
// and is lower in the second cell.
func solving(t *testing.T, plan *experiments.Plan, cells int) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WritePlan(plan); err != nil {
		t.Fatal(err)
	}
	of := map[string]int{}
	for i, c := range plan.Cells[:cells] {
		of[c.Name] = i + 1
	}
	for _, run := range plan.Runs() {
		if of[run.Cell] == 0 {
			continue
		}
		bar := 30 - 6*of[run.Cell] + 2*int(run.Seed)
		items := make([]any, 40)
		for i := range items {
			item := store.Item{ID: fmt.Sprintf("t%02d", i), N: 1}
			if i < bar {
				item.C = 1
			}
			items[i] = item
		}
		dir := s.RunDir(run.ID)
		lines(t, filepath.Join(dir, "run.json"), run)
		lines(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1})
		lines(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: 1e9, Workers: 1})
		lines(t, filepath.Join(dir, "a1", "items", "current@240.jsonl"), items...)
		lines(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Outcome: store.Outcome{Time: 1e9 + 60, Metrics: store.Values{"eval/pass@1": float64(bar) / 40}}})
	}
	return s
}

// lines writes values as JSON, one a line.
func lines(t *testing.T, path string, values ...any) {
	t.Helper()
	var b bytes.Buffer
	for _, v := range values {
		if err := json.NewEncoder(&b).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The matrix and the scaling chart give the intervals that a comparison gives, which
// have the tasks in them; before they are read, those of the seeds.
func TestIntervalsAreThoseOfCompare(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	plan := p.study.plan
	r.site.Store = solving(t, plan, 2)
	all, err := r.site.Store.Records("grid")
	if err != nil {
		t.Fatal(err)
	}
	r.send(page.Data{Update: store.Update{Focus: store.Focus{Experiment: "grid"}, Fresh: true, Plan: plan, Records: all}})
	first := func() score { p.grid.make(); return p.grid.scores[3][0] }
	if s := first(); s.kind != overSeeds || s.read != nil {
		t.Fatalf("before anything was read: %+v", s)
	}
	r.sees("± 95 % over seeds ")
	read := r.sent
	for _, msg := range read {
		r.send(msg)
	}
	names := []string{"grid/" + plan.Cells[0].Name, "grid/" + plan.Cells[1].Name}
	x, err := report.NewComparer(r.site.Store).Compare(report.CompareOptions{Names: names})
	if err != nil {
		t.Fatal(err)
	}
	want := x.Rows[0].Means[0]
	if want.Tasks != 40 || want.Seeds != 3 {
		t.Fatalf("compare says %+v", want)
	}
	got := first()
	if lo, hi := got.ends(); lo != want.Lo || hi != want.Hi || math.Abs(got.mean-want.Mean) > 1e-9 || got.kind != overBoth {
		t.Errorf("%v [%v, %v], and compare says %v [%v, %v]", got.mean, lo, hi, want.Mean, want.Lo, want.Hi)
	}
	r.sees("± 95 % over seeds × tasks", fmt.Sprintf("±%s", strings.TrimPrefix(fmt.Sprintf("%.2f", (want.Hi-want.Lo)/2), "0")))
	p.scaling.make()
	if c := p.scaling.line.Series[0]; c.Low[0] != want.Lo || c.High[0] != want.Hi {
		t.Errorf("the chart has [%v, %v], want [%v, %v]", c.Low[0], c.High[0], want.Lo, want.Hi)
	}
	// A cell of which a run was lost since is what its seeds say.
	gone := p.study.records[p.study.id(0, 2)]
	gone.Status = store.Lost
	p.study.records[gone.ID] = gone
	p.study.version++
	if s := first(); s.kind != seedsSD || p.grid.scores[2][0].kind != overBoth || math.Abs(s.mean-0.675) > 1e-12 {
		t.Errorf("with a run less: %+v", s)
	}
}

// Which cell is ahead is said by the results of runs, whatever their last points were:
// the matrix and the verdict name the same one.
func TestBestIsThatOfTheVerdict(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	plan := p.study.plan
	r.site.Store = solving(t, plan, 3)
	all, err := r.site.Store.Records("grid")
	if err != nil {
		t.Fatal(err)
	}
	u := store.Update{Focus: store.Focus{Experiment: "grid"}, Fresh: true, Plan: plan, Records: all, Histories: map[string]*store.History{}}
	for _, rec := range all {
		h := &store.History{}
		h.Add(store.Batch{Attempt: 1, Points: []store.Point{{Step: 240, Time: 1e9, M: store.Values{"eval/pass@1": 0.95}}}})
		u.Histories[rec.ID] = h
	}
	for i, rec := range all { // a cell whose results say nothing of it, and whose points are above all
		switch {
		case rec.Cell == plan.Cells[2].Name:
			all[i].Metrics = store.Values{"train/loss": 1}
		case rec.Cell == plan.Cells[1].Name && rec.Seed == 1:
			all[i].Metrics = store.Values{"eval/pass@1": math.Inf(1)} // which is no number
		}
	}
	r.send(page.Data{Update: u})
	for _, msg := range r.sent {
		r.send(msg)
	}
	p.grid.make()
	if best := p.grid.called(p.grid.index(p.grid.best.Row, p.grid.best.Col)); best != "256×1" || len(p.verdict.said) != 1 || p.verdict.said[0].Claim != "256×1 over 256×2" {
		t.Errorf("the matrix says %s, the verdict %+v", best, p.verdict.said)
	}
}
