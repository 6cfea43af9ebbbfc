package run

import (
	"fmt"
	"math"
	"sort"

	"ablate/experiments/store"
	"ablate/tui/chart"
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

// gpuCurve is a metric of the GPUs as a chart shows it.
type gpuCurve struct {
	of   gpuDrawn
	data *chart.Pyramid
}

// gpuDrawn is all that a gpuCurve is made of.
type gpuDrawn struct {
	points      *points
	metric      int
	made, ticks int
}

// gpuCurve returns chart i's curve of a metric of the GPUs over the x of the points:
// from the run's first point on, since before it there is no step, and up to its
// last one. A later attempt replaces an earlier one as it does in any metric.
func (p *Page) gpuCurve(i, metric int) *chart.Pyramid {
	g, q := &p.gpus, p.curves.shown
	c, of := &g.curves[i], gpuDrawn{q, metric, g.made, q.ticks}
	if c.of == of {
		return c.data
	}
	c.of, c.data = of, &chart.Pyramid{}
	hint := 0
	for _, r := range g.all {
		var x float64
		if x, hint = q.when(r, g.all[0].time, hint); x != x {
			continue
		}
		if n := c.data.Len(); n > 0 {
			if last, _ := c.data.At(n - 1); x < last && q.x != byTime {
				c.data.Cut(x)
			} else {
				x = max(x, last) // a clock may have been set back
			}
		}
		c.data.Append(x, r.values[metric])
	}
	return c.data
}

// when is where on the x axis a reading stands, NaN for nowhere. first is the time of
// the first reading, from which on time is counted where the run wrote no point; hint
// is handed from one call to the next.
func (q *points) when(r reading, first float64, hint int) (x float64, next int) {
	if q.timed() {
		if q.begin > 0 {
			first = q.begin
		}
		if r.time < first {
			return math.NaN(), hint
		}
		return r.time - first, hint
	}
	i := sort.Search(len(q.clocks), func(i int) bool { return q.clocks[i].attempt >= r.attempt })
	if i == len(q.clocks) || q.clocks[i].attempt != r.attempt {
		return math.NaN(), hint
	}
	step := q.clocks[i].at(r.time)
	if step != step || measure(q.x) == "" {
		return step, hint
	}
	if hint < len(q.at) && q.at[hint] > step {
		hint = 0
	}
	return q.measuredAt(step, hint)
}

// timed reports whether x is the time: also where there is no point to tell a step.
func (q *points) timed() bool { return q.x == byTime || len(q.clocks) == 0 }

// gpuLine is what chart i shows of a metric of the GPUs.
func (p *Page) gpuLine(i, metric int, line chart.Line) chart.Line {
	q := p.curves.shown
	line.Y.Zero = true
	if q == nil || q.names[i] != gpuMetrics[metric].name || !p.curves.whole && len(q.clocks) == 0 {
		line.Empty = "reading the points"
		return line
	}
	data := p.gpuCurve(i, metric)
	if data.Len() == 0 {
		line.Empty = "no reading between the first and the last point"
		return line
	}
	line.Series = []chart.Series{{Data: data, Color: chart.Categorical(i)}}
	switch n := p.gpus.count; {
	case !p.gpus.whole:
		line.Note = "reading"
	case n > 1 && gpuMetrics[metric].name == gpuEnergy:
		line.Note = fmt.Sprintf("%d GPUs", n)
	case n > 1:
		line.Note = fmt.Sprintf("mean of %d GPUs", n)
	}
	return line
}
