package chart

// writeTitle writes the title of the rows, and how many are hidden.
func (g *matrixGrid) writeTitle(p *pen) {
	glyphs := g.Style.Set()
	more := g.hiddenRows(g.w)
	gap := 0
	if more != "" {
		gap = 2
	}
	title := fit(clean(g.RowTitle, glyphs), g.w-width(more)-gap, glyphs)
	p.text(Muted, title)
	used := width(title)
	if used > 0 {
		p.blank(gap)
		used += gap
	}
	p.text(Muted, more)
	p.blank(g.w - used - width(more))
	p.endLine()
}

// writeHint names the lines of equal budget.
func (g *matrixGrid) writeHint(p *pen) {
	text := ""
	for i, name := range g.Equal {
		if i > 0 {
			text += "  "
		}
		text += string(g.equalMark(i+1)) + " " + clean(name, g.Style.Set())
	}
	text = fit(text, g.w-g.gutter, g.Style.Set())
	p.blank(g.gutter)
	p.text(Muted, text)
	p.blank(g.w - g.gutter - width(text))
	p.endLine()
}

// writeRow writes one line of a row: its cells, their second lines, or blanks.
func (g *matrixGrid) writeRow(p *pen, row, line int) {
	if g.gutter > 0 {
		label := ""
		if line == 0 {
			label = fit(clean(g.Rows[row], g.Style.Set()), g.labelW, g.Style.Set())
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
	if g.Style.Set().plain() {
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
		text := fit(g.numberText(g.cell(row, col)), w, g.Style.Set())
		p.text(Default, text)
		p.blank(w - width(text))
		return
	}
	here := g.Cursor != nil && *g.Cursor == At{row, col} && line < 2
	cell := g.cell(row, col)
	open, closing := ' ', ' '
	switch boxed := here && g.Style.Theme.NoColor; {
	case boxed && line == 0:
		open, closing = '[', ']'
	case line == 0, line == 1 && boxed:
		open = g.equalMark(cell.Equal)
	}
	p.reverse(here)
	p.rune(Muted, open)
	used := 0
	switch {
	case line == 0:
		used = g.writeContent(p, cell)
	case line == 1:
		used = g.writeSecond(p, cell)
	}
	p.blank(w - 2 - used)
	p.rune(Default, closing)
	p.reverse(false)
}

// writeSecond writes the second line of a cell and gives its width.
func (g *matrixGrid) writeSecond(p *pen, c MatrixCell) (used int) {
	glyphs := g.Style.Set()
	if g.sub > 0 {
		sub := fit(clean(c.Sub, glyphs), g.number, glyphs)
		p.blank(g.number - width(sub))
		p.text(Muted, sub)
		used = g.number
	}
	if g.below && g.status > 0 {
		if used > 0 {
			p.blank(1)
			used++
		}
		status := fit(clean(c.Status, glyphs), g.status, glyphs)
		p.text(Muted, status)
		used += width(status)
	}
	return used
}

// writeContent writes the number, the block and the status of a cell, and gives
// their width.
func (g *matrixGrid) writeContent(p *pen, c MatrixCell) (used int) {
	glyphs := g.Style.Set()
	number, status := g.numberText(c), clean(c.Status, glyphs)
	color := Default
	if number == "" {
		color = Muted
		number = emptyCell(glyphs)
		switch {
		case status == "" || g.below:
		case g.status == 0:
			number = status // better the status than nothing
		default:
			number = ""
		}
	}
	number = fit(number, g.number, glyphs)
	p.blank(g.number - width(number))
	p.text(color, number)
	used = g.number
	if g.block > 0 {
		block := g.Color
		if block == Default {
			block = Categorical(0)
		}
		p.blank(1)
		shade := g.shade(c.Shade)
		p.text(block, shade)
		p.blank(g.block - width(shade))
		used += 1 + g.block
	}
	if g.status > 0 && !g.below {
		status = fit(status, g.status, glyphs)
		p.blank(1)
		p.text(Muted, status)
		p.blank(g.status - width(status))
		used += 1 + g.status
	}
	return used
}

// writeAxis writes the line under the cells, and how many columns are hidden.
func (g *matrixGrid) writeAxis(p *pen) {
	glyph, used := axisGlyphs(g.Style.Set()), 0
	if g.gutter > 0 {
		p.blank(g.gutter - 1)
		p.rune(Muted, glyph[2])
		used = g.gutter
	}
	n := min(g.cols*g.colW, g.w-used)
	more, room := g.hiddenCols(g.w-used-2), 0
	if more != "" {
		room = width(more) + 2
	}
	n = min(n, g.w-used-room)
	for i := range n {
		switch {
		case more == "" && i == 0 && g.firstCol > 0:
			p.rune(Muted, g.sides()[0])
		case more == "" && i == n-1 && g.firstCol+g.cols < len(g.Cols):
			p.rune(Muted, g.sides()[1])
		default:
			p.rune(Muted, glyph[4])
		}
	}
	if more != "" {
		p.blank(1)
		p.text(Muted, more)
		p.blank(1)
	}
	p.blank(g.w - used - n - room)
	p.endLine()
}

// writeCols writes the labels of the columns, each ending under its numbers
// where it is short enough, and the title of the columns: behind them, or in what
// the last label leaves of its column.
func (g *matrixGrid) writeCols(p *pen) {
	glyphs := g.Style.Set()
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
