package run

import (
	"cmp"

	"ablate/tui/chart"
	"ablate/tui/page"
)

// Picture is the chart that has the focus; where programs, log or events have it, the
// verdicts of the newest evaluation, else the phases so far.
func (p *Page) Picture() (name, svg string) {
	for i := range p.plots {
		if p.focused(i) {
			return p.id + "-" + cmp.Or(p.curves.names[i], "chart"), p.plots[i].SVG(page.PictureWidth, page.PictureHeight)
		}
	}
	const low = 120 // of one line
	if title, parts := p.judged(); parts != nil {
		return p.id + "-verdicts", chart.StackSVG(title, parts, page.PictureWidth, 2*low, chart.Style{})
	}
	if stages := p.stages(); len(stages) > 0 {
		return p.id + "-phases", chart.PhasesSVG(p.id, stages, page.PictureWidth, low, chart.Style{})
	}
	return "", ""
}
