package tui

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
)

// labStore is a store in which quick was run twice: first with 120 steps and two
// seeds nine days ago, then with 240 and three; or the latter alone. A task is solved
// if its rank is below the bar of its run, so everything on the screen can be counted
// by hand.
func labStore(t *testing.T, both bool) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t)
	for i, design := range []struct {
		steps string
		seeds int
	}{{"120", 2}, {"240", 3}} {
		if i == 0 && !both {
			continue
		}
		p, err := f.Plan("quick", []string{"steps=" + design.steps}, design.seeds)
		if err != nil {
			t.Fatal(err)
		}
		asked := store.Now() - []float64{9 * 24 * 3600, 24 * 3600}[i]
		writeJSON(t, s.KeptPlan("quick", p.Hash), p)
		writeJSON(t, s.PlanFile("quick"), p)
		for _, run := range p.Runs() {
			writeRun(t, s, run, asked)
		}
	}
	return s
}

// writeRun makes the folder of a run that is done. Of 120 tasks it solves so many as
// its bar says, in an order of its own seed.
func writeRun(t *testing.T, s *store.Store, run experiments.Run, asked float64) {
	t.Helper()
	const tasks = 120
	dir := s.RunDir(run.ID)
	bar := map[int]int{1024: 60, 256: 24, 128: 20}[run.Params.Int("tasks")]*run.Params.Int("steps")/240 + int(run.Seed)
	var items []store.Item
	var samples []store.Sample
	for i := range tasks {
		item := store.Item{ID: fmt.Sprintf("task.%03d", i), N: 1, Stratum: fmt.Sprintf("depth%d", 2+i%2), Verdict: "WA"}
		if (7*i+int(run.Seed))%tasks < bar {
			item.C, item.Verdict = 1, "AC"
		}
		items = append(items, item)
		if i < 6 {
			samples = append(samples, store.Sample{
				Step: 240, Task: item.ID, Statement: fmt.Sprintf("return the list times %d", i), Verdict: item.Verdict, Passed: 8 * item.C, Total: 8,
				Program: fmt.Sprintf("def f(a):\n    return [x * %d for x in a]\n", i+1-item.C),
			})
		}
	}
	var points []store.Point
	for step := int64(0); step <= int64(run.Params.Int("steps")); step += 20 {
		share := float64(step) / float64(run.Params.Int("steps"))
		points = append(points, store.Point{Step: step, M: store.Values{
			"train/loss": 3 - 2*share + float64(run.Seed)/10, "eval/pass@1": share * float64(bar) / tasks,
		}})
	}
	writeJSON(t, filepath.Join(dir, "run.json"), run)
	writeJSON(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1, Time: asked})
	writeJSON(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: asked, Workers: 1})
	writeJSON(t, filepath.Join(dir, "a1", "items", "current@240.jsonl"), items...)
	writeJSON(t, filepath.Join(dir, "a1", "samples.jsonl"), samples...)
	writeJSON(t, filepath.Join(dir, "a1", "metrics.jsonl"), points...)
	writeJSON(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Seconds: 90, Outcome: store.Outcome{
		Time: asked + 90, WeightsSHA256: run.ID, Metrics: store.Values{"eval/pass@1": float64(bar) / tasks, "train/loss": 1 + float64(run.Seed)/10},
	}})
}

// writeJSON writes a line a value.
func writeJSON[T any](t *testing.T, path string, values ...T) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range values {
		if err := json.NewEncoder(&b).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// comparing opens the comparison of some names in that store.
func comparing(t *testing.T, w, h int, names ...string) *driver {
	t.Helper()
	d := drive(t, w, h, "quick")
	d.m.site.Store = labStore(t, len(names) > 0) // what there is to choose from has no date
	return d.send(page.Open{Place: page.Compare, Names: names})
}

func keysOf(text string) []string { return strings.Split(text, "") }

func TestCompareScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			name := func(what string) string { return fmt.Sprintf("compare-%s-%dx%d", what, size[0], size[1]) }
			comparing(t, size[0], size[1], "1024x1", "256x4", "128x8").golden(name("cells")).press("enter").golden(name("tasks"))
			comparing(t, size[0], size[1], "quick", "quick@7d").golden(name("designs"))
			comparing(t, size[0], size[1]).golden(name("choice"))
			d := drive(t, size[0], size[1], "quick")
			d.m.site.Store = recordedStore(t)
			d.send(page.Open{Place: page.Compare, Names: []string{"grid/2048x1", "grid/512x1", "grid/2048x2"}}).golden(name("recorded"))
			d.press("enter").golden(name("recorded-tasks")).press("esc", "esc")
			d.send(page.Open{Place: page.Compare, Names: []string{"mine/0.001", "mine/0.1", "mine/1"}}).golden(name("recorded-failed"))
		})
	}
}

// The stories: what a person wants to know, and the number that says it. Intervals by
// hand: in every seed the same 36 of 120 tasks flip, so seeds make no difference, and
// that is 30 points by Student's t with 119 degrees of freedom: 1.980 times the root of
// 0.3 x 0.7 / 119 is 8.3 points.
func TestCompareStories(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		// By hand: of 120 tasks 61, 62, 63 are solved by 1024×1, and 25, 26, 27 by 256×4.
		"best cell": func(t *testing.T) {
			comparing(t, 120, 40, "1024x1", "256x4", "128x8").sees("highest A 1024×1 0.517", "0.217",
				"A better than B, by 30.0 points (95 %: 21.7 to 38.3; recipe level, 3 seeds x 120 tasks; Holm over 2)")
		},
		"another one against the first": func(t *testing.T) {
			comparing(t, 80, 24, "1024x1", "256x4", "128x8").press("]").sees("verdict  A better than C, by 33.3 points (95 %: 24.8 to 41.9;").
				press("[").sees("verdict  A better than B")
		},
		"a difference that is small and always the same": func(t *testing.T) {
			comparing(t, 80, 24, "256x4", "128x8").sees("A better, by 3.3 points (95 %: 0.1 to 6.6;", "only 3 seeds", "could have seen 4.6 points")
		},
		"chosen by typing": func(t *testing.T) {
			d := comparing(t, 80, 24).sees("type filters")
			d.press(keysOf("24")...).press("enter").press(keysOf("6x4")...).press("enter") // and v on the experiment: eight keys
			d.sees("A 1024×1  B 256×4", "verdict  A better, by 30.0 points")
		},
		"picked by space": func(t *testing.T) {
			d := comparing(t, 80, 24).press("down", "space", "down", "space").sees("A quick/1024x1  B quick/256x4", "  A  quick/1024x1 ", "› B  quick/256x4 ").press("space", "up", "up", "space")
			d.sees("A quick/1024x1  B quick").press("enter").sees("A and B have the same runs")
		},
		"picked with the mouse": func(t *testing.T) {
			comparing(t, 80, 24).click("quick/1024x1").click("quick/1024x1").sees("A quick/1024x1").
				click("quick/128x8").click("quick/128x8").press("enter").sees("verdict  A better, by 33.3 points")
		},
		"a pane by the mouse": func(t *testing.T) {
			comparing(t, 120, 40, "quick", "quick@7d").click("256×4 ").sees("verdict  256×4: A better, by 10.0 points").click("pass@1 against").sees("› pass@1 against tasks")
		},
		"more than eight are too many": func(t *testing.T) {
			d := comparing(t, 80, 24)
			for range 8 {
				d.press("space", "down")
			}
			d.press("space").sees("8 sides are the most", "H quick/256x4/s1")
		},
		"a time that no list has": func(t *testing.T) {
			d := drive(t, 80, 24, "quick")
			d.m.site.Store = labStore(t, true)
			d.send(page.Open{Place: page.Compare, Names: []string{"quick"}}).press(keysOf("quick@7d")...).sees("the design of that time").
				press("enter").sees("A quick  B quick@7d", "3 cells by tasks×solutions")
		},
		"the scaling view on log axes": func(t *testing.T) {
			comparing(t, 120, 40, "1024x1", "256x4", "128x8").sees("pass@1 against tasks").press("x", "y").sees("log y").lacks("500         1000 tasks")
		},
		"one pane with all the room": func(t *testing.T) {
			comparing(t, 80, 24, "1024x1", "256x4").press("tab", "z").lacks("core-hours").sees("› pass@1").press("esc").sees("core-hours")
		},
		"against last week's": func(t *testing.T) {
			comparing(t, 80, 24, "quick", "quick@7d").
				sees("3 cells by tasks×solutions", "verdict  1024×1: A better, by 25.0 points (95 %: 17.1 to 32.9;",
					"B against A in pass@1: worse in 3 cells; Holm over 3").
				press("j").sees("verdict  256×4: A better, by 10.0 points (95 %: 4.6 to 15.4;")
		},
		"against the design before, by one key": func(t *testing.T) {
			comparing(t, 80, 24, "1024x1", "256x4").press("@").sees("B quick ", "3 cells by tasks×solutions", "B better, by 25.0 points (95 %: 17.1 to 32.9;")
			d := drive(t, 80, 24, "quick")
			d.m.site.Store = labStore(t, false)
			d.send(page.Open{Place: page.Compare, Names: []string{"1024x1", "256x4"}}).press("@").sees("quick was run with one design only")
		},
		"only what differs, and all of it": func(t *testing.T) {
			comparing(t, 120, 40, "256x4", "128x8").sees("solutions", "tasks").lacks("steps").press("d").sees("steps", "equal")
		},
		"another metric": func(t *testing.T) {
			comparing(t, 120, 40, "256x4", "128x8").press("m").lacks("lowest A").sees("train/loss ↓", "no difference at all between A and B")
		},
		"which tasks flipped": func(t *testing.T) {
			d := comparing(t, 80, 24, "1024x1", "256x4").sees("B gained 0  lost 36  both 27  neither 57  of 120 tasks × 3 seeds").
				press("enter").sees("36 tasks flipped in pass@1: 0 gained by B, 36 lost", "AC AC AC  WA WA WA")
			d.sees("return the list times 4", "A  AC 8/8", "B  WA 0/8", "return [x * 5 for x in a]").press("esc").sees("verdict")
		},
		"copied for a note": func(t *testing.T) {
			comparing(t, 80, 24, "1024x1", "256x4").press("Y").sees("copied the comparison as Markdown")
		},
		"the crosshair is on both charts": func(t *testing.T) {
			d := comparing(t, 200, 60, "1024x1", "256x4").press("tab", "h", "h")
			if text := d.text(); strings.Count(text, "220") < 2 {
				t.Errorf("the crosshair is not at step 220 of both charts:\n%s", text)
			}
			d.press("esc").sees("verdict")
		},
		"names that mean nothing are told": func(t *testing.T) {
			comparing(t, 80, 24, "quick/9x9", "quick").sees("quick has no such cell; there are 1024x1, 256x4, 128x8").lacks("flips").lacks("zoom").press("c").sees("what it is", "A quick/9x9")
		},
		"a run that goes on is looked at every second": func(t *testing.T) {
			d := drive(t, 120, 40, "quick")
			s := labStore(t, true)
			d.m.site.Store = s
			p, err := s.ReadPlan("quick")
			if err != nil {
				t.Fatal(err)
			}
			dir := s.RunDir(p.Runs()[0].ID)
			exit := filepath.Join(dir, "a1", "exit.json")
			if err := os.Rename(exit, exit+".late"); err != nil {
				t.Fatal(err)
			}
			lock, err := store.Lock(store.LockFile(dir), 0)
			if err != nil {
				t.Fatal(err)
			}
			d.send(page.Open{Place: page.Compare, Names: []string{"1024x1", "256x4"}}).sees("● 1 live", "2/3", "seeds in common: 2")
			if err := errors.Join(os.Rename(exit+".late", exit), lock.Close()); err != nil {
				t.Fatal(err)
			}
			d.send(page.Tick{}).lacks("live").sees("3/3", "A better, by 30.0 points (95 %: 21.7 to 38.3;")
		},
		"a store that vanishes is told": func(t *testing.T) {
			d := comparing(t, 80, 24, "1024x1", "256x4")
			if err := os.RemoveAll(d.m.site.Store.Dir); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				d.send(page.Tick{})
			}
			d.sees("no runs in", "verdict")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// Data that is none, that moves the cursor or that has no width: at any size, under
// any key, the screen keeps its shape (the driver holds that after every message).
func TestCompareHostile(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const bad = "名字\x1b[2J\u202e\t👩‍👩‍👧\n"
	p := &experiments.Plan{Experiment: "evil", Question: bad, Recipe: "sft", Hash: "0123456789ab", Objective: experiments.Objective{Metric: "eval/pass@1", Goal: experiments.Max}, Axes: []string{bad, "n"}, Seeds: []int64{1, 2}}
	for i, v := range []any{bad, int64(5), 0.25, true} {
		axes := []experiments.Setting{{Name: bad, Value: v}, {Name: "n", Value: int64(1) << (10 * i)}}
		p.Cells = append(p.Cells, experiments.Cell{Name: fmt.Sprintf("c%d~00000%d", i, i), Axes: axes, Params: experiments.Params{bad: v, "lr": 1e300}})
	}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for i, run := range p.Runs() {
		dir := s.RunDir(run.ID)
		values := store.Values{"eval/pass@1": 0.5, bad: math.NaN(), "train/loss": 1e300, "x/inf": math.Inf(1)}
		for n := range 100 {
			values[fmt.Sprintf("m/%d", n)] = float64(n * i)
		}
		writeJSON(t, filepath.Join(dir, "run.json"), run)
		writeJSON(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1, Time: 1})
		writeJSON(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: 1})
		writeJSON(t, filepath.Join(dir, "a1", "items", "current@1.jsonl"),
			store.Item{ID: bad, N: 1, C: i % 2, Stratum: bad, Verdict: bad}, store.Item{ID: "b" + bad, N: 1, C: 1 - i%2, Stratum: "", Verdict: ""})
		writeJSON(t, filepath.Join(dir, "a1", "samples.jsonl"), store.Sample{Task: bad, Statement: bad, Program: bad + bad, Verdict: bad, Input: bad, Error: strings.Repeat(bad, 99)})
		writeJSON(t, filepath.Join(dir, "a1", "metrics.jsonl"), store.Point{Step: 0, M: values}, store.Point{Step: 1 << 50, M: values})
		writeJSON(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Seconds: -1, Outcome: store.Outcome{Time: 2, Metrics: values}})
	}
	for _, names := range [][]string{{"evil", "evil@0123"}, {"evil/c0", "evil/c1", "evil/c2/s1", "evil/c3/s2"}, {bad, "evil"}, nil} {
		d := drive(t, 80, 24, "quick")
		d.m.site.Store = s
		d.send(page.Open{Place: page.Compare, Names: names})
		for _, size := range [][2]int{{40, 10}, {60, 15}, {120, 40}, {41, 50}} {
			d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			for k := range strings.FieldsSeq("j ] m d H j ] esc K F tab y x tab + h w tab z a tab z [ k enter j o esc tab Y") {
				d.press(k)
			}
		}
	}
}
