package chart

import "math"

// scale maps one axis onto dots. The centre of dot i is i + 0.5; the first dot
// is lo and the last hi, or the other way round for an axis that points up.
type scale struct {
	lo, hi float64
	log    bool
	floor  float64 // every value on the axis exceeds it
	u0, k  float64 // first end and dots a unit, in decades on a log axis
}

func newScale(a *Axis, lo, hi float64, dots int, up bool) scale {
	s := scale{lo: lo, hi: hi, log: a.Log, floor: a.floor()}
	first, last := s.unit(lo), s.unit(hi)
	if up {
		first, last = last, first
	}
	s.u0, s.k = first, float64(dots-1)/(last-first)
	return s
}

// unit is v as it is measured along the axis; -Inf for what a log axis does not
// have.
func (s *scale) unit(v float64) float64 {
	switch {
	case !s.log:
		return v
	case v > 0:
		return math.Log10(v)
	default:
		return math.Inf(-1)
	}
}

// dot is where v lies; it may be beyond the plot, or NaN or infinite.
func (s *scale) dot(v float64) float64 { return (s.unit(v)-s.u0)*s.k + 0.5 }

// value is what lies at a dot.
func (s *scale) value(dot float64) float64 {
	u := s.u0
	if s.k != 0 {
		u += (dot - 0.5) / s.k
	}
	if s.log {
		return math.Pow(10, u)
	}
	return u
}

// has reports whether v is on the axis.
func (s *scale) has(v float64) bool { return v >= s.lo && v <= s.hi }
