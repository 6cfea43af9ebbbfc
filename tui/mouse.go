package tui

import (
	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

const wheelLines = 3 // a notch of the wheel

// toggleMouse gives the mouse to the terminal, which then selects text, or takes
// it back.
func (m *Model) toggleMouse() tea.Cmd {
	m.term.noMouse = !m.term.noMouse
	if m.term.noMouse {
		m.say("the mouse selects text now; M gives it back", false)
	} else {
		m.say("the mouse clicks and scrolls here again; M releases it", false)
	}
	return nil
}

// click does what stands where the mouse was pressed.
func (m *Model) click(x, y int) tea.Cmd {
	if m.tooSmall() {
		return nil
	}
	foot := m.footer(m.width)
	switch {
	case m.question != nil, m.palette == nil && m.help == nil && y >= m.height-len(foot):
		if do := foot[max(y-(m.height-len(foot)), 0)].at(x); do != nil {
			m.notice = notice{}
			return m.safely(m.top(), do)
		}
	case m.palette != nil:
		return m.clickPalette(y)
	case m.help != nil:
		m.help = nil
	case y == 0:
		line := m.titleLine(m.width)
		if do := line.at(x); do != nil {
			return do()
		}
	default:
		return m.toPage(page.Click{X: x, Y: y - 1})
	}
	return nil
}

// clickPalette does the entry that was clicked; a click elsewhere closes it.
func (m *Model) clickPalette(y int) tea.Cmd {
	p := m.palette
	all := p.entries(m.named())
	rows := min(paletteRows, m.height-2)
	first := max(0, min(p.chosen, len(all)-1)-rows+1)
	i := first + y - (m.height - rows)
	switch {
	case y < m.height-rows-1:
		m.palette = nil
	case i >= first && i < len(all):
		p.chosen, p.picked = i, true
		return p.do(m, all)
	}
	return nil
}

// wheel scrolls what lies under the mouse.
func (m *Model) wheel(x, y int, b tea.MouseButton) tea.Cmd {
	by := wheelLines
	switch b {
	case tea.MouseWheelUp:
		by = -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	switch {
	case m.tooSmall() || m.question != nil || m.palette != nil:
		return nil
	case m.help != nil:
		key := "↓"
		if by < 0 {
			key = "↑"
		}
		for range wheelLines {
			m.help.press(m, key, "")
		}
		return nil
	case y < 1 || y >= m.height-len(m.footer(m.width)):
		return nil
	}
	return m.toPage(page.Wheel{X: x, Y: y - 1, Lines: by})
}

// toPage brings a message to the page on the screen alone.
func (m *Model) toPage(msg tea.Msg) tea.Cmd {
	p := m.top()
	return m.safely(p, func() tea.Cmd { return p.Update(msg) })
}
