package chart

import (
	"cmp"
	"math"
	"strings"
)

// Lengths of the cells of a matrix in pixels.
const (
	minCellW  = 34.0
	minCellH  = 18.0
	maxCellW  = 130.0
	maxCellH  = 64.0
	numberPx  = 13.0
	subPx     = 10.5
	mostShade = 0.55 // opacity of a full block: the ink on it must stay legible
)

// svgMatrix is the layout of a Matrix as a picture, and what was drawn of it.
type svgMatrix struct {
	svgPen
	*Matrix
	grid         matrixGrid // what is shown of it
	w, h         float64
	left, top    float64 // of the cells
	cellW, cellH float64
}

// SVG draws the matrix as an <svg> element of w x h pixels, like Line.SVG. The
// shade of a cell is its opacity; status and second line go where a cell has no
// room for them, and rows and columns that have none are counted.
func (m *Matrix) SVG(w, h int) string {
	s := svgMatrix{Matrix: m, w: side(w), h: side(h)}
	if len(m.Rows) == 0 || len(m.Cols) == 0 {
		s.text(s.w/2, s.h/2, cut(cmp.Or(m.Empty, defaultEmpty), s.w, fontSize), hand{color: Muted, anchor: "middle"})
	} else {
		s.layout()
		s.titles()
		for r := range s.grid.rows {
			for c := range s.grid.cols {
				s.drawCell(r, c)
			}
		}
	}
	name := strings.TrimSpace(m.RowTitle + " × " + m.ColTitle)
	return s.document(s.w, s.h, strings.Trim(name, "× "), m.Style.Theme)
}

// layout finds the place of the cells and how many of them are shown.
func (s *svgMatrix) layout() {
	margin := marginOf(s.w, s.h)
	s.left, s.top = margin, margin
	for _, label := range s.Rows[:min(len(s.Rows), manyCells)] {
		s.left = max(s.left, margin+textWidth(clean(label, Braille), fontSize)+8)
	}
	s.left = min(s.left, s.w/4)
	if s.RowTitle != "" || len(s.Rows)*int(minCellH) > int(s.h) {
		s.top += rowHeight
	}
	bottom := rowHeight + 4
	if s.ColTitle != "" {
		bottom += rowHeight
	}
	if len(s.Equal) > 0 {
		bottom += rowHeight
	}
	g := &s.grid
	s.cellH, g.rows = cells(len(s.Rows), s.h-s.top-bottom-margin, minCellH, maxCellH)
	s.cellW, g.cols = cells(len(s.Cols), s.w-s.left-margin, minCellW, maxCellW)
	g.Matrix = &Matrix{Rows: s.Rows, Cols: s.Cols} // arrows as everywhere, not those of the style
	at := At{}
	if s.Cursor != nil {
		at = *s.Cursor
	}
	g.firstRow, g.firstCol = scroll(len(s.Rows), g.rows, at.Row), scroll(len(s.Cols), g.cols, at.Col)
}

// cells is how large and how many of n cells are in so much room.
func cells(n int, room, least, most float64) (size float64, shown int) {
	shown = max(1, min(n, int(room/least)))
	return max(1, math.Floor(min(room/float64(shown), most))), shown
}

// titles writes the labels of rows and columns, their titles, how many are
// hidden, and the names of the lines of equal budget.
func (s *svgMatrix) titles() {
	g := &s.grid
	muted := hand{color: Muted}
	head := strings.TrimSpace(clean(s.RowTitle, Braille) + " " + g.hiddenRows(unlimited))
	if head != "" {
		s.text(min(svgMargin, s.left), s.top-6, cut(head, s.w-svgMargin, fontSize), muted)
	}
	for r := range g.rows {
		y := s.top + (float64(r)+0.5)*s.cellH + 4
		s.text(s.left-8, y, cut(s.Rows[g.firstRow+r], s.left-10, fontSize), hand{anchor: "end"})
	}
	y := s.top + float64(g.rows)*s.cellH + rowHeight
	for c := range g.cols {
		x := s.left + (float64(c)+0.5)*s.cellW
		s.text(x, y, cut(s.Cols[g.firstCol+c], s.cellW-4, fontSize), hand{anchor: "middle"})
	}
	room := s.w - s.left - 4
	if foot := strings.TrimSpace(clean(s.ColTitle, Braille) + " " + g.hiddenCols(unlimited)); foot != "" {
		y += rowHeight
		foot = cut(foot, room, fontSize)
		middle := s.left + float64(g.cols)*s.cellW/2
		middle = max(middle, s.left+textWidth(foot, fontSize)/2)
		s.text(middle, y, foot, hand{color: Muted, anchor: "middle"})
	}
	hint := ""
	for i, name := range s.Equal {
		if hint != "" {
			hint += " · "
		}
		hint += string(s.equalSign(i+1)) + " " + clean(name, Braille)
	}
	if hint != "" {
		s.text(s.left, y+rowHeight, cut(hint, room, fontSize), muted)
	}
}

// equalSign is the sign of a line of equal budget, 0 for none.
func (s *svgMatrix) equalSign(k int) rune {
	g := matrixGrid{Matrix: &Matrix{Equal: s.Equal}}
	if r := g.equalMark(k); r != ' ' {
		return r
	}
	return 0
}

// drawCell draws the cell in row r and column c of those shown.
func (s *svgMatrix) drawCell(r, c int) {
	at := At{s.grid.firstRow + r, s.grid.firstCol + c}
	cell := s.cell(at.Row, at.Col)
	x, y := s.left+float64(c)*s.cellW, s.top+float64(r)*s.cellH
	block := s.Color
	if block == Default {
		block = Categorical(0)
	}
	s.put("<g>")
	s.title(strings.TrimSpace(s.Rows[at.Row] + " × " + s.Cols[at.Col] + "  " + strings.Join([]string{s.number(cell), cell.Sub, cell.Status}, " ")))
	inset := min(1, s.cellW/8, s.cellH/8)
	s.put("<g", s.class(block), ">")
	opacity := ` fill="none"`
	if cell.Shade > 0 {
		opacity = ` fill-opacity="` + string(appendHundredths(nil, mostShade*min(cell.Shade, 1))) + `"`
	}
	s.rect(x+inset, y+inset, s.cellW-2*inset, s.cellH-2*inset, ` rx="3"`+opacity+` stroke="currentColor" stroke-opacity=".25"`)
	s.put("</g>")
	s.contents(cell, x, y)
	if sign := s.equalSign(cell.Equal); sign != 0 && s.cellH >= minCellH {
		s.text(x+5, y+13, string(sign), hand{color: Muted, size: subPx})
	}
	if s.Cursor != nil && *s.Cursor == at {
		s.rect(x+inset, y+inset, s.cellW-2*inset, s.cellH-2*inset, ` rx="3" fill="none" stroke="currentColor" stroke-width="2"`)
	}
	s.put("</g>\n")
}

// number is the text of a cell's value, or what the terminal shows in its place.
func (s *svgMatrix) number(c MatrixCell) string {
	if text := strings.TrimSpace((&Matrix{}).numberText(c)); text != "" {
		return text
	}
	if c.Status == "" {
		return emptyCell(Braille)
	}
	return ""
}

// contents writes a cell's number with its second line and its status below, as
// far as there is room.
func (s *svgMatrix) contents(c MatrixCell, x, y float64) {
	number, sub, status := s.number(c), clean(c.Sub, Braille), clean(c.Status, Braille)
	room := s.cellW - 8
	second := strings.Trim(sub+" · "+status, "· ")
	if textWidth(second, subPx) > room {
		second = status
	}
	if number == "" {
		number, second = status, sub
	}
	x += s.cellW / 2
	middle := y + s.cellH/2 + 4.5
	color := Default
	if c.Label == "" && math.IsNaN(c.Value) {
		color = Muted
	}
	if second == "" || s.cellH < 2*minCellH || textWidth(second, subPx) > room {
		s.text(x, middle, cut(number, room, numberPx), hand{color: color, anchor: "middle", size: numberPx})
		return
	}
	s.text(x, middle-7, cut(number, room, numberPx), hand{color: color, anchor: "middle", size: numberPx})
	s.put(`<g fill-opacity=".85">`)
	s.text(x, middle+8, second, hand{anchor: "middle", size: subPx})
	s.close()
}

// appendHundredths appends a share with two digits: .05, .55.
func appendHundredths(dst []byte, v float64) []byte {
	n := int(between(v, 0, 1)*100 + 0.5)
	if n >= 100 {
		return append(dst, '1')
	}
	return append(dst, '.', byte('0'+n/10), byte('0'+n%10))
}
