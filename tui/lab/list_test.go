package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/report"
)

const shippedFile = `
schema = 1
project = "test"
[experiment.grid]
question = "The same name is not shown twice."
recipe = "sft"
[experiment.grid.axes]
tasks = [1, 2]
[experiment.paper]
title = "As in the paper"
question = "Does it hold?"
recipe = "sft"
reference = "lcb5_tasks_v2"
[experiment.paper.axes]
tasks = [1, 2]
`

func listOf(t testing.TB, w, h int, ships bool) (*reader, *List) {
	t.Helper()
	r := &reader{t: t, w: w, h: h, look: look.New(chart.Style{Theme: chart.Theme{NoColor: true}}), site: &page.Site{File: parse(t, designs), Slots: 2, Do: func(engine.Request) tea.Cmd { return nil }}}
	if ships {
		r.site.Shipped = parse(t, shippedFile)
	}
	r.site.Summaries = []store.Summary{
		{Name: "cube", Runs: map[store.Status]int{store.Done: 20, store.Failed: 4}, Active: 1e9},
		{Name: "grid", Runs: map[store.Status]int{store.Running: 2, store.Queued: 40, store.Done: 6}, Active: 1e9 + 5000},
		{Name: "gone", Runs: map[store.Status]int{store.Done: 1}, Active: 1e9 - 1e6},
	}
	p := NewList(r.site)
	r.p = p
	p.hear(listMsg{name: "cube", known: known{read: true, hidden: 2, said: []report.Standing{{Claim: "(a) lower is better", Words: "holds", Amount: "+3.0 points [+1.0, +5.0]", Basis: "2 seeds, 95 %", Tone: 1}}}})
	p.Update(page.Tick{Now: 1e9 + 7200})
	return r, p
}

func TestListGolden(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		r, _ := listOf(t, size[0], size[1], true)
		r.golden(fmt.Sprintf("list-%dx%d", size[0], size[1]))
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	r, p := listOf(t, 200, 60, true)
	r.sees("▾ yours", "▾ shipped", "As in the paper", "2h", "36m", "11d", "● 2  ◌ 40  ✓ 6", "✗ 4  ✓ 20  2 hidden", "holds, +3.0 points [+1.0, +5.0]: (a) lower is better", "not in the experiment file")
	if n := strings.Count(r.text(), "  grid "); n != 1 {
		t.Errorf("grid stands there %d times:\n%s", n, r.text())
	}
	r.press("G", "e").got(page.Say{Text: "what ships is not edited: c makes one like it in your file"})
	r.press("c").got(page.Open{Place: page.Clone, Names: []string{"paper"}})
	r.press("enter").got(page.Open{Place: page.Experiment, Names: []string{"paper"}})
	r.press("r").got(page.Ask{Text: "run paper: 2 cells x 3 seeds?"})
	r.press("g", "space", "space", "v").got(page.Open{Place: page.Compare, Names: []string{"grid", "cube"}})
	r.press("u", "v").got(page.Open{Place: page.Compare}) // line was not run
	r.press("g", "v").got(page.Open{Place: page.Compare, Names: []string{"grid"}})
	p.table.Top()
	p.table.Move(-1)
	if name := p.table.Cursor(); name != "" {
		t.Fatalf("the cursor is on %q, want a heading", name)
	}
	r.press("v").got(page.Open{Place: page.Compare})
	r.press("/").press(keys("failed > 0")...).press("enter").sees("1 of 5", "cube").lacks("paper")
	r.press("esc").sees("paper")
	r.press("g", "/").press(keys("paper")...).press("enter", "enter").got(page.Open{Place: page.Experiment, Names: []string{"paper"}})
	r.press("esc").sees("cube")
	p.site.Mistaken = true
	r.sees("the experiment file has mistakes")
	if state := ansi.Strip(strings.Join(p.State(r.look), " ")); state != "● 2 running ✗ 4 failed" {
		t.Errorf("the state is %q", state)
	}
}

// A store in which nothing ran says what there is to do; a file without
// experiments, too.
func TestEmptyList(t *testing.T) {
	t.Parallel()
	r := &reader{t: t, w: 80, h: 24, look: look.New(chart.Style{}), site: &page.Site{File: parse(t, designs)}}
	r.p = NewList(r.site)
	r.sees("nothing has been run here yet: r runs the experiment under the cursor", "not run yet")
	r.site.File = parse(t, "schema = 1\nproject = \"none\"\n[experiment.x]\nrecipe = \"sft\"\n[experiment.x.axes]\ntasks = [1]\n")
	r.site.File.Experiments = nil
	r.send(page.Source{}).sees("the experiment file has no experiments yet: n makes one")
}

func TestFilterOfExperiments(t *testing.T) {
	t.Parallel()
	_, p := listOf(t, 120, 40, true)
	for text, want := range map[string]string{
		"": "cube gone grid line paper", "shipped = yes": "paper", "running > 0": "grid", "status = failed": "cube", "axis = lr": "cube", "cells >= 12": "cube grid",
		"verdict ~ holds": "cube", "recipe = sft and runs = 0": "line paper", "hidden > 0": "cube", "question ~ /learning/": "cube", "seeds = 1": "line", "gri": "grid",
	} {
		q, err := query.Parse(text)
		if err == nil {
			err = q.Check(p.candidates())
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got []string
		for name, r := range p.rows {
			if q.Match(r) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q shows %v, want %s", text, got, want)
		}
	}
}
