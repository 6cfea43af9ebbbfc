package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/lab"
	"ablate/tui/look"
	"ablate/tui/page"
)

// keys are those of the page on the screen, and those that mean the same
// everywhere.
func (m *Model) keys() []page.Key {
	if m.top().Typing() {
		return m.top().Keys()
	}
	return append(m.top().Keys(), m.everywhere()...)
}

// everywhere are the keys that mean the same on every page.
func (m *Model) everywhere() []page.Key {
	leave := page.Key{Keys: "q ctrl+c", Name: "quit", Hint: "leave, runs go on", Help: "leave; the runs go on", Do: func() tea.Cmd { return tea.Quit }}
	back := page.Key{Keys: "esc", Name: "back", Hint: "back", Help: "one step out", Do: func() tea.Cmd { m.out(); return nil }}
	if len(m.pages) > 1 { // above the experiment
		back.Keys, leave.Keys, leave.Hint = "esc q", "ctrl+c", ""
	}
	keys := []page.Key{
		{Keys: "?", Name: "help", Hint: "help", Help: "help", Do: func() tea.Cmd { m.help = true; return nil }},
		leave,
	}
	if len(m.pages) > 0 {
		keys = append([]page.Key{back}, keys...)
	}
	return keys
}

// out leaves the innermost layer.
func (m *Model) out() {
	if !m.top().Back() {
		m.back()
	}
}

// press finds what a key does here and does it.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	m.notice.text = ""
	name := keyName(msg)
	switch {
	case m.question != nil:
		return m.answer(name)
	case m.help:
		m.help = false
		return nil
	case m.top().Typing() && name != "ctrl+c":
		return m.top().Update(msg)
	}
	for _, k := range m.keys() {
		if k.Do != nil && slices.Contains(strings.Fields(k.Keys), name) {
			return k.Do()
		}
	}
	return nil
}

// keyName is a key as the tables have it.
func keyName(msg tea.KeyPressMsg) string {
	name := msg.String()
	for shown, real := range map[string]string{"↑": "up", "↓": "down", "←": "left", "→": "right", "pgdn": "pgdown"} {
		if name == real {
			return shown
		}
	}
	return name
}

// keyLine is the last line: what can be pressed here. What does not fit goes, but
// never the help and the way out.
func (m *Model) keyLine(w int) string {
	var parts []string
	for _, k := range m.keys() {
		if k.Hint != "" {
			first, _, _ := strings.Cut(k.Keys, " ")
			parts = append(parts, m.look.Key.Render(first)+" "+m.look.Muted.Render(k.Hint))
		}
	}
	const kept = 2
	for len(parts) > kept && look.Width(strings.Join(parts, "  "))+1 > w {
		parts = slices.Delete(parts, len(parts)-kept-1, len(parts)-kept)
	}
	return " " + strings.Join(parts, "  ")
}

// Reference is the key tables as text for the README.
func Reference() string {
	site := &page.Site{File: &experiments.File{}}
	m := &Model{site: site, list: lab.NewList(site)}
	var b strings.Builder
	for _, p := range []page.Page{lab.NewExperiment(site, "")} {
		m.pages = []page.Page{p}
		for _, k := range m.keys() {
			fmt.Fprintf(&b, "    %-10s %s\n", strings.ReplaceAll(k.Keys, " ", "/"), k.Help)
		}
	}
	return b.String()
}
