package chart

import "math"

// len is the number of points.
func (s *Series) len() int {
	switch {
	case s.Data != nil:
		return s.Data.Len()
	case s.X == nil:
		return len(s.Y)
	default:
		return min(len(s.X), len(s.Y))
	}
}

// at is point i and whether it is one at all rather than a gap.
func (s *Series) at(i int) (x, y float64, ok bool) {
	switch {
	case s.Data != nil:
		x, y = s.Data.At(i)
	case s.X != nil:
		x, y = s.X[i], s.Y[i]
	default:
		x, y = float64(i), s.Y[i]
	}
	// A difference with itself is 0 for a number and NaN for all else; this
	// costs less than two calls of IsNaN and IsInf a point.
	return x, y, (x-x)+(y-y) == 0
}

// sliced reports whether the points are two plain slices.
func (s *Series) sliced() bool { return s.Data == nil && s.X != nil }

// last is the last point with a y above floor that is no gap.
func (s *Series) last(floor float64) (x, y float64, ok bool) {
	if s.Data != nil {
		i := s.Data.before(s.Data.Len(), floor)
		if i < 0 {
			return 0, 0, false
		}
		return s.at(i)
	}
	for i := s.len() - 1; i >= 0; i-- {
		if x, y, ok = s.at(i); ok && y > floor {
			return x, y, true
		}
	}
	return 0, 0, false
}

// best is the value that the goal asks for, NaN for none.
func (s *Series) best() float64 {
	lo, hi := math.NaN(), math.NaN()
	switch {
	case s.Goal == 0:
	case s.Data != nil:
		lo, hi = s.Data.Range(0, s.Data.Len())
	default:
		b := nowhere()
		b.enclose(s, -math.MaxFloat64, math.MaxFloat64, math.Inf(-1))
		if !b.empty() {
			lo, hi = b.y0, b.y1
		}
	}
	if s.Goal == Highest {
		return hi
	}
	return lo
}

// near is the value of the point nearest to x, NaN where that is a gap or x lies
// more than slack outside the series.
func (s *Series) near(x, slack float64) float64 {
	i := s.nearest(x)
	if i < 0 {
		return math.NaN()
	}
	at, y, ok := s.at(i)
	first, _, _ := s.at(0)
	last, _, _ := s.at(s.len() - 1)
	if !ok || (x < first || x > last) && math.Abs(at-x) > slack {
		return math.NaN()
	}
	return y
}

// nearest is the point nearest to x, the earlier of two; -1 without any.
func (s *Series) nearest(x float64) int {
	n := s.len()
	i, hi := 0, n // i becomes the first point at x or behind
	if s.Data != nil {
		i, hi = s.Data.search(0, s.Data.Len()/2, x), 0
	}
	for i < hi {
		mid := int(uint(i+hi) >> 1)
		if v, _, _ := s.at(mid); v < x {
			i = mid + 1
		} else {
			hi = mid
		}
	}
	if i == 0 || i == n {
		return min(i, n-1)
	}
	before, _, _ := s.at(i - 1)
	after, _, _ := s.at(i)
	if x-before <= after-x {
		return i - 1
	}
	return i
}

// box is a range of both axes.
type box struct{ x0, x1, y0, y1 float64 }

// nowhere is the box that encloses nothing.
func nowhere() box {
	return box{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
}

func (b box) empty() bool { return b.x0 > b.x1 || b.y0 > b.y1 }

// enclose widens b by the points of s whose x lies in [lo, hi], which must be
// finite, and whose y is above floor; and by the ends of a segment that crosses
// this range without a point inside.
func (b *box) enclose(s *Series, lo, hi, floor float64) {
	if s.Data != nil {
		b.encloseData(s.Data, lo, hi, floor)
		return
	}
	for i, n := 0, s.len(); i < n; i++ {
		i = b.inside(s, i, n, lo, hi, floor)
		if i == 0 || i >= n {
			continue
		}
		b.cross(s, i, lo, hi, floor)
	}
}

// cross widens b where the segment to point i crosses [lo, hi].
func (b *box) cross(s *Series, i int, lo, hi, floor float64) {
	x0, y0, ok0 := s.at(i - 1)
	x1, y1, ok1 := s.at(i)
	if ok0 && ok1 && x0 < lo && x1 > hi && y0 > floor && y1 > floor {
		b.add(lo, y0)
		b.add(hi, y1)
	}
}

// encloseData is enclose for a pyramid.
func (b *box) encloseData(p *Pyramid, lo, hi, floor float64) {
	n := p.Len()
	i := p.search(0, n/2, lo)
	j := p.search(i, (n-i)/2, math.Nextafter(hi, math.Inf(1)))
	if i == j {
		if i > 0 && i < n {
			b.cross(&Series{Data: p}, i, lo, hi, floor)
		}
		return
	}
	first, last := p.after(i, j, floor), p.before(j, floor)
	if first >= j || last < i {
		return
	}
	least, greatest := p.above(first, last+1, floor)
	b.add(p.xs.at(first), least)
	b.add(p.xs.at(last), greatest)
}

// inside widens b by the points from i on as long as they lie in [lo, hi] and
// above floor, and gives the index of the first that does not. Nearly all points
// of a long series pass here, so it compares and does nothing else.
func (b *box) inside(s *Series, i, n int, lo, hi, floor float64) int {
	if !s.sliced() {
		for ; i < n; i++ {
			x, y, ok := s.at(i)
			if !ok || x < lo || x > hi || y <= floor {
				break
			}
			b.add(x, y)
		}
		return i
	}
	c, xs, ys := *b, s.X[:n], s.Y[:n]
	for ; i < len(xs) && i < len(ys); i++ {
		x, y := xs[i], ys[i]
		if !(x >= lo && x <= hi && y > floor) || y-y != 0 {
			break
		}
		c.add(x, y)
	}
	*b = c
	return i
}

// add widens b by one point.
func (b *box) add(x, y float64) {
	if x < b.x0 {
		b.x0 = x
	}
	if x > b.x1 {
		b.x1 = x
	}
	if y < b.y0 {
		b.y0 = y
	}
	if y > b.y1 {
		b.y1 = y
	}
}

// encloseMore widens b by the band and the ghosts of s, on the axis a. The band
// of a rate counts within 0 and 1 only: an interval may reach beyond.
func (b *box) encloseMore(s *Series, lo, hi float64, a *Axis) {
	floor := a.floor()
	for i := range min(len(s.Low), len(s.High), s.len()) {
		x, _, _ := s.at(i)
		if !(x >= lo && x <= hi) {
			continue
		}
		for _, y := range [...]float64{s.Low[i], s.High[i]} {
			if a.Rate {
				y = min(max(y, 0), 1)
			}
			if above(y, floor) {
				b.add(x, y)
			}
		}
	}
	for _, g := range s.Ghosts {
		b.enclose(&Series{X: g.X, Y: g.Y}, lo, hi, floor)
	}
}
