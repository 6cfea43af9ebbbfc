package form_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/form"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// recipes are the built-in ones on a machine whose speed is known.
func recipes() []experiments.Recipe {
	list := recipe.Table()
	for i := range list {
		list[i].Speed = 2e10
	}
	return list
}

// file is the experiment file of the tests, as somebody wrote it.
const file = `# ours
schema  = 1
project = "test"

# the first one
[experiment.quick]
title    = "Task count x solutions per task"
question = "Does task diversity beat more solutions per task?"
recipe   = "sft"
seeds    = 2 # enough

[experiment.quick.axes]
tasks     = [256, 512]
solutions = [1, 4]

[experiment.quick.params]
steps = 240
lr    = 8e-3 # tuned

# single cells
[experiment.cells]
recipe = "sft"
[[experiment.cells.cell]]
tasks     = 1024
solutions = 1
[[experiment.cells.cell]]
tasks     = 256
solutions = 4
[experiment.cells.params]
steps = 100
`

// driver uses the page as a person would, by way of its key table.
type driver struct {
	t    testing.TB
	f    *form.Form
	site *page.Site
	w, h int

	keys  int      // pressed that were no text
	said  []string // what the page asked of the root and the engine
	ask   *page.Ask
	gone  bool
	store *store.Store
}

func drive(t testing.TB, w, h int, place page.Place, name string) *driver {
	t.Helper()
	return driveFile(t, w, h, file, place, name)
}

// driveFile begins with an experiment file, or with "" and the shipped one.
func driveFile(t testing.TB, w, h int, text string, place page.Place, name string) *driver {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "experiments.toml")
	body := []byte(text)
	if text == "" {
		var err error
		if body, err = os.ReadFile("../../experiments.toml"); err != nil {
			t.Fatal(err)
		}
	} else if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := experiments.Parse(path, body, recipes())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t, w: w, h: h, store: s}
	d.site = &page.Site{Store: s, Path: path, Workdir: dir, Recipes: recipes(), File: f, Slots: 2, Do: func(r engine.Request) tea.Cmd {
		return func() tea.Msg {
			d.said = append(d.said, fmt.Sprintf("%s %s, %d runs", r.Verb, r.Plan.Experiment, len(r.Plan.Runs())))
			return nil
		}
	}}
	d.f = form.New(d.site, place, name)
	d.fits()
	return d.send(page.Tick{})
}

// do carries out a Cmd and what it leads to.
func (d *driver) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case page.Say:
		d.said = append(d.said, msg.Text)
	case page.Open:
		d.said = append(d.said, fmt.Sprintf("open %v", msg.Names))
		d.gone = true
	case page.Back:
		d.gone = true
	case page.Ask:
		d.ask = &msg
	default:
		if list := reflect.ValueOf(msg); list.Kind() == reflect.Slice { // a batch, or a sequence
			for i := range list.Len() {
				d.do(list.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		d.send(msg)
	}
}

func (d *driver) send(msg tea.Msg) *driver {
	d.t.Helper()
	d.do(d.f.Update(msg))
	d.fits()
	return d
}

// press presses keys that are no text, as the root hands them on.
func (d *driver) press(keys ...string) *driver {
	d.t.Helper()
	for _, k := range keys {
		d.keys++
		d.key(k)
	}
	return d
}

func (d *driver) key(name string) {
	d.t.Helper()
	d.said = nil
	switch msg := screentest.Key(name); {
	case d.ask != nil:
		ask := d.ask
		if d.ask = nil; name == "y" {
			d.do(ask.Yes)
		}
	case d.f.Typing():
		d.send(msg)
	default:
		for _, k := range d.f.Keys() {
			if k.Do != nil && slices.Contains(strings.Fields(k.Keys), name) {
				d.do(k.Do())
				break
			}
		}
	}
	d.fits()
}

// typed types a text, letter by letter.
func (d *driver) typed(text string) *driver {
	d.t.Helper()
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

func plainLook() look.Look { return look.New(chart.Style{Theme: chart.Theme{NoColor: true}}) }

func (d *driver) text() string {
	return ansi.Strip(strings.Join(d.f.View(plainLook(), d.w, d.h), "\n"))
}

// fits holds after every message: the page has exactly its size, and says the
// same without colour.
func (d *driver) fits() {
	d.t.Helper()
	plain := d.text()
	for _, l := range []look.Look{plainLook(), look.New(chart.Style{})} {
		lines := d.f.View(l, d.w, d.h)
		if text := ansi.Strip(strings.Join(lines, "\n")); text != plain {
			d.t.Fatalf("colour says what the text does not:\n%s", cmp.Diff(plain, text))
		}
		if len(lines) != d.h {
			d.t.Fatalf("%d lines of %d:\n%s", len(lines), d.h, d.text())
		}
		for i, line := range lines {
			if n := ansi.StringWidth(line); n != d.w {
				d.t.Fatalf("line %d has %d cells of %d: %q", i+1, n, d.w, line)
			}
		}
	}
}

func (d *driver) sees(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.text(), text) {
			d.t.Fatalf("the page does not say %q:\n%s", text, d.text())
		}
	}
	return d
}

func (d *driver) lacks(text string) *driver {
	d.t.Helper()
	if strings.Contains(d.text(), text) {
		d.t.Fatalf("the page says %q:\n%s", text, d.text())
	}
	return d
}

// says holds what the last key led to.
func (d *driver) says(want ...string) *driver {
	d.t.Helper()
	if diff := cmp.Diff(want, d.said); diff != "" {
		d.t.Fatalf("(-want +got):\n%s\n%s", diff, d.text())
	}
	return d
}

// holds compares the experiment file with what it was, changed by pairs of old and
// new text.
func (d *driver) holds(was string, edit ...string) *driver {
	d.t.Helper()
	for pair := range slices.Chunk(edit, 2) {
		if !strings.Contains(was, pair[0]) {
			d.t.Fatalf("%q is not there", pair[0])
		}
		was = strings.Replace(was, pair[0], pair[1], 1)
	}
	got, err := os.ReadFile(d.site.Path)
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := cmp.Diff(was, string(got)); diff != "" {
		d.t.Fatalf("the file (-want +got):\n%s", diff)
	}
	return d
}

// at puts the cursor on a field by the filter.
func (d *driver) at(words string) *driver {
	d.t.Helper()
	return d.press("/").typed(words).press("enter")
}

func (d *driver) golden(name string) *driver {
	d.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	var b strings.Builder
	for line := range strings.SplitSeq(d.text(), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	screentest.Golden(d.t, path, b.String())
	return d
}
