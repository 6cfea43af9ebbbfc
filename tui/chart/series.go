package chart

import "math"

// Series is one curve.
type Series struct {
	// Name stands at the curve's end.
	Name string
	// X and Y are the points; X should not decrease. NaN and infinities are
	// gaps. A nil X counts the points from 0; the longer slice is cut.
	X, Y []float64
	// Data is used in place of X and Y if not nil: for long series.
	Data *Pyramid
	// Low and High are a band round Y, such as an interval, drawn faint and under
	// all lines; where either is a gap there is none.
	Low, High []float64
	// Bars draws Low and High as an error bar at each point instead of a band.
	Bars bool
	// Ghosts are earlier attempts' points that a later one made again, drawn thin
	// and under everything.
	Ghosts []Segment
	// Smooth above 0 and below 1 is the weight of an exponential mean, such as
	// 0.9: the mean is drawn in full, and the line itself dim beneath it.
	Smooth float64
	// Goal says which value is the best, for the legend.
	Goal  Goal
	Color Color
	// Dashed is for references: numbers published elsewhere. They are drawn
	// under all others.
	Dashed bool
	// Points marks every point, for curves with few of them; Dots marks them and
	// draws no line.
	Points, Dots bool
}

// Segment is a stretch of points.
type Segment struct{ X, Y []float64 }

// Goal says which values of a series are good.
type Goal uint8

// The goals; the zero Goal names no best value.
const (
	_ Goal = iota
	// Highest is for rates and rewards.
	Highest
	// Lowest is for losses.
	Lowest
)

// len is the number of points.
func (s *Series) len() int {
	if s.Data != nil {
		return s.Data.Len()
	}
	if s.X == nil {
		return len(s.Y)
	}
	return min(len(s.X), len(s.Y))
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

// last is the last point that is no gap.
func (s *Series) last() (x, y float64, ok bool) {
	for i := s.len() - 1; i >= 0; i-- {
		if x, y, ok = s.at(i); ok {
			return x, y, true
		}
	}
	return 0, 0, false
}

// box is a range of both axes.
type box struct{ x0, x1, y0, y1 float64 }

// nowhere is the box that encloses nothing.
func nowhere() box {
	return box{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
}

func (b box) empty() bool { return b.x0 > b.x1 || b.y0 > b.y1 }

// enclose widens b by the points of s whose x lies in [lo, hi], which must be
// finite, and by the ends of a segment that crosses this range without a point
// inside.
func (b *box) enclose(s *Series, lo, hi float64) {
	for i, n := 0, s.len(); i < n; i++ {
		i = b.inside(s, i, n, lo, hi)
		if i == 0 || i >= n {
			continue
		}
		x0, y0, ok0 := s.at(i - 1)
		x1, y1, ok1 := s.at(i)
		if ok0 && ok1 && x0 < lo && x1 > hi {
			b.add(lo, y0)
			b.add(hi, y1)
		}
	}
}

// inside widens b by the points from i on as long as they lie in [lo, hi], and
// gives the index of the first that does not. Nearly all points of a long
// series pass here, so it compares and does nothing else.
func (b *box) inside(s *Series, i, n int, lo, hi float64) int {
	if s.X == nil || s.Data != nil {
		for ; i < n; i++ {
			x, y, ok := s.at(i)
			if !ok || x < lo || x > hi {
				break
			}
			b.add(x, y)
		}
		return i
	}
	c, xs, ys := *b, s.X[:n], s.Y[:n]
	for ; i < len(xs) && i < len(ys); i++ {
		x, y := xs[i], ys[i]
		if !(x >= lo && x <= hi) || y-y != 0 {
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
