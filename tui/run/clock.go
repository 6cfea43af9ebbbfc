package run

import (
	"math"
	"sort"

	"ablate/experiments/store"
)

// clock says when an attempt was at which step. Both grow, but for a trainer that
// goes back by itself, whose steps do not.
type clock struct {
	attempt      int
	times, steps []float64
}

// mostTicks bounds a clock: between two of its ticks the pace is taken to be the same.
const mostTicks = 4096

// tick takes from a piece when which step was.
func (q *points) tick(piece store.Piece) {
	var most *store.Column
	for i := range piece.Columns {
		if c := &piece.Columns[i]; most == nil || len(c.Steps) > len(most.Steps) {
			most = c
		}
	}
	if most == nil || len(most.Steps) == 0 {
		return
	}
	q.ticks++
	if n := len(q.clocks); n == 0 || q.clocks[n-1].attempt != piece.Attempt {
		q.clocks = append(q.clocks, clock{attempt: piece.Attempt})
	}
	c := &q.clocks[len(q.clocks)-1]
	for i, at := range most.Times {
		if n := len(c.times); n > 0 && at <= c.times[n-1] {
			continue // a clock was set back, or several steps have one time
		}
		c.times, c.steps = append(c.times, at), append(c.steps, most.Steps[i])
	}
	for len(c.times) > mostTicks {
		c.times, c.steps = everyOther(c.times), everyOther(c.steps)
	}
}

// everyOther leaves out every second value but the last one.
func everyOther(v []float64) []float64 {
	to := 0
	for i := 0; i < len(v); i += 2 {
		v[to] = v[i]
		to++
	}
	if len(v)%2 == 0 {
		v[to-1] = v[len(v)-1]
	}
	return v[:to]
}

// at is the step at a time, between two ticks in proportion; NaN before the first and
// after the last one.
func (c *clock) at(time float64) float64 {
	i := sort.SearchFloat64s(c.times, time)
	switch {
	case i == len(c.times):
		return math.NaN()
	case c.times[i] == time:
		return c.steps[i]
	case i == 0:
		return math.NaN()
	}
	share := (time - c.times[i-1]) / (c.times[i] - c.times[i-1])
	return c.steps[i-1] + share*(c.steps[i]-c.steps[i-1])
}
