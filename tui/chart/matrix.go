package chart

import "math"

// MatrixCell is one cell of a Matrix.
type MatrixCell struct {
	// Value is the number shown; NaN means none.
	Value float64
	// Label is shown in place of Value if not empty.
	Label string
	// Sub stands under the number, Status beside it: "±.03", "2/3 ●".
	Sub, Status string
	// Equal is the line of equal budget that the cell lies on, an index into
	// Matrix.Equal counted from 1; 0 for none.
	Equal int
	// Shade is how much of the block is filled, from 0 to 1; NaN and negative
	// values draw none.
	Shade float64
}

// At is a position in a Matrix.
type At struct{ Row, Col int }

// Matrix is a heat map over two axes. A cell shows its number, a block whose
// length and glyph grow with the shade, and a status; so it can be read without
// colour.
type Matrix struct {
	// RowTitle stands over the row labels, ColTitle after the column labels.
	RowTitle, ColTitle string
	// Rows are the labels from the top down, Cols from the left.
	Rows, Cols []string
	// Cells are indexed by row and column; missing ones are empty.
	Cells [][]MatrixCell
	// Equal names the lines of equal budget: "equal rows 2048".
	Equal []string
	// Cursor is highlighted and kept in view; nil for none.
	Cursor *At
	// Empty is shown while there is no row or no column.
	Empty string
	// Color is the colour of the blocks; the zero value takes the first
	// categorical one.
	Color Color
	Style Style
}

// emptyCell marks a cell without a number and a status.
func emptyCell(g Glyphs) string {
	if g.plain() {
		return "."
	}
	return "·"
}

// cell is the content at a position; missing cells have no value.
func (m *Matrix) cell(row, col int) MatrixCell {
	if row < len(m.Cells) && col < len(m.Cells[row]) {
		return m.Cells[row][col]
	}
	return MatrixCell{Value: math.NaN(), Shade: math.NaN()}
}

// numberText is the text of a cell's value, "" for none.
func (m *Matrix) numberText(c MatrixCell) string {
	switch {
	case c.Label != "":
		return clean(c.Label, m.Style.Set())
	case math.IsNaN(c.Value):
		return ""
	default:
		return Format(c.Value, 5)
	}
}

// Render draws the matrix in exactly h lines of w cells, joined by newlines.
// As the room shrinks the block gets shorter and the status moves into the
// second line; then it leaves out the second line, the status and the block, in
// this order. Rows and columns that do not fit are left out at the end that is
// farther from the cursor, and it says how many and where they are.
// Below 1x1 it is empty.
func (m *Matrix) Render(w, h int) string {
	if w < 1 || h < 1 {
		return ""
	}
	p := newPen(m.Style, w, h)
	if len(m.Rows) == 0 || len(m.Cols) == 0 {
		var f frame
		f.texts.glyphs = m.Style.Set()
		f.writeEmpty(p, &Line{Empty: m.Empty}, w, h)
		return p.String()
	}
	g := m.layout(w, h)
	if g.above > 0 {
		g.writeTitle(p)
	}
	for line := range g.body {
		g.writeRow(p, g.firstRow+line/g.pitch, line%g.pitch)
	}
	if g.axis > 0 {
		g.writeAxis(p)
		g.writeCols(p)
	}
	if g.hint > 0 {
		g.writeHint(p)
	}
	for range h - g.above - g.body - g.axis - g.hint {
		p.blank(w)
		p.endLine()
	}
	return p.String()
}

// CellAt is the cell drawn at column x and line y of the matrix of w x h cells;
// ok is false beside the cells.
func (m *Matrix) CellAt(w, h, x, y int) (at At, ok bool) {
	if w < 1 || h < 1 || len(m.Rows) == 0 || len(m.Cols) == 0 {
		return At{}, false
	}
	g := m.layout(w, h)
	x, y = x-g.gutter, y-g.above
	if x < 0 || y < 0 || y >= g.body || x >= g.cols*g.colW {
		return At{}, false
	}
	return At{g.firstRow + y/g.pitch, g.firstCol + x/g.colW}, true
}
