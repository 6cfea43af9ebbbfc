package chart

import (
	"math"
	"strconv"
	"strings"
)

// matrixGrid is the layout of one Matrix at one size.
type matrixGrid struct {
	*Matrix
	w                 int
	above, body, axis int // lines of the title, of the cells, of the axis
	hint              int // lines of the names of the lines of equal budget
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
	sub                   int
	below                 bool // the status stands in the second line
}

// width is the width of a cell with one blank at each side.
func (f fields) width() int {
	w, second := f.number, 0
	if f.block > 0 {
		w += 1 + f.block
	}
	switch {
	case f.status == 0:
	case !f.below:
		w += 1 + f.status
	case f.sub > 0:
		second = f.number + 1 + f.status
	default:
		second = f.status
	}
	return 2 + max(w, second)
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
	if len(m.Equal) > 0 && h-g.above-g.axis >= min(len(m.Rows), 3)+1 {
		g.hint = 1
	}
	if len(m.Rows) > h-g.above-g.axis-g.hint && h >= 4 {
		g.above = 1 // room to say how many are hidden
	}
	g.fitRows(h - g.above - g.axis - g.hint)
	for _, s := range m.Rows {
		g.labelW = max(g.labelW, width(clean(s, m.Style.Set())))
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
	g.firstRow = scroll(n, g.rows, cursor)
}

// scroll is the first of the n items shown out of all, with the cursor about
// in the middle.
func scroll(all, n, cursor int) int {
	return max(0, min(cursor-n/2, all-n))
}

// fitCols chooses the parts of a cell and the columns shown for so many cells
// of width.
func (g *matrixGrid) fitCols(room int) {
	n := len(g.Cols)
	for _, f := range g.choices(room) {
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
	if w := (room - width(clean(g.ColTitle, g.Style.Set()))) / g.cols; w >= natural {
		g.colW = min(w, g.colW) // leaves room for the title behind the labels
	}
	cursor := 0
	if g.Cursor != nil {
		cursor = g.Cursor.Col
	}
	g.firstCol = scroll(n, g.cols, cursor)
}

// choices are the sets of parts from the richest to the poorest: the block
// shrinks and the status moves down before anything is left out, and then the
// second line goes before the status.
func (g *matrixGrid) choices(room int) []fields {
	number, block, status, sub := g.widest(room)
	var out []fields
	if both := max(number, sub); g.pitch > 1 && sub > 0 {
		out = append(out, fields{both, block, status, sub, false}, fields{both, min(block, 3), status, sub, false},
			fields{both, block, status, sub, true}, fields{both, min(block, 3), status, sub, true},
			fields{both, min(block, 1), status, sub, true}, fields{both, 0, status, sub, true})
	}
	out = append(out, fields{number, block, status, 0, false}, fields{number, min(block, 3), status, 0, false})
	if g.pitch > 1 {
		out = append(out, fields{number, min(block, 3), status, 0, true}, fields{number, min(block, 1), status, 0, true})
	}
	return append(out, fields{number, min(block, 1), status, 0, false}, fields{number, 0, status, 0, false},
		fields{number, block, 0, 0, false}, fields{number, min(block, 3), 0, 0, false},
		fields{number, min(block, 1), 0, 0, false}, fields{number, 0, 0, 0, false})
}

// manyCells is the number of cells from which on only those in view count for
// the layout, which may then change as the view does.
const manyCells = 10_000

// widest is the widths of the parts as the widest cells need them.
func (g *matrixGrid) widest(room int) (number, block, status, sub int) {
	firstRow, rows, firstCol, cols := 0, len(g.Rows), 0, len(g.Cols)
	if rows*cols > manyCells {
		firstRow, rows = g.firstRow, g.rows
		cols = min(cols, room/3+1) // more cannot be shown
		if g.Cursor != nil {
			firstCol = scroll(len(g.Cols), cols, g.Cursor.Col)
		}
	}
	for r := firstRow; r < firstRow+rows; r++ {
		for c := firstCol; c < firstCol+cols; c++ {
			cell := g.cell(r, c)
			number = max(number, width(g.numberText(cell)))
			sub = max(sub, width(clean(cell.Sub, g.Style.Set())))
			status = max(status, width(clean(cell.Status, g.Style.Set())))
			if cell.Shade > 0 {
				block = blockW
			}
		}
	}
	return max(number, 1), block, status, sub
}

// shade is the block of a cell, of at most g.block cells.
func (g *matrixGrid) shade(share float64) string {
	if math.IsNaN(share) || share <= 0 {
		return ""
	}
	levels := [...]string{"░", "▒", "▓", "█"}
	if g.Style.Set().plain() {
		levels = [...]string{".", ":", "+", "#"}
	}
	share = min(share, 1)
	return strings.Repeat(levels[min(3, int(share*4))], max(1, int(math.Round(share*float64(g.block)))))
}

// equalMark is the sign of the k-th line of equal budget, from 1, a blank for
// none: a stroke where there is one line, else a letter, as a digit would read as
// one of the number's.
func (g *matrixGrid) equalMark(k int) rune {
	switch {
	case k < 1 || k > len(g.Equal):
		return ' '
	case len(g.Equal) > 1:
		return rune('a' + (k-1)%26)
	case g.Style.Set().plain():
		return '/'
	default:
		return '╱'
	}
}

// hiddenRows says in at most w cells how many rows are not shown, "" where all
// are or there is no room to say it.
func (g *matrixGrid) hiddenRows(w int) string {
	arrows := [2]string{"↑", "↓"}
	if g.Style.Set().plain() {
		arrows = [2]string{"^", "v"}
	}
	return hidden(g.firstRow, len(g.Rows)-g.firstRow-g.rows, arrows, w)
}

// hiddenCols does for columns what hiddenRows does for rows.
func (g *matrixGrid) hiddenCols(w int) string {
	arrows := g.sides()
	return hidden(g.firstCol, len(g.Cols)-g.firstCol-g.cols, [2]string{string(arrows[0]), string(arrows[1])}, w)
}

// sides are arrows to the left and to the right.
func (g *matrixGrid) sides() [2]rune {
	if g.Style.Set().plain() {
		return [2]rune{'<', '>'}
	}
	return [2]rune{'←', '→'}
}

// hidden says how many items lie before and behind those shown.
func hidden(before, behind int, arrows [2]string, w int) string {
	text := ""
	if before > 0 {
		text = arrows[0] + "+" + strconv.Itoa(before)
	}
	if behind > 0 {
		if text != "" {
			text += " "
		}
		text += arrows[1] + "+" + strconv.Itoa(behind)
	}
	switch more := text + " more"; {
	case text == "" || width(text) > w:
		return ""
	case width(more) > w:
		return text
	default:
		return more
	}
}
