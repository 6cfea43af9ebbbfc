package chart

import "math"

// plot maps a box of data onto a canvas. Dot coordinates have their origin at
// the top left, and the centre of dot i is i + 0.5.
type plot struct {
	*canvas
	box    box
	kx, ky float64 // dots per unit of data
}

func newPlot(c *canvas, b box) *plot {
	return &plot{canvas: c, box: b,
		kx: float64(c.dotW-1) / (b.x1 - b.x0),
		ky: float64(c.dotH-1) / (b.y1 - b.y0),
	}
}

func (p *plot) dotX(x float64) float64 { return (x-p.box.x0)*p.kx + 0.5 }
func (p *plot) dotY(y float64) float64 { return (p.box.y1-y)*p.ky + 0.5 }

// cellX is the cell column of x, and cellY the cell row of y, kept on the
// canvas.
func (p *plot) cellX(x float64) int {
	return int(between(p.dotX(x), 0, float64(p.dotW-1))) >> p.sx
}

func (p *plot) cellY(y float64) int {
	return int(between(p.dotY(y), 0, float64(p.dotH-1))) >> p.sy
}

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

// tracer draws one series in one pass. The points of one dot column are merged
// into one vertical stroke from the lowest to the highest; a straight segment
// joins the last point of a column to the first of the next.
type tracer struct {
	*plot
	s    *Series
	dash *dash

	open       bool    // a column has begun and no gap has come since
	col        int     // its dot column, or -1 outside the canvas
	from, to   float64 // the x that fall into it
	px, py     float64 // its last point, in dots
	low, high  float64 // the least and the greatest of its y
	strokeable bool    // more than one point has fallen into it
}

// far is the limit of dot coordinates, so that they stay finite.
const far = 1e9

// trace draws s in the canvas's present colour.
func (p *plot) trace(s *Series) {
	t := tracer{plot: p, s: s}
	if s.Dashed {
		t.dash = dashFor(p.glyphs)
	}
	for i, n := 0, s.len(); i < n; {
		x, y, ok := s.at(i)
		if !ok {
			t.flush()
			t.open = false
			i++
			continue
		}
		t.enter(x, y)
		i = t.merge(i+1, n)
	}
	t.flush()
	if s.Points || s.len() == 1 { // a single dot is too easily overlooked
		p.markAll(s)
	}
}

// merge takes the points from i on that fall into the present column, and gives
// the index of the first that does not. Nearly all points of a long series pass
// here, so it compares and does nothing else.
func (t *tracer) merge(i, n int) int {
	first, from, to, low, high := i, t.from, t.to, t.low, t.high
	if t.s.X == nil || t.s.Data != nil {
		for ; i < n; i++ {
			x, y, ok := t.s.at(i)
			if !ok || x < from || x >= to {
				break
			}
			low, high = min(low, y), max(high, y)
		}
	} else {
		xs, ys := t.s.X[:n], t.s.Y[:n]
		for ; i < len(xs) && i < len(ys); i++ {
			x, y := xs[i], ys[i]
			if !(x >= from && x < to) || y-y != 0 {
				break
			}
			if y < low {
				low = y
			}
			if y > high {
				high = y
			}
		}
	}
	if i > first {
		x, y, _ := t.s.at(i - 1)
		t.px, t.py, t.low, t.high, t.strokeable = t.dotX(x), t.dotY(y), low, high, true
	}
	return i
}

// enter ends the present column and begins another at a point.
func (t *tracer) enter(x, y float64) {
	t.flush()
	fx, fy := t.dotX(x), t.dotY(y)
	if t.open {
		t.join(t.px, t.py, fx, fy)
	} else {
		t.join(fx, fy, fx, fy)
	}
	t.open, t.px, t.py, t.low, t.high, t.strokeable = true, fx, fy, y, y, false
	t.col, t.from, t.to = t.column(x, fx)
}

// column is the dot column of a point and the range of x that falls into it;
// all that lies left or right of the canvas is one column, too.
func (t *tracer) column(x, fx float64) (col int, from, to float64) {
	switch {
	case fx >= float64(t.dotW):
		return -1, t.box.x1 + 0.5/t.kx, math.Inf(1)
	case !(fx >= 0):
		return -1, math.Inf(-1), t.box.x0 - 0.5/t.kx
	}
	col = int(fx)
	from = t.box.x0 + (float64(col)-0.5)/t.kx
	return col, min(from, x), from + 1/t.kx
}

// flush draws the stroke of the present column.
func (t *tracer) flush() {
	if !t.open || !t.strokeable || t.col < 0 {
		return
	}
	top, bottom, end := t.dotY(t.high), t.dotY(t.low), float64(t.dotH-1)
	if bottom < 0 || top >= float64(t.dotH) || !t.dash.next() {
		return
	}
	t.span(t.col, int(between(top, 0, end)), int(between(bottom, 0, end)))
}

// join draws the part of a segment that lies on the canvas.
func (t *tracer) join(x0, y0, x1, y1 float64) {
	if !t.within(x0, y0) || !t.within(x1, y1) {
		x0, y0 = between(x0, -far, far), between(y0, -far, far)
		x1, y1 = between(x1, -far, far), between(y1, -far, far)
		// The centres of the outermost dots bound the plot; a point on the very
		// edge must not be lost to rounding.
		const edge = 0.5 - 1e-6
		a, b, dx, dy := 0.0, 1.0, x1-x0, y1-y0
		w, h := float64(t.dotW), float64(t.dotH)
		if !clip(x0, dx, edge, w-edge, &a, &b) || !clip(y0, dy, edge, h-edge, &a, &b) {
			return
		}
		x0, y0, x1, y1 = x0+a*dx, y0+a*dy, x0+b*dx, y0+b*dy
	}
	w, h := float64(t.dotW-1), float64(t.dotH-1)
	t.segment(int(between(x0, 0, w)), int(between(y0, 0, h)), int(between(x1, 0, w)), int(between(y1, 0, h)), t.dash)
}

// within reports whether dot coordinates lie between the centres of the
// outermost dots.
func (p *plot) within(x, y float64) bool {
	return x >= 0.5 && y >= 0.5 && x <= float64(p.dotW)-0.5 && y <= float64(p.dotH)-0.5
}

// clip narrows [a, b], the part of a segment from v in direction d that is
// drawn, to where it lies in [lo, hi], after Liang and Barsky. It reports
// whether anything is left.
func clip(v, d, lo, hi float64, a, b *float64) bool {
	if d == 0 {
		return v >= lo && v <= hi
	}
	in, out := (lo-v)/d, (hi-v)/d
	if d < 0 {
		in, out = out, in
	}
	*a, *b = math.Max(*a, in), math.Min(*b, out)
	return *a <= *b
}

// markAll puts a marker on every visible point.
func (p *plot) markAll(s *Series) {
	r := '•'
	if p.glyphs == ASCII {
		r = 'o'
	}
	for i := range s.len() {
		if x, y, ok := s.at(i); ok && p.visible(x, y) {
			p.markAt(x, y, r)
		}
	}
}

// markAt puts a marker at a visible point.
func (p *plot) markAt(x, y float64, r rune) {
	p.mark(int(between(p.dotX(x), 0, float64(p.dotW-1))), int(between(p.dotY(y), 0, float64(p.dotH-1))), r)
}

// visible reports whether a point lies on the canvas.
func (p *plot) visible(x, y float64) bool {
	return x >= p.box.x0 && x <= p.box.x1 && y >= p.box.y0 && y <= p.box.y1
}
