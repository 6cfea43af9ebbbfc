// Package form is the page on which an experiment is made: a new one, a clone, or
// one that is edited. Each field takes its text by way of an experiments.Draft, so
// that what a form refuses is what the experiment file refuses, in the same words;
// what is written comes from experiments.Insert, Clone and Replace, as it does for
// `ablate new`.
package form

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Form is the page of one experiment that is being made.
type Form struct {
	site   *page.Site
	place  page.Place        // New, Clone or Edit
	from   string            // the experiment that is cloned or edited
	origin *experiments.File // has it: the experiment file, or what ships
	absent string            // neither does, in words

	base   *experiments.Draft // what the form began with
	was    map[string]string  // its fields, as they are typed
	draft  *experiments.Draft
	undone []*experiments.Draft // what undo goes back to, the last one last

	turned *experiments.Draft // as it was before its recipe was turned; nil after any other change

	all     []field // of the draft
	rows    []field // of these, those that the filter leaves
	cursor  string  // key of a field: the cursor stays on the field, not on the row
	filter  string
	typing  typing
	preview bool // the pane with what comes of it has the keys, and in a narrow terminal the room
	scroll  int

	width, height int  // of the fields as they were drawn last, for the mouse
	narrow        bool // and the preview was not beside them

	seen     outcome
	begun    bool   // the first outcome was asked for
	busy     bool   // an outcome is being worked out
	stale    bool   // and there is news since
	sees     string // what the design could see, in a line; "" where nobody can say
	looking  bool   // that is being worked out
	theirs   bool   // the experiment changed on disk while it was edited
	saving   bool   // it is being written
	finished bool   // it is written, and the page is about to go
}

// typing is a text that is being typed.
type typing struct {
	on    bool
	key   string // of the field; "" is the filter
	input look.Input
	began string             // what input was at first
	draft *experiments.Draft // with the text in it; nil if the text is wrong
	wrong string             // why it is
}

// New is the form at a place: page.New with a name or without, page.Clone of an
// experiment or page.Edit of one. The first Tick works out what comes of it.
func New(site *page.Site, place page.Place, name string) *Form {
	f := &Form{site: site, place: place, draft: &experiments.Draft{Name: name}, cursor: "name"}
	if place == page.New && len(site.Recipes) > 0 {
		f.draft = experiments.NewDraft(name, site.Recipes[0])
	}
	if place != page.New {
		f.from = name
		f.origin, f.absent = site.File, fmt.Sprintf("the experiment file has no experiment %q: its design is only in the store", name)
		if e, in := f.find(); e != nil {
			f.draft, f.origin, f.absent = experiments.DraftOf(e), in, ""
		}
	}
	if place == page.Clone {
		f.draft.Name = f.free(name)
	}
	f.base = f.draft.Clone()
	f.lay()
	if place == page.Edit { // its name stays
		f.cursor = f.all[slices.IndexFunc(f.all, func(q field) bool { return q.group == "design" })].key
	}
	if place == page.New && name == "" {
		f.edit()
	}
	return f
}

// find is the experiment that is cloned or edited as it stands now, and the file
// that has it; nil if none does.
func (f *Form) find() (*experiments.Experiment, *experiments.File) {
	for _, in := range []*experiments.File{f.site.File, f.site.Shipped} {
		if in == nil {
			continue
		}
		if e, err := in.Experiment(f.from); err == nil {
			return e, in
		}
	}
	return nil, nil
}

// free is a name for a clone that is not taken: quick-2, quick-3, ...
func (f *Form) free(name string) string {
	for n := 2; ; n++ {
		if s := fmt.Sprintf("%s-%d", name, n); f.site.File.Free(s) == nil {
			return s
		}
	}
}

// Title is where the reader is.
func (f *Form) Title() string {
	switch {
	case f.place == page.Edit:
		return "edit " + f.from
	case f.place == page.Clone:
		return "clone of " + f.from
	}
	return "new experiment"
}

// State is whether it can be saved, and whether there is something to save.
func (f *Form) State(l look.Look) (parts []string) {
	switch n := len(f.seen.mistakes); {
	case f.typing.wrong != "":
		parts = append(parts, l.Bad.Render("✗ not a value yet"))
	case f.absent != "" || f.seen.trouble != "":
		parts = append(parts, l.Bad.Render("✗ cannot be written"))
	case n > 0:
		parts = append(parts, l.Bad.Render("✗ "+report.Count(n, "mistake")))
	}
	if n := f.changes(); n > 0 {
		parts = append(parts, l.Accent.Render("* "+report.Count(n, "change")))
	} else {
		parts = append(parts, l.Muted.Render("no changes"))
	}
	return parts
}

// changes is how many fields are other than they were.
func (f *Form) changes() int {
	n := 0
	for _, q := range f.all {
		if q.changed {
			n++
		}
	}
	return n
}

// dirty is true if leaving loses something.
func (f *Form) dirty() bool { return !f.finished && !f.draft.Same(f.base) }

// Typing is the case while a text is typed.
func (f *Form) Typing() bool { return f.typing.on }

// Back leaves the pane or the filter. A form with changes is not left but by its
// own key, which asks.
func (f *Form) Back() bool {
	switch {
	case f.typing.on:
		f.cancel()
	case f.preview:
		f.preview = false
	case f.filter != "":
		f.filter = ""
		f.sift()
	default:
		return f.dirty()
	}
	return true
}

// leave is Back, or the question whether the changes may go.
func (f *Form) leave() tea.Cmd {
	if f.preview || f.filter != "" {
		f.Back()
		return nil
	}
	if f.dirty() {
		return page.Send(page.Ask{Text: "drop what you changed?", Yes: page.Send(page.Back{})})
	}
	return page.Send(page.Back{})
}

// Keys in the order in which they are shown.
func (f *Form) Keys() []page.Key {
	do := func(act func()) func() tea.Cmd {
		return func() tea.Cmd { act(); return nil }
	}
	move := func(n int) func() tea.Cmd { return do(func() { f.move(n) }) }
	if f.typing.on {
		return []page.Key{
			{Keys: "enter", Hint: "ok", Help: "take the text"},
			{Keys: "tab", Hint: "next field", Help: "take the text and go to the next field"},
			{Keys: "ctrl+s", Hint: "save", Help: "take the text and save"},
			{Keys: "esc", Hint: "as it was", Help: "leave the field as it was"},
		}
	}
	pane := "preview"
	if f.preview {
		pane = "fields"
	}
	return []page.Key{
		{Keys: "enter", Hint: "edit", Help: "edit the field in place; of choices take the next", Do: f.enter},
		{Keys: "r", Name: "save and run", Hint: "save and run", Help: "save the experiment and run it", Do: func() tea.Cmd { return f.save(true) }},
		{Keys: "tab", Hint: pane, Help: "cells, cost and the difference as it will be written; or back", Do: do(func() { f.preview, f.scroll = !f.preview, 0 })},
		{Keys: "/", Name: "filter", Hint: "filter", Help: "only the fields with these words", Do: do(f.editFilter)},
		{Keys: "ctrl+s", Name: "save", Hint: "save", Help: "save the experiment into the experiment file", Do: func() tea.Cmd { return f.save(false) }},
		{Keys: "a", Name: "axis", Hint: "axis", Help: "make a parameter an axis, or an axis a parameter", Do: f.axis},
		{Keys: "x delete", Name: "default", Help: "leave a parameter at its default; take an axis or a cell away", Do: f.reset},
		{Keys: "+", Name: "add cell", Help: "one more cell in a design of single cells", Do: f.addCell},
		{Keys: "u", Name: "undo", Help: "take the last change back", Do: f.undo},
		{Keys: "→ l", Help: "the next choice, twice the number", Do: func() tea.Cmd { return f.turn(1) }},
		{Keys: "← h", Help: "the choice before, half the number", Do: func() tea.Cmd { return f.turn(-1) }},
		{Keys: "j ↓", Help: "down", Do: move(1)},
		{Keys: "k ↑", Help: "up", Do: move(-1)},
		{Keys: "pgdn", Help: "ten down", Do: move(10)},
		{Keys: "pgup", Help: "ten up", Do: move(-10)},
		{Keys: "g home", Help: "first", Do: move(-1 << 30)},
		{Keys: "G end", Help: "last", Do: move(1 << 30)},
		{Name: "set", Help: "NAME=VALUE: a field by its name", Args: f.names, With: f.set},
		{Keys: "esc q", Hint: "leave", Help: "leave; asks before changes are dropped", Do: f.leave},
	}
}

// move goes along the fields, or through the preview.
func (f *Form) move(n int) {
	if f.preview {
		f.scroll = max(f.scroll+n, 0) // View holds it to what there is
		return
	}
	i := slices.IndexFunc(f.rows, func(q field) bool { return q.key == f.cursor })
	if len(f.rows) > 0 {
		f.cursor = f.rows[min(max(i+n, 0), len(f.rows)-1)].key
	}
}

// Update takes in a message.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Tick:
		if !f.begun {
			return f.work()
		}
	case worked:
		return f.take(msg)
	case foreseen:
		return f.sight(msg)
	case saved:
		return f.written(msg)
	case page.Source:
		return f.reread()
	case page.Click:
		f.click(msg)
	case page.Wheel:
		f.move(msg.Lines)
	case tea.KeyPressMsg:
		if f.typing.on {
			return f.press(msg)
		}
	case tea.PasteMsg:
		if f.typing.on {
			return f.typed(msg)
		}
	}
	return nil
}

// reread looks at the file anew, which somebody else changed, or this page.
func (f *Form) reread() tea.Cmd {
	e, in := f.find()
	if e != nil {
		f.origin = in
	}
	if f.place == page.Edit && !f.finished {
		f.theirs = e == nil || !f.base.Same(experiments.DraftOf(e))
	}
	return f.work()
}
