package chart

import "math"

// tracer draws one series in one pass. The points of one dot column are merged
// into one vertical stroke from the lowest to the highest; a straight segment
// joins the last point of a column to the first of the next.
type tracer struct {
	*plot
	s    *Series
	dash dash

	open       bool    // a column has begun and no gap has come since
	col        int     // its dot column, or -1 outside the canvas
	from, to   float64 // the x that fall into it
	px, py     float64 // its last point, in dots
	low, high  float64 // the least and the greatest of its y
	strokeable bool    // more than one point has fallen into it

	// With a pyramid: the first point at or beyond endTo, and into how many pieces
	// gaps have cut the column before it.
	endTo       float64
	end, pieces int
	stride      int // points of the column before: the next one is like it
}

// far is the limit of dot coordinates, so that they stay finite.
const far = 1e9

// trace draws the points of s, joined.
func (p *plot) trace(s *Series, d dash) {
	t := tracer{plot: p, s: s, dash: d, endTo: math.Inf(-1)}
	for i, n := t.reach(); i < n; {
		x, y, _ := s.at(i)
		if !t.ok(x, y) {
			t.flush()
			t.open = false
			i = t.skip(i+1, n)
			continue
		}
		t.enter(x, y)
		i = t.merge(i+1, n)
	}
	t.flush()
}

// reach is the points that matter: of a pyramid those on the canvas and one to
// each side.
func (t *tracer) reach() (i, n int) {
	d := t.s.Data
	if d == nil {
		return 0, t.s.len()
	}
	i = d.search(0, d.Len()/2, t.edges[0])
	n = d.search(i, (d.Len()-i)/2, t.edges[t.dotW])
	return max(0, i-1), min(n+1, d.Len())
}

// skip is the first point from i on that is no gap.
func (t *tracer) skip(i, n int) int {
	if t.s.Data != nil {
		return t.s.Data.after(i, n, t.y.floor)
	}
	for ; i < n; i++ {
		if x, y, _ := t.s.at(i); t.ok(x, y) {
			break
		}
	}
	return i
}

// merge takes the points from i on that fall into the present column, and gives
// the index of the first that does not. Nearly all points of a long series pass
// here, so it compares and does nothing else.
func (t *tracer) merge(i, n int) int {
	first, from, to, low, high, floor := i, t.from, t.to, t.low, t.high, t.y.floor
	switch {
	case t.s.Data != nil:
		i, low, high = t.leap(i, n)
	case t.s.X == nil:
		for ; i < n; i++ {
			x, y, ok := t.s.at(i)
			if !ok || x < from || x >= to || y <= floor {
				break
			}
			low, high = min(low, y), max(high, y)
		}
	default:
		xs, ys := t.s.X[:n], t.s.Y[:n]
		for ; i < len(xs) && i < len(ys); i++ {
			x, y := xs[i], ys[i]
			if !(x >= from && x < to && y > floor) || y-y != 0 {
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
		t.low, t.high, t.strokeable = low, high, true
		if t.ok(x, y) {
			t.px, t.py = t.x.dot(x), t.y.dot(y)
		}
	}
	return i
}

// tornBy is how many gaps are drawn within a column of a pyramid; with more it
// is one stroke.
const tornBy = 16

// leap is merge for a pyramid. Point i-1 has just been entered.
func (t *tracer) leap(i, n int) (end int, low, high float64) {
	d := t.s.Data
	if t.endTo != t.to {
		t.endTo, t.end, t.pieces = t.to, min(n, d.search(i, t.stride, t.to)), 0
		t.stride = t.end - i
	}
	if t.pieces++; t.pieces > tornBy {
		low, high = d.above(i, t.end, t.y.floor)
		return max(i, t.end), min(low, t.low), max(high, t.high)
	}
	if i < t.end {
		i-- // it may begin a node
	}
	return d.run(i, max(i, t.end), t.y.floor, t.low, t.high)
}

// enter ends the present column and begins another at a point.
func (t *tracer) enter(x, y float64) {
	t.flush()
	fx, fy := t.x.dot(x), t.y.dot(y)
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
func (p *plot) column(x, fx float64) (col int, from, to float64) {
	switch {
	case fx >= float64(p.dotW):
		return -1, p.edges[p.dotW], math.Inf(1)
	case !(fx >= 0):
		return -1, math.Inf(-1), p.edges[0]
	}
	col = int(fx)
	return col, min(p.edges[col], x), p.edges[col+1]
}

// flush draws the stroke of the present column.
func (t *tracer) flush() {
	if !t.open || !t.strokeable || t.col < 0 {
		return
	}
	top, bottom := t.y.dot(t.high), t.y.dot(t.low)
	if bottom >= 0 && top < float64(t.dotH) && t.dash.next() {
		t.stroke(t.col, top, bottom)
	}
}

// join draws the part of a segment that lies on the canvas.
func (t *tracer) join(x0, y0, x1, y1 float64) {
	if !t.within(x0, y0) || !t.within(x1, y1) {
		x0, y0 = between(x0, -far, far), between(y0, -far, far)
		x1, y1 = between(x1, -far, far), between(y1, -far, far)
		a, b, dx, dy := 0.0, 1.0, x1-x0, y1-y0
		w, h := float64(t.dotW), float64(t.dotH)
		if !clip(x0, dx, w, &a, &b) || !clip(y0, dy, h, &a, &b) {
			return
		}
		x0, y0, x1, y1 = x0+a*dx, y0+a*dy, x0+b*dx, y0+b*dy
	}
	w, h := float64(t.dotW-1), float64(t.dotH-1)
	t.segment(int(between(x0, 0, w)), int(between(y0, 0, h)), int(between(x1, 0, w)), int(between(y1, 0, h)), &t.dash)
}

// within reports whether dot coordinates lie between the centres of the
// outermost dots.
func (p *plot) within(x, y float64) bool {
	return x >= 0.5 && y >= 0.5 && x <= float64(p.dotW)-0.5 && y <= float64(p.dotH)-0.5
}

// clip narrows [a, b], the part of a segment from v in direction d that is
// drawn, to where it lies between the centres of the outermost of size dots,
// after Liang and Barsky. It reports whether anything is left.
func clip(v, d, size float64, a, b *float64) bool {
	const outermost = 0.5 - 1e-6 // a point on the very edge must not be lost to rounding
	lo, hi := outermost, size-outermost
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
