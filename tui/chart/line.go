package chart

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
	b.x0, b.x1 = l.X.planned(b.x0, b.x1)
	b.y0, b.y1 = l.Y.bounds(b.y0, b.y1)
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
