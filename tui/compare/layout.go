package compare

import (
	"slices"

	"ablate/tui/report"
)

// pane is a part of the page.
type pane uint8

// The panes in the order of tab.
const (
	paneCells pane = iota // matched cells; only where there are several
	paneFacts
	paneCurves
	paneScaling // only where an axis has several numbers
	paneCourse
	paneFlips
	panes
)

// place is where a pane stands, in cells of the page.
type place struct {
	pane       pane
	x, y, w, h int
}

const (
	leastTable = 5
	leastChart = 7
	wide       = 100 // cells from which charts stand beside tables
	gapWidth   = 3
)

// has reports whether there is such a pane.
func (p *Compare) has(x pane) bool {
	switch x {
	case paneCells:
		return len(p.data.Rows) > 1
	case paneScaling:
		return len(p.data.Scaling) > 0
	case paneCurves:
		return p.pointed(p.reader.got.curves)
	case paneCourse:
		return p.pointed(p.reader.got.course)
	default:
		return x < panes
	}
}

// pointed is false of curves that will never have a point, as of results that were
// made elsewhere.
func (p *Compare) pointed(curves []report.Curve) bool {
	if p.reader.got.light || p.data.Live > 0 || slices.ContainsFunc(curves, func(c report.Curve) bool { return len(c.Steps) > 0 }) {
		return true
	}
	return p.data.Chosen == nil || !slices.ContainsFunc(p.data.Chosen.Units, func(u *report.Unit) bool { return u != nil && len(u.Done) > 0 })
}

// turn goes to the next pane.
func (p *Compare) turn(by int) {
	if p.data == nil || p.data.Chosen == nil {
		return
	}
	for {
		p.focus = pane((int(p.focus) + by + int(panes)) % int(panes))
		if p.has(p.focus) {
			return
		}
	}
}

// top is the first table: what the page opens on.
func (p *Compare) top() pane {
	if p.has(paneCells) {
		return paneCells
	}
	return paneFacts
}

// lay finds a place for each pane in h lines of w cells, from line y on.
func (p *Compare) lay(w, y, h int) []place {
	switch {
	case p.zoomed:
		return []place{{p.focus, 0, y, w, h}}
	case w >= wide && h >= 2*leastChart:
		return p.layWide(w, y, h)
	}
	return p.layNarrow(w, y, h)
}

// layNarrow stacks a table, below it a chart or what else has the focus, and a line
// of flips. Where there is room for one pane, that is the one with the focus.
func (p *Compare) layNarrow(w, y, h int) (out []place) {
	flips := 0
	if h >= leastTable+2 && p.focus != paneFlips {
		flips = 1
	}
	h -= flips
	top := p.top()
	second, ok := p.second(top)
	switch {
	case !ok:
		out = append(out, place{top, 0, y, w, h})
	case h < leastTable+leastChart:
		out = append(out, place{p.focus, 0, y, w, h})
	default:
		n := min(max(leastTable, p.lines(top)), max(leastTable, h*45/100), h-leastChart)
		out = append(out, place{top, 0, y, w, n}, place{second, 0, y + n, w, h - n})
	}
	if flips > 0 {
		out = append(out, place{paneFlips, 0, y + h, w, flips})
	}
	return out
}

// second is the pane under the first table; false: there is none.
func (p *Compare) second(top pane) (pane, bool) {
	if p.focus != top {
		return p.focus, true
	}
	for _, x := range []pane{paneCurves, paneScaling, paneFacts} {
		if x != top && p.has(x) {
			return x, true
		}
	}
	return top, false
}

// layWide puts tables on the left and charts on the right.
func (p *Compare) layWide(w, y, h int) (out []place) {
	charts := p.chartPanes(h)
	left := min(max(w*56/100, 60), 110)
	if len(charts) == 0 {
		left = w
	}
	right := w - left - gapWidth
	at, room := y, h
	add := func(x pane, n int) {
		out = append(out, place{x, 0, at, left, n})
		at, room = at+n, room-n
	}
	if p.has(paneCells) {
		add(paneCells, min(max(leastTable, p.lines(paneCells)+1), h*2/5))
	}
	flips := min(p.lines(paneFlips), max(room/3, 1))
	add(paneFacts, min(p.lines(paneFacts)+1, room-flips))
	add(paneFlips, room)
	top := y
	for i, x := range charts {
		n := (y + h - top) / (len(charts) - i)
		out = append(out, place{x, left + gapWidth, top, right, n})
		top += n
	}
	return out
}

// chartPanes are the charts that have room below each other in h lines.
func (p *Compare) chartPanes(h int) (charts []pane) {
	for _, x := range []pane{paneCurves, paneScaling, paneCourse} {
		if p.has(x) && (len(charts) == 0 || h >= (len(charts)+1)*2*leastChart) {
			charts = append(charts, x)
		}
	}
	if p.focus == paneCourse || p.focus == paneScaling {
		charts = withPane(charts, p.focus)
	}
	return charts
}

// withPane has the focus among the charts, in the last place if it had none.
func withPane(charts []pane, focus pane) []pane {
	if slices.Contains(charts, focus) {
		return charts
	}
	if len(charts) == 1 {
		return []pane{focus}
	}
	return append(charts[:len(charts)-1], focus)
}

// lines are how many lines a pane would fill.
func (p *Compare) lines(x pane) int {
	switch x {
	case paneCells:
		return 1 + len(p.data.Rows)
	case paneFacts:
		return 1 + len(p.sides.cells)
	case paneFlips:
		if f := p.data.Detail.Flips; f != nil {
			return 3 + len(f.Strata)
		}
		return 2
	default:
		return leastChart
	}
}
