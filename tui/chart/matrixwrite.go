package chart

// writeTitle writes the title of the rows.
func (g *matrixGrid) writeTitle(p *pen) {
	title := fit(clean(g.RowTitle, g.Style.glyphs()), g.w, g.Style.glyphs())
	p.text(Muted, title)
	p.blank(g.w - width(title))
	p.endLine()
}

// writeRow writes one line of a row: its cells, their second lines, or blanks.
func (g *matrixGrid) writeRow(p *pen, row, line int) {
	if g.gutter > 0 {
		label := ""
		if line == 0 {
			label = fit(clean(g.Rows[row], g.Style.glyphs()), g.labelW, g.Style.glyphs())
		}
		p.blank(g.labelW - width(label))
		p.text(Default, label)
		p.blank(1)
		p.rune(Muted, g.rowGlyph(row, line))
	}
	used := g.gutter
	for i := range g.cols {
		g.writeCell(p, row, g.firstCol+i, line)
		p.blank(g.colW - min(g.colW, g.fields.width()))
		used += g.colW
	}
	p.blank(g.w - used)
	p.endLine()
}

// rowGlyph is the axis beside a row, with an arrow where rows are hidden.
func (g *matrixGrid) rowGlyph(row, line int) rune {
	up, down, plain := '↑', '↓', '│'
	if g.Style.glyphs().plain() {
		up, down, plain = '^', 'v', '|'
	}
	switch {
	case line != 0:
		return plain
	case row == g.firstRow+g.rows-1 && row < len(g.Rows)-1:
		return down
	case row == g.firstRow && row > 0:
		return up
	default:
		return plain
	}
}

// writeCell writes one line of a cell; in a column narrower than a cell with
// nothing but a number, as much as fits.
func (g *matrixGrid) writeCell(p *pen, row, col, line int) {
	w := min(g.colW, g.fields.width())
	if w < 3 {
		text := fit(g.numberText(g.cell(row, col)), w, g.Style.glyphs())
		p.text(Default, text)
		p.blank(w - width(text))
		return
	}
	here := g.Cursor != nil && *g.Cursor == At{row, col} && line < 2
	open, closing := ' ', ' '
	if here && g.Style.Theme.NoColor && line == 0 {
		open, closing = '[', ']'
	}
	p.reverse(here)
	p.rune(Default, open)
	switch {
	case line == 0:
		g.writeContent(p, g.cell(row, col))
	case line == 1 && g.sub:
		sub := fit(clean(g.cell(row, col).Sub, g.Style.glyphs()), g.number, g.Style.glyphs())
		p.blank(g.number - width(sub))
		p.text(Muted, sub)
		p.blank(w - 2 - g.number)
	default:
		p.blank(w - 2)
	}
	p.rune(Default, closing)
	p.reverse(false)
}

// writeContent writes the number, the block and the status of a cell.
func (g *matrixGrid) writeContent(p *pen, c MatrixCell) {
	glyphs := g.Style.glyphs()
	number, status := g.numberText(c), clean(c.Status, glyphs)
	color := Default
	if number == "" {
		color = Muted
		number = emptyCell(glyphs)
		if g.status == 0 && status != "" {
			number = status // better the status than nothing
		} else if status != "" {
			number = ""
		}
	}
	number = fit(number, g.number, glyphs)
	p.blank(g.number - width(number))
	p.text(color, number)
	if g.block > 0 {
		block := g.Color
		if block == Default {
			block = Categorical(0)
		}
		p.blank(1)
		shade := g.shade(c.Shade)
		p.text(block, shade)
		p.blank(g.block - width(shade))
	}
	if g.status > 0 {
		status = fit(status, g.status, glyphs)
		p.blank(1)
		p.text(Muted, status)
		p.blank(g.status - width(status))
	}
}

// writeAxis writes the line under the cells, with arrows where columns are
// hidden.
func (g *matrixGrid) writeAxis(p *pen) {
	glyph, left, right := axisGlyphs(g.Style.glyphs()), '←', '→'
	if g.Style.glyphs().plain() {
		left, right = '<', '>'
	}
	used := 0
	if g.gutter > 0 {
		p.blank(g.gutter - 1)
		p.rune(Muted, glyph[2])
		used = g.gutter
	}
	n := min(g.cols*g.colW, g.w-used)
	for i := range n {
		switch {
		case i == 0 && g.firstCol > 0:
			p.rune(Muted, left)
		case i == n-1 && g.firstCol+g.cols < len(g.Cols):
			p.rune(Muted, right)
		default:
			p.rune(Muted, glyph[4])
		}
	}
	p.blank(g.w - used - n)
	p.endLine()
}

// writeCols writes the labels of the columns, each ending under its numbers
// where it is short enough, and the title of the columns: behind them, or in what
// the last label leaves of its column.
func (g *matrixGrid) writeCols(p *pen) {
	glyphs := g.Style.glyphs()
	p.blank(g.gutter)
	used, free := g.gutter, 0 // cells written, and how many of the last are blank
	for i := range g.cols {
		label := fit(clean(g.Cols[g.firstCol+i], glyphs), g.colW-1, glyphs)
		lead := max(0, min(1+g.number, g.colW)-width(label))
		p.blank(lead)
		p.text(Default, label)
		used, free = used+g.colW, g.colW-lead-width(label)
		if i < g.cols-1 {
			p.blank(free)
		}
	}
	title := clean(g.ColTitle, glyphs)
	room := g.w - used + free - width(title)
	if title == "" || room < min(free, 2) {
		title, room = "", g.w-used+free
	}
	lead := min(free, room)
	p.blank(lead)
	p.text(Muted, title)
	p.blank(room - lead)
	p.endLine()
}
