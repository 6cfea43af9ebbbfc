package chart

import "math"

// huge is the largest magnitude that an axis reaches, so that no difference of
// two bounds overflows; tiny is the least span, so that no quotient does.
const (
	huge = 1e300
	tiny = 1e-290
)

// spans reports whether lo and hi can be the ends of an axis: apart by enough
// that round numbers between them can be told apart in a float64.
func spans(lo, hi float64) bool {
	size := max(math.Abs(lo), math.Abs(hi)) // NaN if either is
	return lo < hi && size <= huge && hi-lo >= max(tiny, size*1e-12)
}

// step is a round distance, m times ten to the e with m one of 1, 2, 2.5, 5.
// Keeping the exponent apart gives multiples that print as they should: 3 times
// 0.1 is 0.3 and not 0.30000000000000004.
type step struct {
	m float64
	e int
}

func (s step) times(k float64) float64 {
	if s.e < 0 {
		return k * s.m / math.Pow10(-s.e)
	}
	return k * s.m * math.Pow10(s.e)
}

func (s step) next() step {
	switch s.m {
	case 1:
		return step{2, s.e}
	case 2:
		return step{2.5, s.e}
	case 2.5:
		return step{5, s.e}
	default:
		return step{1, s.e + 1}
	}
}

// decimals is the number of digits after the point that a multiple of s has.
func (s step) decimals() int {
	if s.m != math.Trunc(s.m) {
		return max(0, 1-s.e)
	}
	return max(0, -s.e)
}

// slack is how far, in steps, a bound may miss a multiple and still count as
// one: bounds come from arithmetic.
const slack = 1e-9

// within gives the first and last multiple of s in [lo, hi], as counts.
func (s step) within(lo, hi float64) (first, last float64) {
	d := s.times(1)
	return math.Ceil(lo/d - slack), math.Floor(hi/d + slack)
}

// around gives the multiples of s that enclose [lo, hi], as counts.
func (s step) around(lo, hi float64) (first, last float64) {
	d := s.times(1)
	return math.Floor(lo/d + slack), math.Ceil(hi/d - slack)
}

// finest is a step of which no more than n fit into span, and usually a much
// finer one: where a search starts.
func finest(span float64, n int) step {
	return step{1, int(math.Floor(math.Log10(span/float64(n)))) - 1}
}

// Ticks gives at most n round numbers in [lo, hi] at equal distances of 1, 2,
// 2.5 or 5 times a power of ten, as dense as n allows. It gives nil where the
// range is empty, not finite, or narrower than a float64 can divide, or n is
// below 1.
func Ticks(lo, hi float64, n int) []float64 {
	s, ok := tickStep(lo, hi, n)
	if !ok {
		return nil
	}
	first, last := s.within(lo, hi)
	var t []float64
	for i := range int(last-first) + 1 {
		t = append(t, s.times(first+float64(i))+0) // +0 makes a negative zero positive
	}
	return t
}

// tickStep is the step of Ticks.
func tickStep(lo, hi float64, n int) (step, bool) {
	if n < 1 || !spans(lo, hi) {
		return step{}, false
	}
	s := finest(hi-lo, n)
	for {
		first, last := s.within(lo, hi)
		if last-first < float64(n) {
			return s, true
		}
		s = s.next()
	}
}

// toEnds is the densest step of at most n ticks from s on that has both bounds
// among its multiples, since a labelled end says more than one label in
// between; s if there is none. It may take steps that are less round.
func (s step) toEnds(lo, hi float64, n int) step {
	for e := s.e; e <= s.e+2; e++ {
		for _, m := range [...]float64{1, 1.5, 2, 2.5, 3, 4, 5} {
			t := step{m, e}
			first, last := t.within(lo, hi)
			outer, end := t.around(lo, hi)
			if t.times(1) >= s.times(1) && first == outer && last == end && first < last && last-first < float64(n) {
				return t
			}
		}
	}
	return s
}

// intervals is the most steps that an automatic axis has.
const intervals = 5

// snap widens [lo, hi] to multiples of a round step, of at most intervals
// steps, and wastes as little as it can. Both bounds must be finite.
func snap(lo, hi float64) (float64, float64) {
	lo, hi = widen(lo, hi)
	s := finest(hi-lo, intervals)
	bestLo, bestHi := math.Inf(-1), math.Inf(1)
	for range 12 { // three decades: beyond, a step exceeds the span
		first, last := s.around(lo, hi)
		if last-first <= intervals && s.times(last)-s.times(first) < (bestHi-bestLo)*(1-slack) {
			bestLo, bestHi = s.times(first)+0, s.times(last)+0
		}
		s = s.next()
	}
	return bestLo, bestHi
}

// widen makes a range of at least a millionth of its magnitude, so that a
// constant has an axis, too.
func widen(lo, hi float64) (float64, float64) {
	lo, hi = between(lo, -huge, huge), between(hi, -huge, huge)
	size := max(math.Abs(lo), math.Abs(hi))
	switch {
	case hi-lo >= size*1e-6 && hi-lo >= 1e-280:
		return lo, hi
	case size < 1e-280:
		return 0, 1
	default:
		return lo - size/10, hi + size/10
	}
}
