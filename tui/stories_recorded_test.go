package tui

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/page"
)

// in opens an experiment of the recorded store.
func in(t *testing.T, experiment string) *person {
	t.Helper()
	p := sit(t, 120, 40).does("experiment " + experiment).second()
	p.keys = 0
	return p
}

// written are the values of a metric in the file of a recorded attempt, by step.
func written(t *testing.T, attempt, metric string) map[int]float64 {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata/recorded/runs", attempt, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[int]float64{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var x struct {
			Step int
			M    map[string]any
		}
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		if v, ok := x.M[metric].(float64); ok {
			all[x.Step] = v
		}
	}
	return all
}

// gridRuns are the recorded runs of grid, in the order of the table.
func gridRuns() (ids []string) {
	for _, cell := range []string{grid512x1, grid512x2, grid2048x1, grid2048x2} {
		ids = append(ids, cell+"/s1", cell+"/s2")
	}
	return ids
}

// shortName is how the table calls a run of grid.
func shortName(id string) string {
	m := regexp.MustCompile(`tasks=(\d+),solutions=(\d+)~\w+/(s\d)`).FindStringSubmatch(id)
	return m[1] + "×" + m[2] + " " + m[3]
}

// listed are the runs in the table, in its order.
func (p *person) listed() (names []string) {
	row := regexp.MustCompile(`^[› ][ *][ ★!]?(\S+ s\d)\s+[✓✗–●◌‖·?]`)
	for line := range strings.SplitSeq(p.text(), "\n") {
		if m := row.FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}

// has holds what the table lists.
func (p *person) has(want ...string) *person {
	p.t.Helper()
	if got := p.listed(); !slices.Equal(got, want) {
		p.t.Fatalf("the table lists %q, want %q\n%s", got, want, p.text())
	}
	return p
}

// marks are the lines of marks.jsonl.
func (p *person) marks() (words []string) {
	p.t.Helper()
	text, err := os.ReadFile(p.store.MarksFile())
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var m store.Mark
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			p.t.Fatal(err)
		}
		words = append(words, fmt.Sprintf("%s %s%s", m.On, m.Kind, m.Text))
	}
	return words
}

// tell has somebody else mark something.
func (p *person) tell(kind, text string, on ...string) *person {
	p.t.Helper()
	f, err := os.OpenFile(p.store.MarksFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	for _, name := range on {
		if err := json.NewEncoder(f).Encode(store.Mark{Key: name + kind, By: "bob@lab", Kind: kind, Text: text, On: name, Time: recordedAt}); err != nil {
			p.t.Fatal(err)
		}
	}
	return p.second()
}

// What a person does on the page of an experiment, and what comes of it: a number
// of the files, a verb, a line in a file.
func TestStoriesOfAnExperiment(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"the filter counts while it is typed": func(t *testing.T) {
			var fits []string
			for _, id := range gridRuns() {
				if exitOf(t, id).Metrics["eval/pass@1"].(float64) > 0.1 && strings.Contains(id, "tasks=512") {
					fits = append(fits, shortName(id))
				}
			}
			p := in(t, "grid").reads("/ filter").types("pass@1 > 0.1").sees("5 of 8").types(" and tasks = 512").sees(fmt.Sprintf("%d of 8", len(fits)))
			p.press("enter").has(fits...).press("esc").sees("2048×2 s2")
		},
		"the filter knows or, not, patterns and statistics": func(t *testing.T) {
			p := in(t, "mine")
			for query, want := range map[string][]string{
				"status = failed or time > 10s":            {"0.003 s1", "0.01 s1", "0.1 s1", "1 s1"},
				"not (status = done or status = failed)":   {"0.003 s1"},
				"name ~ /0\\.0.*s1/ and pass@1.last > 0.2": {"0.001 s1", "0.01 s1"},
				"pass@1.n = 2":                   {"0.003 s1"},
				"loss.min < 0.7 and attempt = 2": {"0.01 s1"},
				"reason ~ OverflowError":         {"0.1 s1"},
				"lr >= 1e-1":                     {"0.1 s1", "1 s1"},
				"step = 24":                      {"0.001 s1", "0.01 s1"},
				"lr != 0.1 and lr != 1 and status != done ": {"0.003 s1"},
			} {
				p.press("/").types(query).press("enter").has(want...).press("esc")
			}
		},
		"a filter with a mistake says where, and what was right stays": func(t *testing.T) {
			p := in(t, "grid").press("/").types("tasks = 512").sees("4 of 8").types(" and (solutions ==== 1").sees("column").press("enter")
			p.has("512×1 s1", "512×1 s2", "512×2 s1", "512×2 s2")
		},
		"runs are sorted by their results": func(t *testing.T) {
			ids := gridRuns()
			slices.SortStableFunc(ids, func(a, b string) int {
				x, y := exitOf(t, a).Metrics["train/loss"].(float64), exitOf(t, b).Metrics["train/loss"].(float64)
				return map[bool]int{true: -1, false: 1}[x < y]
			})
			var names []string
			for _, id := range ids {
				names = append(names, shortName(id))
			}
			p := in(t, "grid").does("sort course").has(names...)
			slices.Reverse(names)
			p.press("O").has(names...)
		},
		"seeds fold into cells with their mean": func(t *testing.T) {
			p := in(t, "grid").press("b")
			for _, cell := range []string{grid512x1, grid512x2, grid2048x1, grid2048x2} {
				name, _, _ := strings.Cut(shortName(cell+"/s1"), " ")
				p.sees("▸ " + name).sees(fmt.Sprintf("%.3f sd", resultOf(t, "eval/pass@1", cell, 1, 2)))
			}
			p.lacks("512×1 s2").press("enter")
			if row := "512×1 s2 ✓ done 0.200"; !strings.Contains(strings.Join(strings.Fields(p.text()), " "), row) {
				t.Errorf("no row %q:\n%s", row, p.text())
			}
		},
		"marked runs are drawn one by one and compared": func(t *testing.T) {
			p := in(t, "grid").press("space", "space").sees("marked runs").press("v").sees("A 512×1 s1", "B 512×1 s2")
			p.row("pass@1", "0.150", "0.200")
		},
		"a run is hidden, and shown again": func(t *testing.T) {
			p := in(t, "mine").serve("").press("G").press("x")
			p.eventually("it is hidden", func() bool { return strings.Contains(p.text(), "1 hidden") }).has("0.001 s1", "0.003 s1", "0.01 s1", "0.1 s1")
			if got := p.marks(); !slices.Equal(got, []string{mineRuled + " hide"}) {
				t.Errorf("marks.jsonl has %q", got)
			}
			p.press("X").press("G").press("x")
			p.eventually("it is shown", func() bool { return len(p.marks()) == 2 }).press("X").eventually("it is in the table", func() bool { return len(p.listed()) == 5 })
		},
		"a star is written down": func(t *testing.T) {
			p := in(t, "mine").serve("").press("*")
			p.eventually("the star is there", func() bool { return strings.Contains(p.text(), "★") })
			if got := p.marks(); !slices.Equal(got, []string{"mine/lr=0.001~d6de82/s1 star"}) {
				t.Errorf("marks.jsonl has %q", got)
			}
		},
		"tags of others come, and filter": func(t *testing.T) {
			p := in(t, "grid").tell("tag", "good", grid512x1+"/s2", grid2048x2+"/s1")
			p.press("↓").sees("log  512×1 s2  #good").press("/").types("tag = good").sees("2 of 8").press("enter").has("512×1 s2", "2048×2 s1")
		},
		"what is distrusted is in no mean": func(t *testing.T) {
			p := in(t, "grid").tell("distrust", "the judge was broken", grid512x1+"/s2").does("copy matrix")
			want := fmt.Sprintf(`\| 1 \| \.%02.0f( ±\.15)? 1/2 \|`, 100*resultOf(t, "eval/pass@1", grid512x1, 1)) // its interval is read beside
			if !regexp.MustCompile(want).MatchString(p.clip) {
				t.Errorf("the matrix has no %q:\n%s", want, p.clip)
			}
		},
		"the axes of the matrix change places": func(t *testing.T) {
			p := in(t, "grid").does("copy matrix")
			if !strings.Contains(p.clip, "| 2 | ≈.05 ±.34 2/2 | ≈.07 ±.50 2/2 |") {
				t.Errorf("the matrix is\n%s", p.clip)
			}
			p.press("a").sees("columns solutions, rows tasks").does("copy matrix")
			if !regexp.MustCompile(`\| 2048 \| ≈?\.15 (sd\.00|±\.08) 2/2 \| ≈?\.07 (sd\.11|±\.50) 2/2 \|`).MatchString(p.clip) {
				t.Errorf("the matrix is\n%s", p.clip)
			}
		},
		"the matrix shows another metric, and its best is the least": func(t *testing.T) {
			p := in(t, "grid").press("tab").does("metric train/loss").does("copy matrix")
			best := resultOf(t, "train/loss", grid512x1, 1, 2)
			for _, cell := range []string{grid512x2, grid2048x1, grid2048x2} {
				if resultOf(t, "train/loss", cell, 1, 2) < best {
					t.Fatal("another cell has the least loss")
				}
			}
			if want := fmt.Sprintf("▲%.3f", best); !strings.Contains(p.clip, want) {
				t.Errorf("the matrix has no %q:\n%s", want, p.clip)
			}
		},
		"a cell of the matrix shows its runs": func(t *testing.T) {
			in(t, "grid").press("tab", "l", "enter").sees("2 of 8").has("2048×1 s1", "2048×1 s2")
		},
		"the crosshair reads what the file has": func(t *testing.T) {
			is := written(t, "mine/lr=0.001~d6de82/s1/a1", "eval/pass@1")
			p := in(t, "mine").press("tab", "tab", "h", "h").sees(fmt.Sprintf("0.001  %.3f", is[16]))
			p.press("l").sees(fmt.Sprintf("0.001  %.3f", is[24])).press("esc", "esc").has("0.001 s1", "0.003 s1", "0.01 s1", "0.1 s1", "1 s1")
		},
		"zoomed in and panned, the crosshair still reads the file": func(t *testing.T) {
			is := written(t, "mine/lr=0.003~8c4473/s1/a1", "train/loss")
			p := in(t, "mine").to("0.003 s1").press("space", "tab", "tab", "tab", "+", "+", "<", "<").sees("zoomed: 0 shows all").press("h")
			at := 0
			for step, v := range is {
				if strings.Contains(p.text(), fmt.Sprintf("0.003 s1  %.3f", v)) {
					at = max(at, step)
				}
			}
			if at == 0 || at > 16 {
				t.Errorf("the crosshair is at no step of the part that is seen (%d):\n%s", at, p.text())
			}
			p.press("0").lacks("zoomed: 0 shows all").press(".").sees("follows the newest point once it is zoomed in")
		},
		"x counts tokens, as far as the runs have come": func(t *testing.T) {
			tokens := resultOf(t, "tokens", grid512x2, 1)
			p := in(t, "grid").press("tab", "tab", "x").sees("x is epoch").press("x").sees("x is tokens", " tokens").second()
			if tokens < 6.6e5 || tokens > 7.2e5 {
				t.Fatalf("the run has %v tokens", tokens)
			}
			p.sees("660k", "720k")
			p.press("x").sees("x is time").press("x").sees("x is step")
		},
		"a logarithmic y, smoothing, and back": func(t *testing.T) {
			p := in(t, "grid").press("tab", "tab", "tab")
			before := p.text()
			p.press("y").sees("log y").press("w").sees("smoothed 0.6").press("w", "w", "w", "y")
			if p.text() != before {
				t.Error("the chart is not what it was")
			}
		},
		"the second chart shows any metric": func(t *testing.T) {
			is := written(t, grid512x1+"/s1/a1", "train/grad_norm")
			p := in(t, "grid").press("space").does("metric train/grad_norm").second()
			p.sees("train/grad_norm").sees(strings.TrimRight(fmt.Sprintf("512×1 s1  %.2f", is[60]), " ")[:12])
		},
		"a column for anything": func(t *testing.T) {
			in(t, "grid").does("columns param batch").row("512×1", "320").does("columns seed").sees("seed")
		},
		"copied is exactly what is there": func(t *testing.T) {
			p := in(t, "mine").to("0.1 s1").press("Y")
			if p.clip != mineFailed {
				t.Errorf("copied %q", p.clip)
			}
			p.does("copy path")
			if _, err := os.Stat(filepath.Join(p.clip, "run.json")); err != nil {
				t.Errorf("copied %q: %v", p.clip, err)
			}
			p.does("copy verdict")
			if !strings.Contains(p.clip, "0.01 over 0.001") || !strings.Contains(p.clip, "+0.5 points") {
				t.Errorf("copied %q", p.clip)
			}
			p.does("copy table")
			if lines := strings.Split(strings.TrimSpace(p.clip), "\n"); len(lines) != 7 || !strings.HasPrefix(lines[1], "|---|") {
				t.Errorf("copied\n%s", p.clip)
			}
		},
		"frozen, nothing moves until it is let go": func(t *testing.T) {
			p := in(t, "mine").press("f")
			before := strings.ReplaceAll(p.text(), "FROZEN 0s", "FROZEN 1s")
			p.tell("tag", "late", mineFailed)
			if p.text() != before {
				t.Errorf("frozen it was\n%s\nand is\n%s", before, p.text())
			}
			p.press("f").to("0.1 s1").sees("#late")
		},
		"themes change colours and no word": func(t *testing.T) {
			p := in(t, "grid")
			before, colours := p.text(), map[string]bool{p.m.screen(): true}
			for range 3 {
				if p.press("T"); strings.Split(p.text(), "\n")[12] != strings.Split(before, "\n")[12] {
					t.Errorf("the theme changed the text:\n%s", p.text())
				}
				p.press("u")
				colours[p.m.screen()] = true
			}
			if len(colours) < 3 {
				t.Errorf("%d themes look different", len(colours))
			}
		},
		"the palette finds what is meant, and remembers it": func(t *testing.T) {
			p := in(t, "mine").press(":").types("retri").sees(`there is no command "retri"; the nearest is "retry"`).press("enter").did()
			p.press("backspace", "backspace").sees("› retry").press("enter", "y").did("retry "+mineFailed+" "+mineRuled).press(":", "↑", "enter", "n").did()
		},
		"the help finds a key": func(t *testing.T) {
			p := in(t, "mine").press("?", "/").types("failed lost").sees("try failed and lost runs again").lacks("give the pane").press("enter", "esc", "esc")
			p.press("t", "y").did("retry " + mineFailed + " " + mineRuled)
		},
		"a run is paused and goes on": func(t *testing.T) {
			p := in(t, "mine").serve("").goesOn(mineStopped).second().to("0.003 s1")
			p.press("p").eventually("it is paused", func() bool { return p.status(mineStopped) == store.Paused })
			p.eventually("the screen says so", func() bool { return strings.Contains(p.text(), "‖ paused") })
			p.press("p").eventually("it goes on", func() bool { return p.status(mineStopped) == store.Running })
			p.did("resume "+mineStopped, "pause "+mineStopped, "resume "+mineStopped)
		},
		"all are stopped": func(t *testing.T) {
			p := in(t, "mine").serve("").goesOn(mineStopped).goesOn(mineFailed).second()
			p.press("S").sees("stop 2 runs?").press("y").eventually("they are", func() bool {
				return p.status(mineStopped) == store.Stopped && p.status(mineFailed) == store.Stopped
			})
		},
		"run asks for what is missing": func(t *testing.T) {
			p := in(t, "mine").serve("").press("r").did("run mine")
			p.eventually("two go and one waits, or is ruled out", func() bool {
				return p.status(mineStopped) == store.Running && p.status(mineFailed) == store.Running
			})
		},
		"a point that is written is seen within a second": func(t *testing.T) {
			p := in(t, "mine").serve("").goesOn(mineStopped).second()
			line := `{"step":18,"time":1795652400,"m":{"train/loss":0.4321,"train/total_steps":24,"eval/pass@1":0.9}}` + "\n"
			if err := os.WriteFile(filepath.Join(p.store.RunDir(mineStopped), "a2", "metrics.jsonl"), []byte(line), 0o644); err != nil {
				t.Fatal(err)
			}
			p.second().row("0.003", "18/24", "0.432", "0.900")
		},
		"no answer of the engine is kept back": func(t *testing.T) {
			p := in(t, "mine")
			p.answer = func(r engine.Request) page.Reply {
				return page.Reply{Verb: r.Verb, Reply: engine.Reply{Queued: 1, Ruled: 1}}
			}
			p.press("t", "y").sees("1 queued, 1 ended by a stop rule")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}
