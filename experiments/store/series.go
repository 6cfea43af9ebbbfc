package store

import (
	"slices"
	"sort"
)

// Series is one metric of one run: steps ascending, one value each.
type Series struct {
	Steps  []float64
	Values []float64
	Times  []float64 // seconds since 1970
	Ghosts []Ghost   // what a later attempt did again
}

// Ghost is an older segment that a later attempt replaced.
type Ghost struct{ Steps, Values []float64 }

// Add appends a value. A step at or before the last one replaces what stood from
// there on.
func (s *Series) Add(step, value, time float64) {
	s.cut(step, false)
	s.Steps, s.Values, s.Times = append(s.Steps, step), append(s.Values, value), append(s.Times, time)
}

// cut ends the series before step; what is cut off may stay as a ghost.
func (s *Series) cut(step float64, ghost bool) {
	n := len(s.Steps)
	if n == 0 || step > s.Steps[n-1] {
		return
	}
	i := sort.SearchFloat64s(s.Steps, step)
	if ghost {
		s.Ghosts = append(s.Ghosts, Ghost{Steps: slices.Clone(s.Steps[i:]), Values: slices.Clone(s.Values[i:])})
	}
	s.Steps, s.Values, s.Times = s.Steps[:i], s.Values[:i], s.Times[:i]
}

// Last returns the newest value; ok is false if there is none.
func (s *Series) Last() (value float64, ok bool) {
	if s == nil || len(s.Values) == 0 {
		return 0, false
	}
	return s.Values[len(s.Values)-1], true
}
