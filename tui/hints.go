package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
)

// strip is a line that is put together from the left, and what a click on its
// parts does.
type strip struct {
	text  string
	spots []spot
	width int // of what was added
}

// spot is where a click does something: the cells from left up to right.
type spot struct {
	left, right int
	do          func() tea.Cmd
}

func (s *strip) add(text string, do func() tea.Cmd) {
	left := s.width
	s.text += text
	s.width += look.Width(text)
	if do != nil {
		s.spots = append(s.spots, spot{left, s.width, do})
	}
}

// at is what a click on a cell does; nil for nothing.
func (s *strip) at(x int) func() tea.Cmd {
	for _, spot := range s.spots {
		if spot.left <= x && x < spot.right {
			return spot.do
		}
	}
	return nil
}

// keyLine is the last line: what can be pressed here. What does not fit goes, but
// never the way to all the rest, the way out and the help.
func (m *Model) keyLine(w int) strip {
	var hints []page.Key
	for _, k := range m.keys() {
		if k.Hint != "" {
			hints = append(hints, k)
		}
	}
	kept := 2
	if !m.top().Typing() {
		if kept = countHints(m.everywhere()); m.pointsToGPUs() {
			kept--
		}
	}
	if hintWidth(hints) > w {
		for i := range hints {
			hints[i].Hint, _, _ = strings.Cut(hints[i].Hint, ",")
		}
	}
	for takes := hintWidth(hints); len(hints) > 2 && takes > w; {
		i := max(len(hints)-kept-1, 0)
		takes -= look.Width(hintOf(hints[i])) + 2
		hints = slices.Delete(hints, i, i+1)
	}
	var line strip
	line.add(" ", nil)
	for i, k := range hints {
		if i > 0 {
			line.add("  ", nil)
		}
		key, hint, _ := strings.Cut(hintOf(k), " ")
		line.add(m.look.Key.Render(key)+" "+m.look.Muted.Render(hint), k.Do)
	}
	return line
}

func countHints(keys []page.Key) (n int) {
	for _, k := range keys {
		if k.Hint != "" {
			n++
		}
	}
	return n
}

// hintWidth is how many cells the last line takes.
func hintWidth(hints []page.Key) int {
	w := -1
	for _, k := range hints {
		w += look.Width(hintOf(k)) + 2
	}
	return w
}

func hintOf(k page.Key) string {
	first, _, _ := strings.Cut(k.Keys, " ")
	return first + " " + k.Hint
}

// titleLine says where you are on the left and what is going on on the right, the
// most important first; what does not fit goes.
func (m *Model) titleLine(w int) strip {
	line := m.pathLine()
	flags := m.flags()
	fixed := strings.Join(flags, "  ")
	if room := w - look.Width(fixed) - 2; fixed != "" && look.Width(line.text) > room {
		line.text = look.Fit(line.text, max(room, 0))
	}
	machine := []string{m.look.Muted.Render(" slots " + m.slotsBusy()), m.look.Muted.Render("GPU " + m.gpuText)}
	for parts := slices.Concat(flags, m.state(), machine); ; parts = parts[:len(parts)-1] {
		right := strings.Join(parts, "  ") + " "
		room := w - look.Width(line.text) - look.Width(right)
		switch {
		case len(parts) == 0:
			line.text = look.Fit(line.text, w)
			return line
		case room >= 1:
			line.text += strings.Repeat(" ", room) + right
			return line
		}
	}
}

// pathLine is the way to the page on the screen; a click on a step goes there.
func (m *Model) pathLine() strip {
	var line strip
	line.add(" ", nil)
	line.add(m.look.Accent.Render("ablate"), goTo(page.List))
	line.add("  ", nil)
	for i, p := range m.path() {
		if i > 0 {
			line.add(m.look.Muted.Render(" › "), nil)
		}
		line.add(m.look.Bold.Render(look.Harmless(p.Title())), func() tea.Cmd {
			for m.top() != p && len(m.pages) > 0 {
				m.back()
			}
			return nil
		})
	}
	return line
}

// path are the pages from the experiment to the one on the screen.
func (m *Model) path() []page.Page {
	if len(m.pages) == 0 {
		return []page.Page{m.list}
	}
	return m.pages
}

// flags are what has to be known whatever the page is.
func (m *Model) flags() (parts []string) {
	if m.frozen > 0 {
		parts = append(parts, m.look.Cursor.Render(fmt.Sprintf(" FROZEN %ds ", int(max(m.now-m.frozen, 0)))))
	}
	if m.trouble != "" {
		parts = append(parts, m.look.Bad.Render("! engine"))
	}
	if m.site.Slow {
		parts = append(parts, m.look.Muted.Render("slow"))
	}
	return parts
}

func (m *Model) state() (parts []string) {
	p := m.top()
	if m.broken[p] != "" {
		return nil
	}
	m.safely(p, func() tea.Cmd { parts = p.State(m.look); return nil })
	return slices.Clone(parts)
}

// slotsBusy is how many of the store's slots are busy, by whichever experiment.
func (m *Model) slotsBusy() string {
	busy := 0
	for _, s := range m.site.Summaries {
		busy += s.Runs[store.Running] + s.Runs[store.Stalled]
	}
	return fmt.Sprintf("%d/%d", min(busy, m.site.Slots), m.site.Slots)
}
