// Package filter is the line in which the rows of a table are asked for: typed
// letter by letter, completed, and at work as far as it is right.
//
//	keys -> look.Input -> query.Line -> table.Filter
//	                   -> query.Complete -> what is offered under the line
package filter

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/table"
)

// Filter is the filter of a table.
type Filter struct {
	table *table.Table
	row   func(id string) query.Fields
	known func() query.Candidates
	hint  string // shows what the language can say of these rows

	input  look.Input
	line   query.Line
	typing bool
	offer  []query.Completion
}

// New is the filter of a table whose rows have fields, of which known says what may
// be asked. hint is shown where nothing is typed yet.
func New(t *table.Table, row func(id string) query.Fields, known func() query.Candidates, hint string) Filter {
	return Filter{table: t, row: row, known: known, hint: hint}
}

// Typing reports whether the keys go into the filter.
func (f *Filter) Typing() bool { return f.typing }

// Text is what is typed, or was.
func (f *Filter) Text() string { return f.line.Text }

// Begin has the keys go into the filter.
func (f *Filter) Begin() {
	f.typing = true
	f.input.Set(f.line.Text)
	f.changed()
}

// Keys are those that mean something while it is typed.
func (f *Filter) Keys() []page.Key {
	return []page.Key{
		{Keys: "enter", Hint: "keep", Help: "keep the filter", Do: page.Do(f.end)},
		{Keys: "tab", Hint: "complete", Help: "take what is offered", Do: page.Do(f.complete)},
		{Keys: "esc", Hint: "clear", Help: "show all again", Do: page.Do(func() { f.Clear() })},
	}
}

// Update takes in a key or a paste while the filter is typed.
func (f *Filter) Update(msg tea.Msg) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "enter":
			f.end()
			return
		case "esc":
			f.Clear()
			return
		case "tab":
			f.complete()
			return
		}
	}
	if f.input.Update(msg) {
		f.changed()
	}
}

// Put has a filter hold that was not typed letter by letter; with a mistake in it
// all is shown.
func (f *Filter) Put(text string) error {
	f.input.Set(text)
	f.changed()
	f.typing = false
	if err := f.line.Err; err != nil {
		f.Clear()
		return err
	}
	return nil
}

// Refresh filters anew, by what may be asked now.
func (f *Filter) Refresh() {
	if f.line.Text != "" || f.typing {
		f.set(f.line.Text, f.known())
	}
}

// Clear shows all again, and reports whether there was a filter.
func (f *Filter) Clear() bool {
	was := f.typing || f.line.Text != ""
	f.typing, f.line, f.offer = false, query.Line{}, nil
	f.input.Set("")
	f.table.Filter(nil)
	return was
}

// Metrics are those that the filter asks for, so that they are read.
func (f *Filter) Metrics() (names []string) {
	for _, name := range f.line.Filter.Names() {
		if m, _, ok := query.Metric(name, f.known().Metrics); ok && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return names
}

// changed takes in what is typed now.
func (f *Filter) changed() {
	c := f.known()
	f.set(f.input.Text(), c)
	f.offer = query.Complete(f.input.Text(), f.input.Cursor(), c)
}

func (f *Filter) set(text string, c query.Candidates) {
	f.line.Set(text, c)
	wanted := f.line.Filter
	if wanted.All() {
		f.table.Filter(nil)
		return
	}
	f.table.Filter(func(id string) bool { return wanted.Match(f.row(id)) })
}

// end leaves the filter as it is; one with a mistake is typed on.
func (f *Filter) end() { f.typing = f.line.Err != nil }

// complete takes the first of what is offered that is not there already.
func (f *Filter) complete() {
	runes := []rune(f.input.Text())
	for _, o := range f.offer {
		if o.Text == string(runes[o.Start:o.End]) {
			continue
		}
		behind := strings.TrimLeft(string(runes[o.End:]), " ")
		f.input.Set(string(runes[:o.Start]) + o.Text + " " + behind)
		for range []rune(behind) {
			f.input.Press("left", "")
		}
		f.changed()
		return
	}
}

// View is the filter with its count, and while it is typed what may follow, or what
// is wrong: at most h lines of w cells; none where there is no filter.
func (f *Filter) View(l look.Look, w, h int) []string {
	if h < 1 || !f.typing && f.line.Text == "" {
		return nil
	}
	shown, all := f.table.Count()
	of := fmt.Sprintf("  %d of %d ", shown, all)
	room := max(w-look.Width(of)-3, 1)
	text := look.Fit(look.Harmless(f.line.Text)+l.Muted.Render("   esc shows all"), room)
	if f.typing {
		text = f.input.View(l, room)
	}
	lines := []string{look.Fit(" "+l.Accent.Render("/ ")+text+l.Bold.Render(of), w)}
	if f.typing && h > 1 {
		lines = append(lines, f.beside(l, w))
	}
	return lines
}

// beside is the line under what is typed.
func (f *Filter) beside(l look.Look, w int) string {
	if e := f.line.Err; e != nil && !e.Unfinished {
		return l.Bad.Render(look.Fit(fmt.Sprintf("   column %d: %s", e.Column, look.Harmless(e.Message)), w))
	}
	text := f.hint
	if len(f.offer) > 0 {
		words := make([]string, len(f.offer))
		for i, o := range f.offer {
			words[i] = look.Harmless(o.Text)
		}
		text = "tab " + strings.Join(words, "  ")
	}
	return l.Muted.Render(look.Fit("   "+text, w))
}
