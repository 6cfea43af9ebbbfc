package tui

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
)

// verdictDesign is the experiment file of the comparisons below.
const verdictDesign = `
schema = 1
project = "test"
[experiment.verdicts]
title = "Task count x solutions per task"
question = "Does task diversity beat more solutions per task?"
recipe = "sft"
objective = { metric = "eval/pass@1", goal = "max", margin = 0.02 }
[[experiment.verdicts.cell]]
tasks = 2048
solutions = 1
[[experiment.verdicts.cell]]
tasks = 1024
solutions = 2
[[experiment.verdicts.cell]]
tasks = 512
solutions = 4
[[experiment.verdicts.cell]]
tasks = 256
solutions = 8
[experiment.verdicts.params]
steps = 240
`

// evaluated says which of so many tasks a run solves: those whose place in an order of
// the tasks is below a bar. Cells with the same order solve the same tasks first.
type evaluated struct {
	seeds, tasks int
	bar          func(run experiments.Run) int
	order        func(run experiments.Run, task int) int
	version      func(run experiments.Run) int // of the recipe; nil: the design's
	more         store.Values                  // that every run ended with
}

// verdicts is a store of those runs.
func verdicts(t *testing.T, e evaluated) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	whole := func(name string) experiments.Param {
		return experiments.Param{Name: name, Kind: experiments.Int, Default: 1}
	}
	f, err := experiments.Parse("experiments.toml", []byte(verdictDesign), []experiments.Recipe{{
		Name: "sft", Version: 1, Params: []experiments.Param{whole("tasks"), whole("solutions"), whole("steps")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Plan("verdicts", nil, e.seeds)
	if err != nil {
		t.Fatal(err)
	}
	writeJSON(t, s.KeptPlan(p.Experiment, p.Hash), p)
	writeJSON(t, s.PlanFile(p.Experiment), p)
	for _, run := range p.Runs() {
		e.write(t, s.RunDir(run.ID), run)
	}
	return s
}

// write makes the folder of one of them.
func (e evaluated) write(t *testing.T, dir string, run experiments.Run) {
	t.Helper()
	if e.version != nil {
		run.RecipeVersion = e.version(run)
	}
	solved := 0
	items := make([]store.Item, e.tasks)
	for i := range items {
		items[i] = store.Item{ID: fmt.Sprintf("task.%04d", i), N: 1, Stratum: fmt.Sprintf("depth%d", 2+i%3), Verdict: "WA"}
		if e.order(run, i)%e.tasks < e.bar(run) {
			items[i].C, items[i].Verdict = 1, "AC"
			solved++
		}
	}
	rate := float64(solved) / float64(e.tasks)
	var points []store.Point
	for step := range int64(13) {
		share := float64(step) / 12
		points = append(points, store.Point{Step: 20 * step, M: store.Values{"train/loss": 3 - 2*share + float64(run.Seed)/100, "eval/pass@1": share * (2 - share) * rate}})
	}
	metrics := store.Values{"eval/pass@1": rate, "train/loss": 1 + float64(run.Seed)/100}
	maps.Copy(metrics, e.more)
	writeJSON(t, filepath.Join(dir, "run.json"), run)
	writeJSON(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1, Time: 1e9})
	writeJSON(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: 1e9, Workers: 1})
	writeJSON(t, filepath.Join(dir, "a1", "items", "current@240.jsonl"), items...)
	writeJSON(t, filepath.Join(dir, "a1", "metrics.jsonl"), points...)
	writeJSON(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Seconds: 90, Outcome: store.Outcome{
		Time: 1e9 + 90, WeightsSHA256: run.ID, Metrics: metrics,
	}})
}

// noise differs by seed and cell, by up to 4 tasks, and is 0 over seeds 1 to 8.
func noise(run experiments.Run) int {
	of := []int{-4, 3, 1, -2, 4, 0, -3, 1}
	return of[(int(run.Seed)+run.Params.Int("solutions"))%len(of)]
}

// clearWin: 8 seeds x 240 tasks, of which 2048×1 solves 187 and 256×8 98, give or take
// four: 89 of 240 are 37.1 points.
func clearWin() evaluated {
	return evaluated{seeds: 8, tasks: 240,
		bar: func(run experiments.Run) int {
			return map[int]int{2048: 187, 1024: 132, 512: 116, 256: 98}[run.Params.Int("tasks")] + noise(run)
		},
		order: func(run experiments.Run, i int) int { return 7*i + 5*int(run.Seed) },
	}
}

// nothingThere: 8 seeds x 960 tasks. 1024×2 solves two more than the 480 of 2048×1, the
// same ones but for a few; 512×4 solves twelve fewer, others, and not so steadily.
func nothingThere() evaluated {
	return evaluated{seeds: 8, tasks: 960,
		bar: func(run experiments.Run) int {
			if run.Params.Int("tasks") <= 512 {
				return 468 + 8*noise(run)
			}
			return 480 + run.Params.Int("solutions")*2 - 2 + noise(run)
		},
		order: func(run experiments.Run, i int) int {
			if run.Params.Int("tasks") <= 512 {
				return 7*i + 480*(i%2)
			}
			return 7*i + 3*int(run.Seed)
		},
	}
}

// tooSmall: 2 seeds x 20 tasks. 2048×1 solves 12 and 11 of them, 256×8 9 and 10.
func tooSmall() evaluated {
	return evaluated{seeds: 2, tasks: 20,
		bar: func(run experiments.Run) int {
			if run.Params.Int("tasks") > 1000 {
				return 13 - int(run.Seed)
			}
			return 8 + int(run.Seed)
		},
		order: func(run experiments.Run, i int) int { return 7*i + run.Params.Int("solutions")*int(run.Seed)*i },
	}
}

// judging opens the comparison of some cells of such a store.
func judging(t *testing.T, w, h int, e evaluated, names ...string) *driver {
	t.Helper()
	d := drive(t, w, h, "quick")
	d.m.site.Store = verdicts(t, e)
	d.m.site.Workdir = t.TempDir()
	return d.send(page.Open{Place: page.Compare, Names: names})
}

// Screens of a clear win, of nothing there, and of a comparison that is too small.
func TestVerdictScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			name := func(what string) string { return fmt.Sprintf("verdict-%s-%dx%d", what, size[0], size[1]) }
			judging(t, size[0], size[1], clearWin(), "2048x1", "256x8").golden(name("win")).press("H").golden(name("kinds"))
			judging(t, size[0], size[1], nothingThere(), "2048x1", "1024x2", "512x4").golden(name("null")).press("]").golden(name("open"))
			judging(t, size[0], size[1], tooSmall(), "2048x1", "256x8").golden(name("underpowered"))
		})
	}
}

// What a person reads off the verdict, and does about it.
func TestVerdictStories(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		// 187 and 98 of 240 tasks: 89 of 240 are 37.08 points.
		"a clear win": func(t *testing.T) {
			judging(t, 120, 40, clearWin(), "2048x1", "256x8").sees("verdict  A better, by 37.1 points (95 %:", "recipe level, 8 seeds x 240 tasks", "could have seen")
		},
		"the kinds of tasks in full": func(t *testing.T) {
			d := judging(t, 120, 40, clearWin(), "2048x1", "256x8").press("H").sees("pass@1 by kind of task  B gained 0", "of 240 tasks × 8 seeds", "› depth2", "B - A", "─•─", "verdict  A better")
			d.press("j").sees("› depth3").press("enter").sees("tasks flipped").press("esc").sees("by kind of task").press("H").sees("B - A    │")
		},
		"nothing there, within the margin": func(t *testing.T) {
			judging(t, 120, 40, nothingThere(), "2048x1", "1024x2").sees("verdict  equivalent within 2.0 points: B less A +0.2 points").lacks("better")
		},
		"nothing found, and what could have been": func(t *testing.T) {
			judging(t, 80, 24, nothingThere(), "2048x1", "512x4").sees("no evidence (could only have seen 6.", "B less A -1.2").lacks("equivalent within 2.0 points: B")
		},
		"too small to see": func(t *testing.T) {
			judging(t, 80, 24, tooSmall(), "2048x1", "256x8").sees("no evidence (could only have seen 42.0 points)", "2 seeds x 20 tasks", "only 2 seeds")
		},
		"refused, and forced all the same": func(t *testing.T) {
			e := clearWin()
			e.version = func(run experiments.Run) int { return 1 + run.Params.Int("tasks")/2048 }
			d := judging(t, 80, 24, e, "2048x1", "256x8").sees("no verdict: recipe sft version 2 and 1", "F gives", " F force").lacks("better")
			d.press("F").sees("A better, by 37.1 points", "forced: recipe sft version 2 and 1 made these numbers.  F refuses", " F refuse", "forced  highest")
			d.press("F").sees("no verdict: ").lacks("forced").press("F").sees("forced").press("c").press("esc").sees("forced")
		},
		"there is nothing to force": func(t *testing.T) {
			judging(t, 80, 24, clearWin(), "2048x1", "256x8").lacks("F force").press("F").sees("no verdict is refused here")
		},
		"the same metric at another k": func(t *testing.T) {
			e := clearWin()
			e.more = store.Values{"eval/pass@8": 0.9, "eval/avg@8": 0.5}
			judging(t, 80, 24, e, "2048x1", "256x8").sees("K pass@k", " pass@1 ↑ ").press("K").sees(" pass@8 ↑ ").press("K").sees(" avg@8 ↑ ").press("K").sees(" pass@1 ↑ ")
			judging(t, 80, 24, clearWin(), "2048x1", "256x8").lacks("K pass@k").press("K").sees("no other k was counted of this metric")
		},
		"a report is written": func(t *testing.T) {
			d := judging(t, 80, 24, clearWin(), "2048x1", "256x8").press("W").sees("wrote verdicts.html")
			text, err := os.ReadFile(filepath.Join(d.m.site.Workdir, "verdicts.html"))
			if err != nil || !strings.Contains(string(text), "Does task diversity beat more solutions per task?") || !strings.Contains(string(text), "</html>") {
				t.Errorf("the report is %.200s, %v", text, err)
			}
			d.press("W").sees("verdicts.html is there already: write it anew?").press("y").sees("wrote verdicts.html")
			d.m.site.Workdir = filepath.Join(d.m.site.Workdir, "none")
			d.press("W").sees("export html: ", "no such file")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}
