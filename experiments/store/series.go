package store

import (
	"math"
	"slices"
	"sort"
)

// maxPoints bounds a series and, apart from it, all of its ghosts.
const maxPoints = 1024

// Series is one metric of one run: steps ascending, one value each. A long one is
// thinned, so that neither its memory nor its drawing grows with the run: of its
// points in every bucket of Width steps, [k*Width, (k+1)*Width), those with the
// least and the greatest value stay, the first that is no finite number, and the
// last. All that stay are points of the run, the very first and the last of them
// among them.
type Series struct {
	Steps  []float64 // finite
	Values []float64
	Times  []float64 // seconds since 1970
	Ghosts []Ghost   // what a later attempt did again, oldest first
	Width  float64   // a power of two; 0 as long as no point was left out
}

// Ghost is an older segment that a later attempt replaced.
type Ghost struct{ Steps, Values []float64 }

// Add appends a value. A step at or before the last one replaces what stood from
// there on.
func (s *Series) Add(step, value, time float64) { s.add(step, value, time, maxPoints) }

// add is Add for a series of at most limit points, 16 or more.
func (s *Series) add(step, value, time float64, limit int) {
	s.cut(step, false)
	s.Steps, s.Values, s.Times = append(s.Steps, step), append(s.Values, value), append(s.Times, time)
	if s.Width > 0 {
		first := len(s.Steps) - 1
		for first > 0 && s.bucket(first-1) == s.bucket(first) {
			first--
		}
		s.compact(first)
	}
	if len(s.Steps) > limit {
		s.thin(limit - limit/4) // with room for as many more as make the work worth it
	}
}

// thin leaves out points until at most n are left, 12 or more. Doubled buckets
// end where every other one ended, so series of equal steps have ends in common
// whatever their widths.
func (s *Series) thin(n int) {
	for len(s.Steps) > n {
		s.Width = max(2*s.Width, 2)
		s.compact(0)
	}
}

// bucket tells the buckets of points apart.
func (s *Series) bucket(i int) float64 { return math.Floor(s.Steps[i] / s.Width) }

// End reports whether point i is the last one of its bucket. Series of equal steps
// have the same ends but for the last of a run that goes on.
func (s *Series) End(i int) bool {
	return s.Width == 0 || i == len(s.Steps)-1 || s.bucket(i) != s.bucket(i+1)
}

// compact leaves out what need not stay of the buckets from point first on.
func (s *Series) compact(first int) {
	to := first
	for from := first; from < len(s.Steps); {
		end := from + 1
		for end < len(s.Steps) && s.bucket(end) == s.bucket(from) {
			end++
		}
		least, greatest, odd := s.extremes(from, end)
		for i := from; i < end; i++ {
			if i == 0 || i == least || i == greatest || i == odd || i == end-1 {
				s.Steps[to], s.Values[to], s.Times[to] = s.Steps[i], s.Values[i], s.Times[i]
				to++
			}
		}
		from = end
	}
	s.Steps, s.Values, s.Times = s.Steps[:to], s.Values[:to], s.Times[:to]
}

// extremes are the points with the least and the greatest value of those from
// first to before end, and the first that is no finite number; -1 for none.
func (s *Series) extremes(first, end int) (least, greatest, odd int) {
	least, greatest, odd = -1, -1, -1
	for i := first; i < end; i++ {
		v := s.Values[i]
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if odd < 0 {
				odd = i
			}
			continue
		}
		if least < 0 || v < s.Values[least] {
			least = i
		}
		if greatest < 0 || v > s.Values[greatest] {
			greatest = i
		}
	}
	return least, greatest, odd
}

// cut ends the series before step; what is cut off may stay as a ghost. Of a
// thinned one the last point before step need not be there.
func (s *Series) cut(step float64, ghost bool) {
	n := len(s.Steps)
	if n == 0 || step > s.Steps[n-1] {
		return
	}
	i := sort.SearchFloat64s(s.Steps, step)
	if ghost {
		s.haunt(Ghost{Steps: slices.Clone(s.Steps[i:]), Values: slices.Clone(s.Values[i:])})
	}
	s.Steps, s.Values, s.Times = s.Steps[:i], s.Values[:i], s.Times[:i]
	if i == 0 {
		s.Width = 0
	}
}

// haunt adds a ghost; the oldest ones go where all have too many points.
func (s *Series) haunt(g Ghost) {
	s.Ghosts = append(s.Ghosts, g)
	n := 0
	for i, g := range slices.Backward(s.Ghosts) {
		if n += len(g.Steps); n > maxPoints && i < len(s.Ghosts)-1 {
			s.Ghosts = slices.Clone(s.Ghosts[i+1:])
			return
		}
	}
}

// Last returns the newest value; ok is false if there is none.
func (s *Series) Last() (value float64, ok bool) {
	if s == nil || len(s.Values) == 0 {
		return 0, false
	}
	return s.Values[len(s.Values)-1], true
}

// clone shares no memory that Add and cut change.
func (s *Series) clone() *Series {
	return &Series{
		Steps: slices.Clone(s.Steps), Values: slices.Clone(s.Values), Times: slices.Clone(s.Times),
		Ghosts: slices.Clip(s.Ghosts), Width: s.Width,
	}
}
