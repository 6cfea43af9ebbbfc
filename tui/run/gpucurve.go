package run

import (
	"fmt"
	"math"
	"sort"

	"ablate/tui/chart"
)

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

// curve returns chart i's curve of a metric of the GPUs over the x of the points:
// from the run's first point on, since before it there is no step, and up to its
// last one. A later attempt replaces an earlier one as it does in any metric.
func (g *gpus) curve(q *points, i, metric int) *chart.Pyramid {
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

// line is what chart i shows of a metric of the GPUs.
func (g *gpus) line(c *curves, i, metric int, line chart.Line) chart.Line {
	q := c.shown
	line.Y.Zero = true
	if q == nil || q.names[i] != gpuMetrics[metric].name || !c.whole && len(q.clocks) == 0 {
		line.Empty = "reading the points"
		return line
	}
	data := g.curve(q, i, metric)
	if data.Len() == 0 {
		line.Empty = "no reading between the first and the last point"
		return line
	}
	line.Series = []chart.Series{{Data: data, Color: chart.Categorical(i)}}
	switch n := g.count; {
	case !g.whole:
		line.Note = "reading"
	case n > 1 && gpuMetrics[metric].name == gpuEnergy:
		line.Note = fmt.Sprintf("%d GPUs", n)
	case n > 1:
		line.Note = fmt.Sprintf("mean of %d GPUs", n)
	}
	return line
}
