package run

import (
	"cmp"

	"ablate/tui/page"
)

// Picture is the chart that has the focus.
func (p *Page) Picture() (name, svg string) {
	for i := range p.plots {
		if p.focused(i) {
			return p.id + "-" + cmp.Or(p.curves.names[i], "chart"), p.plots[i].SVG(page.PictureWidth, page.PictureHeight)
		}
	}
	return "", ""
}
