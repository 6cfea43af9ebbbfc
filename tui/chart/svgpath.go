package chart

// svgPath collects the data of a path, in relative steps, which are the
// shortest.
type svgPath struct {
	d    []byte
	x, y int  // where the pen is, in tenths
	dot  bool // it has only been put down
}

// move lifts the pen and puts it down at a place.
func (p *svgPath) move(x, y float64) {
	if p.dot { // a round cap makes a dot of a line without a length
		p.d = append(p.d, "h0"...)
	}
	p.x, p.y, p.dot = tenths(x), tenths(y), true
	p.d = append(p.d, 'M')
	p.pair(p.x, p.y)
}

// line draws from where the pen is.
func (p *svgPath) line(x, y float64) {
	tx, ty := tenths(x), tenths(y)
	dx, dy := tx-p.x, ty-p.y
	switch {
	case dx == 0 && dy == 0:
		return
	case dx == 0:
		p.d = appendTenths(append(p.d, 'v'), dy)
	case dy == 0:
		p.d = appendTenths(append(p.d, 'h'), dx)
	default:
		p.d = append(p.d, 'l')
		p.pair(dx, dy)
	}
	p.x, p.y, p.dot = tx, ty, false
}

// segment draws a line, and lifts the pen only where it is not yet at its begin.
func (p *svgPath) segment(x0, y0, x1, y1 float64) {
	if len(p.d) == 0 || tenths(x0) != p.x || tenths(y0) != p.y {
		p.move(x0, y0)
	}
	p.line(x1, y1)
}

// shut closes a polygon.
func (p *svgPath) shut() {
	p.d = append(p.d, 'z')
	p.dot = false
}

// pair appends two lengths.
func (p *svgPath) pair(x, y int) {
	p.d = appendTenths(p.d, x)
	if y >= 0 {
		p.d = append(p.d, ' ')
	}
	p.d = appendTenths(p.d, y)
}
