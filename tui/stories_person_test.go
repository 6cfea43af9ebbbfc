package tui

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/engine"
	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// person uses the interface on a copy of the recorded store. The store is read by
// the real feed, every Cmd is carried out in this process, and the clock stands
// still until a second passes by hand.
type person struct {
	t      *testing.T
	m      *Model
	home   string // the folder with the experiment file
	store  *store.Store
	feed   *store.Feed
	looks  int
	source *source
	gpus   page.Readings
	asked  []engine.Request // verbs, in their order
	answer func(engine.Request) page.Reply
	clip   string // what the terminal's clipboard has
	left   bool   // the interface was left
	keys   int    // that were pressed; a text that is typed counts as one
}

// recordedAt is a while after the recorded store was made.
const recordedAt = 1795652400

// sit puts somebody before the screen that the bare command opens on the recorded
// store.
func sit(t *testing.T, w, h int) *person {
	t.Helper()
	return sitAt(t, w, h, terminal{}, "testdata/recorded")
}

// sitAt does so in a copy of any folder, at any terminal.
func sitAt(t *testing.T, w, h int, term terminal, folder string) *person {
	t.Helper()
	p := &person{t: t, home: memory(t)}
	if err := os.CopyFS(p.home, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.store, err = store.Open(filepath.Join(p.home, "runs")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(p.home, "experiments.toml")
	load := func() (*experiments.File, error) { return loadFile(path) }
	file, err := load()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := p.store.Summaries()
	if err != nil {
		t.Fatal(err)
	}
	site := &page.Site{
		Store: p.store, Path: path, Workdir: p.home, Recipes: recipe.Table(), File: file, Slots: 2, Do: p.do, Client: engine.NewClient(p.store),
	}
	p.source = newSource(Config{Path: path, Load: load, Store: p.store})
	p.m = newModel(site, term, openOn(sums))
	p.m.backend, p.m.term.env = p, map[string]string{}
	p.m.now = recordedAt
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	p.feed = store.NewFeed(ctx, p.store, time.Hour, store.Focus{})
	p.resize(w, h)
	return p.second()
}

// memory is a folder in memory, where there is such a thing.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ablate-tui-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// loadFile reads an experiment file as the program does.
func loadFile(path string) (*experiments.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return experiments.Parse(path, text, recipe.Table())
}

// What a person has as a backend: the next second comes by hand.
func (p *person) next() tea.Cmd                   { return nil }
func (p *person) sources() tea.Cmd                { return nil }
func (p *person) tick() tea.Cmd                   { return nil }
func (p *person) readings(bool) tea.Cmd           { return nil }
func (p *person) show([]experiments.Host) tea.Cmd { return nil }

func (p *person) wake(string) tea.Cmd { return nil }

func (p *person) focus(f store.Focus) tea.Cmd {
	return func() tea.Msg { return p.read(f) }
}

// read has the feed look at the store. A metric that nobody has makes every focus
// another one, so that an update comes of each look, also where nothing changed.
func (p *person) read(f store.Focus) updateMsg {
	p.t.Helper()
	p.looks++
	mark := fmt.Sprintf("look %d", p.looks)
	want := f
	want.Metrics = append(slices.Clone(f.Metrics), mark)
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	go p.feed.Focus(ctx, want)
	var all store.Update
	for {
		select {
		case u, ok := <-p.feed.Updates():
			if !ok {
				p.t.Error("the feed has ended")
				return updateMsg{}
			}
			if !slices.Contains(u.Focus.Metrics, mark) {
				continue // of an earlier focus
			}
			if all.Histories != nil {
				maps.Copy(all.Histories, u.Histories)
				u.Histories, u.Fresh = all.Histories, u.Fresh || all.Fresh
			}
			if all = u; !u.Behind {
				all.Focus = f
				return updateMsg{all}
			}
		case <-ctx.Done():
			p.t.Error("the feed brings nothing")
			return updateMsg{}
		}
	}
}

// do notes what the engine is asked for, and answers for it.
func (p *person) do(r engine.Request) tea.Cmd {
	return func() tea.Msg {
		p.asked = append(p.asked, r)
		if p.answer != nil {
			return p.answer(r)
		}
		return page.Reply{Verb: r.Verb}
	}
}

// second lets a second pass, in which everything is looked at once.
func (p *person) second() *person {
	p.t.Helper()
	p.send(p.source.look())
	p.send(p.read(p.m.asked))
	p.gpus.Now = p.m.now + 1
	p.send(p.gpus)
	return p.send(page.Tick{Now: p.m.now + 1})
}

// eventually lets seconds pass until something holds that others bring about.
func (p *person) eventually(what string, holds func() bool) *person {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); p.second() {
		if time.Now().After(end) {
			p.t.Fatalf("it never was so that %s:\n%s", what, p.text())
		}
		<-time.After(5 * time.Millisecond)
	}
	return p
}

func (p *person) resize(w, h int) *person {
	p.t.Helper()
	return p.send(tea.WindowSizeMsg{Width: w, Height: h})
}

// send puts a message in and carries out what it leads to.
func (p *person) send(msg tea.Msg) *person {
	p.t.Helper()
	_, cmd := p.m.Update(msg)
	p.carry(cmd)
	p.fits()
	return p
}

// carry carries out a Cmd and what that leads to.
func (p *person) carry(cmd tea.Cmd) {
	p.t.Helper()
	if cmd == nil {
		return
	}
	msg := cmd()
	switch v := reflect.ValueOf(msg); {
	case msg == nil:
	case v.Type().String() == "tea.setClipboardMsg":
		p.clip = v.String()
	case v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd](): // side by side, or one after the other
		for i := range v.Len() {
			p.carry(v.Index(i).Interface().(tea.Cmd))
		}
	case v.Type() == reflect.TypeFor[tea.QuitMsg]():
		p.left = true
	case v.Type() == reflect.TypeFor[tea.RawMsg]():
	default:
		p.send(msg)
	}
}

// fits holds after every message: the screen has exactly its size.
func (p *person) fits() {
	p.t.Helper()
	if p.m.width < 1 || p.m.height < 1 {
		return
	}
	lines := strings.Split(p.m.screen(), "\n")
	if len(lines) != p.m.height {
		p.t.Fatalf("the screen has %d lines of %d:\n%s", len(lines), p.m.height, p.text())
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != p.m.width {
			p.t.Fatalf("line %d has %d cells of %d: %q", i+1, n, p.m.width, l)
		}
	}
	if len(p.m.broken) > 0 {
		p.t.Fatalf("a page broke: %v", p.m.broken)
	}
}

// press presses keys by their names.
func (p *person) press(keys ...string) *person {
	p.t.Helper()
	for _, k := range keys {
		p.keys++
		p.send(screentest.Key(k))
	}
	return p
}

// reads holds that a hint stands on the screen, such as "t retry", and presses its
// key: somebody who never was here can find it.
func (p *person) reads(hint string) *person {
	p.t.Helper()
	key, _, _ := strings.Cut(hint, " ")
	return p.sees(hint).press(key)
}

// types types a text, which is one thing to do.
func (p *person) types(text string) *person {
	p.t.Helper()
	p.keys++
	for letter := range strings.SplitSeq(text, "") {
		p.send(screentest.Key(letter))
	}
	return p
}

// does finds something in the palette: the key that opens it is in the last line,
// and the palette shows the command before it is taken.
func (p *person) does(command string) *person {
	p.t.Helper()
	return p.reads(": more").types(command).sees("› " + command).press("enter")
}

// to moves the cursor to the row that has a text, by the arrows, which everybody
// tries.
func (p *person) to(text string) *person {
	p.t.Helper()
	for range 40 {
		at, want := -1, -1
		for i, line := range strings.Split(p.text(), "\n") {
			if i > 0 && strings.HasPrefix(line, "›") {
				at = i
			}
			if i > 0 && want < 0 && strings.Contains(line, text) && !strings.Contains(line, "log") {
				want = i
			}
		}
		switch {
		case want < 0 || at < 0:
			p.t.Fatalf("there is no row %q, or no cursor:\n%s", text, p.text())
		case at == want:
			return p
		case at < want:
			p.press("↓")
		default:
			p.press("↑")
		}
	}
	p.t.Fatalf("the cursor never came to %q:\n%s", text, p.text())
	return p
}

func (p *person) text() string { return ansi.Strip(p.m.screen()) }

func (p *person) sees(texts ...string) *person {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Fatalf("the screen does not say %q:\n%s", text, p.text())
		}
	}
	return p
}

func (p *person) lacks(texts ...string) *person {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text(), text) {
			p.t.Fatalf("the screen says %q:\n%s", text, p.text())
		}
	}
	return p
}

// verbs are what the engine was asked for, in words.
func (p *person) verbs() (words []string) {
	for _, r := range p.asked {
		text := r.Verb
		if r.Plan != nil {
			text += " " + r.Plan.Experiment
		}
		text = strings.Join(append([]string{text}, append(r.Runs, r.Order...)...), " ")
		if r.Place != "" {
			text += " to " + r.Place
		}
		if r.Slots > 0 {
			text += fmt.Sprint(" ", r.Slots)
		}
		if r.Mark != nil {
			text += ": " + r.Mark.Kind + r.Mark.Text
		}
		words = append(words, text)
	}
	return words
}

// did holds what the engine was asked for since the last call.
func (p *person) did(want ...string) *person {
	p.t.Helper()
	if got := p.verbs(); !slices.Equal(got, want) {
		p.t.Fatalf("asked of the engine: %q, want %q\n%s", got, want, p.text())
	}
	p.asked = nil
	return p
}

// within holds how many keys were pressed since the beginning.
func (p *person) within(most int) *person {
	p.t.Helper()
	if p.keys > most {
		p.t.Errorf("that took %d keys, want at most %d", p.keys, most)
	}
	p.t.Logf("%d keys", p.keys)
	return p
}
