package lab

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// designs are the experiments of the tests.
const designs = `
schema = 1
project = "test"
[experiment.grid]
title = "Task count x solutions per task"
question = "Does task diversity beat more solutions per task?"
recipe = "sft"
seeds = 3
reference = "lcb5_solutions_per_task_64k_rows"
[experiment.grid.axes]
tasks = [256, 512, 1024, 2048]
solutions = [1, 2, 4, 8]
[experiment.grid.params]
steps = 240
[experiment.cube]
question = "And the learning rate?"
recipe = "sft"
seeds = 2
[experiment.cube.axes]
tasks = [256, 512]
solutions = [1, 2]
lr = [0.001, 0.003, 0.01]
[experiment.cube.params]
steps = 240
[experiment.line]
question = "Is it lower?"
recipe = "sft"
seeds = 1
objective = { metric = "train/loss", goal = "min" }
[experiment.line.axes]
source = ["raw", "verified"]
[experiment.line.params]
tasks = 64
solutions = 1
steps = 10
`

func parse(t testing.TB, text string) *experiments.File {
	t.Helper()
	whole := func(name string) experiments.Param {
		return experiments.Param{Name: name, Kind: experiments.Int, Default: 1}
	}
	f, err := experiments.Parse("experiments.toml", []byte(text), []experiments.Recipe{{
		Name: "sft", Version: 1, Params: []experiments.Param{
			whole("tasks"), whole("solutions"), whole("steps"), whole("eval_tasks"),
			{Name: "lr", Kind: experiments.Float, Default: 0.001}, {Name: "source", Kind: experiments.String, Default: "raw"},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// value is the final pass rate of a run in the tests: more tasks and a higher seed
// are better.
func value(run experiments.Run) float64 {
	return 0.1 + float64(run.Params.Int("tasks"))/4096 + 0.01*float64(run.Seed) - 0.01*float64(run.Params.Int("solutions"))
}

// data is a store in which the runs of an experiment have these statuses, in the
// order of the plan's cells and seeds; further ones wait.
func data(plan *experiments.Plan, statuses ...store.Status) page.Data {
	u := store.Update{
		Focus: store.Focus{Experiment: plan.Experiment}, Fresh: true, Plan: plan, Histories: map[string]*store.History{},
		Metrics: []string{"eval/pass@1", "perf/tokens_per_s", "tokens", "train/entropy", "train/loss", "train/total_steps"},
	}
	s := &design{name: plan.Experiment, plan: plan}
	s.place()
	at := map[string]int{}
	for c := range plan.Cells {
		for k := range plan.Seeds {
			at[s.id(c, k)] = c*len(plan.Seeds) + k
		}
	}
	for _, run := range plan.Runs() {
		status := store.Queued
		if i := at[run.ID]; i < len(statuses) {
			status = statuses[i]
		}
		r := store.Record{Run: run, Status: status, Attempt: 1}
		steps := map[store.Status]int64{store.Done: 240, store.Running: 120, store.Failed: 80}[status]
		switch status {
		case store.Done:
			r.Seconds, r.Metrics = 60, store.Values{"eval/pass@1": value(run), "train/loss": 1 - value(run)}
		case store.Failed:
			r.Seconds, r.Reason = 20, "ended by signal 9 (SIGKILL): the machine has no memory left for it"
		case store.Running:
			r.Seconds = 30
		default:
			r.Attempt = 0
		}
		u.Records = append(u.Records, r)
		if steps > 0 {
			u.Histories[run.ID] = history(run, steps)
		}
	}
	return page.Data{Update: u}
}

// history is a run's: a loss that falls, a pass rate that rises.
func history(run experiments.Run, steps int64) *store.History {
	h := &store.History{}
	b := store.Batch{Attempt: 1, Points: []store.Point{{M: store.Values{"train/total_steps": 240}}}}
	for s := int64(10); s <= steps; s += 10 {
		share := float64(s) / 240
		m := store.Values{"train/loss": 5*(1-share) + 1 - value(run), "perf/tokens_per_s": 12345, "tokens": float64(s) * 4096}
		if s%40 == 0 {
			m["eval/pass@1"] = value(run) * share
		}
		b.Points = append(b.Points, store.Point{Step: s, Time: 1e9 + float64(s)/4, M: m})
	}
	h.Add(b)
	return h
}

// reader is a page as somebody uses it, with what it asked for.
type reader struct {
	t     testing.TB
	p     page.Page
	look  look.Look
	w, h  int
	site  *page.Site
	asked []string
	sent  []tea.Msg
}

func open(t testing.TB, name string, w, h int) (*reader, *Experiment) {
	t.Helper()
	r := &reader{t: t, w: w, h: h, look: look.New(chart.Style{Theme: chart.Theme{NoColor: true}})}
	r.site = &page.Site{File: parse(t, designs), Slots: 2, Do: func(q engine.Request) tea.Cmd {
		return func() tea.Msg {
			r.asked = append(r.asked, strings.Join(append([]string{q.Verb}, q.Runs...), " "))
			return nil
		}
	}}
	p := NewExperiment(r.site, name)
	r.p = p
	return r, p
}

func (r *reader) send(msg tea.Msg) *reader {
	r.t.Helper()
	r.do(r.p.Update(msg))
	r.text()
	return r
}

func (r *reader) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case lawsMsg: // for the page itself
		r.do(r.p.Update(msg))
	case tea.BatchMsg:
		for _, c := range msg {
			r.do(c)
		}
	default:
		r.sent = append(r.sent, msg)
	}
}

// press presses keys as the root does.
func (r *reader) press(keys ...string) *reader {
	r.t.Helper()
	for _, name := range keys {
		if r.p.Typing() {
			r.send(typed(name))
			continue
		}
		if name == "esc" {
			r.p.Back()
			r.text()
			continue
		}
		i := slices.IndexFunc(r.p.Keys(), func(k page.Key) bool { return slices.Contains(strings.Fields(k.Keys), name) })
		if i < 0 {
			r.t.Fatalf("no key %q", name)
		}
		r.do(r.p.Keys()[i].Do())
		r.text()
	}
	return r
}

func typed(name string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "backspace": tea.KeyBackspace, "space": tea.KeySpace, "home": tea.KeyHome, "end": tea.KeyEnd}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(letter)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// text is the page; it has exactly its size.
func (r *reader) text() string {
	r.t.Helper()
	lines := r.p.View(r.look, r.w, r.h)
	if len(lines) != r.h {
		r.t.Fatalf("%d lines of %d", len(lines), r.h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != r.w {
			r.t.Fatalf("line %d has %d cells of %d: %q", i+1, n, r.w, l)
		}
	}
	return ansi.Strip(strings.Join(lines, "\n"))
}

func (r *reader) sees(texts ...string) *reader {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.text(), text) {
			r.t.Fatalf("the page does not say %q:\n%s", text, r.text())
		}
	}
	return r
}

func (r *reader) lacks(texts ...string) *reader {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.text(), text) {
			r.t.Fatalf("the page says %q:\n%s", text, r.text())
		}
	}
	return r
}

// got is what the page asked of the root last, and forgets it.
func (r *reader) got(want ...tea.Msg) *reader {
	r.t.Helper()
	for i, msg := range r.sent {
		if ask, ok := msg.(page.Ask); ok {
			ask.Yes = nil
			r.sent[i] = ask
		}
	}
	if diff := cmp.Diff(want, r.sent); diff != "" {
		r.t.Fatalf("messages (-want +got):\n%s", diff)
	}
	r.sent = nil
	return r
}

func (r *reader) golden(name string) {
	r.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := r.text() + "\n"
	screentest.Golden(r.t, path, got)
}

// said are the marks of a store in which so much was said.
func said(t testing.TB, marks ...store.Mark) store.Marks {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lines, err := store.AppendTo(s.MarksFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range marks {
		if err := lines.Append(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadMarks(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
