package chart

import "math"

// Line is a line chart: a title, curves over two axes, and a legend that names
// each curve at its end with its last value, and as room allows its best one and
// the one at the cursor.
type Line struct {
	Title string
	// Note stands at the right end of the title line where there is room.
	Note   string
	Series []Series
	X, Y   Axis
	// Empty says what would fill the chart, shown while there is no point.
	Empty string
	// Cursor is where a vertical line stands; the legend shows the values there.
	Cursor *float64
	// Marks are the x at which something happened: signs on the axis.
	Marks []float64
	// Window is the part that is shown; the zero Window shows all.
	Window Window
	// NoLegend leaves the legend out.
	NoLegend bool
	Style    Style
}

// defaultEmpty is shown where Line.Empty is not set.
const defaultEmpty = "no points yet"

// Extent is the range of the data, without bands and ghosts and, on a log axis,
// without what is not above 0; x0 > x1 without any point.
func (l *Line) Extent() (x0, x1, y0, y1 float64) {
	b := l.extent()
	return b.x0, b.x1, b.y0, b.y1
}

func (l *Line) extent() box {
	b := nowhere()
	lo := -math.MaxFloat64
	if l.X.Log {
		lo = math.SmallestNonzeroFloat64
	}
	for i := range l.Series {
		b.enclose(&l.Series[i], lo, math.MaxFloat64, l.Y.floor())
	}
	return b
}

// Space is what a window of the chart can move in.
func (l *Line) Space() Space {
	end := l.extent().x1
	b, now := l.within(Window{}), l.bounds()
	return Space{X0: b.x0, X1: b.x1, Y0: b.y0, Y1: b.y1, End: end, LogX: l.X.Log, LogY: l.Y.Log,
		Shown: Window{X0: now.x0, X1: now.x1, Y0: now.y0, Y1: now.y1}}
}

// bounds is the range of both axes, empty without any visible point.
func (l *Line) bounds() box {
	if l.Window.X0 == l.Window.X1 || !l.Window.Follow {
		return l.within(l.Window)
	}
	end := l.extent().x1
	return l.within(l.Window.Seen(Space{End: end, LogX: l.X.Log}))
}

// within is the range of both axes in a window that does not follow.
func (l *Line) within(w Window) box {
	b := nowhere()
	lo, hi := l.X.visible()
	windowed := l.X.holds(w.X0, w.X1)
	if windowed {
		lo, hi = w.X0, w.X1
	}
	for i := range l.Series {
		b.enclose(&l.Series[i], lo, hi, l.Y.floor())
		b.encloseMore(&l.Series[i], lo, hi, &l.Y)
	}
	if b.empty() && windowed { // a window between the data is a picture, too
		b = l.within(Window{Y0: w.Y0, Y1: w.Y1})
	}
	if b.empty() {
		return b
	}
	if windowed {
		b.x0, b.x1 = lo, hi
	} else {
		b.x0, b.x1 = l.X.planned(b.x0, b.x1)
	}
	if l.Y.holds(w.Y0, w.Y1) {
		b.y0, b.y1 = w.Y0, w.Y1
	} else {
		b.y0, b.y1 = l.Y.bounds(b.y0, b.y1)
	}
	return b
}

// draw traces what lies lowest first: bands, ghosts, references, and then the
// curves in their order, so that later ones lie on top.
func (l *Line) draw(p *plot) {
	for i := range l.Series {
		if s := &l.Series[i]; !s.Bars {
			p.layer(s.Color, sparse)
			p.band(s)
		}
	}
	for i := range l.Series {
		for _, g := range l.Series[i].Ghosts {
			p.layer(Faint, coarse)
			p.trace(&Series{X: g.X, Y: g.Y}, dash{})
		}
	}
	for _, dashed := range [...]bool{true, false} {
		for i := range l.Series {
			if l.Series[i].Dashed == dashed {
				l.drawSeries(p, i)
			}
		}
	}
	if l.lettered() {
		l.letters(p)
	}
}

// drawSeries traces curve i, dim with its mean on top where it has one.
func (l *Line) drawSeries(p *plot, i int) {
	s := &l.Series[i]
	var d dash
	if s.Dashed {
		d = dashFor(p.glyphs)
	}
	switch {
	case s.Dots:
	case s.smooths():
		p.layer(Faint, coarse)
		p.trace(s, d)
		raw := p.owner
		p.layer(s.Color, full)
		p.under = raw
		p.smooth(s)
	default:
		p.layer(s.Color, full)
		p.trace(s, d)
	}
	p.layer(s.Color, full)
	if s.Bars {
		p.bars(s)
	}
	if s.Points || s.Dots || s.len() == 1 { // a single dot is too easily overlooked
		p.marks(s, l.marker(i))
	}
}

// XAt is the x that column col of the chart drawn at w x h cells stands for; ok
// is false outside the plot.
func (l *Line) XAt(w, h, col int) (x float64, ok bool) {
	b := l.bounds()
	if w < 1 || h < 1 || b.empty() {
		return 0, false
	}
	var f frame
	f.texts.glyphs = l.Style.Set()
	f.layout(l, b, w, h)
	col -= f.gutter
	if col < 0 || col >= f.plotW {
		return 0, false
	}
	var p plot
	p.reset(l, b, f.plotW, f.plotH)
	return p.x.value((float64(col) + 0.5) * float64(int(1)<<p.sx)), true
}
