package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// help is what can be done on the page that it was opened on.
type help struct {
	filter look.Input
	typing bool // letters go to the filter
	top    int  // the first line that is shown
}

func (m *Model) openHelp() tea.Cmd {
	m.help = &help{}
	return nil
}

// press takes a key.
func (p *help) press(m *Model, name, typed string) tea.Cmd {
	room := max(m.height-2, 1)
	if p.typing && name != "ctrl+c" {
		switch name {
		case "esc":
			p.filter.Set("")
			p.typing = false
			return nil
		case "enter":
			p.typing = false
			return nil
		case "↑", "↓", "pgdn", "pgup": // below
		default:
			p.filter.Press(name, typed)
			p.top = 0
			return nil
		}
	}
	by := map[string]int{
		"j": 1, "↓": 1, "k": -1, "↑": -1, "pgdn": room, "pgup": -room, "space": room, "ctrl+d": room / 2, "ctrl+u": -room / 2,
		"g": -1 << 20, "home": -1 << 20, "G": 1 << 20, "end": 1 << 20,
	}[name]
	switch name {
	case "esc":
		if p.filter.Text() != "" {
			p.filter.Set("")
			return nil
		}
		m.help = nil
	case "q", "?", "ctrl+c":
		m.help = nil
	case "/":
		p.typing = true
	}
	p.top = min(max(p.top+by, 0), max(len(p.lines(m, m.width))-room, 0))
	return nil
}

// view is exactly h lines of w cells.
func (p *help) view(m *Model, w, h int) []string {
	lines := p.lines(m, w)
	room := h - 1
	top := min(p.top, max(len(lines)-room, 0))
	shown := look.Box(lines[top:], w, room)
	l := m.look
	part := " " + l.Key.Render("esc") + l.Muted.Render(" closes  ") + l.Key.Render("/") + l.Muted.Render(" filter")
	if len(lines) > room {
		part = l.Muted.Render(fmt.Sprintf(" %d-%d of %d  ", top+1, min(top+room, len(lines)), len(lines))) + l.Key.Render("↓ ↑") + l.Muted.Render(" more ") + part
	}
	if p.typing || p.filter.Text() != "" {
		part = " " + l.Accent.Render("/") + p.filter.View(l, max(w-2, 1))
	}
	return append(shown, look.Fit(part, w))
}

// section is a part of the help: what is pressed or seen, and what it means.
type section struct {
	title string
	rows  [][3]string // key or glyph, meaning, name in the palette
}

// sections are all that the help has.
func (m *Model) sections() []section {
	rows := func(keys []page.Key) (all [][3]string) {
		for _, k := range keys {
			row := [3]string{strings.Join(strings.Fields(k.Keys), " "), k.Help, ""}
			switch {
			case k.Keys == "":
				row[0] = ":" + k.Name
			case k.Name != "":
				row[2] = ":" + k.Name
			}
			all = append(all, row)
		}
		return all
	}
	var own []page.Key
	if m.broken[m.top()] == "" {
		own = m.top().Keys()
	}
	return []section{
		{"here: " + look.Harmless(m.top().Title()), rows(own)},
		{"everywhere", rows(m.everywhere())},
		{"signs", m.legend()},
	}
}

// legend says what the glyphs mean.
func (m *Model) legend() (rows [][3]string) {
	for _, s := range []store.Status{store.Running, store.Done, store.Failed, store.Queued, store.Paused, store.Stopped, store.Stalled, store.Lost} {
		rows = append(rows, [3]string{report.Glyph(s), string(s), ""})
	}
	rows = append(rows, [][3]string{
		{"*", "before a name: marked", ""}, {"★", "starred", ""}, {"!", "before a name: distrusted, in no mean", ""}, {"old:", "of another design", ""},
	}...)
	if p, ok := m.top().(page.Legender); ok {
		for _, sign := range p.Legend() {
			rows = append(rows, [3]string{sign[0], sign[1], ""})
		}
	}
	return append(rows, [3]string{"", "Runs belong to the engine: leave, or lose the link, and they go on.", ""})
}

// lines are the help in a width: one column, or two where there is room.
func (p *help) lines(m *Model, w int) []string {
	const narrow = 58 // a column that is readable
	columns := 1
	if w >= 2*narrow {
		columns = 2
	}
	colW := w/columns - 1
	var lines []string
	for _, s := range m.sections() {
		var part []string
		for _, row := range s.rows {
			if p.has(row) {
				part = append(part, helpRow(m.look, row, colW)...)
			}
		}
		if len(part) > 0 {
			lines = append(lines, " "+m.look.Bold.Render(s.title))
			lines = append(append(lines, part...), "")
		}
	}
	if len(lines) == 0 {
		return []string{" nothing here has these words"}
	}
	lines = lines[:len(lines)-1]
	if columns == 1 {
		return lines
	}
	half := (len(lines) + 1) / 2
	left := look.Box(lines[:half], colW, half)
	return look.Beside(left, look.Box(lines[half:], colW, half), "  ")
}

// has reports whether a row has all words of the filter.
func (p *help) has(row [3]string) bool {
	text := strings.ToLower(strings.Join(row[:], " "))
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(p.filter.Text())), func(word string) bool { return !strings.Contains(text, word) })
}

// helpRow is a row in as many lines as it needs.
func helpRow(l look.Look, row [3]string, w int) (lines []string) {
	const keyW = 12
	room := w - keyW - 4
	name := row[2]
	if look.Width(row[1])+look.Width(name)+2 > room { // the palette has it beside its key
		name = ""
	}
	for i, text := range look.Wrap(row[1], room) {
		keys := ""
		if i == 0 {
			keys = row[0]
		}
		line := "   " + l.Key.Render(look.Fit(keys, keyW)) + " " + text
		if i == 0 && name != "" {
			line += strings.Repeat(" ", max(room-look.Width(text)-look.Width(name), 1)) + l.Muted.Render(name)
		}
		lines = append(lines, line)
	}
	return lines
}
