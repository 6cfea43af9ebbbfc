package chart

// frame is the layout of one Line at one size: what is shown and where.
type frame struct {
	glyphs       Glyphs
	title, xRow  bool
	gutter       int // cells left of the plot: labels, a space, the axis; or 0
	plotW, plotH int
	legend       legendPlace
	legendW      int // cells right of the plot, the gap included
	entries      []entry

	yText  []string // label of each plot row, "" for none
	yTicks []label
	yForm  notation
	xTicks []label
	ticked []bool // plot columns with a tick
	xText  []byte // the row under the plot, from the axis on
	unit   string // of x
	unitAt int    // its column from the axis on; -1 in the gutter, -2 nowhere
}

// Below these sizes a part is left out.
const (
	minPlotW   = 8  // for labels at the y axis
	minLegendW = 20 // plot width beside a legend
	minLegendH = 3  // plot height beside a legend
	minTopH    = 7  // plot height under a legend
)

// layout decides what a chart of w x h cells shows.
func (l *Line) layout(b box, w, h int) *frame {
	f := &frame{glyphs: l.Style.Glyphs, plotW: w, plotH: h}
	if h >= 3 && (l.Title != "" || l.Note != "" || l.Y.Label != "") {
		f.title = true
		f.plotH--
	}
	if f.plotH >= 4 {
		f.xRow = true
		f.plotH--
	}
	f.yTicks, f.yForm = l.Y.labels(b.y0, b.y1, min(intervals+1, max(2, (f.plotH+1)/2)))
	labelW := max(4, min(l.Y.Width, maxLabel))
	for _, t := range f.yTicks {
		labelW = max(labelW, len(t.text))
	}
	if f.plotH >= 2 && w >= labelW+2+minPlotW {
		f.gutter = labelW + 2
		f.plotW -= f.gutter
	}
	if !l.NoLegend {
		f.chooseLegend(l, b)
	}
	return f
}

// place fills in what depends on the mapping of data to cells.
func (f *frame) place(l *Line, p *plot) {
	f.yText = make([]string, f.plotH)
	for _, t := range f.yTicks {
		f.yText[p.cellY(t.at)] = t.text
	}
	f.ticked = make([]bool, f.plotW)
	f.unit, f.unitAt = clean(l.X.Label, f.glyphs), -2
	if f.gutter > 0 && f.xRow {
		f.xTicks, _ = l.X.labels(p.box.x0, p.box.x1, max(2, min(8, f.plotW/9)))
		f.placeX(p)
	}
	if f.legend == legendRight {
		f.placeEntries(p)
	}
}

// placeX sets the labels under the x axis where they do not touch, and finds
// room for the unit: at the right end, after the last label, or in the gutter.
func (f *frame) placeX(p *plot) {
	room := 1 + f.plotW
	body := room + f.legendW
	f.xText = make([]byte, 0, body)
	last := -1 // column of the last label's tick
	keep := 0  // what the row was before it
	for _, t := range f.xTicks {
		at := p.cellX(t.at)
		start := max(0, min(1+at-(len(t.text)-1)/2, body-len(t.text)))
		if f.legendW == 0 {
			start = min(start, room-len(t.text))
		}
		if n := len(f.xText); start < 0 || n > 0 && start < n+2 {
			continue
		}
		keep, last = len(f.xText), at
		f.xText = append(padTo(f.xText, start), t.text...)
		f.ticked[at] = true
	}
	n, u := len(f.xText), width(f.unit)
	switch {
	case u == 0:
	case n+2+u <= room:
		f.unitAt = room - u
	case n+1+u <= body:
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
// without and with a label, plain x, x with a label.
func axisGlyphs(g Glyphs) [6]rune {
	if g == ASCII {
		return [6]rune{'|', '+', '+', '+', '-', '+'}
	}
	return [6]rune{'│', '┤', '└', '┼', '─', '┬'}
}

// writeRow writes one line of the plot with its label and its legend entry.
func (f *frame) writeRow(p *pen, pl *plot, row int) {
	glyph, bottom := axisGlyphs(f.glyphs), row == f.plotH-1
	if f.gutter > 0 {
		text, part := f.yText[row], 0
		if text != "" {
			part = 1
		}
		if bottom {
			part += 2
		}
		p.blank(f.gutter - 2 - len(text))
		p.text(Muted, text)
		p.blank(1)
		p.rune(Muted, glyph[part])
	}
	for col, c := range pl.cells[row*pl.w : (row+1)*pl.w] {
		switch {
		case c.owner != 0:
			p.rune(c.color, pl.rune(c))
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
	switch {
	case f.gutter == 0:
	case f.unitAt == -1:
		p.text(Muted, f.unit)
		used = width(f.unit)
	}
	lead := max(0, f.gutter-1)
	p.blank(lead - used)
	used = lead
	if len(f.xText) > 0 {
		p.text(Muted, string(f.xText))
		used += len(f.xText)
	}
	if f.unitAt >= 0 {
		p.blank(lead + f.unitAt - used)
		p.text(Muted, f.unit)
		used = lead + f.unitAt + width(f.unit)
	}
	p.blank(w - used)
	p.endLine()
}
