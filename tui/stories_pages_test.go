package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const rolloutRun = "reward/reward=partial~31c037/s1"

// openPage opens the page of a recorded run.
func openPage(t *testing.T, id string) *person {
	t.Helper()
	experiment, _, _ := strings.Cut(id, "/")
	p := in(t, experiment)
	for range 10 {
		if p.m.exp.Focus().Run == id {
			return p.press("enter").second()
		}
		p.press("↓")
	}
	t.Fatalf("there is no run %s:\n%s", id, p.text())
	return p
}

// programs are what a recorded run's model wrote, read by hand.
func programs(t *testing.T, run string) (all []store.Sample) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/recorded/runs", run, "a1/samples.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var s store.Sample
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// What a person does on the page of a run.
func TestStoriesOfARun(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"programs are those of the file, in its order": func(t *testing.T) {
			all := programs(t, rolloutRun)
			first := slices.IndexFunc(all, func(s store.Sample) bool { return s.Step == 8 })
			p := openPage(t, rolloutRun).sees(fmt.Sprintf("%d of %d · step 8", first+1, len(all)))
			p.press("]").does("copy program")
			if p.clip != all[first+1].Program {
				t.Errorf("copied %q, want %q", p.clip, all[first+1].Program)
			}
			p.press("{").sees("step 0").does("copy program")
			if p.clip != all[1].Program {
				t.Errorf("copied %q, want %q", p.clip, all[1].Program)
			}
		},
		"programs are filtered by their verdict": func(t *testing.T) {
			n := 0
			for _, s := range programs(t, rolloutRun) {
				if s.Verdict == "AC" {
					n++
				}
			}
			p := openPage(t, rolloutRun).press("tab", "tab").press("/").types("ac").press("enter").sees(fmt.Sprintf("of %d · step", n)).sees("✓ AC")
			p.press("esc").sees("of 36")
		},
		"a line of the log is found, and the next, and the one before": func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata/recorded/runs", rolloutRun, "a1/out.log"))
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for line := range strings.Lines(string(text)) {
				if strings.Contains(line, "phase") {
					lines = append(lines, strings.TrimSpace(line))
				}
			}
			if len(lines) < 3 {
				t.Fatalf("the log has %d phases", len(lines))
			}
			p := openPage(t, rolloutRun).press("L", "g", "/").types("phase").press("enter").sees("▸"+lines[0]).press("n").sees("▸"+lines[1]).press("n", "N").sees("▸" + lines[1])
			p.press("N", "N").sees("▸" + lines[len(lines)-1]).press("Y")
			if p.clip != lines[len(lines)-1] {
				t.Errorf("copied %q", p.clip)
			}
		},
		"the charts read what the file has": func(t *testing.T) {
			is := written(t, rolloutRun+"/a1", "train/reward")
			p := openPage(t, rolloutRun).press("h")
			p.sees(fmt.Sprintf("%.3f", is[8])).press("h", "h").sees(fmt.Sprintf("%.3f", is[6]))
		},
		"another metric, by its name": func(t *testing.T) {
			is := written(t, rolloutRun+"/a1", "train/entropy")
			openPage(t, rolloutRun).reads("m metric").types("entropy").press("enter").sees("▸ train/entropy", fmt.Sprintf("%.3f", is[8]))
		},
		"the verdicts are those of the last evaluation": func(t *testing.T) {
			p := openPage(t, rolloutRun)
			for _, v := range []string{"AC", "WA", "CE"} {
				share := exitOf(t, rolloutRun).Metrics["eval/verdict/"+v].(float64)
				p.sees(fmt.Sprintf(" %.0f  ", 20*share))
				if line := p.line("verdicts at 8"); !strings.Contains(line, fmt.Sprintf(" %.0f  ", 20*share)) || !strings.Contains(line, v) {
					t.Errorf("%s %.0f is not in %q", v, 20*share, line)
				}
			}
		},
		"the next run is the plan's next": func(t *testing.T) {
			p := openPage(t, mineStopped).press("J").sees("lr=0.01 s1").press("J").sees("lr=0.1 s1").press("t").did("retry " + mineFailed)
			p.press("K", "K", "K", "K").sees("this is its first run")
		},
		"all attempts are told": func(t *testing.T) {
			openPage(t, mineTwice).press("E").sees("+15s stop", "+15s exit", "attempt 1: stopped", "+20s retry", "attempt 2, by ada@lab", "+20s exit")
		},
		"parameters that are not the default stand first": func(t *testing.T) {
			var run struct{ Params map[string]any }
			text, err := os.ReadFile(filepath.Join("testdata/recorded/runs", rolloutRun, "run.json"))
			if err == nil {
				err = json.Unmarshal(text, &run)
			}
			if err != nil {
				t.Fatal(err)
			}
			openPage(t, rolloutRun).press("i", "z").sees(fmt.Sprintf("• batch = %v  (default 64)", run.Params["batch"]), "• reward = partial  (axis)")
		},
		"the error is copied whole": func(t *testing.T) {
			p := openPage(t, mineFailed).press("Y")
			for _, want := range []string{mineFailed, "Traceback (most recent call last):", "OverflowError: the gradient of step 13 is too large; lower lr"} {
				if !strings.Contains(p.clip, want) {
					t.Errorf("copied %q, which lacks %q", p.clip, want)
				}
			}
		},
		"a run that goes is stopped from its page": func(t *testing.T) {
			p := openPage(t, mineStopped).serve("").goesOn(mineStopped).second()
			p.reads("s stop").reads("y yes").eventually("it is", func() bool { return p.status(mineStopped) == store.Stopped })
			p.did("resume "+mineStopped, "stop "+mineStopped)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// line is the first line with a text, but for the title.
func (p *person) line(has string) string {
	for i, line := range strings.Split(p.text(), "\n") {
		if i > 0 && strings.Contains(line, has) {
			return line
		}
	}
	return ""
}

// What is compared is what `ablate compare` says.
func TestStoriesOfComparing(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"the numbers are the report's": func(t *testing.T) {
			p := in(t, "grid").press("v")
			var out bytes.Buffer
			if err := report.Compare(&out, p.store, report.CompareOptions{Names: []string{"grid/512x1", "grid/2048x1"}}, false, false); err != nil {
				t.Fatal(err)
			}
			screen := strings.Join(strings.Fields(p.text()), " ")
			found := 0
			for line := range strings.Lines(out.String()) {
				if f := strings.Fields(line); len(f) > 4 && (f[0] == "pass@1" || f[0] == "train/loss") {
					if found++; !strings.Contains(screen, strings.Join(f[1:], " ")) {
						t.Errorf("the screen has no %q", f[1:])
					}
				}
			}
			_, rest, _ := strings.Cut(out.String(), "less A ")
			points, _, _ := strings.Cut(strings.Join(strings.Fields(rest), " "), ";")
			if found != 2 || points == "" || !strings.Contains(screen, points) {
				t.Errorf("the screen does not say %q as the report does:\n%s\n%s", points, p.text(), out.String())
			}
			p.row("pass@1", fmt.Sprintf("%.3f", resultOf(t, "eval/pass@1", grid512x1, 1, 2)), fmt.Sprintf("%.3f", resultOf(t, "eval/pass@1", grid2048x1, 1, 2)))
		},
		"the table is copied as Markdown": func(t *testing.T) {
			p := in(t, "grid").press("v", "Y")
			for _, want := range []string{"| tasks | 512 | 2048 |", fmt.Sprintf("| pass@1 | %.3f", resultOf(t, "eval/pass@1", grid512x1, 1, 2)), "no evidence (could only have seen "} {
				if !strings.Contains(p.clip, want) {
					t.Errorf("copied without %q:\n%s", want, p.clip)
				}
			}
		},
		"all parameters, or those that differ": func(t *testing.T) {
			p := in(t, "grid").press("v").lacks("warmup").press("d", "z").sees("batch").row("batch", "320", "320", "equal").press("d").lacks("batch")
			p.row("tasks", "512", "2048")
		},
		"flips have their programs": func(t *testing.T) {
			p := in(t, "grid").press("v", "enter").sees("tasks flipped")
			var shown string
			for _, s := range append(programs(t, grid512x1+"/s1"), programs(t, grid512x1+"/s2")...) {
				if s.Step == 60 && strings.Contains(p.line("›"), s.Task) {
					shown = strings.TrimSpace(strings.Split(s.Program, "\n")[0])
				}
			}
			if shown == "" {
				t.Fatalf("no program of the task under the cursor is in the files:\n%s", p.text())
			}
			p.sees(shown).press("Y")
			if n := strings.Count(p.clip, "\n"); !strings.Contains(p.text(), fmt.Sprintf("%d tasks flipped", n)) {
				t.Errorf("copied %d tasks", n)
			}
		},
		"another metric": func(t *testing.T) {
			p := in(t, "grid").press("v").does("metric train/loss")
			p.row("train/loss", fmt.Sprintf("%.3f", resultOf(t, "train/loss", grid512x1, 1, 2)), fmt.Sprintf("%.3f", resultOf(t, "train/loss", grid2048x1, 1, 2)))
		},
		"experiments that share no axis say so": func(t *testing.T) {
			p := sit(t, 120, 40).reads("esc back").press("G", "space", "k", "space", "v")
			if text := p.text(); !strings.Contains(text, "partner") {
				t.Errorf("nothing says that they have nothing in common:\n%s", text)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// What a person does with the queue: the real engine does it, too.
func TestStoriesOfTheQueue(t *testing.T) {
	t.Parallel()
	order := func(p *person) (ids []string) {
		s, err := p.m.site.Client.Status(context.Background())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, x := range s.Queue {
			ids = append(ids, x.ID)
		}
		return ids
	}
	queue := func(t *testing.T) *person {
		t.Helper()
		p := in(t, "mine").serve("")
		p.carry(p.m.site.Do(engine.Request{Verb: "slots", Slots: 1}))
		p.carry(p.m.site.Do(engine.Request{Verb: "retry", Runs: []string{mineStopped, mineFailed, mineRuled}, Force: true}))
		p.eventually("one goes", func() bool { return p.status(mineStopped) == store.Running && len(order(p)) == 2 })
		p.asked = nil
		return p.press("Q").eventually("the queue is there", func() bool { return strings.Contains(p.text(), "2 waiting") && strings.Contains(p.text(), mineRuled) })
	}
	t.Run("the last is made the first", func(t *testing.T) {
		t.Parallel()
		p := queue(t)
		p.to(mineRuled).reads("< first").did("move " + mineRuled + " to first")
		if got := order(p); !slices.Equal(got, []string{mineRuled, mineFailed}) {
			t.Errorf("the queue is %q", got)
		}
	})
	t.Run("one more slot starts one more run", func(t *testing.T) {
		t.Parallel()
		p := queue(t).reads("+ slots").did("slots 2")
		p.eventually("it goes", func() bool { return p.status(mineFailed) == store.Running })
		if n := engine.SlotsOf(p.store); n != 2 {
			t.Errorf("the store has %d slots", n)
		}
	})
	t.Run("what waits is taken out", func(t *testing.T) {
		t.Parallel()
		p := queue(t).to(mineFailed).reads("s stop").reads("y yes")
		p.eventually("it waits no more", func() bool { return slices.Equal(order(p), []string{mineRuled}) })
		if s := p.status(mineFailed); s != store.Stopped && s != store.Failed {
			t.Errorf("it is %s", s)
		}
	})
}
