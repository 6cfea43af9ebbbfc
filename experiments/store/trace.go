package store

import "math"

// trace is one metric of a trail: what the piece has of it, and what is remembered of
// all that was given.
type trace struct {
	column Column
	given  bool    // there are points
	last   float64 // no point that was given has a greater step
	thin   Series  // the points that were given, for ghosts

	packedRows int // of the attempt that is read, those taken from points.pack
}

// take adds what was read next.
func (t *trace) take(r *rows) {
	n := len(r.steps)
	if n == 0 {
		return
	}
	if r.unordered || t.given && r.steps[0] <= t.last {
		for i, step := range r.steps {
			t.cut(step, false)
			t.extend(&rows{steps: r.steps[i : i+1], values: r.values[i : i+1], times: r.times[i : i+1]})
		}
		return
	}
	t.extend(r)
}

// extend adds points with ascending steps that are behind all others.
func (t *trace) extend(r *rows) {
	c := &t.column
	c.Steps, c.Values, c.Times = append(c.Steps, r.steps...), append(c.Values, r.values...), append(c.Times, r.times...)
	t.given, t.last = true, r.steps[len(r.steps)-1]
	t.thin.extend(r)
}

// cut drops all points from step on; what a later attempt does again may stay as a
// ghost.
func (t *trace) cut(step float64, ghost bool) {
	if !t.given || step > t.last {
		return
	}
	t.thin.cut(step, ghost)
	if n := len(t.thin.Ghosts); n > 0 {
		t.column.Ghost, t.thin.Ghosts = t.thin.Ghosts[n-1], nil
	}
	c := &t.column
	i := len(c.Steps)
	for i > 0 && c.Steps[i-1] >= step {
		i--
	}
	if i == 0 {
		c.Cut = min(c.Cut, step)
	}
	c.Steps, c.Values, c.Times = c.Steps[:i], c.Values[:i], c.Times[:i]
	t.last = math.Nextafter(step, math.Inf(-1)) // which one is left is not remembered
}

// extend adds many points at once, with ascending steps that are behind all others.
func (s *Series) extend(r *rows) {
	from := len(s.Steps)
	s.Steps, s.Values, s.Times = append(s.Steps, r.steps...), append(s.Values, r.values...), append(s.Times, r.times...)
	if s.Width > 0 {
		for from > 0 && s.bucket(from-1) == s.bucket(from) {
			from--
		}
		s.compact(from)
	}
	if len(s.Steps) > maxPoints {
		s.thin(maxPoints - maxPoints/4)
	}
}
