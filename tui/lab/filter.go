package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
)

// filter is the filter of a table: what is typed holds at once, as far as it is
// right.
type filter struct {
	rows   asker
	set    func(*query.Filter)
	input  look.Input
	line   query.Line
	typing bool
	before string // what held before the typing
	offer  []query.Completion
}

// asker knows what may be asked of rows.
type asker interface{ candidates() query.Candidates }

func newFilter(rows asker, set func(*query.Filter)) filter { return filter{rows: rows, set: set} }

// begin has the keys go into the filter.
func (f *filter) begin() {
	f.typing, f.before = true, f.line.Text
	f.input.Set(f.line.Text)
	f.changed()
}

// keys are those that end the typing.
func (f *filter) keys() []page.Key {
	return []page.Key{
		{Keys: "enter", Hint: "keep", Help: "keep the filter", Do: func() tea.Cmd { f.end(); return nil }},
		{Keys: "tab", Hint: "complete", Help: "take what is offered", Do: func() tea.Cmd { f.complete(); return nil }},
		{Keys: "esc", Hint: "clear", Help: "show all again", Do: func() tea.Cmd { f.clear(); return nil }},
	}
}

// press takes in a key while the filter is typed.
func (f *filter) press(msg tea.Msg) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "enter":
			f.end()
			return
		case "esc":
			f.clear()
			return
		case "tab":
			f.complete()
			return
		}
	}
	if typeIn(&f.input, msg) {
		f.changed()
	}
}

// put has a filter hold that was not typed letter by letter; it says what is wrong
// with it.
func (f *filter) put(text string) error {
	f.input.Set(text)
	f.changed()
	f.typing = false
	if f.line.Err != nil {
		err := f.line.Err
		f.clear()
		return err
	}
	return nil
}

// changed takes in what is typed now.
func (f *filter) changed() {
	c := f.rows.candidates()
	f.line.Set(f.input.Text(), c)
	f.offer = query.Complete(f.input.Text(), f.input.Cursor(), c)
	f.set(f.line.Filter)
}

// refresh filters anew what the study has now.
func (f *filter) refresh() {
	if f.line.Text == "" && !f.typing {
		return
	}
	f.line.Set(f.line.Text, f.rows.candidates())
	f.set(f.line.Filter)
}

// end leaves the filter as it is; one with a mistake is typed on.
func (f *filter) end() { f.typing = f.line.Err != nil }

// clear shows all again, and reports whether there was a filter.
func (f *filter) clear() bool {
	was := f.typing || f.line.Text != ""
	f.typing = false
	f.input.Set("")
	f.line = query.Line{}
	f.set(nil)
	return was
}

// complete takes the first thing that is offered.
func (f *filter) complete() {
	if len(f.offer) > 0 {
		o, runes := f.offer[0], []rune(f.input.Text())
		behind := strings.TrimLeft(string(runes[o.End:]), " ")
		f.input.Set(string(runes[:o.Start]) + o.Text + " " + behind)
		for range []rune(behind) {
			f.input.Press("left", "")
		}
		f.changed()
	}
}

// metrics are those that the filter asks for, so that they are read.
func (f *filter) metrics() (names []string) {
	for _, name := range f.line.Filter.Names() {
		if m, _, ok := query.Metric(name, f.rows.candidates().Metrics); ok && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return names
}

// lines are the filter with its count, and while it is typed what may follow, or
// what is wrong: at most h of them; none where there is no filter.
func (f *filter) lines(l look.Look, w, h int, count func() (shown, all int)) (lines []string) {
	if h < 1 || !f.typing && f.line.Text == "" {
		return nil
	}
	shown, all := count()
	of := fmt.Sprintf("  %d of %d ", shown, all)
	room := max(w-look.Width(of)-3, 1)
	if !f.typing {
		return []string{look.Fit(" "+l.Accent.Render("/ ")+look.Fit(look.Harmless(f.line.Text)+l.Muted.Render("   esc shows all"), room)+l.Bold.Render(of), w)}
	}
	lines = append(lines, look.Fit(" "+l.Accent.Render("/ ")+f.input.View(l, room)+l.Bold.Render(of), w))
	switch {
	case h < 2:
	case f.line.Err != nil && !f.line.Err.Unfinished:
		lines = append(lines, l.Bad.Render(look.Fit(fmt.Sprintf("   column %d: %s", f.line.Err.Column, look.Harmless(f.line.Err.Message)), w)))
	case len(f.offer) > 0:
		var words []string
		for _, o := range f.offer {
			words = append(words, look.Harmless(o.Text))
		}
		lines = append(lines, l.Muted.Render(look.Fit("   tab "+strings.Join(words, "  "), w)))
	default:
		lines = append(lines, l.Muted.Render(look.Fit("   "+hint, w)))
	}
	return lines
}

// hint shows what the language can say.
const hint = "pass@1 > 0.4 and tasks >= 1024    status = failed or not tag = good    /2048.*s1/"

// typeIn brings a key or what was pasted into a line, and reports whether it was
// for one.
func typeIn(i *look.Input, msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return i.Press("", strings.Join(strings.Fields(look.Harmless(msg.Content)), " "))
	case tea.KeyPressMsg:
		typed := msg.Text
		if msg.Code == tea.KeySpace && msg.Mod == 0 {
			typed = " "
		}
		return i.Press(msg.String(), typed)
	}
	return false
}
