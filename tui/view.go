package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Below this size there is only a message.
const minWidth, minHeight = 40, 10

// View draws the whole screen.
func (m *Model) View() tea.View {
	v := tea.NewView(m.screen())
	v.AltScreen, v.ReportFocus = true, true
	v.WindowTitle = "ablate " + m.top().Title()
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
		lines = look.Box([]string{fmt.Sprintf("ablate needs %dx%d", minWidth, minHeight), fmt.Sprintf("and has %dx%d", w, h), "q leaves, runs go on"}, w, h)
	case m.help:
		lines = append(m.helpPage(w, h-1), look.Fit(m.look.Muted.Render(" any key goes back"), w))
	default:
		foot := m.footer(w)
		lines = append([]string{m.titleLine(w)}, m.top().View(m.look, w, h-1-len(foot))...)
		lines = append(lines, foot...)
	}
	text := strings.Join(lines, "\n")
	if m.look.Chart.Glyphs == chart.ASCII {
		text = look.Plain(text)
	}
	return text
}

// titleLine says where you are on the left and what is going on on the right.
func (m *Model) titleLine(w int) string {
	var where []string
	for _, p := range m.path() {
		where = append(where, look.Harmless(p.Title()))
	}
	left := " " + m.look.Accent.Render("ablate") + "  " + m.look.Bold.Render(strings.Join(where, " › "))
	state := m.top().State(m.look)
	machine := m.look.Muted.Render(fmt.Sprintf(" slots %s  GPU %s", m.slotsBusy(), m.gpuText))
	for parts := append(state, machine); ; parts = parts[:len(parts)-1] {
		right := strings.Join(parts, "  ") + " "
		room := w - look.Width(left) - look.Width(right)
		switch {
		case len(parts) == 0:
			return look.Fit(left, w)
		case room >= 1:
			return left + strings.Repeat(" ", room) + right
		}
	}
}

// path are the pages from the experiment to the one on the screen.
func (m *Model) path() []page.Page {
	if len(m.pages) == 0 {
		return []page.Page{m.list}
	}
	return m.pages
}

// footer is the last line: a question, the last answer, or what can be pressed.
// A question and an error take the lines they need.
func (m *Model) footer(w int) []string {
	var lines []string
	switch {
	case m.question != nil:
		for _, t := range look.Wrap(look.Harmless(m.question.Text)+"  y yes  n no", w-2) {
			lines = append(lines, look.Fit(m.look.Bad.Render(" "+t), w))
		}
	case m.notice.text != "" && m.notice.failed:
		for _, t := range look.Wrap(look.Harmless(m.notice.text), w-2) {
			lines = append(lines, look.Fit(m.look.Bad.Render(" "+t), w))
		}
	case m.notice.text != "":
		said := " " + look.Harmless(m.notice.text) + "  "
		lines = append(lines, look.Fit(said+m.keyLine(w-look.Width(said)), w))
	default:
		lines = append(lines, look.Fit(m.keyLine(w), w))
	}
	return lines[:min(len(lines), max(m.height-minHeight+1, 1))]
}

// helpPage lists every key that means something on the page it was opened on.
func (m *Model) helpPage(w, h int) []string {
	lines := []string{"", " " + m.look.Bold.Render("keys"), ""}
	const brief, abreast = 8, 3 // letters of what needs no line of its own, and how many share one
	short := 0
	for _, k := range m.keys() {
		text := fmt.Sprintf("   %-12s %-10s", strings.ReplaceAll(k.Keys, " ", "/"), k.Help)
		if len(k.Help) > brief {
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
	return look.Box(lines, w, h)
}
