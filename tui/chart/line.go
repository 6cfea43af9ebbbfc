package chart

import "math"

// Line is a line chart: a title, curves over two axes, and a legend that names
// each curve at its end with its last value.
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
	// Window is the part that is shown; the zero Window shows all.
	Window Window
	// NoLegend leaves the legend out.
	NoLegend bool
	Style    Style
}

// defaultEmpty is shown where Line.Empty is not set.
const defaultEmpty = "no points yet"

// Render draws the chart in exactly h lines of w cells, joined by newlines.
// Parts go by priority as the room shrinks: the legend, the labels of x, the
// title, the labels of y. Below 1x1 it is empty.
func (l *Line) Render(w, h int) string {
	if w < 1 || h < 1 {
		return ""
	}
	p := newPen(l.Style, w, h)
	b := l.bounds()
	if b.empty() {
		l.writeEmpty(p, w, h)
		return p.String()
	}
	f := l.layout(b, w, h)
	c := newCanvas(f.plotW, f.plotH, l.Style.Glyphs)
	pl := newPlot(c, b)
	l.draw(pl)
	f.place(l, pl)
	if f.title {
		l.writeTitle(p, w)
	}
	if f.legend == legendTop {
		f.writeTop(p, w)
	}
	for row := range f.plotH {
		f.writeRow(p, pl, row)
	}
	if f.xRow {
		f.writeX(p, w)
	}
	return p.String()
}

// bounds is the range of both axes, empty without any visible point.
func (l *Line) bounds() box {
	b := nowhere()
	lo, hi := l.X.visible()
	for i := range l.Series {
		b.enclose(&l.Series[i], lo, hi)
	}
	if b.empty() {
		return b
	}
	end := b.x1
	b.x0, b.x1 = l.X.planned(b.x0, b.x1)
	b.y0, b.y1 = l.Y.bounds(b.y0, b.y1)
	w := l.Window.Seen(Space{X0: b.x0, X1: b.x1, Y0: b.y0, Y1: b.y1, End: end})
	if w.X0 < w.X1 {
		b.x0, b.x1 = w.X0, w.X1
	}
	if w.Y0 < w.Y1 {
		b.y0, b.y1 = w.Y0, w.Y1
	}
	return b
}

// draw traces the references first and then the others in their order, so that
// later series lie on top.
func (l *Line) draw(p *plot) {
	for _, dashed := range []bool{true, false} {
		for i := range l.Series {
			s := &l.Series[i]
			if s.Dashed == dashed {
				p.owner, p.color = uint16(i%0xffff+1), s.Color
				p.trace(s)
			}
		}
	}
	if !l.lettered() {
		return
	}
	for i := range l.Series {
		if x, y, ok := l.Series[i].last(); ok && p.visible(x, y) {
			p.owner, p.color = uint16(i%0xffff+1), l.Series[i].Color
			p.markAt(x, y, letter(i))
		}
	}
}

// lettered reports whether curves carry a letter in place of their colour.
func (l *Line) lettered() bool {
	return l.Style.Theme.NoColor && len(l.Series) > 1 && !l.NoLegend
}

// letter names curve i where there is no colour.
func letter(i int) rune { return rune('A' + i%26) }

// writeTitle writes the title, the unit of y and the note.
func (l *Line) writeTitle(p *pen, w int) {
	g := l.Style.Glyphs
	title := fit(clean(l.Title, g), w, g)
	used := width(title)
	p.text(Default, title)
	gap := 2
	if used == 0 {
		gap = 0
	}
	if unit := clean(l.Y.Label, g); unit != "" && used+gap+width(unit) <= w {
		p.blank(gap)
		p.text(Muted, unit)
		used += gap + width(unit)
		gap = 2
	}
	if note := clean(l.Note, g); note != "" && used+gap+width(note) <= w {
		p.blank(w - used - width(note))
		p.text(Muted, note)
		used = w
	}
	p.blank(w - used)
	p.endLine()
}

// writeEmpty writes the title and, in the middle, what would fill the chart.
func (l *Line) writeEmpty(p *pen, w, h int) {
	if h >= 3 {
		l.writeTitle(p, w)
		h--
	}
	text := l.Empty
	if text == "" {
		text = defaultEmpty
	}
	text = fit(clean(text, l.Style.Glyphs), w, l.Style.Glyphs)
	for row := range h {
		if row != (h-1)/2 {
			p.blank(w)
		} else {
			left := (w - width(text)) / 2
			p.blank(left)
			p.text(Muted, text)
			p.blank(w - left - width(text))
		}
		p.endLine()
	}
}

// Extent is the range of the data; x0 > x1 without any point.
func (l *Line) Extent() (x0, x1, y0, y1 float64) {
	b := nowhere()
	for i := range l.Series {
		b.enclose(&l.Series[i], -math.MaxFloat64, math.MaxFloat64)
	}
	return b.x0, b.x1, b.y0, b.y1
}

// Space is what a window of the chart can move in.
func (l *Line) Space() Space {
	whole := *l
	whole.Window = Window{}
	b := whole.bounds()
	_, end, _, _ := l.Extent()
	return Space{X0: b.x0, X1: b.x1, Y0: b.y0, Y1: b.y1, End: end, LogX: l.X.Log, LogY: l.Y.Log}
}

// XAt is the x that column col of the chart drawn at w x h cells stands for; ok
// is false outside the plot.
func (l *Line) XAt(w, h, col int) (x float64, ok bool) {
	b := l.bounds()
	if w < 1 || h < 1 || b.empty() {
		return 0, false
	}
	f := l.layout(b, w, h)
	col -= f.gutter
	if col < 0 || col >= f.plotW {
		return 0, false
	}
	return b.x0 + (b.x1-b.x0)*(float64(col)+0.5)/float64(f.plotW), true
}

// RenderTo appends what Render gives to buf.
func (l *Line) RenderTo(buf []byte, w, h int) []byte {
	var r Renderer
	return r.RenderTo(buf, l, w, h)
}

// Renderer draws line charts one after the other and keeps its canvas, so that
// it allocates nothing once it is warm. The zero Renderer is ready. It must not
// be used by two at a time.
type Renderer struct{}

// RenderTo appends l, drawn in exactly h lines of w cells joined by newlines, to
// buf.
func (r *Renderer) RenderTo(buf []byte, l *Line, w, h int) []byte {
	return append(buf, l.Render(w, h)...)
}
