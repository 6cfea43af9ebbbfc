package stats

import (
	"cmp"
	"math"
	"slices"
)

// simplex is that of Nelder & Mead 1965: one corner more than there are dimensions,
// of which the worst moves. How far it moves follows the number of dimensions (Gao &
// Han 2012).
type simplex struct {
	corners        []corner // the lowest first
	center         []float64
	trial, further []float64
}

type corner struct {
	at    []float64
	value float64
}

func newSimplex(f func([]float64) float64, start []float64, size float64) *simplex {
	n := len(start)
	s := &simplex{center: make([]float64, n), trial: make([]float64, n), further: make([]float64, n)}
	for i := range n + 1 {
		at := slices.Clone(start)
		if i > 0 {
			at[i-1] += size
		}
		s.corners = append(s.corners, corner{at, f(at)})
	}
	return s
}

func (s *simplex) sort() {
	slices.SortStableFunc(s.corners, func(a, b corner) int { return cmp.Compare(a.value, b.value) })
}

// small reports whether all corners are close to the lowest.
func (s *simplex) small() bool {
	for _, c := range s.corners[1:] {
		for i, x := range c.at {
			if math.Abs(x-s.corners[0].at[i]) > 1e-5*(1+math.Abs(x)) {
				return false
			}
		}
	}
	return true
}

// step moves the worst corner of sorted ones, or all of them towards the lowest.
func (s *simplex) step(f func([]float64) float64) {
	n := len(s.center)
	dim := float64(n)
	worst := &s.corners[n]
	for i := range s.center {
		s.center[i] = 0
		for _, c := range s.corners[:n] {
			s.center[i] += c.at[i] / dim
		}
	}
	value := s.towards(f, s.trial, -1)
	switch {
	case value < s.corners[0].value:
		if more := s.towards(f, s.further, -(1 + 2/dim)); more < value {
			s.trial, s.further, value = s.further, s.trial, more
		}
	case value < s.corners[n-1].value:
	default:
		by := 0.75 - 1/(2*dim)
		if value < worst.value {
			by = -by
		}
		if less := s.towards(f, s.further, by); less < min(value, worst.value) {
			s.trial, s.further, value = s.further, s.trial, less
			break
		}
		s.shrink(f, max(0.5, 1-1/dim))
		return
	}
	worst.at, s.trial, worst.value = s.trial, worst.at, value
}

// towards goes from the middle of the others a share of the way to the worst corner,
// away from it where that is below 0.
func (s *simplex) towards(f func([]float64) float64, at []float64, share float64) float64 {
	for i, c := range s.center {
		at[i] = c + share*(s.corners[len(s.center)].at[i]-c)
	}
	return f(at)
}

func (s *simplex) shrink(f func([]float64) float64, by float64) {
	low := s.corners[0].at
	for k := range s.corners[1:] {
		c := &s.corners[k+1]
		for i := range c.at {
			c.at[i] = low[i] + by*(c.at[i]-low[i])
		}
		c.value = f(c.at)
	}
}
