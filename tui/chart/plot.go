package chart

import "math"

// plot maps data onto a canvas. Dot coordinates have their origin at the top
// left, and the centre of dot i is i + 0.5.
type plot struct {
	canvas
	x, y  scale
	edges []float64 // the x between dot columns, with both outer ones
}

// reset makes p an empty plot of w x h cells for a range of data.
func (p *plot) reset(l *Line, b box, w, h int) {
	p.canvas.reset(w, h, l.Style.Set())
	p.scales(l, b)
}

// scales maps a range of data onto the dots.
func (p *plot) scales(l *Line, b box) {
	p.x = newScale(&l.X, b.x0, b.x1, p.dotW, false)
	p.y = newScale(&l.Y, b.y0, b.y1, p.dotH, true)
	p.edges = p.edges[:0]
	for col := range p.dotW + 1 {
		p.edges = append(p.edges, p.x.value(float64(col)))
	}
	if p.x.k == 0 { // a single column has all
		p.edges[0], p.edges[1] = math.Inf(-1), math.Inf(1)
	}
}

// ok reports whether a point is on both axes, and no gap.
func (p *plot) ok(x, y float64) bool {
	return (x-x)+(y-y) == 0 && x > p.x.floor && y > p.y.floor
}

// cellX is the cell column of x, and cellY the cell row of y, kept on the
// canvas.
func (p *plot) cellX(x float64) int {
	return int(between(p.x.dot(x), 0, float64(p.dotW-1))) >> p.sx
}

func (p *plot) cellY(y float64) int {
	return int(between(p.y.dot(y), 0, float64(p.dotH-1))) >> p.sy
}

// cellW is the greater distance in x of a column's middle to its neighbours'.
func (p *plot) cellW(col int) float64 {
	d := float64(int(1) << p.sx)
	at := (float64(col) + 0.5) * d
	return p.x.value(at+d) - p.x.value(at)
}

// visible reports whether a point lies on the canvas.
func (p *plot) visible(x, y float64) bool { return p.x.has(x) && p.y.has(y) }

// between keeps v in [lo, hi]; NaN becomes lo.
func between(v, lo, hi float64) float64 {
	switch {
	case v > hi:
		return hi
	case v >= lo:
		return v
	default:
		return lo
	}
}

// markAt puts a marker at a visible point.
func (p *plot) markAt(x, y float64, r rune) {
	p.mark(int(between(p.x.dot(x), 0, float64(p.dotW-1))), int(between(p.y.dot(y), 0, float64(p.dotH-1))), r)
}

// stroke draws the dots of a column between two heights, as far as they are on
// the canvas.
func (p *plot) stroke(col int, top, bottom float64) {
	end := float64(p.dotH - 1)
	if bottom < 0 || top >= float64(p.dotH) {
		return
	}
	p.span(col, int(between(top, 0, end)), int(between(bottom, 0, end)))
}
