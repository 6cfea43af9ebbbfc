package form_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/form"
	"ablate/tui/page"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		name := fmt.Sprintf("-%dx%d", size[0], size[1])
		t.Run(name[1:], func(t *testing.T) {
			t.Parallel()
			w, h := size[0], size[1]-2
			drive(t, w, h, page.Clone, "quick").at("lr").press("enter").typed("0.004").press("enter", "esc").golden("clone" + name).
				press("tab").golden("preview" + name)
			drive(t, w, h, page.New, "").golden("new" + name)
			drive(t, w, h, page.Edit, "cells").at("heads").press("enter").typed("3").press("enter", "esc").golden("mistake" + name)
		})
	}
}

// cloned is the section that a clone of quick adds to the file.
func cloned(edit ...string) string {
	section := file[strings.Index(file, "# the first one"):strings.Index(file, "\n# single cells")]
	return "\n" + strings.NewReplacer(append(edit, "experiment.quick", "experiment.quick-2")...).Replace(section)
}

// The stories: what a person does, and what is in the file then.
func TestStories(t *testing.T) {
	t.Parallel()
	const fresh = "schema  = 1\nproject = "
	for name, story := range map[string]func(*testing.T){
		"a newcomer clones an experiment, changes one value and starts it": func(t *testing.T) {
			d := drive(t, 80, 22, page.Clone, "quick")
			d.press("/").typed("lr").press("enter", "enter").typed("0.004").press("enter", "r")
			d.says("open [quick-2]", "run quick-2, 8 runs").holds(file + cloned("8e-3", "0.004"))
			if d.keys+1 > 8 { // and c, which opened the form
				t.Errorf("that took %d keys", d.keys+1)
			}
		},
		"a new one from nothing, saved": func(t *testing.T) {
			d := drive(t, 80, 22, page.New, "").typed("mine").press("enter").sees("it has no axis yet")
			d.at("steps").press("enter").typed("40").press("enter").at("tasks").press("a").typed("2048").press("enter", "esc", "tab")
			d.sees("2 cells × 3 seeds = 6 runs, none done", "0/3  tasks 2048").press("tab", "ctrl+s")
			d.says("open [mine]", "mine is in experiments.toml; r runs it")
			d.holds(file + "\n[experiment.mine]\nrecipe    = \"sft\"\nobjective = { metric = \"eval/pass@1\", goal = \"max\" }\nseeds     = 3\n\n" +
				"[experiment.mine.axes]\ntasks = [1024, 2048]\n\n[experiment.mine.params]\nsteps = 40\n")
		},
		"editing changes the lines that differ": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick")
			d.press("enter").typed(", 1024").press("enter").sees("256, 512, 1024").at("question").press("enter").typed("Really?").press("enter", "ctrl+s")
			d.holds(file, "[256, 512]", "[256, 512, 1024]", `"Does task diversity beat more solutions per task?"`, `"Really?"`)
		},
		"a parameter becomes an axis, and an axis a parameter": func(t *testing.T) {
			d := drive(t, 120, 38, page.Edit, "quick").at("lr").press("a").sees("axis lr", "4 cells").typed("0.01").sees("8 cells").press("enter")
			d.at("solutions").press("a", "ctrl+s")
			d.holds(file, "tasks     = [256, 512]\nsolutions = [1, 4]\n", "tasks     = [256, 512]\nlr        = [0.008, 0.01]\n",
				"lr    = 8e-3 # tuned\n", "solutions = 1\n")
		},
		"a default again": func(t *testing.T) {
			drive(t, 80, 22, page.Edit, "quick").at("lr").press("x", "ctrl+s").holds(file, "lr    = 8e-3 # tuned\n", "")
		},
		"choices turn, and so do switches and numbers": func(t *testing.T) {
			d := drive(t, 80, 22, page.Clone, "quick").at("evolution").press("→").at("order").press("←", "esc").at("batch").press("→", "→", "←")
			d.at("equal").press("enter").sees("‹ rows ›").press("enter", "←", "←")
			d.at("recipe").press("enter").sees("sft+grpo").press("ctrl+s")
			d.holds(file+cloned("recipe   = \"sft\"\n", "recipe   = \"sft+grpo\"\norder    = \"random\"\n", "lr    = 8e-3 # tuned\n", "lr    = 8e-3 # tuned\nevolution = false\nbatch = 128\n"),
				"lr    = 8e-3 # tuned\nevolution = false\nbatch = 128\n", "lr    = 8e-3 # tuned\nevolution = false\nbatch = 128\n")
		},
		"turning through the recipes loses nothing": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("recipe").press("→", "→").sees("‹ grpo ›").press("→", "→").sees("‹ sft ›")
			d.press("ctrl+s").says("nothing to save: nothing was changed").holds(file)
		},
		"what a recipe must be given is pointed at": func(t *testing.T) {
			d := drive(t, 80, 22, page.New, "mine").at("recipe").press("→", "→").at("clip_high").press("a").typed("0.3").press("enter", "esc", "ctrl+s")
			d.says("parameter init has no default and is not given. init: the run that training goes on from, as EXPERIMENT/CELL/sSEED or, with the run's own seed, EXPERIMENT/CELL; @STEP for weights that keep_every kept").sees("›✗init").holds(file)
		},
		"values with commas and blanks are typed as a list": func(t *testing.T) {
			own := "schema = 1\n[experiment.own]\nrecipe = \"command\"\nargv = [\"sh\", \"{size}\", \"{seed}\"]\naxes = { size = [\"S\", \"M,L\", \" \"] }\n"
			d := driveFile(t, 80, 22, own, page.Edit, "own").sees(`["S", "M,L", " "]       axis `).press("enter", "end", "backspace").typed(`, "x"]`).press("enter", "ctrl+s")
			d.holds(own, `" "]`, `" ", "x"]`)
		},
		"which GPUs a command holds": func(t *testing.T) {
			own := "schema = 1\n[experiment.own]\nrecipe = \"command\"\nargv = [\"sh\", \"{size}\", \"{seed}\"]\naxes = { size = [1, 2] }\ngpus = 8\nkeep_off = \"7\"\n"
			d := driveFile(t, 80, 22, own, page.Edit, "own").at("GPU type").press("enter").typed("H20").press("enter")
			d.at("GPUs").press("enter", "ctrl+u").typed("3-1").sees("✗ 3-1 runs backwards. Write 1-3").press("ctrl+u").typed("0-3").press("enter").sees("0-3")
			d.at("keep off").press("x", "ctrl+s").holds(own, "gpus = 8\nkeep_off = \"7\"\n", "gpus = \"0-3\"\ngpu_type = \"H20\"\n")
		},
		"which model a command trains": func(t *testing.T) {
			own := "schema = 1\n[experiment.own]\nrecipe = \"command\"\nargv = [\"sh\", \"{size}\", \"{seed}\"]\naxes = { size = [1, 2] }\nmodel = { params = 7e9 }\n"
			d := driveFile(t, 80, 22, own, page.Edit, "own").at("params").sees("7e9").press("enter", "ctrl+u").typed("7.6e9").press("enter")
			d.at("layers").press("enter").typed("many").sees(`✗ "many" is no whole number`).press("ctrl+u").typed("28").press("enter").press("ctrl+s").holds(own)
			d.at("hidden").press("enter").typed("3584").press("enter").at("context").press("enter").typed("8192").press("enter", "ctrl+s")
			d.holds(own, "params = 7e9", "params = 7.6e9, layers = 28, hidden = 3584, context = 8192")
		},
		"single cells: one changes, one goes, one comes": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "cells").sees("cell 1", "1024, 1").press("+").sees("new cell").press("ctrl+u").typed("64, 2").press("enter")
			d.press("g").at("cell 1").press("enter", "backspace").typed("8").press("enter").at("cell 2").press("x", "ctrl+s")
			d.holds(file, "solutions = 1\n[[experiment.cells.cell]]\ntasks     = 256\nsolutions = 4\n", "solutions = 8\n[[experiment.cells.cell]]\ntasks     = 64\nsolutions = 2\n")
		},
		"seeds and limits": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("seeds").press("enter").typed("101-103").press("enter").at("wall limit").press("enter").typed("2h").press("enter", "ctrl+s")
			d.holds(file, "seeds    = 2 # enough\n", "seeds    = [101, 102, 103] # enough\nlimits   = { wall = \"2h\" }\n")
		},
		"what is typed is saved, too": func(t *testing.T) {
			drive(t, 80, 22, page.Edit, "quick").at("steps").press("enter").typed("300").press("ctrl+s").holds(file, "steps = 240", "steps = 300")
		},
		"a title of several lines stays unless another is typed": func(t *testing.T) {
			long := strings.Replace(file, `"Task count x solutions per task"`, `"""`+"\nTask\ncount"+`"""`, 1)
			d := driveFile(t, 80, 22, long, page.Edit, "quick").at("title").press("enter", "enter").press("ctrl+s").says("nothing to save: nothing was changed")
			d.at("title").press("enter", "end").typed("!").press("enter", "ctrl+s").holds(long, `"""`+"\nTask\ncount"+`"""`, `"Task count!"`)
		},
		"what is pasted is one line": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("title").press("enter").send(tea.PasteMsg{Content: "a\nb\t\x1b[31mc"}).press("enter", "ctrl+s")
			d.holds(file, `"Task count x solutions per task"`, `"a b c"`)
		},
		"a mistake is told while it is typed, and nothing is taken": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("solutions").press("enter").typed(", 65").sees("✗ solutions is 65; it must be from 1 to 64")
			d.press("enter").says("solutions is 65; it must be from 1 to 64. solutions: different programs for each task").press("esc").sees("1, 4").lacks("✗")
		},
		"a mistake between fields keeps it from being saved": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("heads").press("enter").typed("3").press("enter", "esc").press("G", "r")
			d.says("heads = 3 does not divide dim = 64. In cell tasks=256,solutions=1").sees("›✗heads").holds(file)
		},
		"a name that is taken": func(t *testing.T) {
			drive(t, 80, 22, page.Clone, "quick").press("enter").typed("Cells").sees("✗", `"cells" is taken, in line 21`).press("enter").press("esc").sees("quick-2")
		},
		"saving twice saves once": func(t *testing.T) {
			d := drive(t, 80, 22, page.Clone, "quick").at("lr").press("x", "esc")
			var cmds []tea.Cmd
			for _, key := range []string{"r", "r", "ctrl+s"} {
				for _, k := range d.f.Keys() {
					if k.Keys == key {
						cmds = append(cmds, k.Do())
					}
				}
			}
			for _, cmd := range cmds {
				d.do(cmd)
			}
			d.says("open [quick-2]", "run quick-2, 8 runs").holds(file + cloned("lr    = 8e-3 # tuned\n", ""))
		},
		"the name of what has runs stays": func(t *testing.T) {
			drive(t, 80, 22, page.Edit, "quick").at("name").press("enter").says("runs are stored under this name: clone the experiment for another")
		},
		"esc asks before changes are dropped": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("lr").press("x", "esc", "esc")
			if d.ask == nil || d.gone {
				t.Fatal("it did not ask")
			}
			if d.press("n"); d.gone {
				t.Fatal("no is no")
			}
			if d.press("q", "y"); !d.gone {
				t.Fatal("it did not go")
			}
			d.holds(file)
		},
		"esc leaves a form without changes, one layer after the other": func(t *testing.T) {
			d := drive(t, 80, 22, page.Clone, "quick").at("lr").press("tab").sees("4 cells").press("esc").lacks("warmup").sees("learning rate").press("esc").sees("warmup")
			if d.press("esc"); !d.gone || d.ask != nil {
				t.Fatal("it did not go, or asked")
			}
		},
		"undo": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").at("lr").press("x", "esc").at("steps").press("enter").typed("7").press("enter")
			d.press("u", "u").press("u").says("nothing to take back").press("ctrl+s").says("nothing to save: nothing was changed").holds(file)
		},
		"running what was not changed writes nothing": func(t *testing.T) {
			drive(t, 80, 22, page.Edit, "quick").press("r").says("run quick, 8 runs", "open [quick]").holds(file)
		},
		"somebody else changed the file meanwhile": func(t *testing.T) {
			d := drive(t, 120, 38, page.Edit, "quick").at("lr").press("x", "esc")
			theirs := strings.Replace(file, "steps = 100", "steps = 101", 1)
			d.write(theirs).press("ctrl+s").holds(theirs, "lr    = 8e-3 # tuned\n", "")
		},
		"somebody else changed the same experiment": func(t *testing.T) {
			d := drive(t, 120, 38, page.Edit, "quick").at("lr").press("x", "esc")
			d.write(strings.Replace(file, "steps = 240", "steps = 241", 1)).sees("quick changed on disk meanwhile")
		},
		"a file with mistakes is left alone": func(t *testing.T) {
			d := drive(t, 120, 38, page.Clone, "quick").at("lr").press("x", "esc")
			broken := file + "[experiment.other]\nrecip = 1\n"
			if err := os.WriteFile(d.site.Path, []byte(broken), 0o644); err != nil {
				t.Fatal(err)
			}
			d.press("ctrl+s").sees("experiments.toml has 3 mistakes", "line 31: recipe is missing").holds(broken)
		},
		"what ships is cloned into a file of one's own": func(t *testing.T) {
			d := driveFile(t, 80, 22, "", page.Clone, "candidates").at("tasks").press("enter").typed("20").press("enter", "r")
			d.says("open [candidates-2]", "run candidates-2, 24 runs")
			text, err := os.ReadFile(d.site.Path)
			if err != nil || !strings.HasPrefix(string(text), fresh) || !strings.Contains(string(text), "# How many candidates a vote needs. Nothing is trained.\n[experiment.candidates-2]\n") {
				t.Errorf("%v\n%s", err, text)
			}
		},
		"what ships is edited into a file of one's own": func(t *testing.T) {
			d := driveFile(t, 80, 22, "", page.Edit, "candidates").at("tasks").press("enter").typed("20").press("enter", "ctrl+s")
			d.says("open [candidates]", "candidates is in experiments.toml, which is new; r runs it. What ships is still in the list")
		},
		"what ships is cloned beside experiments of one's own": func(t *testing.T) {
			d := drive(t, 80, 22, page.New, "").ships(page.Clone, "candidates").sees("candidates-2", "2000").at("tasks").press("enter").typed("20").press("enter", "ctrl+s")
			d.says("open [candidates-2]", "candidates-2 is in experiments.toml; r runs it").has(file+"\n#", "[experiment.candidates-2]", "tasks = 20\n")
		},
		"what ships is edited beside experiments of one's own": func(t *testing.T) {
			d := drive(t, 80, 22, page.New, "").ships(page.Edit, "candidates").at("tasks").press("enter").typed("20").press("enter", "ctrl+s")
			d.says("open [candidates]", "candidates is in experiments.toml; r runs it").has(file+"\n#", "[experiment.candidates]", "tasks = 20\n")
		},
		"what only the store has is not edited": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "gone").sees("its design is only in the store").press("ctrl+s")
			d.says(`the experiment file has no experiment "gone": its design is only in the store`).holds(file)
		},
		"editing what has results says what is run anew": func(t *testing.T) {
			d := drive(t, 120, 38, page.Edit, "quick").ran(3)
			d.send(page.Source{}).sees("8 runs, 3 reused", "nothing is run anew", "1/2")
			d.press("enter").typed(", 1024").press("enter").sees("12 runs, 3 reused", "anew: tasks + 1024: 2 new cells")
			d.at("steps").press("enter").typed("7").press("enter").sees("12 runs, none done", "anew: steps 240 -> 7")
		},
		"the palette sets a field": func(t *testing.T) {
			d := drive(t, 80, 22, page.Edit, "quick").palette("set", "lr=0.5").palette("set", "tasks=1,2").palette("set", "nosuch=1")
			d.says("set nosuch=1: want NAME=VALUE with the name of a field").press("ctrl+s").holds(file, "8e-3", "0.5", "[256, 512]", "[1, 2]")
		},
		"a name that the store knows": func(t *testing.T) {
			only := "schema = 1\n" + file[strings.Index(file, "# single cells"):]
			d := driveFile(t, 120, 38, only, page.Clone, "cells").ran(3).lacks("the store has runs")
			d.press("enter").typed("quick").press("enter").sees("the store has runs of an earlier quick", "anew:")
		},
		"limits that are too small are told": func(t *testing.T) {
			drive(t, 120, 38, page.Edit, "quick").at("run limit").press("enter").typed("3").press("enter").sees("may go over the run limit by 5", "! the design has 8 runs and the limit is 3")
		},
		"the cursor is put where the mouse clicks": func(t *testing.T) {
			drive(t, 80, 22, page.Clone, "quick").send(page.Click{X: 5, Y: 3}).sees("› question").send(page.Wheel{Lines: -1}).sees("› title").send(page.Click{X: 5, Y: 0}).sees("› title")
		},
		"a filter that finds nothing": func(t *testing.T) {
			drive(t, 80, 22, page.Clone, "quick").press("/").typed("zzz").sees("no field has these words", "0 of 53 fields").press("enter", "enter", "a", "x", "→").press("esc").sees("test_kind         ‹ generator ›")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// palette does what a name in the palette does.
func (d *driver) palette(name, rest string) *driver {
	d.t.Helper()
	d.said = nil
	for _, k := range d.f.Keys() {
		if k.Name == name {
			d.do(k.With(rest))
		}
	}
	d.fits()
	return d
}

// write is somebody else who changes the file, and the root that tells of it.
func (d *driver) write(text string) *driver {
	d.t.Helper()
	if err := os.WriteFile(d.site.Path, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	f, err := experiments.Parse(d.site.Path, []byte(text), recipes())
	if err != nil {
		d.t.Fatal(err)
	}
	d.site.File = f
	return d.send(page.Source{})
}

// ships makes the form anew in a program that ships with experiments.
func (d *driver) ships(place page.Place, name string) *driver {
	d.t.Helper()
	f, err := experiments.Load("../../experiments.toml", recipes())
	if err != nil {
		d.t.Fatal(err)
	}
	d.site.Shipped = f
	d.f = form.New(d.site, place, name)
	return d.send(page.Tick{})
}

// has looks for the start of the experiment file, and for texts in it.
func (d *driver) has(start string, texts ...string) *driver {
	d.t.Helper()
	got, err := os.ReadFile(d.site.Path)
	if err != nil || !strings.HasPrefix(string(got), start) {
		d.t.Fatalf("%v\n%s", err, got)
	}
	for _, text := range texts {
		if !strings.Contains(string(got), text) {
			d.t.Fatalf("no %q in\n%s", text, got)
		}
	}
	return d
}

// ran makes the first n runs of quick done in the store.
func (d *driver) ran(n int) *driver {
	d.t.Helper()
	f, err := experiments.Parse("x", []byte(file), recipes())
	if err != nil {
		d.t.Fatal(err)
	}
	p := f.Experiments[0].Plan()
	if err := d.store.WritePlan(p); err != nil {
		d.t.Fatal(err)
	}
	for _, run := range p.Runs()[:n] {
		dir := d.store.RunDir(run.ID)
		for name, v := range map[string]any{
			"run.json": run, "a1/start.json": store.Start{Time: 1763790000}, "a1/exit.json": store.Exit{Outcome: store.Outcome{Time: 1763790060}, Seconds: 60},
		} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				d.t.Fatal(err)
			}
			if err := store.WriteJSON(path, v); err != nil {
				d.t.Fatal(err)
			}
		}
	}
	return d
}

var monkeys = flag.Uint64("monkeys", 4, "how many press 120 keys each in TestMonkey")

// Whatever is pressed, at whatever size, the page has that size and the file is
// one without mistakes.
func TestMonkey(t *testing.T) {
	t.Parallel()
	keys := []string{
		"enter", "enter", "r", "ctrl+s", "/", "a", "x", "+", "u", "tab", "→", "←", "j", "k", "j", "j", "pgdn", "pgup", "g", "G", "esc", "esc", "y", "n",
		"ctrl+u", "backspace", "end", "home", "left", "ctrl+w", "1", "0", ",", " ", "s", "t", ".", "-", "世", "é",
	}
	for seed := range *monkeys {
		r := rand.New(rand.NewPCG(seed, 1))
		place := []page.Place{page.New, page.Clone, page.Edit}[r.IntN(3)]
		name := []string{"quick", "cells"}[r.IntN(2)]
		if place == page.New {
			name = ""
		}
		d := drive(t, 80, 22, place, name)
		var pressed []string
		for range 120 {
			key := keys[r.IntN(len(keys))]
			pressed = append(pressed, key)
			d.w, d.h = 1+r.IntN(140), 1+r.IntN(50)
			if d.key(key); d.t.Failed() {
				t.Fatalf("seed %d: %q", seed, pressed)
			}
		}
		text, err := os.ReadFile(d.site.Path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := experiments.Parse("x", text, recipes()); err != nil {
			t.Fatalf("seed %d: %q: %v", seed, pressed, err)
		}
	}
}

// A form of nothing says so, and takes every key.
func TestFormOfNothing(t *testing.T) {
	t.Parallel()
	for _, place := range []page.Place{page.New, page.Clone, page.Edit} {
		d := driveFile(t, 80, 22, "schema = 1\n", place, "nosuch")
		d.site.Recipes = nil
		d.f = form.New(d.site, place, "nosuch")
		if place != page.New {
			d.sees("has no experiment")
		}
		d.send(page.Tick{})
		for _, k := range d.f.Keys() {
			if k.Do != nil && k.Keys != "esc q" {
				d.do(k.Do())
				d.fits()
			}
		}
		d.holds("schema = 1\n")
	}
}

// What the design could see stands under what it takes, and follows the draft: 2 seeds of
// 1024 tasks, each outcome 1/4 in either cell, by 12.706 + 1.376 standard errors; then 8
// by 2.365 + 0.896.
func TestWhatItCouldSee(t *testing.T) {
	t.Parallel()
	d := drive(t, 200, 60, page.Clone, "quick")
	d.sees("could at best see 22.0 points: no spread between seeds is known")
	d.at("seeds").press("enter", "ctrl+u").typed("8").press("enter").sees("could at best see 2.5 points: no spread between seeds is known")
}
