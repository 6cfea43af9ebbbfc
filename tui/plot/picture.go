package plot

import (
	"strings"

	"ablate/tui/chart"
)

// SVG is the chart as it was drawn last: the same window, axes, smoothing and crosshair,
// as an <svg> element of w x h pixels. "" where nothing was drawn yet.
func (p *Plot) SVG(w, h int) string {
	if p.w == 0 {
		return ""
	}
	line := p.looked(p.drawn)
	line.Title = strings.TrimLeft(line.Title, "›▸> ") // the sign of the focus
	line.Style = chart.Style{}
	return line.SVG(w, h)
}
