package tui

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

func TestGoldenScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{20, 6}, {60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			drive(t, size[0], size[1], "quick").send(midway(t)).press("u").golden(fmt.Sprintf("midway-%dx%d", size[0], size[1]))
		})
	}
	drive(t, 80, 24, "").send(midway(t)).press("j").golden("list-80x24")
	drive(t, 80, 24, "quick").press("?").golden("help-80x24")
}

// The stories: what a person does, and what comes of it.
func TestStories(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"an experiment that never ran says how to run it": func(t *testing.T) {
			drive(t, 80, 24, "quick").sees("· not run", "r run", "not run yet: r runs it").
				press("r").asked("run quick, 6 runs")
		},
		"what the engine said to the command line is told, too": func(t *testing.T) {
			m := newModel(&page.Site{File: parse(t), Slots: 2}, terminal{}, "quick")
			m.hear(page.Reply{Verb: "run", Reply: engine.Reply{Queued: 1, Warning: "budget runs 5 is used up"}})
			m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
			if screen := m.screen(); !strings.Contains(screen, "budget runs 5 is used up") {
				t.Errorf("the warning is not there:\n%s", screen)
			}
		},
		"the engine's answer is told": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(page.Reply{Verb: "run", Reply: engine.Reply{Queued: 4, Going: 2}}).
				sees("4 queued, 2 going").press("j").lacks("4 queued, 2 going")
		},
		"an engine that cannot be reached is told": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(page.Reply{Verb: "run", Err: errors.New("start engine: no space left")}).sees("no space left")
		},
		"stopping asks first, and no is no": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("g", "j", "j", "s").sees("stop 256×4 s1?", "y yes").press("r").sees("stop 256×4 s1?").
				press("n").asked().sees("nothing was done")
		},
		"stopping the run under the cursor": func(t *testing.T) {
			d := drive(t, 80, 24, "quick").send(midway(t)).press("g", "j", "j", "s", "y")
			d.asked("stop " + d.rows()[2])
		},
		"stopping what is done says that there is nothing to stop": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("g", "s").sees("nothing to stop here").asked()
		},
		"stopping marked runs leaves out those that ended": func(t *testing.T) {
			d := drive(t, 80, 24, "quick").send(midway(t)).press("g", "space", "space", "space", "s").sees("stop 2 runs?").press("y")
			d.asked("stop " + d.rows()[1] + " " + d.rows()[2])
		},
		"other questions to the same runs make no other design": func(t *testing.T) {
			u := midway(t)
			plan := *u.Plan
			plan.Hash, plan.Question = "012345", "And is it so?"
			u.Plan = &plan
			drive(t, 120, 40, "quick").send(u).sees("And is it so?").lacks("R runs the file's")
		},
		"the second chart turns to other metrics and back": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).sees("train/loss").lacks("perf/tokens_per_s").
				press("m").sees("perf/tokens_per_s").lacks("train/loss").press("m").sees("train/loss").lacks("perf/tokens_per_s")
		},
		"stopping everything": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("S", "y")
			d.asked("stop " + strings.Join([]string{d.rows()[1], d.rows()[2], d.rows()[3], d.rows()[5]}, " "))
		},
		// By hand: 2.25 runs took 137 s, so a waiting one takes 60.9 s; one that is
		// going is at its end, the other has 180 steps of 0.25 s to go. On two slots
		// the second waiting run begins after 45 s and ends last.
		"how long it will take": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).sees("eta 1m46s")
		},
		// By hand: the newest attempt of what is done made half of its steps, so 1.75
		// runs took 108 s, and a waiting one takes 61.7 s; the rest is as above.
		"how long it will take after a resume": func(t *testing.T) {
			u := midway(t)
			r := &u.Records[0]
			r.Attempt, r.Seconds, r.Before = 2, 65, 32
			u.Histories[r.ID] = history(points(130, 0), points(240, 0)[121:])
			drive(t, 120, 40, "quick").send(u).sees("eta 1m47s", "240/240", "1m05s")
		},
		// By hand: the newest attempt of the run at its end has no point yet, so what
		// it has taken says nothing: 1.25 runs took 77 s, a waiting one takes 61.6 s.
		"how long it will take just after a resume": func(t *testing.T) {
			u := midway(t)
			u.Records[4].Attempt, u.Records[4].Seconds, u.Records[4].Before = 2, 61, 60
			drive(t, 120, 40, "quick").send(u).sees("eta 1m47s")
		},
		// By hand: what has just begun takes 60.9 s as if it waited, and ends last.
		"how long it will take with a run that has just begun": func(t *testing.T) {
			u := midway(t)
			u.Records[3].Status, u.Records[3].Attempt, u.Records[3].Seconds = store.Running, 1, 1
			u.Records[5].Status = store.Stopped
			drive(t, 120, 40, "quick").send(u).sees("eta 1m01s")
		},
		"an answer goes by itself, an error stays": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(page.Reply{Verb: "stop", Reply: engine.Reply{Stopped: 1}}).sees("1 stopping").
				send(wokenMsg{}).sees("1 stopping").send(wokenMsg{}).lacks("1 stopping")
			drive(t, 80, 24, "quick").send(page.Reply{Err: errors.New("boom")}).send(wokenMsg{}).send(wokenMsg{}).sees("boom")
		},
		"the cursor opens on what is going": func(t *testing.T) {
			d := drive(t, 80, 24, "quick").send(midway(t))
			if r := d.under(midway(t)); r.Status != store.Running {
				t.Errorf("the cursor opens on a run that is %s", r.Status)
			}
		},
		"marking goes on to the next run and its log": func(t *testing.T) {
			d := drive(t, 80, 24, "quick").send(midway(t)).press("g")
			d.backend.asked = nil
			d.press("space").focused("focus quick " + d.rows()[1])
		},
		"stopping says that nothing is lost": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("S").sees("keeps a checkpoint")
		},
		"what is said leaves the keys": func(t *testing.T) {
			d := drive(t, 80, 24, "quick").send(midway(t))
			d.send(page.Say{Text: strings.Repeat("a long answer ", 12)}).sees("r run", "? help")
			d.send(page.Say{Text: strings.Repeat("an error of many words ", 20), Failed: true}).sees("an error of many words", "r run", "? help")
			d.send(page.Say{Text: "an answer"}).lacks("an answer").sees("an error")
		},
		"marks choose the curves": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).sees("mean of seeds").press("g", "space", "j", "space").
				sees("marked runs", "1024×1 s1", "256×4 s1").press("u").sees("mean of seeds")
		},
		"the cursor stays on its run when runs are added": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("G")
			id := d.m.exp.Focus().Run
			u := midway(t)
			extra := u.Records[0]
			extra.ID = "quick/tasks=9,solutions=9~abcdef/s1"
			u.Records = append(u.Records, extra)
			d.send(u)
			if d.m.exp.Focus().Run != id {
				t.Errorf("the cursor went from %s to %s", id, d.m.exp.Focus().Run)
			}
			d.press("G").sees("old 1024×1 s1", "1/6 done")
			u.Records[len(u.Records)-1].Axes = nil
			d.send(u).sees("old tasks=9")
		},
		"the log of the run under the cursor": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("g", "j", "j")
			u := midway(t)
			u.Fresh, u.Histories = false, nil
			u.Focus.Run, u.Log, u.Phase = d.m.exp.Focus().Run, []string{"hello \x1b[31mred\x1b[0m", "step 1\x07"}, "sft"
			d.send(u).sees("hello red", "phase sft")
			d.press("j").lacks("hello red")
		},
		"a failed run says why": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).press("G").sees("✗ 1 failed").press("k", "k", "k", "k").sees("")
			d := drive(t, 120, 40, "quick").send(midway(t))
			for d.under(midway(t)).Status != store.Failed {
				d.press("j")
			}
			d.sees("failed: ended by signal 9 (SIGKILL)")
		},
		"what was read before the driver hung is not shown as if it went on": func(t *testing.T) {
			n := gpu.Node{Name: gpu.Local, Devices: []gpu.Device{{UUID: "a", Name: "NVIDIA H20"}}}
			d := drive(t, 120, 40, "quick").send(midway(t)).send(page.Readings{Nodes: []gpu.Node{n}}).sees("GPU 1×H20")
			n.Err = gpu.ErrNotAnswering
			d.send(page.Readings{Nodes: []gpu.Node{n}}).sees("GPU ! not answering").lacks("1×H20")
			n.Err = nil
			d.send(page.Readings{Nodes: []gpu.Node{n}}).sees("GPU 1×H20")
		},
		"no driver is said once and calmly": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: gpu.ErrNoDriver}}}).sees("GPU – no driver")
			if slices.Contains(d.backend.asked, "readings") {
				t.Error("a machine without a driver is asked again")
			}
		},
		"GPUs stand in the first line": func(t *testing.T) {
			busy, used, total := 61.0, uint64(71)<<30, uint64(96)<<30
			h20 := gpu.Device{Name: "NVIDIA H20", BusyPct: &busy, MemoryUsedBytes: &used, MemoryTotalBytes: &total}
			d := drive(t, 120, 40, "quick").send(midway(t)).send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{h20}}}}).sees("H20 61%")
			if !slices.Contains(d.backend.asked, "readings") {
				t.Error("the GPUs are not read again")
			}
		},
		"the list of experiments, and back": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("esc").sees("experiments", "● 2", "Another one").
				press("j", "enter").sees("other", "Is it the tasks or the updates")
		},
		"what is opened is read": func(t *testing.T) {
			d := drive(t, 80, 24, "").press("enter").focused("focus quick ")
			d.press("esc", "j", "enter").focused("focus other ").press("esc", "enter").focused()
			d = drive(t, 80, 24, "quick").focused().send(midway(t))
			d.focused("focus quick " + d.m.exp.Focus().Run).press("j").focused("focus quick " + d.rows()[3])
		},
		"an empty store opens on the list": func(t *testing.T) {
			drive(t, 80, 24, "").sees("quick", "not run yet", "enter open").press("enter").sees("Does task diversity")
		},
		"leaving": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("q").asked("quit")
			drive(t, 80, 24, "quick").press("ctrl+c").asked("quit")
		},
		"a changed file is noticed and R runs it": func(t *testing.T) {
			u := midway(t)
			changed := *u.Plan
			changed.Hash, changed.Seeds = "other", changed.Seeds[:1]
			u.Plan = &changed
			drive(t, 120, 40, "quick").send(u).sees("R runs the file's design: seeds + 2").press("R").sees("run the file's design (seeds + 2)?").asked().press("y").asked("run quick, 6 runs")
			changed.Seeds, changed.Limits.Runs = midway(t).Plan.Seeds, 5 // the same runs, under another limit
			drive(t, 120, 40, "quick").send(u).sees("limit of runs 5 -> none").press("R").press("y").asked("run quick, 6 runs")
			drive(t, 120, 40, "quick").send(midway(t)).press("R").sees("the same design").asked()
		},
		"what waits for a person is counted in the first line": func(t *testing.T) {
			u := midway(t)
			u.Records[0].Status, u.Records[1].Status = store.Paused, store.Stopped
			drive(t, 120, 40, "quick").send(u).sees("‖ 1 paused  – 1 stopped")
		},
		"what keeps runs waiting is told": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).send(wokenMsg{trouble: "make attempt folder: no space left on device"}).
				sees("waiting: make attempt folder: no space left")
		},
		"to wait for a GPU that another run has is no trouble": func(t *testing.T) {
			u := midway(t)
			for i := range u.Records {
				u.Records[i].Status = store.Queued
			}
			drive(t, 120, 40, "quick").send(u).send(wokenMsg{trouble: engine.ErrBusy.Error() + ": claim GPUs: 0 of 1 are free"}).
				sees("◌ what it needs is in use").lacks("! engine").lacks("claim GPUs")
		},
		"a notification that did not go out is told once": func(t *testing.T) {
			d := drive(t, 120, 24, "quick").send(midway(t)).send(wokenMsg{unsent: "\"quick is done\": exit status 1"}).sees(`not told: "quick is done": exit status 1`)
			d.press("j").send(wokenMsg{unsent: "\"quick is done\": exit status 1"}).lacks("not told")
			d.send(wokenMsg{}).send(wokenMsg{unsent: "\"quick is done\": exit status 1"}).sees("not told")
		},
		"why nothing goes is told, in the line of the state": func(t *testing.T) {
			waits := wokenMsg{waits: "2/2 slots taken, 5 before it, from ~22:45"}
			u := midway(t)
			for i := range u.Records {
				u.Records[i].Status = store.Queued
			}
			drive(t, 120, 40, "quick").send(u).send(waits).sees("◌ 2/2 slots taken, 5 before it, from ~22:45").
				send(wokenMsg{}).lacks("taken")
			drive(t, 120, 40, "quick").send(midway(t)).send(waits).lacks("taken")
			drive(t, 80, 24, "quick").send(u).send(waits).sees("◌ 2/2 slots taken, 5 before it, from ~22:45")
		},
		"the slots are those of all experiments": func(t *testing.T) {
			u := midway(t)
			u.Experiments = append(u.Experiments, store.Summary{Name: "other", Runs: map[store.Status]int{store.Running: 2}})
			u.Records = u.Records[:1]
			drive(t, 120, 40, "quick").send(u).sees("slots 2/2")
		},
		"an engine that was killed is started again while runs wait": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).woke(`wake "quick"`).send(midway(t)).woke().send(wokenMsg{}).woke(`wake "quick"`)
			drive(t, 80, 24, "quick").send(wokenMsg{err: errors.New("start engine: no space left")}).sees("no space left")
		},
		"an engine that was killed with the runs is started once to try them again": func(t *testing.T) {
			u := midway(t)
			for i := range u.Records {
				u.Records[i].Status = store.Done
			}
			drive(t, 80, 24, "quick").send(u).woke(`wake ""`)
			u.Records[1].Status, u.Records[1].Attempt = store.Lost, 1
			d := drive(t, 80, 24, "quick").send(u).woke(`wake "quick"`).send(wokenMsg{}).woke(`wake ""`)
			u.Records[1].Attempt = 2
			d.send(u).send(wokenMsg{}).woke(`wake "quick"`)
		},
		"a store that cannot be read is told": func(t *testing.T) {
			u := midway(t)
			u.Err = errors.New("read record: permission denied")
			drive(t, 80, 24, "quick").send(u).sees("permission denied")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// Every key of every page does something where it says so, has words, and no two
// mean the same place; no two names are the same.
func TestKeyTable(t *testing.T) {
	t.Parallel()
	for _, p := range everyPage(drive(t, 80, 24, "").m.site) {
		d := drive(t, 80, 24, "quick")
		d.m.pages = append(d.m.pages, p.page)
		seen := map[string]string{}
		once := func(what, k string, help string) {
			if was, ok := seen[what+k]; ok {
				t.Errorf("%s: %s %q means both %q and %q", p.name, what, k, was, help)
			}
			seen[what+k] = help
		}
		for _, k := range d.m.keys() {
			for key := range strings.FieldsSeq(k.Keys) {
				once("key", key, k.Help)
				if keyName(screentest.Key(key)) != key {
					t.Errorf("%s: %q is the name of no key", p.name, key)
				}
			}
			if k.Name != "" {
				once("name", k.Name, k.Help)
			}
			if k.Do == nil && k.With == nil || k.Help == "" || k.Keys == "" && k.Name == "" || k.Args != nil && k.With == nil {
				t.Errorf("%s: %q does nothing or has no words", p.name, k.Keys+" "+k.Name)
			}
		}
	}
}

func TestAnySizeFits(t *testing.T) {
	t.Parallel()
	d := drive(t, 1, 1, "quick").send(midway(t))
	for w := 1; w <= 220; w += 7 {
		for h := 1; h <= 70; h += 3 {
			d.send(tea.WindowSizeMsg{Width: w, Height: h})
			d.press("tab")
		}
	}
}

// Data never moves the cursor: control characters, wide runes, NaN.
func TestHostileData(t *testing.T) {
	t.Parallel()
	u := midway(t)
	for i := range u.Records {
		u.Records[i].Reason = "\x1b[2J\r\n日本語 \u200b\u0301 boom\x00\x9b31m"
	}
	for _, h := range u.Histories {
		h.Add(store.Batch{Attempt: 1, Points: []store.Point{{Step: 999, M: store.Values{
			"train/loss": math.NaN(), "eval/pass@1": math.Inf(1), "train/total_steps": math.NaN(),
		}}}})
	}
	u.Log = []string{strings.Repeat("x", 1<<20), "\x1b]0;title\x07\x1b[31m red", "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語"}
	u.Focus.Run = u.Plan.Runs()[0].ID
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		d := drive(t, size[0], size[1], "quick")
		d.send(u)
		for range 6 {
			d.press("j", "tab")
		}
		if raw := d.m.screen(); strings.ContainsAny(raw, "\r\x07\x00") || strings.Contains(raw, "\x1b[2J") || strings.Contains(raw, "\x1b]") {
			t.Errorf("data reached the terminal at %v", size)
		}
	}
}

func TestPlainTerminal(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick")
	d.m.term.style = styleOf([]string{"LANG=C", "NO_COLOR=1"})
	d.m.look = d.m.term.look()
	d.send(midway(t))
	for _, r := range d.m.screen() {
		if r >= 0x80 {
			t.Fatalf("%q on a terminal of plain characters:\n%s", r, d.text())
		}
	}
	d.sees("* running", "+ done")
}

func TestStyleOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env    string
		glyphs chart.Glyphs
		plain  bool
	}{
		{"LANG=en_US.UTF-8", chart.Braille, false}, {"LANG=C.utf8", chart.Braille, false}, {"LANG=C", chart.ASCII, false}, {"", chart.ASCII, false},
		{"LANG=C LC_ALL=C.UTF-8", chart.Braille, false}, {"LC_ALL=C LANG=C.UTF-8", chart.ASCII, false},
		{"LANG=C.UTF-8 TERM=linux", chart.Blocks, false}, {"LANG=C.UTF-8 NO_COLOR=1", chart.Braille, true}, {"LANG=C.UTF-8 TERM=dumb", chart.Braille, true},
	} {
		got := styleOf(strings.Fields(c.env))
		if got.Glyphs != c.glyphs || got.Theme.NoColor != c.plain {
			t.Errorf("styleOf(%q) = %+v", c.env, got)
		}
	}
}

func TestOpenOn(t *testing.T) {
	t.Parallel()
	old := store.Summary{Name: "old", Active: 10, Runs: map[store.Status]int{store.Done: 1}}
	later := store.Summary{Name: "new", Active: 20, Runs: map[store.Status]int{store.Failed: 1}}
	going := store.Summary{Name: "going", Active: 5, Runs: map[store.Status]int{store.Queued: 1}}
	for want, all := range map[string][]store.Summary{"": {}, "old": {old}, "new": {old, later}, "going": {going, old, later}} {
		if got := openOn(all); got != want {
			t.Errorf("openOn = %q, want %q", got, want)
		}
	}
}

// A view costs the same whatever was said before; what draws often must not
// allocate without bound.
func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			t := &testing.T{}
			d := drive(t, size[0], size[1], "quick").send(midway(t))
			for b.Loop() {
				_ = d.m.screen()
			}
		})
	}
}

// A cell without a value yet does not take the shade from the others.
func TestMatrixShadesBesideEmptyCells(t *testing.T) {
	t.Parallel()
	u := midway(t)
	for _, run := range u.Plan.Runs() {
		if run.Params.Int("tasks") == 128 {
			delete(u.Histories, run.ID)
		}
	}
	drive(t, 120, 40, "quick").send(u).sees(".40 █████ 1/2")
}
