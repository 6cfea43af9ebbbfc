package nodes

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/table"
)

// rows is a table that can be filtered.
type rows struct {
	table  table.Table
	line   query.Line
	input  look.Input
	typing bool
	before string // the filter before it was typed at

	known  func() query.Candidates
	fields func(id string) query.Fields
}

// values is a row as a filter sees it.
type values map[string]query.Value

// Field is what the row has in a field.
func (v values) Field(name string) (query.Value, bool) {
	x, ok := v[name]
	return x, ok
}

func (v values) text(name, text string) {
	if text != "" {
		v[name] = query.Value{Text: text}
	}
}

func (v values) number(name string, x float64, text string) {
	v[name] = query.Value{Text: text, Num: x, IsNum: true}
}

// apply filters by what was typed last and made sense.
func (r *rows) apply() {
	f := r.line.Filter
	if f.All() {
		r.table.Filter(nil)
		return
	}
	r.table.Filter(func(id string) bool { return f.Match(r.fields(id)) })
}

// filter takes in a query.
func (r *rows) filter(text string) {
	r.line.Set(text, r.known())
	r.apply()
}

// keys are those of every table.
func (r *rows) keys() []page.Key {
	do := func(f func()) func() tea.Cmd {
		return func() tea.Cmd { f(); return nil }
	}
	move := func(n int) func() tea.Cmd { return do(func() { r.table.Move(n) }) }
	return []page.Key{
		{Keys: "/", Name: "filter", Hint: "filter", Help: "show only what matches: words, busy < 10%, run ~ /^paper/", Do: r.begin},
		{Keys: "space", Name: "mark", Hint: "mark", Help: "mark it for the next key, go to the next", Do: do(func() { r.table.Mark(); r.table.Move(1) })},
		{Keys: "u", Name: "unmark", Help: "unmark all", Do: do(r.table.ClearMarks)},
		{Keys: "j ↓", Help: "down", Do: move(1)},
		{Keys: "k ↑", Help: "up", Do: move(-1)},
		{Keys: "pgdn ctrl+d", Help: "a page down", Do: do(func() { r.table.Page(1) })},
		{Keys: "pgup ctrl+u", Help: "a page up", Do: do(func() { r.table.Page(-1) })},
		{Keys: "g home", Help: "first", Do: do(r.table.Top)},
		{Keys: "G end", Help: "last", Do: do(r.table.Bottom)},
	}
}

// typingKeys are what ends a filter.
func (r *rows) typingKeys() []page.Key {
	return []page.Key{
		{Keys: "enter", Hint: "keep", Help: "keep the filter"},
		{Keys: "tab", Hint: "complete", Help: "put in what is offered first"},
		{Keys: "esc", Hint: "as before", Help: "the filter as it was before"},
	}
}

// begin lets the filter be typed.
func (r *rows) begin() tea.Cmd {
	r.typing, r.before = true, r.line.Text
	r.input.Set(r.line.Text)
	return nil
}

// press takes a key while the filter is typed. What is no filter yet leaves the
// rows as the last one had them.
func (r *rows) press(msg tea.KeyPressMsg) {
	switch name := msg.String(); name {
	case "enter":
		r.typing = false
		if r.line.Err != nil {
			r.filter(r.line.Filter.String())
		}
	case "esc":
		r.typing = false
		r.filter(r.before)
	case "tab":
		r.complete()
	default:
		if r.input.Press(name, msg.Text) {
			r.filter(r.input.Text())
		}
	}
}

// complete puts in the first of the completions that changes something.
func (r *rows) complete() {
	text := []rune(r.input.Text())
	for _, c := range query.Complete(string(text), r.input.Cursor(), r.known()) {
		if c.Text == string(text[c.Start:c.End]) {
			continue
		}
		r.input.Set(string(text[:c.Start]) + c.Text + " " + strings.TrimLeft(string(text[c.End:]), " "))
		r.filter(r.input.Text())
		return
	}
}

// back leaves the filter, then the marks.
func (r *rows) back() bool {
	switch {
	case !r.line.Filter.All() || r.line.Text != "":
		r.filter("")
	case len(r.table.Marked()) > 0:
		r.table.ClearMarks()
	default:
		return false
	}
	return true
}

// prompt is the line of the filter; none while there is nothing in it.
func (r *rows) prompt(l look.Look, w int) []string {
	switch {
	case !r.typing && r.line.Text == "":
		return nil
	case !r.typing:
		return []string{look.Fit(l.Key.Render(" / ")+look.Harmless(r.line.Text), w)}
	}
	beside, style := r.offers(w), l.Muted
	if e := r.line.Err; e != nil {
		beside = e.Message
		if !e.Unfinished {
			style = l.Bad
		}
	}
	beside = look.Harmless(beside)
	n := min(look.Width(beside), w/2)
	return []string{look.Fit(l.Key.Render(" / ")+r.input.View(l, w-n-6)+"  "+style.Render(look.Fit(beside, n))+" ", w)}
}

// offers are the first few completions.
func (r *rows) offers(w int) string {
	var words []string
	for _, c := range query.Complete(r.input.Text(), r.input.Cursor(), r.known()) {
		if words = append(words, c.Text); look.Width(strings.Join(words, "  ")) > w/2 {
			words = words[:len(words)-1]
			break
		}
	}
	return strings.Join(words, "  ")
}

// update takes in the mouse and the keys of the filter. again reports a click on
// what had the cursor already.
func (r *rows) update(msg tea.Msg, top int) (again bool) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if r.typing {
			r.press(msg)
		}
	case tea.PasteMsg:
		if r.typing && r.input.Press("", msg.Content) {
			r.filter(r.input.Text())
		}
	case page.Click:
		return r.table.Click(msg.X, msg.Y-top)
	case page.Wheel:
		r.table.Move(msg.Lines)
	}
	return false
}

// sortKeys sort by one column after the other.
func (r *rows) sortKeys(columns func() []string) []page.Key {
	next := func() tea.Cmd {
		keys := append([]string{""}, columns()...)
		at, _ := r.table.Sorted()
		key := keys[(slices.Index(keys, at)+1)%len(keys)]
		if key == "" {
			r.table.Sort("", false)
			return page.Answer("in their own order")
		}
		r.table.SortBy(key)
		return page.Answer("sorted by " + key + "; O turns it round")
	}
	return []page.Key{
		{Keys: "o", Name: "sort", Hint: "sort", Help: "sort by the next column", Do: next, Args: columns, With: func(key string) tea.Cmd {
			if !slices.Contains(columns(), key) {
				return page.Fail("sort: there is no column " + key)
			}
			r.table.SortBy(key)
			return nil
		}},
		{Keys: "O", Name: "turn round", Help: "sort the other way round", Do: func() tea.Cmd {
			if key, _ := r.table.Sorted(); key != "" {
				r.table.SortBy(key)
			}
			return nil
		}},
	}
}
