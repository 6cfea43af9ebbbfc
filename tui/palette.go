package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
)

// palette does things by their names. It shows the key beside each, so that next
// time nobody needs it.
type palette struct {
	input  look.Input
	chosen int    // of the entries
	picked bool   // by an arrow: then it, not what is typed, is meant
	past   int    // how far back in the history what is typed comes from
	typed  string // what was typed before the history was gone into
}

// entry is one thing that the palette can do now.
type entry struct {
	key   page.Key
	arg   string // "" for none
	score int
}

func (e entry) text() string { return strings.TrimSpace(e.key.Name + " " + e.arg) }

// paletteRows is how many entries are shown at most.
const paletteRows = 8

func (m *Model) openPalette() tea.Cmd {
	m.palette = &palette{}
	return nil
}

// entries are what fits to what is typed, the best first; of two equally good ones
// the page's comes before what is the same everywhere.
func (p *palette) entries(keys []page.Key) (all []entry) {
	typed := strings.TrimLeft(p.input.Text(), " ")
	if k, arg, ok := called(keys, typed); ok && k.With != nil && k.Args != nil {
		all = arguments(k, arg)
	} else {
		all = commands(keys, strings.TrimRight(typed, " "))
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(b.score, a.score) })
	return all
}

// arguments are what may follow a command and fits to what was typed of it.
func arguments(k page.Key, typed string) (all []entry) {
	for _, a := range k.Args() {
		s := match(typed, a)
		if strings.HasSuffix(a, "=") && strings.HasPrefix(typed, a) { // the name of a value that is typed
			a, s = typed, 2
		}
		if s > 0 {
			all = append(all, entry{k, a, s})
		}
	}
	if k.Do != nil && typed == "" {
		all = append(all, entry{k, "", 2})
	}
	return all
}

// commands are the keys with names that fit to what was typed, or help that has it.
func commands(keys []page.Key, typed string) (all []entry) {
	for _, k := range keys {
		if k.Name == "" {
			continue
		}
		s := match(typed, k.Name)
		switch {
		case slices.Contains(strings.Fields(k.Keys), typed):
			s = 1000
		case s == 0 && len(typed) > 2 && strings.Contains(strings.ToLower(k.Help), strings.ToLower(typed)):
			s = 1
		}
		if s > 0 {
			all = append(all, entry{k, "", s})
		}
	}
	return all
}

// called finds the command at the beginning of a text, the one with the longest
// name, and what follows it.
func called(keys []page.Key, typed string) (found page.Key, arg string, ok bool) {
	for _, k := range keys {
		rest, has := strings.CutPrefix(typed, k.Name+" ")
		if k.Name != "" && has && len(k.Name) > len(found.Name) {
			found, arg, ok = k, strings.TrimSpace(rest), true
		}
	}
	return found, arg, ok
}

// press takes a key.
func (p *palette) press(m *Model, name, typed string) tea.Cmd {
	all := p.entries(m.named())
	p.chosen = min(p.chosen, max(len(all)-1, 0))
	switch name {
	case "esc", "ctrl+c":
		m.palette = nil
	case "enter":
		return p.do(m, all)
	case "tab":
		if p.chosen < len(all) {
			p.complete(all[p.chosen])
		}
	case "↑", "ctrl+p":
		if p.chosen == 0 {
			p.recall(m, 1)
		} else {
			p.chosen--
		}
	case "↓", "ctrl+n":
		switch {
		case p.past > 0 && !p.picked:
			p.recall(m, -1)
		case p.chosen < len(all)-1:
			p.chosen, p.picked = p.chosen+1, true
		}
	case "backspace":
		if p.input.Text() == "" {
			m.palette = nil
			return nil
		}
		fallthrough
	default:
		if p.input.Press(name, typed) {
			p.chosen, p.picked, p.past = 0, false, 0
		}
	}
	return nil
}

// complete writes an entry out; one that wants more gets the room for it.
func (p *palette) complete(e entry) {
	text := e.text()
	if e.key.With != nil && e.arg == "" {
		text += " "
	}
	p.input.Set(text)
	p.chosen, p.picked = 0, false
}

// recall goes n commands back in the history.
func (p *palette) recall(m *Model, n int) {
	if p.past == 0 {
		p.typed = p.input.Text()
	}
	past := p.past + n
	if past > len(m.history) || past < 0 {
		return
	}
	p.past, p.chosen, p.picked = past, 0, false
	if past == 0 {
		p.input.Set(p.typed)
		return
	}
	p.input.Set(m.history[len(m.history)-past])
}

// do does what is typed, or the entry that was picked for it.
func (p *palette) do(m *Model, all []entry) tea.Cmd {
	typed := strings.TrimSpace(p.input.Text())
	keys := m.named()
	k, arg, ok := called(keys, strings.TrimLeft(p.input.Text(), " "))
	if i := slices.IndexFunc(keys, func(k page.Key) bool { return k.Name == typed }); i >= 0 && typed != "" {
		k, arg, ok = keys[i], "", true
	}
	switch e := p.chosenOf(all); {
	case ok && k.With != nil && arg != "" && !(e.arg != "" && (p.picked || strings.HasPrefix(strings.ToLower(e.arg), strings.ToLower(arg)))):
		// Free text: as it was typed.
	case ok && arg == "" && !p.picked: // its name, and no more
	case len(all) > 0 && (typed != "" || p.picked):
		k, arg = e.key, e.arg
	case typed == "":
		m.palette = nil
		return nil
	case !ok: // as is said below it
		return nil
	}
	if arg == "" && k.Do == nil { // it wants to know what
		p.complete(entry{key: k})
		return nil
	}
	m.palette = nil
	m.remember(strings.TrimSpace(k.Name + " " + arg))
	return m.safely(m.top(), func() tea.Cmd {
		if arg != "" && k.With != nil {
			return k.With(arg)
		}
		return k.Do()
	})
}

func (p *palette) chosenOf(all []entry) entry {
	if p.chosen < len(all) {
		return all[p.chosen]
	}
	return entry{}
}

// remember keeps a command for the arrow that brings it back.
func (m *Model) remember(text string) {
	m.history = append(slices.DeleteFunc(m.history, func(h string) bool { return h == text }), text)
}

// named are the keys that the palette has.
func (m *Model) named() []page.Key {
	return slices.DeleteFunc(slices.Clone(m.keys()), func(k page.Key) bool { return k.Name == "" || k.Do == nil && k.With == nil })
}

func names(keys []page.Key) (all []string) {
	for _, k := range keys {
		all = append(all, k.Name)
	}
	return all
}

// view is the palette in at most h lines of w cells: what is typed, and below it
// what that may become. Its height never changes while it is open.
func (p *palette) view(m *Model, w, h int) []string {
	l, all := m.look, p.entries(m.named())
	head := " " + l.Accent.Render(":")
	lines := []string{look.Fit(head+p.input.View(l, w-2), w)}
	rows := min(paletteRows, h-1)
	first := max(0, min(p.chosen, len(all)-1)-rows+1)
	nameW := 8
	for _, e := range all {
		nameW = max(nameW, look.Width(e.text()))
	}
	nameW = min(nameW, w/2)
	for i := first; i < len(all) && i-first < rows; i++ {
		lines = append(lines, all[i].line(l, nameW, w, i == min(p.chosen, len(all)-1)))
	}
	if len(all) == 0 && rows > 0 {
		lines = append(lines, look.Fit("   "+l.Bad.Render(p.unknown(m.named())), w))
	}
	for len(lines) < rows+1 {
		lines = append(lines, strings.Repeat(" ", w))
	}
	return lines
}

// unknown says what might have been meant.
func (p *palette) unknown(keys []page.Key) string {
	typed := strings.TrimSpace(p.input.Text())
	if k, arg, ok := called(keys, typed); ok && arg != "" {
		if k.Args != nil {
			near, _ := query.Nearest(arg, k.Args())
			return fmt.Sprintf("%s: nothing known begins with %q; the nearest is %q", k.Name, arg, near)
		}
		return k.Help
	}
	near, _ := query.Nearest(typed, names(keys))
	return fmt.Sprintf("there is no command %q; the nearest is %q", typed, near)
}

func (e entry) line(l look.Look, nameW, w int, chosen bool) string {
	keys := strings.Join(strings.Fields(e.key.Keys), " ")
	help := e.key.Help
	if e.arg == "" && e.key.With != nil {
		help += " ..."
	}
	if chosen {
		return l.Cursor.Render(look.Fit(fmt.Sprintf(" › %s  %s %s", look.Fit(look.Harmless(e.text()), nameW), look.Fit(keys, 8), help), w))
	}
	return look.Fit(fmt.Sprintf("   %s  %s %s", look.Fit(look.Harmless(e.text()), nameW), l.Key.Render(look.Fit(keys, 8)), l.Muted.Render(help)), w)
}
