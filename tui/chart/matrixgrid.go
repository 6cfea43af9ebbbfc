package chart

import (
	"math"
	"strings"
)

// matrixGrid is the layout of one Matrix at one size.
type matrixGrid struct {
	*Matrix
	w                 int
	above, body, axis int // lines of the title, of the cells, of the axis
	pitch             int // lines a row
	labelW, gutter    int // cells of the row labels; with the axis and its space
	firstRow, rows    int
	firstCol, cols    int
	colW              int // cells from one column to the next
	fields
}

// fields are the widths of a cell's parts; 0 leaves a part out.
type fields struct {
	number, block, status int
	sub                   bool
}

// width is the width of a cell with one blank at each side.
func (f fields) width() int {
	w := 2 + f.number
	if f.block > 0 {
		w += 1 + f.block
	}
	if f.status > 0 {
		w += 1 + f.status
	}
	return w
}

// blockW is the width of a full block.
const blockW = 5

func (m *Matrix) layout(w, h int) *matrixGrid {
	g := &matrixGrid{Matrix: m, w: w, body: h}
	if m.RowTitle != "" && h >= 4 {
		g.above = 1
	}
	if h-g.above >= 3 {
		g.axis = 2
	}
	g.fitRows(h - g.above - g.axis)
	for _, s := range m.Rows {
		g.labelW = max(g.labelW, width(clean(s, m.Style.glyphs())))
	}
	g.labelW = min(g.labelW, w/4)
	g.gutter = g.labelW + 2
	if w < g.gutter+6 {
		g.labelW, g.gutter = 0, 0
	}
	g.fitCols(w - g.gutter)
	return g
}

// fitRows chooses the lines a row for a body of at most h lines: with a second
// line and a blank, with a second line, or one.
func (g *matrixGrid) fitRows(h int) {
	n := len(g.Rows)
	switch {
	case h >= 3*n-1:
		g.pitch, g.body = 3, 3*n-1
	case h >= 2*n:
		g.pitch, g.body = 2, 2*n
	default:
		g.pitch, g.body = 1, min(n, h)
	}
	g.rows = min(n, h)
	cursor := 0
	if g.Cursor != nil {
		cursor = g.Cursor.Row
	}
	g.firstRow = window(n, g.rows, cursor)
}

// window is the first of the n items shown out of all, with the cursor about
// in the middle.
func window(all, n, cursor int) int {
	return max(0, min(cursor-n/2, all-n))
}

// fitCols chooses the parts of a cell and the columns shown for so many cells
// of width.
func (g *matrixGrid) fitCols(room int) {
	n := len(g.Cols)
	for _, f := range g.choices() {
		g.fields = f
		if f.width()*n <= room {
			break
		}
	}
	natural := g.fields.width()
	if over := natural - room; over > 0 { // not even one column
		g.number = max(0, g.number-over)
		natural = g.fields.width()
	}
	g.cols = max(1, min(n, room/max(1, natural)))
	g.colW = min(room/g.cols, natural+3)
	if w := (room - width(clean(g.ColTitle, g.Style.glyphs()))) / g.cols; w >= natural {
		g.colW = min(w, g.colW) // leaves room for the title behind the labels
	}
	cursor := 0
	if g.Cursor != nil {
		cursor = g.Cursor.Col
	}
	g.firstCol = window(n, g.cols, cursor)
}

// choices are the sets of parts from the richest to the poorest.
func (g *matrixGrid) choices() []fields {
	var number, sub, status int
	shaded := false
	for r := range g.Rows {
		for c := range g.Cols {
			cell := g.cell(r, c)
			number = max(number, width(g.numberText(cell)))
			sub = max(sub, width(clean(cell.Sub, g.Style.glyphs())))
			status = max(status, width(clean(cell.Status, g.Style.glyphs())))
			shaded = shaded || cell.Shade > 0
		}
	}
	number = max(number, 1)
	block := 0
	if shaded {
		block = blockW
	}
	return []fields{
		{max(number, sub), block, status, g.pitch > 1 && sub > 0},
		{number, block, status, false},
		{number, min(block, 3), status, false},
		{number, block, 0, false},
		{number, min(block, 3), 0, false},
		{number, min(block, 1), 0, false},
		{number, 0, 0, false},
	}
}

// shade is the block of a cell, of at most g.block cells.
func (g *matrixGrid) shade(share float64) string {
	if math.IsNaN(share) || share <= 0 {
		return ""
	}
	levels := [...]string{"░", "▒", "▓", "█"}
	if g.Style.glyphs().plain() {
		levels = [...]string{".", ":", "+", "#"}
	}
	share = min(share, 1)
	return strings.Repeat(levels[min(3, int(share*4))], max(1, int(math.Round(share*float64(g.block)))))
}
