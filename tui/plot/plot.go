// Package plot is a chart that the reader steers: zoom, pan, a crosshair, a
// logarithmic axis, smoothing, and what its x axis counts.
package plot

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// Plot is how one chart is looked at. The zero Plot shows everything on linear
// axes, without a crosshair. What it shows comes with every View.
type Plot struct {
	Xs      []string // what its x axis can count, the first at the beginning; the page draws what X says
	Scaling bool     // its x axis is a size, which x makes logarithmic, or linear where it is that already

	window     chart.Window
	logX, logY bool
	smooth     int // index of smooths
	cursor     float64
	crossed    bool // there is a crosshair
	x          string

	drawn    chart.Line // what was drawn last, as it came
	w, h     int        // in so many cells
	renderer chart.Renderer
	buf      []byte
	last     drawing // what lines are of; zero where that cannot be told
	lines    []string
}

// smooths are the weights of the mean that w goes through.
var smooths = [...]float64{0, 0.6, 0.9, 0.99}

// X is what the x axis counts now, one of Xs.
func (p *Plot) X() string {
	if len(p.Xs) > 0 && !slices.Contains(p.Xs, p.x) {
		return p.Xs[0]
	}
	return p.x
}

// Cursor is where the crosshair stands; ok is false where there is none.
func (p *Plot) Cursor() (x float64, ok bool) { return p.cursor, p.crossed }

// SetCursor puts the crosshair at x, or takes it away.
func (p *Plot) SetCursor(x float64, ok bool) { p.cursor, p.crossed = x, ok && x-x == 0 }

// Link makes p show the x of another plot: the same part of the same axis, with
// the crosshair at the same place.
func (p *Plot) Link(to *Plot) {
	if p.X() != to.X() {
		p.x = to.X()
	}
	p.window.X0, p.window.X1, p.window.Follow, p.logX = to.window.X0, to.window.X1, to.window.Follow, to.logX
	p.cursor, p.crossed = to.cursor, to.crossed
}

// Visible is the range of x that was drawn last.
func (p *Plot) Visible() (x0, x1 float64) {
	s := p.drawn.Space()
	if w := p.window.Seen(s); w.X0 < w.X1 {
		return w.X0, w.X1
	}
	return s.X0, s.X1
}

// Back takes the crosshair away, then the window, and reports whether there was
// either.
func (p *Plot) Back() bool {
	switch {
	case p.crossed:
		p.crossed = false
	case p.window != p.window.Reset():
		p.window = p.window.Reset()
	default:
		return false
	}
	return true
}

// View draws line as it is looked at now, in exactly h lines of w cells.
func (p *Plot) View(l look.Look, w, h int, line chart.Line) []string {
	if w < 1 || h < 1 {
		return look.Box(nil, max(w, 0), max(h, 0))
	}
	line.Style = l.Chart
	line.X.Log = line.X.Log != p.logX
	if p.logY {
		line.Y.Log, line.Y.Zero = true, false
		if len(line.Series) > 0 {
			line.Empty = "nothing above 0 for a logarithmic axis: y makes it linear"
		}
	}
	p.drawn, p.w, p.h = line, w, h
	line = p.looked(line)
	d, known := drawingOf(&line, w, h)
	if !known || d != p.last {
		p.buf = p.renderer.RenderTo(p.buf[:0], &line, w, h)
		p.lines, p.last = strings.Split(string(p.buf), "\n"), d
	}
	return slices.Clone(p.lines)
}

// looked is a chart with the window, the crosshair and the smoothing by which it is looked at.
func (p *Plot) looked(line chart.Line) chart.Line {
	line.Window, line.Note = p.window, p.note(line.Note)
	if p.crossed {
		line.Cursor = &p.cursor
	}
	if k := smooths[p.smooth]; k > 0 {
		line.Series = smoothed(line.Series, k)
	}
	return line
}

// smoothed are the series with the weight of a mean: not what was published or
// measured point by point.
func smoothed(all []chart.Series, weight float64) []chart.Series {
	all = slices.Clone(all)
	for i := range all {
		if s := &all[i]; !s.Points && !s.Dots && !s.Dashed {
			s.Smooth = weight
		}
	}
	return all
}

// note says how the chart is looked at, where that is not as it is.
func (p *Plot) note(of string) string {
	var words []string
	if p.smooth > 0 {
		words = append(words, "smoothed "+strconv.FormatFloat(smooths[p.smooth], 'g', -1, 64))
	}
	if p.logY {
		words = append(words, "log y")
	}
	if p.window.X0 < p.window.X1 {
		words = append(words, "zoomed: 0 shows all")
	}
	if p.window.Follow {
		words = append(words, "follows")
	}
	if of != "" {
		words = append(words, of)
	}
	return strings.Join(words, " · ")
}

// Click puts the crosshair where the chart was pressed.
func (p *Plot) Click(x, _ int) {
	if at, ok := p.drawn.XAt(p.w, p.h, x); ok {
		p.SetCursor(at, true)
	}
}

// Wheel zooms about the column that the wheel was turned over.
func (p *Plot) Wheel(x, _, lines int) {
	at, ok := p.drawn.XAt(p.w, p.h, x)
	if !ok {
		at = math.NaN()
	}
	p.zoom(at, math.Pow(1.25, -float64(lines)))
}

func (p *Plot) zoom(at, factor float64) { p.window = p.window.ZoomX(p.drawn.Space(), at, factor) }

// zoomHere zooms about the crosshair, else about what is newest where the window
// follows that, else about the middle.
func (p *Plot) zoomHere(factor float64) {
	at := math.NaN()
	switch {
	case p.crossed:
		at = p.cursor
	case p.window.Follow:
		_, at = p.Visible()
	}
	p.zoom(at, factor)
}
