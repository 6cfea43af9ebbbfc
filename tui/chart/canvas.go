package chart

// canvas is a grid of cells with dots finer than a cell. A cell belongs to the
// series that touched it last: dots of two series in one cell would take one
// colour and read as a third line.
type canvas struct {
	w, h       int // cells
	dotW, dotH int // dots
	cells      []cell
	glyphs     Glyphs
	sx, sy     uint    // log2 of the dots a cell
	mx, my     int     // masks of the same
	bit        [8]byte // bit of the dot at (y&my)<<sx | x&mx

	owner   uint32 // what is drawn now, from 1
	under   uint32 // whose dots it keeps where it draws over them; 0 for none
	color   Color
	tone    tone
	beneath rune // a coarse dot of a canvas with few dots
}

// cell is one character of the canvas; owner 0 means empty.
type cell struct {
	owner uint32
	color Color
	bits  byte
	mark  rune // drawn instead of the dots, if not 0
}

// reset makes c an empty canvas of w x h cells.
func (c *canvas) reset(w, h int, g Glyphs) {
	if n := w * h; n <= cap(c.cells) {
		c.cells = c.cells[:n]
		clear(c.cells)
	} else {
		c.cells = make([]cell, n)
	}
	c.w, c.h, c.glyphs = w, h, g
	switch g {
	case Blocks:
		c.sx, c.sy, c.bit, c.beneath = 0, 1, [8]byte{1, 2}, '░'
	case ASCII, safeASCII:
		c.sx, c.sy, c.bit, c.beneath = 0, 2, [8]byte{1, 2, 4, 8}, ':'
	default: // the bit order of Unicode's braille block
		c.sx, c.sy, c.bit = 1, 2, [8]byte{0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80}
	}
	c.mx, c.my = 1<<c.sx-1, 1<<c.sy-1
	c.dotW, c.dotH = w<<c.sx, h<<c.sy
	c.owner, c.under, c.color, c.tone = 0, 0, Default, full
}

// layer begins to draw something new in a colour.
func (c *canvas) layer(color Color, t tone) {
	c.owner++
	c.under, c.color, c.tone = 0, color, t
}

// tone is how dense a layer is drawn, so that what lies beneath looks fainter
// without colour, too.
type tone uint8

const (
	full   tone = iota
	coarse      // a quarter of the dots, each for the three beside it
	sparse      // an eighth of the dots, for areas
)

// dot sets the dot at column x and row y, which must be on the canvas.
func (c *canvas) dot(x, y int) {
	switch {
	case c.tone == full:
	case c.tone == sparse:
		if x&1 != 0 || (x+y)&3 != 0 {
			return
		}
	case c.sx == 0: // too few dots to leave any out
		c.mark(x, y, c.beneath)
		return
	default:
		x, y = x&^1, y&^1
	}
	p := &c.cells[(y>>c.sy)*c.w+x>>c.sx]
	if p.owner != c.owner {
		if p.owner != c.under {
			p.bits = 0
		}
		p.owner, p.color, p.mark = c.owner, c.color, 0
	}
	p.bits |= c.bit[(y&c.my)<<c.sx|x&c.mx]
}

// mark puts a character into the cell of the dot at column x and row y.
func (c *canvas) mark(x, y int, r rune) {
	c.cells[(y>>c.sy)*c.w+x>>c.sx] = cell{owner: c.owner, color: c.color, mark: r}
}

// span sets the dots of column x from row top to row bottom.
func (c *canvas) span(x, top, bottom int) {
	for y := top; y <= bottom; y++ {
		c.dot(x, y)
	}
}

// segment sets the dots of a straight line by Bresenham's method. The dash
// counts dots along the whole curve; the zero dash draws every dot.
func (c *canvas) segment(x0, y0, x1, y1 int, d *dash) {
	dx, dy, stepX, stepY := x1-x0, y1-y0, 1, 1
	if dx < 0 {
		dx, stepX = -dx, -1
	}
	if dy < 0 {
		dy, stepY = -dy, -1
	}
	for e := dx - dy; ; {
		if d.next() {
			c.dot(x0, y0)
		}
		if x0 == x1 && y0 == y1 {
			return
		}
		e2 := 2 * e
		if e2 > -dy {
			e, x0 = e-dy, x0+stepX
		}
		if e2 < dx {
			e, y0 = e+dx, y0+stepY
		}
	}
}

// dash counts dots along a curve and leaves some out.
type dash struct{ n, on, off int }

func (d *dash) next() bool {
	if d.on == 0 {
		return true
	}
	d.n++
	return (d.n-1)%(d.on+d.off) < d.on
}

// dashFor is a pattern that reads as dashes at the resolution of g.
func dashFor(g Glyphs) dash {
	switch g {
	case Blocks, ASCII, safeASCII:
		return dash{on: 2, off: 2}
	default:
		return dash{on: 4, off: 4}
	}
}

// rune is the character of a cell that has an owner.
func (c *canvas) rune(p cell) rune {
	switch {
	case p.mark != 0:
		return p.mark
	case c.glyphs == Blocks:
		return [4]rune{' ', '▀', '▄', '█'}[p.bits&3]
	case c.sx == 1:
		return 0x2800 + rune(p.bits)
	}
	switch p.bits {
	case 0:
		return ' '
	case 1:
		return '\''
	case 2:
		return '-'
	case 4:
		return '.'
	case 8:
		return '_'
	default:
		return '|'
	}
}
