package lab

import (
	"ablate/tui/page"
	"ablate/tui/report"
)

// Picture is the chart that has the focus, or the matrix.
func (p *Experiment) Picture() (name, svg string) {
	if p.focus == paneMatrix {
		return p.matrixPicture()
	}
	pl := p.chart()
	if pl == nil {
		return "", ""
	}
	name, _ = p.study.objective()
	switch p.focus {
	case paneSecond:
		name = p.curves.secondMetric()
	case paneScaling:
		if name = p.grid.shown(); p.scaling.axis >= 0 {
			name += "-by-" + p.study.plan.Axes[p.scaling.axis]
		}
	default:
	}
	return p.study.name + "-" + report.ShortName(name), pl.SVG(page.PictureWidth, page.PictureHeight)
}

// matrixPicture is the matrix, as high as its rows need.
func (p *Experiment) matrixPicture() (name, svg string) {
	p.grid.make()
	m := p.grid.chart
	if len(m.Rows) == 0 {
		return "", ""
	}
	const row, rest = 66, 90
	return p.study.name + "-matrix-" + report.ShortName(p.grid.shown()), m.SVG(page.PictureWidth, min(page.PictureHeight, rest+row*len(m.Rows)))
}
