package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
)

// The size of a terminal that does not know its own.
const usualWidth, usualHeight = 80, 24

// Below this size there is only a message.
const minWidth, minHeight = 40, 10

func (m *Model) tooSmall() bool { return m.width < minWidth || m.height < minHeight }

// View draws the whole screen, if anything in it may be other than it was.
func (m *Model) View() tea.View {
	if m.stale {
		m.drawn, m.stale = m.screen(), false
	}
	v := tea.NewView(m.drawn)
	v.AltScreen, v.ReportFocus = true, true
	if !m.term.noMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = "ablate " + look.Told(m.top().Title())
	return v
}

// screen is exactly height lines of width cells.
func (m *Model) screen() string {
	w, h := m.width, m.height
	if w < 1 || h < 1 {
		return ""
	}
	lines := m.lines(w, h)
	for i, line := range lines {
		lines[i] = look.Safe(line, m.look.Chart)
	}
	return strings.Join(lines, "\n")
}

func (m *Model) lines(w, h int) []string {
	if m.tooSmall() {
		return look.Box([]string{fmt.Sprintf("ablate needs %dx%d", minWidth, minHeight), fmt.Sprintf("and has %dx%d", w, h), "q leaves, runs go on"}, w, h)
	}
	lines := []string{m.titleLine(w).text}
	switch foot := m.footer(w); {
	case m.help != nil && m.question == nil:
		return append(lines, m.help.view(m, w, h-1)...)
	case m.palette != nil && m.question == nil: // over the page, which keeps its size
		lines = append(lines, m.body(w, h-2)...)
		over := m.palette.view(m, w, h-1)
		return append(lines[:h-len(over)], over...)
	default:
		lines = append(lines, m.body(w, h-1-len(foot))...)
		for _, l := range foot {
			lines = append(lines, l.text)
		}
		return lines
	}
}

// body is the page, or why there is none.
func (m *Model) body(w, h int) (lines []string) {
	p := m.top()
	if m.broken[p] == "" {
		m.safely(p, func() tea.Cmd { lines = p.View(m.look, w, h); return nil })
	}
	if text := m.broken[p]; text != "" {
		lines = []string{"", " " + m.look.Bad.Render("This page broke, which is a mistake in the program."), ""}
		for _, l := range look.Wrap(look.Harmless(text), w-2) {
			lines = append(lines, " "+l)
		}
		lines = append(lines, "", " The runs go on. "+m.look.Key.Render("esc")+" leaves the page; opened again it begins anew.")
	}
	return look.Box(lines, w, h)
}

// footer is the last line: a question, the last answer, or what can be pressed.
// What is said takes the lines that it needs; the keys stay.
func (m *Model) footer(w int) []strip {
	room := max(m.height-minHeight+1, 1)
	said := look.Harmless(m.notice.text)
	switch {
	case m.question != nil:
		return m.asking(w, room)
	case said == "":
		return []strip{m.padded(m.keyLine(w), w)}
	case look.Width(said)+3 <= w/2:
		text := " " + said + "  "
		if m.notice.failed {
			text = m.look.Bad.Render(text)
		}
		line := strip{text: text}
		keys := m.keyLine(w - look.Width(line.text))
		before := look.Width(line.text)
		line.text += keys.text
		for _, s := range keys.spots {
			line.spots = append(line.spots, spot{s.left + before, s.right + before, s.do})
		}
		return []strip{m.padded(line, w)}
	}
	var lines []strip
	for _, t := range look.Wrap(said, w-2) {
		text := " " + t
		if m.notice.failed {
			text = m.look.Bad.Render(text)
		}
		lines = append(lines, strip{text: look.Fit(text, w)})
	}
	lines = append(lines, m.padded(m.keyLine(w), w))
	return lines[:min(len(lines), room)]
}

// asking is the question and what answers it.
func (m *Model) asking(w, room int) (lines []strip) {
	for _, t := range look.Wrap(look.Harmless(m.question.Text)+"  y yes  n no", w-2) {
		lines = append(lines, strip{text: look.Fit(m.look.Bad.Render(" "+t), w)})
	}
	lines = lines[:min(len(lines), room)]
	last := &lines[len(lines)-1]
	plain := look.Strip(last.text)
	for key, words := range map[string]string{"y": "y yes", "n": "n no"} {
		if i := strings.LastIndex(plain, words); i >= 0 {
			at := look.Width(plain[:i])
			last.spots = append(last.spots, spot{at, at + len(words), func() tea.Cmd { return m.answer(key) }})
		}
	}
	return lines
}

func (m *Model) padded(s strip, w int) strip {
	s.text = look.Fit(s.text, w)
	return s
}
