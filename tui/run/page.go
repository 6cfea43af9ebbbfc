package run

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Title is the cell and the seed: "tasks=512,solutions=4 s2".
func (p *Page) Title() string {
	cell, seed, _ := strings.Cut(strings.TrimPrefix(p.id, p.experiment()+"/"), "/")
	if at := strings.LastIndexByte(cell, '~'); at > 0 {
		cell = cell[:at]
	}
	return strings.TrimSpace(cell + " " + seed)
}

// State is the run's status, phase and step, its newest numbers, and how long it
// has to go.
func (p *Page) State(l look.Look) (parts []string) {
	r := p.facts.record
	if r.ID == "" {
		if p.facts.err != nil {
			return []string{l.Bad.Render("? not in the store")}
		}
		return []string{l.Muted.Render("reading")}
	}
	status := l.Status(r.Status)
	if p.facts.err != nil {
		status = l.Bad.Render("? cannot be read")
	}
	parts = append(parts, status)
	if text := p.progress(); text != "" {
		parts = append(parts, text)
	}
	if p.state.Starred {
		parts = append(parts, "★")
	}
	latest := p.facts.latest
	name := report.CourseName(func(name string) bool { _, ok := latest[name]; return ok })
	if v, ok := latest[name]; ok {
		parts = append(parts, report.CourseWord(name)+" "+report.Decimals(v))
	}
	if eta := p.eta(); eta > 0 {
		parts = append(parts, "eta "+report.Duration(eta))
	}
	if v, ok := latest["perf/tokens_per_s"]; ok && r.Status == store.Running {
		parts = append(parts, fmt.Sprintf("%.1fk tok/s", v/1000))
	}
	if v, ok := latest[p.objective()]; ok && p.objective() != name {
		parts = append(parts, short(p.objective())+" "+report.Decimals(v))
	}
	if r.Attempt > 0 {
		parts = append(parts, l.Muted.Render(fmt.Sprintf("attempt %d", r.Attempt)))
	}
	return parts
}

// progress is the phase and the step.
func (p *Page) progress() string {
	var words []string
	if phase := p.phase(); phase != "" && p.facts.record.Status == store.Running {
		words = append(words, phase)
	}
	if q := p.curves.shown; q != nil && q.step > 0 {
		step := fmt.Sprintf("step %.0f", q.step)
		if total := p.total(); total > 0 {
			step += fmt.Sprintf("/%.0f", total)
		}
		words = append(words, step)
	}
	return strings.Join(words, "  ")
}

// Legend explains the signs of the page.
func (p *Page) Legend() [][2]string {
	legend := [][2]string{
		{"AC", "accepted: it passed all tests"}, {"WA", "wrong answer"}, {"TLE", "too slow"}, {"MLE", "too much memory"},
		{"RE", "it crashed"}, {"CE", "no program of its language"}, {"NC", "no code in what the model wrote"},
		{"▸", "the chart that the keys steer; in the log, a match"}, {"•", "a parameter that is not the default"},
	}
	if len(p.gpus.all) > 0 {
		legend = append(legend, [2]string{"gpu/", "the mean over the run's GPUs, from its first point to its last one; gpu/energy_kwh: the sum so far"})
	}
	return legend
}

// Typing reports whether a search, a filter or the name of a metric is being
// typed.
func (p *Page) Typing() bool {
	return p.chooser.open || p.log.prompt != nil || p.samples.prompt != nil
}

// Back leaves the innermost layer: what was looked for, the crosshair, a window on
// a chart, a pane that has all the room.
func (p *Page) Back() bool {
	switch {
	case p.log.seek.on:
		p.log.seek = seek{}
	case p.focus == paneLog && p.log.query != nil:
		p.log.query, p.log.text, p.log.match, p.log.said = nil, "", -1, ""
	case p.focus == paneSamples && p.samples.filter != "":
		p.samples.choose("")
	case p.whole:
		p.whole = false
	case p.focus <= paneRight && p.plots[p.focus].Back():
		p.link(int(p.focus))
	default:
		return false
	}
	return true
}

// typed takes a key or a paste while something is being typed.
func (p *Page) typed(msg tea.Msg) tea.Cmd {
	switch {
	case p.chooser.open:
		return p.chooser.typed(p, msg)
	case p.log.prompt != nil:
		return p.log.typed(msg)
	case p.samples.prompt != nil:
		return p.samples.typed(msg)
	}
	return nil
}

// pressed is the name of a key; "" of a paste.
func pressed(msg tea.Msg) string {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		return key.String()
	}
	return ""
}

// begin has a filter typed.
func (s *samples) begin() {
	s.prompt = &look.Input{}
	s.prompt.Set(s.filter)
}

// typed takes a key of a filter; what passes is shown at once.
func (s *samples) typed(msg tea.Msg) tea.Cmd {
	switch pressed(msg) {
	case "enter":
		s.prompt = nil
		return nil
	case "esc":
		s.prompt = nil
		return s.choose("")
	}
	s.prompt.Update(msg)
	return s.choose(s.prompt.Text())
}

// turnTo gives the focus to a pane.
func (p *Page) turnTo(x pane) {
	p.focus = x
	if x >= paneWhy {
		p.lower, p.chosen = x, true
	}
}

// next gives the focus to the next pane, or the one before.
func (p *Page) next(by int) {
	x := int(p.focus)
	for {
		x = (x + by + int(panes)) % int(panes)
		if hidden := pane(x) == paneWhy && p.card() == nil || pane(x) <= paneRight && p.alone() == 1-x; !hidden {
			break
		}
	}
	p.turnTo(pane(x))
}

// click gives the focus to what was pressed.
func (p *Page) click(at page.Click) tea.Cmd {
	for i, r := range p.places.chart {
		if r.has(at.X, at.Y) {
			p.turnTo(paneLeft + pane(i))
			p.plots[i].Click(at.X-r.x, at.Y-r.y)
			p.link(i)
			return nil
		}
	}
	if at.Y == p.places.tabsAt {
		for _, t := range p.places.tabs {
			if at.X >= t.from && at.X < t.to {
				p.turnTo(t.pane)
			}
		}
		return nil
	}
	for i, r := range p.places.lower {
		if r.has(at.X, at.Y) {
			p.turnTo(p.places.panes[i])
		}
	}
	return nil
}

// wheel zooms the chart under it, or scrolls the pane.
func (p *Page) wheel(at page.Wheel) tea.Cmd {
	for i, r := range p.places.chart {
		if r.has(at.X, at.Y) {
			p.plots[i].Wheel(at.X-r.x, at.Y-r.y, at.Lines)
			p.link(i)
			return nil
		}
	}
	for i, r := range p.places.lower {
		if r.has(at.X, at.Y) {
			return p.scroll(p.places.panes[i], at.Lines)
		}
	}
	return nil
}

// scroll moves a pane by lines.
func (p *Page) scroll(x pane, by int) tea.Cmd {
	h := p.places.rooms[x]
	switch x {
	case paneWhy:
		p.why.move(by, p.count(x), h)
	case paneSamples:
		p.samples.scroll.move(by, p.count(x), h)
	case paneLog:
		return p.log.move(by, h)
	case paneEvents:
		p.events.move(by, p.count(x), h)
	case paneInfo:
		p.info.move(by, p.count(x), h)
	default: // charts have keys of their own
	}
	return nil
}

// link makes the other chart show the same x as chart i.
func (p *Page) link(i int) { p.plots[1-i].Link(&p.plots[i]) }
