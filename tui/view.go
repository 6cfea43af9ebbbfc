package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// View draws the whole screen.
func (m *Model) View() tea.View {
	v := tea.NewView(m.screen())
	v.AltScreen, v.ReportFocus = true, true
	v.WindowTitle = "ablate " + m.exp.name
	return v
}

// screen is exactly height lines of width cells.
func (m *Model) screen() string {
	w, h := m.width, m.height
	if w < 1 || h < 1 {
		return ""
	}
	var lines []string
	switch {
	case w < minWidth || h < minHeight:
		lines = box([]string{fmt.Sprintf("ablate needs %dx%d", minWidth, minHeight), fmt.Sprintf("and has %dx%d", w, h), "q leaves, runs go on"}, w, h)
	case m.help:
		lines = append(m.helpPage(w, h-1), fit(m.look.muted.Render(" any key goes back"), w))
	case m.listing:
		foot := m.footer(w)
		lines = append(append([]string{m.titleLine(w, "experiments", "")}, m.list.view(m.look, w, h-1-len(foot))...), foot...)
	default:
		lines = m.experiment(w, h)
	}
	text := strings.Join(lines, "\n")
	if m.look.chart.Glyphs == chart.ASCII {
		text = plain(text)
	}
	return text
}

// experiment draws the experiment page.
func (m *Model) experiment(w, h int) []string {
	p := &m.exp
	foot := m.footer(w)
	l := arrange(w, h-len(foot)+1, max(len(p.shown), min(len(p.rows), 1)), p.zoom)
	lines := m.header(w, l.header)
	if l.right == 0 {
		lines = append(lines, m.column(l)...)
	} else {
		lines = append(lines, m.columns(l)...)
	}
	return append(lines, foot...)
}

// column stacks the panes of a narrow terminal.
func (m *Model) column(l layout) (lines []string) {
	p := &m.exp
	if l.matrix > 0 {
		lines = append(lines, p.matrix(m.look, l.left, l.matrix)...)
		l.runs += l.matrix - len(lines)
	}
	if l.pass > 0 {
		lines = append(lines, p.passChart(m.look, l.left, l.pass)...)
	}
	if l.loss > 0 {
		lines = append(lines, p.secondChart(m.look, l.left, l.loss)...)
	}
	if l.log > 2 {
		lines = append(lines, p.logPane(m.look, l.left, l.log)...)
	}
	lines = append(lines, p.table(m.look, l.left, l.runs)...)
	if l.log == 2 {
		lines = append(lines, p.logPane(m.look, l.left, l.log)...)
	}
	return lines
}

// columns sets the panes of a wide terminal side by side.
func (m *Model) columns(l layout) []string {
	p := &m.exp
	var left []string
	if l.matrix > 0 {
		left = append(p.matrix(m.look, l.left, l.matrix-1), strings.Repeat(" ", l.left))
	}
	left = append(left, p.table(m.look, l.left, l.runs)...)
	left = append(left, strings.Repeat(" ", l.left))
	left = append(left, p.logPane(m.look, l.left, l.pass+l.loss-len(left))...)
	right := append(p.passChart(m.look, l.right, l.pass), p.secondChart(m.look, l.right, l.loss)...)
	return beside(left, right, m.look.muted.Render(" │ "))
}

// titleLine says where you are on the left and what is going on on the right.
func (m *Model) titleLine(w int, where, state string) string {
	left := " " + m.look.accent.Render("ablate") + "  " + m.look.bold.Render(where)
	right := m.look.muted.Render(fmt.Sprintf("slots %s  GPU %s ", m.engineSlots(), m.gpuText))
	if state != "" {
		right = state + "   " + right
	}
	room := w - ansi.StringWidth(left) - ansi.StringWidth(right)
	if room < 1 {
		right = state + " "
		room = w - ansi.StringWidth(left) - ansi.StringWidth(right)
	}
	if room < 1 {
		return fit(left, w)
	}
	return left + strings.Repeat(" ", room) + right
}

// header is the first lines of the experiment page.
func (m *Model) header(w, n int) []string {
	p := &m.exp
	lines := []string{m.titleLine(w, p.name, m.state())}
	if n > 1 {
		question, design := "not in the experiment file any more", ""
		if p.plan != nil {
			question, design = p.plan.Question, report.Design(p.plan)
			if question == "" {
				question = p.plan.Title
			}
		}
		if p.differs {
			question = "R runs the file's design: " + p.difference()
		}
		if m.mistaken {
			question = "the experiment file has mistakes, as `ablate check` says: shown is what it was before"
		}
		right := m.look.muted.Render(harmless(design) + " ")
		room := max(w-ansi.StringWidth(right), w/2)
		lines = append(lines, fit(fit(" "+harmless(question), room-1)+" "+right, w))
	}
	if n > 2 {
		lines = append(lines, m.look.muted.Render(strings.Repeat("─", w)))
	}
	return lines
}

// state is how the experiment stands.
func (m *Model) state() string {
	p := &m.exp
	is := func(want store.Status) int { return p.count(func(s store.Status) bool { return s == want }) }
	var parts []string
	if n := p.running(); n > 0 {
		parts = append(parts, m.look.accent.Render(fmt.Sprintf("● %d running", n)))
	}
	if m.waits != "" && p.running() == 0 {
		parts = append(parts, m.look.muted.Render("◌ "+m.waits))
	}
	for _, s := range []store.Status{store.Failed, store.Lost} {
		if n := is(s); n > 0 {
			parts = append(parts, m.look.bad.Render(fmt.Sprintf("%s %d %s", report.Glyph(s), n, s)))
		}
	}
	for _, s := range []store.Status{store.Paused, store.Stopped} {
		if n := is(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", report.Glyph(s), n, s))
		}
	}
	done, of := p.planDone()
	parts = append(parts, fmt.Sprintf("%d/%d done", done, of))
	if n := p.hidden(); n > 0 {
		parts = append(parts, m.look.muted.Render(fmt.Sprintf("%d hidden", n)))
	}
	if eta := p.eta(m.config.Slots); eta > 0 {
		parts = append(parts, "eta "+report.Duration(eta))
	}
	return strings.Join(parts, "  ")
}

// footer is the last line: a question, the last answer, or what can be pressed.
// A question and an error take the lines they need.
func (m *Model) footer(w int) []string {
	var lines []string
	switch {
	case m.question != nil:
		for _, t := range wrap(harmless(m.question.text)+"  y yes  n no", w-2) {
			lines = append(lines, fit(m.look.bad.Render(" "+t), w))
		}
	case m.notice != "" && m.failed:
		for _, t := range wrap(harmless(m.notice), w-2) {
			lines = append(lines, fit(m.look.bad.Render(" "+t), w))
		}
	case m.notice != "":
		said := " " + harmless(m.notice) + "  "
		lines = append(lines, fit(said+m.keyLine(w-ansi.StringWidth(said)), w))
	default:
		lines = append(lines, fit(m.keyLine(w), w))
	}
	return lines[:min(len(lines), max(m.height-minHeight+1, 1))]
}

// helpPage lists every key that means something on the page it was opened on.
func (m *Model) helpPage(w, h int) []string {
	lines := []string{"", " " + m.look.bold.Render("keys"), ""}
	const brief, abreast = 8, 3 // letters of what needs no line of its own, and how many share one
	short := 0
	for _, b := range bindings() {
		if b.where&m.here() == 0 {
			continue
		}
		text := fmt.Sprintf("   %-12s %-10s", b.Help().Key, b.Help().Desc)
		if len(b.Help().Desc) > brief {
			short = 0
		} else if short++; short%abreast != 1 {
			lines[len(lines)-1] += text[2:]
			continue
		}
		lines = append(lines, text)
	}
	lines = append(lines, "", " ● running  ✓ done  ✗ failed  ◌ queued  ! stalled  ? lost  – stopped  ‖ paused",
		" Before a name: * marked  ★ starred  ! distrusted: in no mean  old: other design",
		" A curve is a cell's mean over its seeds. In the matrix 2/3 is done of seeds.",
		" Runs belong to the engine: leave, or lose the link, and they go on.")
	return box(lines, w, h)
}
