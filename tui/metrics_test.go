package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

var hostileNames = []string{
	"a/b/../c", "new\nline\r\n", "\x1b[2J\x1b]0;title\x07", "日本語/\u200b\u0301", "", strings.Repeat("x", 4096), "tab\tand\x9b31m", "\xff\xfe", "\u202eright to left",
}

// The name of a metric never moves the cursor, be it what is judged, what the
// second chart shows or the only one there is.
func TestHostileMetricNames(t *testing.T) {
	t.Parallel()
	for i, objective := range hostileNames {
		u := midway(t)
		plan := *u.Plan
		plan.Objective.Metric = objective
		u.Plan = &plan
		u.Metrics = slices.Sorted(slices.Values(hostileNames))
		for _, h := range u.Histories {
			m := store.Values{}
			for k, name := range hostileNames {
				m[name] = float64(k)
			}
			h.Add(store.Batch{Attempt: 1, Points: []store.Point{{Step: 500, M: m}}})
		}
		for _, size := range [][2]int{{60, 15}, {120, 40}} {
			d := drive(t, size[0], size[1], "quick").send(u)
			for range len(hostileNames) + 1 {
				d.press("m")
				if raw := d.m.screen(); strings.ContainsAny(raw, "\r\a\x00\t\u009b") || strings.Contains(raw, "\x1b[2J") || strings.Contains(raw, "\x1b]") {
					t.Fatalf("name %d reached the terminal at %v", i, size)
				}
			}
			d.press("tab")
		}
	}
}

// Turning to another metric has the feed read it.
func TestMetricsInFocus(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t))
	has := func(name string) bool { return slices.Contains(d.m.asked.Metrics, name) }
	if !has("eval/pass@1") || !has("train/loss") || !has("train/total_steps") {
		t.Errorf("asked for %q", d.m.asked.Metrics)
	}
	u := midway(t)
	u.Metrics = append(u.Metrics, "train/entropy")
	slices.Sort(u.Metrics)
	d.send(u).focused("focus quick " + d.m.exp.Focus().Run)
	if has("train/entropy") {
		t.Error("a metric that nobody looks at is read")
	}
	d.press("m").focused("focus quick " + d.m.exp.Focus().Run)
	if !has("train/entropy") {
		t.Errorf("asked for %q", d.m.asked.Metrics)
	}
	// A trainer that knows no course: its first metric tells how fast it is.
	u.Metrics = []string{"eval/pass@1", "my/norm", "train/total_steps"}
	for _, h := range u.Histories {
		delete(h.Series, "train/loss")
	}
	d = drive(t, 120, 40, "quick").send(u)
	if !has("my/norm") {
		t.Errorf("asked for %q", d.m.asked.Metrics)
	}
	u.Behind = true
	drive(t, 120, 40, "quick").send(u).sees("reading the points")
}

// Runs of 100,000 steps have their right mean: the seeds' extremes stand at other
// steps, and the curve is made of steps that all of them have.
func TestMeanOfLongRuns(t *testing.T) {
	t.Parallel()
	u := midway(t)
	for i, run := range u.Plan.Runs() {
		h := &store.History{}
		b := store.Batch{Attempt: 1}
		for step := range 100_000 {
			noise := float64((step*(2*i+7919))%1000) / 1000
			b.Points = append(b.Points, store.Point{Step: int64(step), M: store.Values{"train/loss": float64(run.Seed) + noise}})
		}
		h.Add(b)
		u.Histories[run.ID] = h
	}
	for c := range u.Plan.Cells {
		var all []*store.Series
		for _, run := range u.Plan.Runs() {
			if run.Cell == u.Plan.Cells[c].Name {
				all = append(all, u.Histories[run.ID].Series["train/loss"])
			}
		}
		at := func(s *store.Series, x float64) float64 {
			i, found := slices.BinarySearch(s.Steps, x)
			if !found {
				t.Fatalf("%v is a step of the mean and not of a run", x)
			}
			return s.Values[i]
		}
		steps, values := store.Mean(all)
		if len(steps) < 100 {
			t.Fatalf("%d points", len(steps))
		}
		for i, x := range steps {
			if want := (at(all[0], x) + at(all[1], x)) / 2; values[i] != want {
				t.Errorf("mean at %v is %v, want %v", x, values[i], want)
			}
		}
	}
}

// 1,000 runs are drawn as fast as a few: BenchmarkView for them.
func BenchmarkViewOfManyRuns(b *testing.B) {
	u := midway(&testing.T{})
	plan := *u.Plan
	plan.Cells, plan.Seeds = nil, []int64{1, 2, 3, 4, 5}
	for i := range 200 {
		axes := []experiments.Setting{{Name: "tasks", Value: int64(i % 20)}, {Name: "solutions", Value: int64(i / 20)}}
		plan.Cells = append(plan.Cells, experiments.Cell{Name: fmt.Sprintf("tasks=%d~%06x", i%20, i), Axes: axes})
	}
	u.Plan, u.Records, u.Histories = &plan, nil, map[string]*store.History{}
	for i, run := range plan.Runs() {
		u.Records = append(u.Records, store.Record{Run: run, Status: store.Done, Attempt: 1, Seconds: 60, Metrics: store.Values{"eval/pass@1": 0.3}})
		u.Histories[run.ID] = history(points(240, float64(i%5)))
	}
	d := drive(&testing.T{}, 120, 40, "quick").send(u)
	for b.Loop() {
		_ = d.m.screen()
	}
}
