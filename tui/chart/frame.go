package chart

import "math"

// frame is the layout of one Line at one size: what is shown and where. It is
// used again for the next one, so that its slices stay.
type frame struct {
	texts
	title, xRow  bool
	gutter       int // cells left of the plot: labels, a space, the axis; or 0
	plotW, plotH int
	legendLayout

	yTicks []label
	yForm  notation
	yAt    []int8 // tick of each plot row, -1 for none
	xTicks []label
	ticked []bool // plot columns with a tick
	marked []bool // plot columns in which something happened
	xText  []byte // the row under the plot, from the axis on
	unit   text   // of x
	unitAt int    // its column from the axis on; -1 in the gutter, -2 nowhere

	cursor               int // plot column of the crosshair, -1 for none
	cursorX              word
	cursorFrom, cursorTo int // where its x stands in xText
}

// Below these sizes a part is left out.
const (
	minPlotW   = 8  // for labels at the y axis
	minLegendW = 20 // plot width beside a legend
	minLegendH = 3  // plot height beside a legend
	minTopH    = 7  // plot height under a legend
	minManyW   = 40 // plot width beside a legend with more than one value
	minNameW   = 16 // of a name that is cut so that the plot has its width
	roomyW     = 60 // plot width that the last value of a legend does not take
	wideW      = 84 // chart width below which its other values do not take that, either
)

// reset makes f an empty layout of w x h cells.
func (f *frame) reset(l *Line, w, h int) {
	f.title, f.xRow = h >= 3 && (l.Title != "" || l.Note != "" || l.Y.Label != ""), false
	f.gutter, f.plotW, f.plotH = 0, w, h
	f.legend, f.legendW, f.entries, f.columns = legendNone, 0, f.entries[:0], 0
	f.cursor = -1
}

// layout decides what a chart of w x h cells shows.
func (f *frame) layout(l *Line, b box, w, h int) {
	f.reset(l, w, h)
	if f.title {
		f.plotH--
	}
	if f.plotH >= 4 {
		f.xRow = true
		f.plotH--
	}
	f.yTicks, f.yForm = l.Y.ticks(b.y0, b.y1, min(intervals+1, max(2, (f.plotH+1)/2)), f.yTicks[:0])
	labelW := max(4, min(l.Y.Width, maxLabel))
	for _, t := range f.yTicks {
		labelW = max(labelW, int(t.n))
	}
	if f.plotH >= 2 && w >= labelW+2+minPlotW {
		f.gutter = labelW + 2
		f.plotW -= f.gutter
	}
	if !l.NoLegend {
		f.chooseLegend(l, b)
	}
}

// place fills in what depends on the mapping of data to cells.
func (f *frame) place(l *Line, p *plot) {
	f.yAt = f.yAt[:0]
	for range f.plotH {
		f.yAt = append(f.yAt, -1)
	}
	for i, t := range f.yTicks {
		f.yAt[p.cellY(t.at)] = int8(i)
	}
	f.ticked, f.marked = f.ticked[:0], f.marked[:0]
	for range f.plotW {
		f.ticked, f.marked = append(f.ticked, false), append(f.marked, false)
	}
	for _, x := range l.Marks {
		if p.x.has(x) {
			f.marked[p.cellX(x)] = true
		}
	}
	f.xText, f.xTicks, f.unit, f.unitAt = f.xText[:0], f.xTicks[:0], text{}, -2
	var form notation
	if f.gutter > 0 && f.xRow {
		f.unit = f.texts.fit(l.X.Label, unlimited)
		f.xTicks, form = l.X.ticks(p.x.lo, p.x.hi, max(2, min(8, f.plotW/9)), f.xTicks)
	}
	if c := l.Cursor; c != nil && p.x.has(*c) {
		f.cursor = p.cellX(*c)
		for p.cellW(f.cursor) < math.Pow10(form.exp-form.decimals) && form.decimals < 4 {
			form.decimals++ // a cursor stands between ticks
		}
		f.cursorX = l.X.value(*c, form)
	}
	if f.gutter > 0 && f.xRow {
		f.placeX(p)
	}
	if f.legend == legendRight {
		f.placeEntries(l, p)
	}
}

// placeX sets the labels under the x axis where they do not touch, and finds
// room for the unit: at the right end, after the last label, or in the gutter.
// The x of the crosshair goes before all others.
func (f *frame) placeX(p *plot) {
	f.cursorFrom, f.cursorTo = -1, -1
	if n := int(f.cursorX.n); f.cursor >= 0 && n <= 1+f.plotW {
		f.cursorFrom = f.labelStart(f.cursor, n)
		f.cursorTo = f.cursorFrom + n
	}
	last, keep := -1, 0 // column of the last label's tick, and the row before it
	for _, t := range f.xTicks {
		at := p.cellX(t.at)
		start := f.labelStart(at, int(t.n))
		if start > f.cursorTo {
			f.placeCursor()
		}
		if f.taken(start, int(t.n)) {
			continue
		}
		keep, last = len(f.xText), at
		f.xText = append(padTo(f.xText, start), t.text()...)
		f.ticked[at] = true
	}
	if f.placeCursor() {
		last = -1 // it stays
	}
	f.placeUnit(last, keep)
}

// labelStart is where a label of n cells begins under plot column at, from the
// axis on.
func (f *frame) labelStart(at, n int) int {
	end := 1 + f.plotW + f.legendW
	return max(0, min(1+at-(n-1)/2, end-n))
}

// taken reports whether a label of n cells has no room at start.
func (f *frame) taken(start, n int) bool {
	used := len(f.xText)
	return start+n > 1+f.plotW+f.legendW || used > 0 && start < used+2 ||
		f.cursorFrom >= 0 && start < f.cursorTo+2 && start+n+2 > f.cursorFrom
}

// placeCursor writes the x of the crosshair, if there is one to come.
func (f *frame) placeCursor() bool {
	if f.cursorFrom < 0 || len(f.xText) >= f.cursorTo {
		return false
	}
	f.xText = append(padTo(f.xText, f.cursorFrom), f.cursorX.text()...)
	return true
}

// placeUnit finds room for the unit of x; the last label may go for it.
func (f *frame) placeUnit(last, keep int) {
	n, u, room := len(f.xText), f.unit.w, 1+f.plotW
	switch {
	case u == 0:
	case n+2+u <= room:
		f.unitAt = room - u
	case n+1+u <= room+f.legendW:
		f.unitAt = n + 1
	case u < f.gutter:
		f.unitAt = -1
	case last >= 0 && keep+2+u <= room:
		f.xText = f.xText[:keep]
		f.ticked[last] = false
		f.unitAt = room - u
	}
}

// padTo appends spaces up to length n.
func padTo(b []byte, n int) []byte {
	for len(b) < n {
		b = append(b, ' ')
	}
	return b
}

// axisGlyphs are the parts of the axes: plain y, y with a label, the corner
// without and with a label, plain x, x with a label, x with a crosshair.
func axisGlyphs(g Glyphs) [7]rune {
	if g.plain() {
		return [7]rune{'|', '+', '+', '+', '-', '+', '+'}
	}
	return [7]rune{'│', '┤', '└', '┼', '─', '┬', '┴'}
}

// markGlyph is the sign on the x axis where something happened.
func markGlyph(g Glyphs) rune {
	if g.plain() {
		return '^'
	}
	return '▲'
}

// writeRow writes one line of the plot with its label and its legend entry.
func (f *frame) writeRow(p *pen, pl *plot, row int) {
	glyph, bottom := axisGlyphs(f.glyphs), row == f.plotH-1
	if f.gutter > 0 {
		part := 0
		if i := f.yAt[row]; i >= 0 {
			t := &f.yTicks[i]
			part = 1
			p.blank(f.gutter - 2 - int(t.n))
			p.bytes(Muted, t.text())
			p.blank(1)
		} else {
			p.blank(f.gutter - 1)
		}
		if bottom {
			part += 2
		}
		p.rune(Muted, glyph[part])
	}
	cells := pl.cells[row*pl.w : (row+1)*pl.w]
	for col := range cells {
		c := &cells[col]
		switch {
		case bottom && f.gutter > 0 && f.marked[col] && col != f.cursor:
			p.rune(Default, markGlyph(f.glyphs))
		case c.owner != 0:
			p.rune(c.color, pl.rune(*c))
		case col == f.cursor && bottom && f.gutter > 0:
			p.rune(Muted, glyph[6])
		case col == f.cursor:
			p.rune(Muted, glyph[0])
		case !bottom || f.gutter == 0:
			p.blank(1)
		case f.ticked[col]:
			p.rune(Muted, glyph[5])
		default:
			p.rune(Muted, glyph[4])
		}
	}
	if f.legend == legendRight {
		f.writeRight(p, row)
	}
	p.endLine()
}

// writeX writes the labels of x and the unit.
func (f *frame) writeX(p *pen, w int) {
	used := 0
	if f.gutter > 0 && f.unitAt == -1 {
		p.text(Muted, f.unit.s)
		used = f.unit.w
	}
	lead := max(0, f.gutter-1)
	p.blank(lead - used)
	used = lead + len(f.xText)
	if f.gutter > 0 && f.cursorFrom >= 0 && len(f.xText) >= f.cursorTo {
		p.bytes(Muted, f.xText[:f.cursorFrom])
		p.bytes(Default, f.xText[f.cursorFrom:f.cursorTo])
		p.bytes(Muted, f.xText[f.cursorTo:])
	} else {
		p.bytes(Muted, f.xText)
	}
	if f.unitAt >= 0 {
		p.blank(lead + f.unitAt - used)
		p.text(Muted, f.unit.s)
		used = lead + f.unitAt + f.unit.w
	}
	p.blank(w - used)
	p.endLine()
}
