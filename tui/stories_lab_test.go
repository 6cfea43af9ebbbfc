package tui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

// ended makes the folder of a run that is done, with what became of its tasks.
func ended(t *testing.T, s *store.Store, run experiments.Run, right int) {
	t.Helper()
	dir := s.RunDir(run.ID)
	a1 := store.AttemptDir(dir, 1)
	if err := os.MkdirAll(filepath.Join(a1, "items"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(path string, v any) {
		if err := store.WriteJSON(path, v); err != nil {
			t.Fatal(err)
		}
	}
	const tasks = 50
	var items []byte
	for i := range tasks {
		item := store.Item{ID: string(rune('a'+i/26)) + string(rune('a'+i%26)), N: 1}
		if (i*7)%tasks < right {
			item.C = 1
		}
		line, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		items = append(append(items, line...), '\n')
	}
	if err := os.WriteFile(filepath.Join(a1, "items", "current@240.jsonl"), items, 0o644); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "run.json"), run)
	write(filepath.Join(a1, "start.json"), store.Start{Time: 1.7e9, Workers: 2, Host: "node7"})
	write(filepath.Join(a1, "exit.json"), store.Exit{Seconds: 360, Outcome: store.Outcome{
		Time: 1.7e9 + 360, Metrics: store.Values{"eval/pass@1": float64(right) / tasks},
	}})
	if err := os.WriteFile(filepath.Join(dir, "asked.jsonl"), []byte(`{"verb":"run","attempt":1}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// stored is quick in a store on the disk: 1024 x 1 has 40 and 41 of 50 tasks right,
// 256 x 4 has 20 and 21, 128 x 8 is to come. It is what the feed would bring of it.
func stored(t *testing.T) (*store.Store, updateMsg) {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	u := midway(t)
	if err := s.WritePlan(u.Plan); err != nil {
		t.Fatal(err)
	}
	right := map[string]int{"1024": 40, "256": 20}
	for _, run := range u.Plan.Runs() {
		if n, ok := right[strings.TrimPrefix(strings.SplitN(run.Cell, ",", 2)[0], "tasks=")]; ok {
			ended(t, s, run, n+int(run.Seed)-1)
		}
	}
	if u.Records, err = s.Records("quick"); err != nil {
		t.Fatal(err)
	}
	u.Experiments = []store.Summary{{Name: "quick", Runs: map[store.Status]int{store.Done: 4}, Active: 1.7e9 + 360}}
	return s, u
}

// What one does on the page of an experiment, each to a verb, a file or a number.
func TestLabStories(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		// Four runs of 360 s on two cores: 0.8 core-hours; two to come, as long: 0.4.
		"what it has taken and what is to come": func(t *testing.T) {
			s, u := stored(t)
			d := drive(t, 120, 40, "quick")
			d.m.site.Store = s
			d.send(u).tick().sees("6m00s so far", "0.8 core-hours, about 0.4 to come")
		},
		// The two best cells differ by 40 points in both seeds.
		"what the statistics say": func(t *testing.T) {
			s, u := stored(t)
			d := drive(t, 120, 40, "quick")
			d.m.site.Store = s
			d.send(u).tick().sees("so far", "1024×1 over 256×4", "+40.0 points", "2 seeds x 50 tasks, 95 %", "the two best, picked")
		},
		"the list says it, too": func(t *testing.T) {
			s, u := stored(t)
			d := drive(t, 200, 60, "")
			d.m.site.Store = s
			d.send(u).tick().sees("✓ 4", "1024×1 over 256×4", "+40.0 points")
		},
		"where the runs were": func(t *testing.T) {
			s, u := stored(t)
			d := drive(t, 200, 60, "quick")
			d.m.site.Store = s
			d.send(u).press("i").types("host").press("enter", "esc").tick().sees("node7")
		},
		"why did it fail": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("/").types("fail").press("enter").within(6).sees("1 of 6", "ended by signal 9")
		},
		"retry all that failed from a cell": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(with(t, map[int]store.Status{3: store.Lost})).press("b", "t").within(2)
			d.asked("retry " + d.rows()[1] + " " + d.rows()[4])
		},
		"the best cell is marked": func(t *testing.T) {
			drive(t, 80, 24, "quick").send(midway(t)).press("tab").within(1).sees("▲.40")
		},
		"stop the runs of a cell in the matrix": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("tab", "s").sees("stop 2 runs?").press("y").within(3)
			d.asked("stop " + d.rows()[2] + " " + d.rows()[3])
		},
		"pause what a filter shows": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("/").types("status = running").press("enter", "ctrl+a", "p")
			d.asked("pause " + d.rows()[2] + " " + d.rows()[3])
		},
		"hide a whole cell": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("b", "g", "x")
			d.asked("mark " + d.rows()[0] + " " + d.rows()[1] + " hide")
		},
		"star from the matrix": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("tab", "*")
			d.asked("mark " + d.rows()[2] + " " + d.rows()[3] + " star")
		},
		"run from the list": func(t *testing.T) {
			drive(t, 80, 24, "").press("r").sees("run quick: 3 cells x 2 seeds?").press("y").within(2).asked("run quick, 6 runs")
		},
		"esc shows all experiments again, though there is no page to go back to": func(t *testing.T) {
			drive(t, 80, 24, "").send(midway(t)).press("/").types("running = 0").press("enter").sees("1 of 2").press("esc").lacks("1 of 2")
		},
		"the list filters and opens": func(t *testing.T) {
			drive(t, 80, 24, "").send(midway(t)).press("/").types("running = 0").sees("1 of 2").press("enter", "enter").sees("Is it the tasks or the updates").focused("focus other ")
		},
		"a column by the palette": func(t *testing.T) {
			d := drive(t, 200, 60, "quick").send(midway(t)).press(":").types("columns seed").press("enter").sees("  seed")
			d.press(":").types("columns seed").press("enter").lacks("  seed")
		},
		"sorted by the palette": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press(":").types("sort score").press("enter").sees("by pass@1, from the greatest").press("g", "*")
			d.asked("mark " + d.rows()[0] + " star")
		},
		"the axes change places": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).press("a").sees("columns solutions, rows tasks")
		},
		"the matrix of the loss": func(t *testing.T) {
			drive(t, 120, 40, "quick").send(midway(t)).press("tab", "m").sees("the matrix shows perf/tokens_per_s").press("m").sees("the matrix shows train/loss")
		},
		"esc goes out one layer at a time": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(midway(t)).press("/").types("done").press("enter", "tab", "z")
			d.press("esc", "esc").sees("/ done").press("esc").lacks("/ done").press("esc").sees("2 experiments")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}
