package plot

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// factor is how much a key zooms, and share how much of the window one pans.
const (
	factor = 2
	share  = 0.25
)

// Keys steer the chart, while the page gives it the keys.
func (p *Plot) Keys() []page.Key {
	keys := []page.Key{
		{Keys: "+ =", Name: "zoom in", Hint: "zoom", Help: "zoom in on x, at the crosshair", Do: page.Do(func() { p.zoomHere(factor) })},
		{Keys: "- _", Name: "zoom out", Help: "zoom out", Do: page.Do(func() { p.zoomHere(1.0 / factor) })},
		{Keys: "<", Name: "pan left", Help: "pan left", Do: page.Do(func() { p.pan(-share) })},
		{Keys: ">", Name: "pan right", Help: "pan right", Do: page.Do(func() { p.pan(share) })},
		{Keys: "0", Name: "whole chart", Help: "the whole chart", Do: page.Do(func() { p.window = p.window.Reset() })},
		{Keys: ".", Name: "follow", Help: "follow the newest point, or stop it", Do: p.follow},
		{Keys: "l →", Name: "crosshair right", Hint: "values", Help: "crosshair to the next point", Do: page.Do(func() { p.step(1) })},
		{Keys: "h ←", Name: "crosshair left", Help: "crosshair to the point before", Do: page.Do(func() { p.step(-1) })},
		{Keys: "y", Name: "log y", Help: "logarithmic y, or linear again", Do: page.Do(func() { p.logY = !p.logY })},
		{Keys: "w", Name: "smooth", Help: "smooth: " + weights() + "; the raw line stays", Do: page.Do(p.smoother)},
	}
	switch {
	case p.Scaling:
		keys = append(keys, page.Key{Keys: "x", Name: "log x", Help: "logarithmic x, or linear again", Do: page.Do(p.scale)})
	case len(p.Xs) > 1:
		keys = append(keys, page.Key{
			Keys: "x", Name: "x axis", Hint: "axis", Help: "what x counts: step, epoch, tokens, time", Do: p.turn,
			Args: func() []string { return p.Xs }, With: p.chooseX,
		})
	}
	return keys
}

func weights() (text string) {
	for i, k := range smooths {
		if i > 0 {
			text += ", "
		}
		text += strconv.FormatFloat(k, 'g', -1, 64)
	}
	return text
}

func (p *Plot) pan(by float64) { p.window = p.window.Pan(p.drawn.Space(), by, 0) }

func (p *Plot) smoother() { p.smooth = (p.smooth + 1) % len(smooths) }

func (p *Plot) scale() { p.logX, p.window = !p.logX, p.window.Reset() }

func (p *Plot) follow() tea.Cmd {
	p.window.Follow = !p.window.Follow
	switch {
	case !p.window.Follow:
		return page.Answer("the chart stays where it is")
	case p.window.X0 < p.window.X1:
		return page.Answer("the chart follows the newest point")
	default:
		return page.Answer("the chart follows the newest point once it is zoomed in: +")
	}
}

// turn goes to what x can count next.
func (p *Plot) turn() tea.Cmd {
	return p.chooseX(p.Xs[(slices.Index(p.Xs, p.X())+1)%len(p.Xs)])
}

// chooseX has x count something else; the crosshair and the window mean nothing
// there.
func (p *Plot) chooseX(name string) tea.Cmd {
	if !slices.Contains(p.Xs, name) {
		return page.Fail("x cannot be " + strconv.Quote(name))
	}
	if name != p.X() {
		p.x, p.crossed, p.window = name, false, p.window.Reset()
	}
	return page.Answer("x is " + name)
}
