package run

import (
	"fmt"
	"strings"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// pane is a part of the page that can have the focus.
type pane uint8

const (
	paneLeft  pane = iota // the chart of the loss
	paneRight             // and that of the objective
	paneWhy
	paneSamples
	paneLog
	paneEvents
	paneInfo
	panes
)

func (x pane) String() string {
	return [...]string{"left chart", "right chart", "why", "programs", "log", "events", "parameters"}[x]
}

// places are where the panes were drawn last.
type places struct {
	chart  [2]rect
	lower  [2]rect
	panes  [2]pane // in lower
	other  bool    // there was room for one chart alone
	log    int     // lines of the log
	rooms  [panes]int
	widths [panes]int
	tabs   []tab
	tabsAt int // the line of the tabs, -1 for none
}

type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// tab is the name of a pane on the screen.
type tab struct {
	from, to int
	pane     pane
}

// wide is from where two charts stand side by side, and broad from where the log
// stands beside the other panes.
const (
	wide  = 100
	broad = 150
)

// View draws the page.
func (p *Page) View(l look.Look, w, h int) []string {
	p.places = places{tabsAt: -1}
	if w < 1 || h < 1 {
		return look.Box(nil, max(w, 0), max(h, 0))
	}
	if p.chooser.open {
		return p.chooser.view(l, p, w, h)
	}
	if p.whole || h < 8 {
		return p.single(l, w, h)
	}
	lines := []string{look.Fit(p.phaseLine(l, w), w)}
	bars := p.bars(l, w)
	switch {
	case h < 12:
		bars = nil
	case h < 24:
		bars = bars[:min(len(bars), 1)]
	}
	rest := h - 1 - len(bars) - 1 // the phases, the bars, the tabs
	chartH := p.chartHeight(rest, w)
	lines = append(lines, p.charts(l, w, chartH, len(lines))...)
	for _, b := range bars {
		lines = append(lines, look.Fit(b, w))
	}
	p.places.tabsAt = len(lines)
	p.places.rooms[p.lower], p.places.widths[p.lower] = h-len(lines)-1, w
	if w >= broad {
		p.places.widths[p.lower] = (w - 3) / 2
	}
	lines = append(lines, p.tabLine(l, w))
	return append(lines, p.panes(l, w, h-len(lines), len(lines))...)
}

// chartHeight is how much of the room the charts take: a half or a little more,
// less where a failure has to be read, and nothing where nothing was written.
func (p *Page) chartHeight(rest, w int) int {
	const least, enough = 5, 16
	h := (rest + rest/10) / 2
	if p.pointless() && p.focus > paneRight {
		return 0
	}
	if p.lower == paneWhy {
		if need := len(p.whyLines(look.Look{}, w, enough)); rest-need >= least {
			h = min(max(h, min(rest-need, 2*rest/3)), rest-need)
		} else {
			h = least
		}
		if c := p.card(); c != nil && c.bad && rest < enough-2 {
			h = min(h, max(rest-enough/2+1, 0))
		}
	}
	if rest >= 30 && w < wide {
		h += h / 4 // one above the other
	}
	return min(max(h, min(least, rest-4)), rest-4)
}

// pointless reports whether there is no curve and nothing to wait for.
func (p *Page) pointless() bool {
	s := p.facts.record.Status
	return len(p.facts.latest) == 0 && (p.card() != nil && s != store.Stalled || s == store.Done && len(p.gpus.latest) == 0)
}

// single gives all the room to the pane with the focus.
func (p *Page) single(l look.Look, w, h int) []string {
	if p.focus <= paneRight {
		i := int(p.focus - paneLeft)
		p.places.chart[i] = rect{0, 0, w, h}
		return p.chart(l, i, w, h)
	}
	p.places.tabsAt = 0
	p.places.rooms[p.lower], p.places.widths[p.lower] = h-1, w
	return append([]string{p.tabLine(l, w)}, p.pane(l, 0, p.lower, rect{0, 1, w, h - 1})...)
}

// charts draws both charts side by side, one above the other, or the one with the
// focus.
func (p *Page) charts(l look.Look, w, h, y int) []string {
	switch {
	case h < 3:
		return nil
	case p.alone() >= 0:
		i := p.alone()
		p.places.chart[i] = rect{0, y, w, h}
		return p.chart(l, i, w, h)
	case w >= wide:
		left := (w - 3) / 2
		p.places.chart = [2]rect{{0, y, left, h}, {left + 3, y, w - left - 3, h}}
		return look.Beside(p.chart(l, 0, left, h), p.chart(l, 1, w-left-3, h), l.Muted.Render(" │ "))
	case h >= 16:
		top := h / 2
		p.places.chart = [2]rect{{0, y, w, top}, {0, y + top, w, h - top}}
		return append(p.chart(l, 0, w, top), p.chart(l, 1, w, h-top)...)
	}
	i := 0
	if p.focus == paneRight {
		i = 1
	}
	p.places.chart[i], p.places.other = rect{0, y, w, h}, true
	return p.chart(l, i, w, h)
}

// alone is the chart that has the room of both, -1 for none: the other would be the
// same, or a run that has ended wrote nothing that would fill it.
func (p *Page) alone() int {
	c := &p.curves
	if c.names[0] == c.names[1] && c.names[0] != "" && !c.chosen[1] {
		return 0 // it is judged by its course, and wrote nothing else
	}
	if c.shown == nil || !c.whole || p.facts.record.Status.Live() {
		return -1
	}
	empty := func(i int) bool {
		return !c.chosen[i] && !p.has(c.names[i]) && c.shown.names == c.names && c.shown.curves[i].data.Len() == 0
	}
	switch left, right := empty(0), empty(1); {
	case left == right:
		return -1
	case left:
		return 1
	default:
		return 0
	}
}

// bars are the verdicts of the newest evaluation and of the newest rollouts.
func (p *Page) bars(l look.Look, w int) (lines []string) {
	if line, ok := p.verdictLine(l, w); ok {
		lines = append(lines, line)
	}
	if line, ok := p.rolloutLine(l, w); ok {
		lines = append(lines, line)
	}
	return lines
}

// panes draws the pane that is chosen, and where there is room the log beside it.
func (p *Page) panes(l look.Look, w, h, y int) []string {
	if w < broad {
		return p.pane(l, 0, p.lower, rect{0, y, w, h})
	}
	left := (w - 3) / 2
	return look.Beside(
		p.pane(l, 0, p.lower, rect{0, y, left, h}),
		p.pane(l, 1, p.beside(), rect{left + 3, y, w - left - 3, h}), l.Muted.Render(" │ "))
}

// beside is what stands beside the pane that is chosen.
func (p *Page) beside() pane {
	if p.lower == paneLog {
		return paneEvents
	}
	return paneLog
}

// pane draws one pane.
func (p *Page) pane(l look.Look, i int, x pane, r rect) []string {
	p.places.lower[i], p.places.panes[i] = r, x
	p.places.rooms[x], p.places.widths[x] = r.h, r.w
	switch x {
	case paneWhy:
		return look.Box(p.why.window(p.whyLines(l, r.w, r.h), r.h), r.w, r.h)
	case paneSamples:
		return p.samples.view(l, r.w, r.h)
	case paneLog:
		p.places.log = r.h
		if p.log.log == nil {
			return look.Box([]string{" " + l.Muted.Render("no log yet: what the trainer prints comes here")}, r.w, r.h)
		}
		return p.log.view(l, r.w, r.h)
	case paneEvents:
		return look.Box(p.events.window(p.eventLines(l, r.w), r.h), r.w, r.h)
	default:
		return look.Box(p.info.window(p.infoLines(l, r.w), r.h), r.w, r.h)
	}
}

// tabLine names the panes, and says where in the one that is shown the reader is.
func (p *Page) tabLine(l look.Look, w int) string {
	line, at := l.Muted.Render("─"), 1
	for x := paneWhy; x < panes; x++ {
		if x == paneWhy && p.card() == nil {
			continue
		}
		name := " " + x.String() + " "
		p.places.tabs = append(p.places.tabs, tab{at, at + look.Width(name), x})
		at += look.Width(name) + 1
		switch {
		case x == p.lower && x == p.focus:
			name = l.Accent.Render("[" + x.String() + "]")
		case x == p.lower:
			name = l.Bold.Render(name)
		default:
			name = l.Muted.Render(name)
		}
		line += name + l.Muted.Render("─")
	}
	note := look.Harmless(p.note())
	if note != "" {
		note = " " + note + " "
	}
	room := w - at - look.Width(note) - 1
	if room < 0 && w-at > 8 {
		note = look.Fit(note, w-at-1)
		room = 0
	}
	if room < 0 {
		return look.Fit(line, w)
	}
	return look.Fit(line+l.Muted.Render(strings.Repeat("─", room))+note+l.Muted.Render("─"), w)
}

// note says where in the pane the reader is.
func (p *Page) note() string {
	at := func(s *scroll, n int) string {
		if h := p.places.rooms[p.lower]; n > h && h > 0 {
			from := s.first(n, h)
			return fmt.Sprintf("%d to %d of %d", from+1, min(from+h, n), n)
		}
		return ""
	}
	switch p.lower {
	case paneSamples:
		return p.samples.note()
	case paneLog:
		return p.log.note()
	case paneEvents:
		return at(&p.events, p.count(paneEvents))
	case paneInfo:
		return at(&p.info, p.count(paneInfo))
	default:
		return ""
	}
}

// count is how many lines a pane has.
func (p *Page) count(x pane) int {
	var plain look.Look
	w, h := max(p.places.widths[x], 20), p.places.rooms[x]
	switch x {
	case paneWhy:
		return len(p.whyLines(plain, w, h))
	case paneSamples:
		if p.samples.index == nil || p.samples.shown < 0 {
			return 0
		}
		return len(p.samples.lines(plain, w))
	case paneEvents:
		return len(p.eventLines(plain, w))
	case paneInfo:
		return len(p.infoLines(plain, w))
	default:
		return 0
	}
}
