package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// place is where a key means something.
type place uint8

const (
	inList       place = 1 << iota // the list of experiments
	inExperiment                   // one experiment
	anywhere     = inList | inExperiment
)

// binding ties keys to what they do. One table feeds dispatch, the last line and
// the help.
type binding struct {
	key.Binding
	where place
	hint  string // in the last line; "" leaves it out
	do    func(*Model) tea.Cmd
}

func bind(where place, keys, hint, help string, do func(*Model) tea.Cmd) binding {
	all := strings.Fields(keys)
	shown := strings.Join(all, "/")
	for i, k := range all {
		if name, ok := map[string]string{"↑": "up", "↓": "down", "pgdn": "pgdown"}[k]; ok {
			all[i] = name
		}
	}
	return binding{key.NewBinding(key.WithKeys(all...), key.WithHelp(shown, help)), where, hint, do}
}

// bindings in the order in which they are shown.
func bindings() []binding {
	return []binding{
		bind(inList, "enter", "open", "open the experiment", (*Model).openSelected),
		bind(inExperiment, "r", "run", "run what is missing: new, failed, stopped and lost runs", (*Model).askRun),
		bind(inExperiment, "s", "stop", "stop the marked runs, or the one under the cursor", (*Model).askStop),
		bind(inExperiment, "S", "", "stop all runs of the experiment", (*Model).askStopAll),
		bind(inExperiment, "p", "pause", "pause the marked runs, or the one under the cursor; or go on", (*Model).askPause),
		bind(inExperiment, "t", "retry", "try failed and lost runs again", (*Model).askRetry),
		bind(inExperiment, "R", "", "run the design as the file has it now", (*Model).askRunFile),
		bind(inExperiment, "space", "mark", "mark the run, go to the next; charts show marked runs one by one", func(m *Model) tea.Cmd { m.exp.mark(); return m.follow() }),
		bind(inExperiment, "u", "", "unmark all: the charts show every cell again", func(m *Model) tea.Cmd { clear(m.exp.marked); return nil }),
		bind(inExperiment, "tab", "pane", "give the room to charts, matrix or log", func(m *Model) tea.Cmd { m.exp.zoom = m.exp.zoom.next(); return nil }),
		bind(inExperiment, "m", "metric", "the next metric in the second chart: entropy, verdicts, ...", func(m *Model) tea.Cmd { m.exp.turn(); return m.follow() }),
		bind(inExperiment, "*", "", "star", (*Model).toggleStar),
		bind(inExperiment, "x", "", "hide", (*Model).toggleHidden),
		bind(inExperiment, "X", "", "show all", (*Model).showHidden),
		bind(anywhere, "j ↓", "", "down", func(m *Model) tea.Cmd { return m.move(1) }),
		bind(anywhere, "k ↑", "", "up", func(m *Model) tea.Cmd { return m.move(-1) }),
		bind(anywhere, "pgdn", "", "ten down", func(m *Model) tea.Cmd { return m.move(10) }),
		bind(anywhere, "pgup", "", "ten up", func(m *Model) tea.Cmd { return m.move(-10) }),
		bind(anywhere, "g home", "", "first", func(m *Model) tea.Cmd { return m.move(-1 << 30) }),
		bind(anywhere, "G end", "", "last", func(m *Model) tea.Cmd { return m.move(1 << 30) }),
		bind(inExperiment, "esc", "list", "the list", (*Model).openList),
		bind(anywhere, "?", "help", "help", func(m *Model) tea.Cmd { m.help = true; return nil }),
		bind(anywhere, "q ctrl+c", "leave, runs go on", "leave; the runs go on", func(*Model) tea.Cmd { return tea.Quit }),
	}
}

// press finds what a key does here and does it.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	m.notice = ""
	switch {
	case m.question != nil:
		return m.answer(msg.String())
	case m.help:
		m.help = false
		return nil
	}
	for _, b := range bindings() {
		if b.where&m.here() != 0 && key.Matches(msg, b.Binding) {
			return b.do(m)
		}
	}
	return nil
}

// keyLine is the last line: what can be pressed here. What does not fit goes, but
// never the help and the way out.
func (m *Model) keyLine(w int) string {
	var parts []string
	for _, b := range bindings() {
		if b.hint != "" && b.where&m.here() != 0 {
			parts = append(parts, m.look.key.Render(b.Keys()[0])+" "+m.look.muted.Render(b.hint))
		}
	}
	const kept = 2
	for len(parts) > kept && ansi.StringWidth(strings.Join(parts, "  "))+1 > w {
		parts = slices.Delete(parts, len(parts)-kept-1, len(parts)-kept)
	}
	return " " + strings.Join(parts, "  ")
}

// Reference is the key table as text for the README.
func Reference() string {
	var b strings.Builder
	for _, x := range bindings() {
		fmt.Fprintf(&b, "    %-10s %s\n", x.Help().Key, x.Help().Desc)
	}
	return b.String()
}
