package run

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// chooser is a list of metrics to choose from, for one of the charts.
type chooser struct {
	open  bool
	chart int // it is for
	input look.Input
	all   []string
	at    int
}

// chartOf is the chart that a metric is chosen for: the one with the focus, else
// the right one.
func (p *Page) chartOf() int {
	if p.focus == paneLeft {
		return 0
	}
	return 1
}

func (p *Page) openChooser() tea.Cmd {
	all := p.metrics()
	if len(all) == 0 {
		return page.Answer("there are no metrics yet")
	}
	i := p.chartOf()
	p.chooser = chooser{open: true, chart: i, all: all, at: max(slices.Index(all, p.curves.names[i]), 0)}
	return nil
}

// chooseMetric shows a metric on the chart with the focus.
func (p *Page) chooseMetric(name string) tea.Cmd {
	if !p.has(name) {
		return page.Fail("the run has no metric " + strconv.Quote(name))
	}
	i := p.chartOf()
	p.curves.names[i], p.curves.chosen[i] = name, true
	return p.readPoints()
}

// found are the metrics that have all words of the text.
func (c *chooser) found() (names []string) {
	words := strings.Fields(strings.ToLower(c.input.Text()))
	for _, name := range c.all {
		lower := strings.ToLower(name)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lower, w) }) {
			names = append(names, name)
		}
	}
	return names
}

func (c *chooser) typed(p *Page, msg tea.Msg) tea.Cmd {
	found := c.found()
	switch pressed(msg) {
	case "esc":
		*c = chooser{}
	case "enter":
		if c.at >= len(found) {
			return page.Answer("no metric has that in its name")
		}
		name, i := found[c.at], c.chart
		*c = chooser{}
		p.curves.names[i], p.curves.chosen[i] = name, true
		return p.readPoints()
	case "down", "ctrl+n", "tab":
		c.at = min(c.at+1, max(len(found)-1, 0))
	case "up", "ctrl+p", "shift+tab":
		c.at = max(c.at-1, 0)
	case "pgdown":
		c.at = min(c.at+10, max(len(found)-1, 0))
	case "pgup":
		c.at = max(c.at-10, 0)
	default:
		before := c.input.Text()
		if c.input.Update(msg); c.input.Text() != before {
			c.at = 0
		}
	}
	return nil
}

// view draws the list.
func (c *chooser) view(l look.Look, p *Page, w, h int) []string {
	found := c.found()
	lines := []string{
		fmt.Sprintf(" %s chart: %s  %s", []string{"left", "right"}[c.chart], c.input.Bar(), l.Muted.Render(fmt.Sprintf("%d of %d metrics", len(found), len(c.all)))),
		l.Muted.Render(strings.Repeat("─", w)),
	}
	room := max(h-len(lines), 0)
	from := min(max(c.at-room/2, 0), max(len(found)-room, 0))
	widest := 0
	for _, name := range found[from:min(from+room, len(found))] {
		widest = max(widest, look.Width(look.Harmless(name)))
	}
	widest = min(widest, max(w-16, 8))
	for i, name := range found[from:min(from+room, len(found))] {
		v, _ := p.value(name)
		text := look.Fit(fmt.Sprintf("   %s  %s", look.Fit(look.Harmless(name), widest), chart.Format(v, 9)), w)
		if from+i == c.at {
			text = l.Cursor.Render(" ▸" + text[2:])
		}
		lines = append(lines, text)
	}
	if len(found) == 0 {
		lines = append(lines, " "+l.Muted.Render("no metric has that in its name"))
	}
	return look.Box(lines, w, h)
}
