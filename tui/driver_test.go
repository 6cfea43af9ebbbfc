package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// design is the experiment file of the tests.
const designFile = `
schema = 1
project = "test"
[experiment.quick]
title = "Task count x solutions per task"
question = "Does task diversity beat more solutions per task?"
recipe = "sft"
equal = "rows"
seeds = 2
[[experiment.quick.cell]]
tasks = 1024
solutions = 1
[[experiment.quick.cell]]
tasks = 256
solutions = 4
[[experiment.quick.cell]]
tasks = 128
solutions = 8
[experiment.quick.params]
steps = 240
[experiment.other]
title = "Another one"
question = "Is it the tasks or the updates that help?"
recipe = "sft"
seeds = 3
[experiment.other.axes]
tasks = [256, 512]
[experiment.other.params]
solutions = 1
steps = 400
`

func parse(t testing.TB) *experiments.File {
	t.Helper()
	whole := func(name string, d int) experiments.Param {
		return experiments.Param{Name: name, Kind: experiments.Int, Default: d}
	}
	f, err := experiments.Parse("experiments.toml", []byte(designFile), []experiments.Recipe{{
		Name: "sft", Version: 1, Params: []experiments.Param{whole("tasks", 1), whole("solutions", 1), whole("steps", 1)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fakeBackend notes what the pages ask for and does nothing.
type fakeBackend struct {
	mu    sync.Mutex // a running program carries out Cmds side by side
	asked []string
}

func (f *fakeBackend) next() tea.Cmd { return nil }

func (f *fakeBackend) sources() tea.Cmd { return nil }

func (f *fakeBackend) tick() tea.Cmd { return nil }

func (f *fakeBackend) show(hosts []experiments.Host) tea.Cmd {
	return f.note("show %d", len(hosts))
}
func (f *fakeBackend) readings(slow bool) tea.Cmd {
	if slow {
		return f.note("readings, slow")
	}
	return f.note("readings")
}

func (f *fakeBackend) wake(of string) tea.Cmd { return f.note("wake %q", of) }

func (f *fakeBackend) note(format string, args ...any) tea.Cmd {
	return func() tea.Msg {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, fmt.Sprintf(format, args...))
		return nil
	}
}

func (f *fakeBackend) focus(x store.Focus) tea.Cmd { return f.note("focus %s %s", x.Experiment, x.Run) }

func (f *fakeBackend) do(r engine.Request) tea.Cmd {
	if r.Verb == "run" {
		return f.note("run %s, %d runs", r.Plan.Experiment, len(r.Plan.Runs()))
	}
	what := append([]string{r.Verb}, r.Runs...)
	if r.Mark != nil {
		what = append(what, r.Mark.Kind+r.Mark.Text)
	}
	return f.note("%s", strings.Join(what, " "))
}

// driver uses the interface as a person would.
type driver struct {
	t       *testing.T
	m       *Model
	backend *fakeBackend
	presses int // of keys, since the last call of within

	clipboard string // of the terminal
}

func drive(t *testing.T, w, h int, experiment string) *driver {
	t.Helper()
	d := &driver{t: t, backend: &fakeBackend{}}
	d.m = newModel(&page.Site{File: parse(t), Slots: 2, Do: d.backend.do}, terminal{}, experiment)
	d.m.backend = d.backend
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// tick lets a second pass.
func (d *driver) tick() *driver {
	d.t.Helper()
	return d.send(page.Tick{Now: d.m.now + 1})
}

// rows are the runs of quick in the order of the table.
func (d *driver) rows() (ids []string) {
	plan := d.m.site.Design("quick")
	for _, c := range plan.Cells {
		for _, seed := range plan.Seeds {
			ids = append(ids, fmt.Sprintf("quick/%s/s%d", c.Name, seed))
		}
	}
	return ids
}

// under is the run under the cursor, as an update has it.
func (d *driver) under(u updateMsg) store.Record {
	for _, r := range u.Records {
		if r.ID == d.m.exp.Focus().Run {
			return r
		}
	}
	return store.Record{}
}

// send puts a message in and carries out what it leads to.
func (d *driver) send(msg tea.Msg) *driver {
	d.t.Helper()
	_, cmd := d.m.Update(msg)
	d.do(cmd)
	d.fits()
	return d
}

func (d *driver) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	if fmt.Sprintf("%T", msg) == "tea.setClipboardMsg" { // which nobody else can name
		d.clipboard = fmt.Sprint(msg)
		return
	}
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.do(c)
		}
	case tea.RawMsg:
		d.backend.asked = append(d.backend.asked, fmt.Sprintf("raw %q", msg.Msg))
	case tea.QuitMsg:
		d.backend.asked = append(d.backend.asked, "quit")
	default:
		d.send(msg)
	}
}

// press presses keys by their names: "j", "enter", "ctrl+d", "↓".
func (d *driver) press(keys ...string) *driver {
	d.t.Helper()
	for _, k := range keys {
		d.presses++
		d.send(screentest.Key(k))
	}
	return d
}

// types presses the keys of a text.
func (d *driver) types(text string) *driver {
	d.t.Helper()
	return d.press(strings.Split(text, "")...)
}

// within holds how many keys were pressed since the last call, or the beginning.
func (d *driver) within(most int) *driver {
	d.t.Helper()
	if d.presses > most {
		d.t.Errorf("that took %d keys, want at most %d", d.presses, most)
	}
	d.presses = 0
	return d
}

// click presses the left button on the first place where a text stands.
func (d *driver) click(text string) *driver {
	d.t.Helper()
	for y, line := range strings.Split(d.text(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return d.send(tea.MouseClickMsg{X: ansi.StringWidth(before), Y: y, Button: tea.MouseLeft})
		}
	}
	d.t.Fatalf("there is no %q to click on:\n%s", text, d.text())
	return d
}

func (d *driver) text() string { return ansi.Strip(d.m.screen()) }

// fits holds after every message: the screen has exactly its size.
func (d *driver) fits() {
	d.t.Helper()
	lines := strings.Split(d.m.screen(), "\n")
	if len(lines) != d.m.height {
		d.t.Fatalf("the screen has %d lines of %d:\n%s", len(lines), d.m.height, d.text())
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != d.m.width {
			d.t.Fatalf("line %d has %d cells of %d: %q", i+1, n, d.m.width, l)
		}
	}
}

func (d *driver) sees(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.text(), text) {
			d.t.Fatalf("the screen does not say %q:\n%s", text, d.text())
		}
	}
	return d
}

func (d *driver) lacks(text string) *driver {
	d.t.Helper()
	if strings.Contains(d.text(), text) {
		d.t.Fatalf("the screen says %q:\n%s", text, d.text())
	}
	return d
}

// asked holds what the pages have asked of the backend since the last call, but
// for what they ask all the time.
func (d *driver) asked(want ...string) *driver {
	d.t.Helper()
	return d.noted(want, func(a string) bool {
		return !strings.HasPrefix(a, "focus") && !strings.HasPrefix(a, "wake") && a != "readings"
	})
}

// woke holds how the engine was looked after since the last call.
func (d *driver) woke(want ...string) *driver {
	d.t.Helper()
	return d.noted(want, func(a string) bool { return strings.HasPrefix(a, "wake") })
}

// focused holds what the feed was asked to read since the last call.
func (d *driver) focused(want ...string) *driver {
	d.t.Helper()
	return d.noted(want, func(a string) bool { return strings.HasPrefix(a, "focus") })
}

func (d *driver) noted(want []string, counts func(string) bool) *driver {
	d.t.Helper()
	var got []string
	for _, a := range d.backend.asked {
		if counts(a) {
			got = append(got, a)
		}
	}
	d.backend.asked = nil
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Fatalf("asked of the backend (-want +got):\n%s", diff)
	}
	return d
}

func (d *driver) golden(name string) *driver {
	d.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := d.text() + "\n"
	screentest.Golden(d.t, path, got)
	return d
}

// midway is a store in which quick is half done: one run done, two going, one
// failed, two waiting.
func midway(t testing.TB) updateMsg {
	t.Helper()
	var plan *experiments.Plan
	for _, e := range parse(t).Experiments {
		if e.Name == "quick" {
			plan = e.Plan()
		}
	}
	u := store.Update{Focus: store.Focus{Experiment: "quick"}, Fresh: true, Plan: plan, Histories: map[string]*store.History{}}
	u.Metrics = []string{"eval/pass@1", "perf/tokens_per_s", "train/loss", "train/total_steps"}
	states := []store.Status{store.Done, store.Running, store.Failed, store.Queued, store.Running, store.Queued}
	for i, run := range plan.Runs() {
		r := store.Record{Run: run, Status: states[i], Attempt: 1}
		steps := map[store.Status]int64{store.Done: 240, store.Running: int64(60 * i), store.Failed: 90}[states[i]]
		switch states[i] {
		case store.Done:
			r.Metrics, r.Seconds = store.Values{"eval/pass@1": 0.4, "train/loss": 0.05}, 62
		case store.Failed:
			r.Reason, r.Seconds = "ended by signal 9 (SIGKILL)", 20
		case store.Running:
			r.Seconds = float64(steps) / 4
		default:
			r.Attempt = 0
		}
		u.Records = append(u.Records, r)
		if steps > 0 {
			u.Histories[run.ID] = history(points(steps, float64(i)))
		}
	}
	u.Experiments = []store.Summary{{Name: "quick", Runs: map[store.Status]int{store.Done: 1, store.Running: 2, store.Failed: 1, store.Queued: 2}}}
	return updateMsg{u}
}

// history is that of attempts with these points.
func history(attempts ...[]store.Point) *store.History {
	h := &store.History{}
	for i, points := range attempts {
		h.Add(store.Batch{Attempt: i + 1, Points: points})
	}
	return h
}

// points are a run's: a loss that falls, a pass rate that rises every 40 steps.
func points(steps int64, slow float64) []store.Point {
	out := []store.Point{{Step: 0, M: store.Values{"train/total_steps": 240, "eval/pass@1": 0}}}
	for s := int64(1); s <= steps; s++ {
		m := store.Values{"train/loss": 5 / (1 + float64(s)/(20+5*slow)), "perf/tokens_per_s": 12345}
		if s%40 == 0 {
			m["eval/pass@1"] = 0.4 * float64(s) / 240 / (1 + slow/2)
		}
		out = append(out, store.Point{Step: s, Time: 1e9 + float64(s)/4, M: m})
	}
	return out
}
