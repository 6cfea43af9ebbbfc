package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/tui/look"
	"ablate/tui/page"
)

// keys are those of the page on the screen, and those that mean the same
// everywhere.
func (m *Model) keys() []page.Key {
	p := m.top()
	if m.broken[p] != "" {
		return m.everywhere()
	}
	if p.Typing() {
		return p.Keys()
	}
	own := p.Keys()
	return append(slices.Clip(own), without(m.everywhere(), own)...)
}

// without leaves out of keys what a page has a meaning of its own for, such as a
// way out that asks first.
func without(keys, own []page.Key) (out []page.Key) {
	taken := map[string]bool{}
	for _, k := range own {
		for key := range strings.FieldsSeq(k.Keys) {
			taken[key] = true
		}
	}
	for _, k := range keys {
		var left []string
		for key := range strings.FieldsSeq(k.Keys) {
			if !taken[key] {
				left = append(left, key)
			}
		}
		if len(left) > 0 || k.Keys == "" {
			k.Keys = strings.Join(left, " ")
			out = append(out, k)
		}
	}
	return out
}

// everywhere are the keys that mean the same on every page. Those with a hint are
// in the last line whatever else it has.
func (m *Model) everywhere() []page.Key {
	leave := page.Key{Keys: "q ctrl+c", Name: "quit", Hint: "leave, runs go on", Help: "leave; the runs go on", Do: m.leave}
	back := page.Key{Keys: "esc", Name: "back", Hint: "back", Help: "one step out", Do: m.out}
	if p := m.top(); p != page.Page(m.list) && p != page.Page(m.exp) {
		back.Keys, leave.Keys, leave.Hint = "esc q", "ctrl+c", ""
	}
	gpus := page.Key{Keys: "D", Name: "gpus", Help: "the GPUs", Do: goTo(page.GPUs)}
	if m.pointsToGPUs() {
		gpus.Hint = "GPUs"
	}
	keys := append(m.palettes(), []page.Key{
		{Keys: "Q", Name: "queue", Help: "the queue: what waits, in order", Do: goTo(page.Queue)},
		gpus,
		{Keys: "f", Name: "freeze", Help: "hold the screen still to read it, or let it go on", Do: m.toggleFreeze},
		{Keys: "M", Name: "mouse", Help: "give the mouse to the terminal, to select text; or take it back", Do: m.toggleMouse},
		{Keys: "T", Name: "theme", Help: "the next theme: auto, dark, light, contrast", Do: m.nextTheme, Args: look.ThemeNames, With: m.setTheme},
		{Keys: "ctrl+l", Name: "redraw", Help: "draw everything again", Do: func() tea.Cmd { return tea.ClearScreen }},
		{Keys: "ctrl+z", Name: "suspend", Help: "back to the shell for a while; `fg` comes back", Do: m.suspend},
		{Keys: ":", Hint: "more", Help: "do something by its name", Do: m.openPalette},
	}...)
	if len(m.pages) == 0 && m.broken[m.top()] == "" {
		back.Hint = "" // nothing is under the first page, but there may be a filter
	}
	return append(keys, back, page.Key{Keys: "?", Name: "help", Hint: "help", Help: "this help", Do: m.openHelp}, leave)
}

// pointsToGPUs reports whether the last line names the page of the GPUs, where there is
// room: some are there, and this is another page.
func (m *Model) pointsToGPUs() bool {
	if m.top() == page.Page(m.gpus) {
		return false
	}
	if slices.ContainsFunc(m.site.File.Hosts, func(h experiments.Host) bool { return h.Kind == "ssh" }) {
		return true
	}
	return m.kept.readings != nil && slices.ContainsFunc(m.kept.readings.Nodes, func(n gpu.Node) bool { return len(n.Devices) > 0 })
}

// palettes are what only the palette has.
func (m *Model) palettes() []page.Key {
	keys := []page.Key{
		{Name: "experiment", Help: "go to an experiment", Args: m.experiments, With: func(name string) tea.Cmd {
			if !slices.Contains(m.experiments(), name) {
				return page.Fail("there is no experiment " + name)
			}
			return page.Send(page.Open{Place: page.Experiment, Names: []string{name}})
		}},
		{Name: "experiments", Help: "go to the list of all experiments", Do: goTo(page.List)},
		{Name: "slow", Help: "for a thin link: at most one update a second, or as fast as can be again", Do: m.toggleSlow},
	}
	if p, ok := m.top().(page.Pictured); ok && m.broken[m.top()] == "" {
		keys = append(keys, page.Key{Name: "write svg", Help: "write the chart that has the focus as SVG, beside the experiment file", Do: func() tea.Cmd { return m.writePicture(p) }})
	}
	return keys
}

// writePicture writes the chart that has the focus.
func (m *Model) writePicture(p page.Pictured) tea.Cmd {
	name, svg := p.Picture()
	if svg == "" {
		return page.Answer("no chart has the focus: tab goes to one")
	}
	return m.site.Save(name, svg)
}

func goTo(p page.Place) func() tea.Cmd {
	return func() tea.Cmd { return page.Send(page.Open{Place: p}) }
}

// experiments are the names of all that can be opened.
func (m *Model) experiments() (names []string) {
	for _, e := range m.site.File.Experiments {
		names = append(names, e.Name)
	}
	for _, s := range m.site.Summaries {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

func (m *Model) leave() tea.Cmd { return tea.Quit }

// out leaves the innermost layer.
func (m *Model) out() tea.Cmd {
	return m.safely(m.top(), func() tea.Cmd {
		if m.broken[m.top()] != "" || !m.top().Back() {
			m.back()
		}
		return nil
	})
}

// press finds what a key does here and does it.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	m.notice = notice{}
	name := keyName(msg)
	switch p := m.top(); {
	case name == "ctrl+z":
		return m.suspend()
	case m.question != nil:
		return m.answer(name)
	case m.palette != nil:
		return m.palette.press(m, name, msg.Text)
	case m.help != nil:
		return m.help.press(m, name, msg.Text)
	case m.broken[p] == "" && p.Typing() && name != "ctrl+c":
		return m.safely(p, func() tea.Cmd { return p.Update(msg) })
	}
	for _, k := range m.everyKey() {
		if k.Do != nil && slices.Contains(strings.Fields(k.Keys), name) {
			return m.safely(m.top(), k.Do)
		}
	}
	return nil
}

// everyKey are the keys of the page first, whatever is typed.
func (m *Model) everyKey() []page.Key {
	if m.broken[m.top()] == "" && m.top().Typing() { // only ctrl+c comes here
		return m.everywhere()
	}
	return m.keys()
}

// keyName is a key as the tables have it.
func keyName(msg tea.KeyPressMsg) string {
	switch name := msg.String(); name {
	case "up":
		return "↑"
	case "down":
		return "↓"
	case "left":
		return "←"
	case "right":
		return "→"
	case "pgdown":
		return "pgdn"
	default:
		return name
	}
}
