package lab

import (
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/plot"
	"ablate/tui/report"
)

// view draws the page.
func (p *screen) view(l look.Look, w, h int) []string {
	p.sync()
	p.link()
	p.drawn = arrange(w, h, p.wants(w))
	lines := p.header(l, w, p.drawn.header)
	left := p.stack(l, 0, h-len(lines))
	if p.drawn.split == 0 {
		return fill(append(lines, left...), w, h)
	}
	right := p.stack(l, p.drawn.split+3, h-len(lines))
	return fill(append(lines, look.Beside(left, right, l.Muted.Render(" │ "))...), w, h)
}

// link has the two charts over the course show the same part at the same place,
// as the one with the keys does.
func (p *screen) link() {
	switch p.focus {
	case paneObjective:
		p.curves.second.Link(&p.curves.objective)
	case paneSecond:
		p.curves.objective.Link(&p.curves.second)
	default:
	}
}

// wants is what there is to show.
func (p *screen) wants(w int) wants {
	p.grid.make()
	p.scaling.make()
	shown, _ := p.runs.table.Count()
	want := wants{
		runs: max(shown, 1), matrix: 3*len(p.grid.cells) + 3, scaling: p.scaling.axis >= 0,
		focus: p.focus, whole: p.whole,
		settled: len(p.verdict.said) > 0 && p.study.live() == 0 && p.study.records[p.log.run].Status == store.Done,
	}
	if n := len(p.grid.chart.Equal); n > 0 {
		want.matrix++
	}
	if n, ok := p.grid.nearest(); ok {
		if want.near = 2; n.Worth != "" {
			want.near++
		}
		want.matrix += want.near
	}
	switch {
	case p.columns.open, p.runs.filter.Typing():
		want.focus, want.runs = paneRuns, max(want.runs+2, 10)
	case p.runs.filter.Text() != "":
		want.runs++
	}
	want.verdict = len(p.verdict.lines(w - leftOf(w) - 3))
	if want.verdict > 0 {
		want.verdict++ // a line apart from the charts
	}
	return want
}

// stack draws the panes of the column that begins at x.
func (p *screen) stack(l look.Look, x, h int) (lines []string) {
	w := 0
	for _, s := range p.drawn.spots {
		if s.x != x {
			continue
		}
		w = s.w
		lines = append(lines, fill(p.draw(l, s), s.w, s.h)...)
	}
	return fill(lines, w, h)
}

// fill makes h lines of some that are w cells wide already.
func fill(lines []string, w, h int) []string {
	lines = lines[:min(len(lines), h)]
	for len(lines) < h {
		lines = append(lines, strings.Repeat(" ", w))
	}
	return lines
}

// draw is what a pane shows in its spot.
func (p *screen) draw(l look.Look, s spot) []string {
	focused := p.focus == s.pane && !p.typing()
	mark := ""
	if focused {
		mark = focusMark
	}
	switch s.pane {
	case paneRuns:
		if p.columns.open {
			return p.columns.view(l, s.w, s.h)
		}
		return p.runs.view(l, s.w, s.h, focused && p.focus != paneRuns)
	case paneMatrix:
		return p.grid.view(l, s.w, s.h, focused)
	case paneObjective:
		metric, _ := p.study.objective()
		return p.course(l, &p.curves.objective, metric, mark, s)
	case paneSecond:
		return p.course(l, &p.curves.second, p.curves.secondMetric(), mark, s)
	case paneScaling:
		line := p.scaling.line
		line.Title = mark + line.Title
		return p.scaling.plot.View(l, s.w, s.h, line)
	case paneLog:
		return p.log.view(l, p.study, s.w, s.h, mark)
	case paneVerdict:
		if p.drawn.split == 0 {
			return p.verdict.view(l, s.w, s.h)
		}
		return append([]string{strings.Repeat(" ", s.w)}, p.verdict.view(l, s.w, s.h-1)...)
	case panes:
	}
	return nil
}

// course draws a chart over the course of the runs.
func (p *screen) course(l look.Look, c *plot.Plot, metric, mark string, s spot) []string {
	c.Xs = p.study.xs()
	line := p.curves.line(metric, c.X())
	if s.w < 100 && p.drawn.split == 0 { // there is little room: it goes to the curves
		line.Y.Width = 3
	}
	line.Title = mark + line.Title
	return c.View(l, s.w, s.h, line)
}

// header is the question, or what has to be known before it, and how far it is.
func (p *screen) header(l look.Look, w, n int) (lines []string) {
	s := p.study
	if n > 0 {
		question, design := "not in the experiment file any more", ""
		if s.plan != nil {
			question, design = s.plan.Question, report.Design(s.plan)
			if question == "" {
				question = s.plan.Title
			}
			if s.file == nil && s.plan.Recipe != experiments.Imported {
				design = "not in the file any more · " + design
			}
		}
		if s.differs {
			question = "R runs the file's design: " + s.difference()
		}
		if s.site.Mistaken {
			question = "the experiment file has mistakes, as `ablate check` says: shown is what it was before"
		}
		right := l.Muted.Render(look.Harmless(design) + " ")
		room := max(w-look.Width(right), w/2)
		lines = append(lines, look.Fit(look.Fit(" "+look.Harmless(question), room-1)+" "+right, w))
	}
	if n > 1 {
		lines = append(lines, p.forecast.line(l, w))
	}
	return lines
}

// chart is the chart that has the keys, nil if none has.
func (p *screen) chart() *plot.Plot {
	switch p.focus {
	case paneObjective:
		return &p.curves.objective
	case paneSecond:
		return &p.curves.second
	case paneScaling:
		return &p.scaling.plot
	default:
		return nil
	}
}

// next gives the keys to the next pane that has something, or to the one before.
func (p *screen) next(by int) {
	p.scaling.make()
	for {
		p.focus = (p.focus + pane(by) + panes) % panes
		if p.focus != paneScaling || p.scaling.axis >= 0 {
			break
		}
	}
	p.grid.moved = p.focus == paneMatrix && p.grid.moved
}

// click takes a press of the mouse: it goes to the pane, and does there what a
// press does. It reports whether the press was on what had the cursor already.
func (p *screen) click(at page.Click) (again bool) {
	s, ok := p.drawn.at(at.X, at.Y)
	if !ok || p.columns.open {
		return false
	}
	if s.pane != paneVerdict {
		p.focus = s.pane
	}
	x, y := at.X-s.x, at.Y-s.y
	switch s.pane {
	case paneRuns:
		p.runs.moved = true
		return p.runs.table.Click(x, y-p.runs.above)
	case paneMatrix:
		return p.grid.click(x, y, s.w, s.h)
	case paneObjective, paneSecond, paneScaling:
		p.chart().Click(x, y)
	case paneLog, paneVerdict, panes:
	}
	return false
}

// wheel scrolls or zooms what the mouse is over.
func (p *screen) wheel(at page.Wheel) {
	s, ok := p.drawn.at(at.X, at.Y)
	if !ok {
		return
	}
	switch s.pane {
	case paneRuns:
		p.runs.moved = true
		p.runs.table.Move(at.Lines)
	case paneObjective:
		p.curves.objective.Wheel(at.X-s.x, at.Y-s.y, at.Lines)
	case paneSecond:
		p.curves.second.Wheel(at.X-s.x, at.Y-s.y, at.Lines)
	case paneScaling:
		p.scaling.plot.Wheel(at.X-s.x, at.Y-s.y, at.Lines)
	case paneLog:
		p.log.scroll(at.Lines)
	case paneMatrix, paneVerdict, panes:
	}
}
