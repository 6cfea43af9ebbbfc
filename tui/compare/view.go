package compare

import (
	"fmt"
	"slices"
	"strings"

	"ablate/tui/look"
	"ablate/tui/report"
)

// View draws the page.
func (p *Compare) View(l look.Look, w, h int) []string {
	switch {
	case p.choice != nil:
		return p.choice.view(l, w, h)
	case p.data == nil || p.data.Chosen == nil:
		return p.waiting(l, w, h)
	case p.tasks != nil:
		return p.tasks.view(p, l, w, h)
	case p.strata != nil:
		return p.strata.view(p, l, w, h)
	}
	head := []string{p.head(l, w)}
	verdict := p.verdict(l, w, verdictRoom(h))
	room := h - len(head) - len(verdict)
	p.places = p.lay(w, len(head), room)
	lines := append(head, p.body(l, w, room)...)
	return look.Box(append(lines, verdict...), w, h)
}

// verdictRoom is how many lines the verdict may take of h.
func verdictRoom(h int) int {
	switch {
	case h < 12:
		return 2
	case h < 18:
		return 4
	case h < 30:
		return 5
	}
	return 7
}

// waiting is the page before there is anything to compare.
func (p *Compare) waiting(l look.Look, w, h int) []string {
	p.places = nil
	lines := []string{""}
	say := func(text string) {
		for _, t := range wrap(text, w-2) {
			lines = append(lines, " "+t)
		}
	}
	switch {
	case p.err != nil:
		say(strings.ReplaceAll(p.err.Error(), "\n", "; "))
		say("c chooses something else")
	case p.data != nil:
		say("no cell of one side has a partner on another, so there is nothing to set beside each other")
		say("without a partner: " + p.data.Alone())
		say("cells are matched by the axes that all sides have; name two cells to compare whatever they are: c chooses")
	default:
		say("reading " + strings.Join(p.reader.names, ", "))
	}
	for i := range lines {
		lines[i] = l.Muted.Render(lines[i])
	}
	return look.Box(lines, w, h)
}

// head names the sides and what they are matched by.
func (p *Compare) head(l look.Look, w int) string {
	metric := look.Harmless(report.ShortName(p.data.Metric)) + report.Arrow(p.data.Goal)
	rights := []string{metric}
	if p.has(paneCells) {
		cells := fmt.Sprintf("%d cells", len(p.data.Rows))
		rights = []string{cells + ", " + metric, metric}
		if len(p.data.Shared) > 0 {
			rights = slices.Insert(rights, 0, cells+" by "+look.Harmless(strings.Join(p.data.Shared, "×"))+", "+metric)
		}
	}
	left := " " + p.sideNames()
	for _, right := range rights {
		if room := w - look.Width(right) - 1; look.Width(left) < room {
			return l.Bold.Render(look.Fit(left, room)) + l.Muted.Render(right) + " "
		}
	}
	return l.Bold.Render(look.Fit(left, w))
}

// body draws the panes where they were laid.
func (p *Compare) body(l look.Look, w, h int) []string {
	left, right := []string{}, []string{}
	x := 0
	for _, at := range p.places {
		drawn := p.pane(l, at)
		if at.x > 0 {
			x, right = at.x, append(right, drawn...)
		} else {
			left = append(left, drawn...)
		}
	}
	if x == 0 {
		return look.Box(left, w, h)
	}
	gap := l.Muted.Render(" │ ")
	return look.Beside(look.Box(left, x-gapWidth, h), look.Box(right, w-x, h), gap)
}

// pane draws one pane.
func (p *Compare) pane(l look.Look, at place) []string {
	switch at.pane {
	case paneCells:
		p.suit(at.w)
		return p.rows.table.View(l, at.w, at.h)
	case paneFacts:
		p.suit(at.w)
		return p.sides.table.View(l, at.w, at.h)
	case paneFlips:
		return p.flipsPane(l, at.w, at.h)
	case paneScaling:
		line := p.scalingChart(l, at.w)
		line.Title = p.marked(at.pane) + line.Title
		return p.scale.View(l, at.w, at.h, line)
	case paneCourse:
		line := p.curveChart(l, at.w, p.reader.got.courseMetric, p.reader.got.course)
		line.Title = p.marked(at.pane) + line.Title
		return p.course.View(l, at.w, at.h, line)
	default:
		line := p.curveChart(l, at.w, p.data.Metric, p.reader.got.curves)
		line.Title = p.marked(at.pane) + line.Title
		return p.curves.View(l, at.w, at.h, line)
	}
}

// marked is what stands before the title of the pane that has the focus.
func (p *Compare) marked(x pane) string {
	if p.focus == x {
		return "› "
	}
	return ""
}

// bound keeps together what a line must not end in: after a hyphen, which may be a
// minus, and between a number and its unit.
var (
	bound   = strings.NewReplacer("-", "\u2011", " points", "\u00a0points")
	unbound = strings.NewReplacer("\u2011", "-", "\u00a0", " ")
)

// wrap cuts a text into lines that end where they may.
func wrap(text string, w int) []string {
	lines := look.Wrap(bound.Replace(look.Harmless(text)), w)
	for i := range lines {
		lines[i] = unbound.Replace(lines[i])
	}
	return lines
}

// clauses cuts a text into lines as wrap does, but after a clause where that takes no
// more of them: a number stays with its interval, and no word is left alone.
func clauses(text string, w int) []string {
	lines := wrap(text, w)
	if len(lines) < 2 {
		return lines
	}
	for at := len(text); ; {
		if at = max(strings.LastIndex(text[:at], "; ")+1, strings.LastIndex(text[:at], " (")); at < 1 {
			return lines
		}
		first := wrap(text[:at], w)
		if len(first) > 1 {
			continue
		}
		if rest := clauses(strings.TrimLeft(text[at:], " "), w); len(rest) < len(lines) {
			return append(first, rest...)
		}
	}
}
