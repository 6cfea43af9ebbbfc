package lab

import (
	"math"
	"sort"

	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/chart"
)

// bandOf is what the seeds spread over at the steps of their mean: 95 % of three
// and more, from the least to the greatest of two. Where a series was thinned it
// has no value at some steps; there is no band there.
func (c *curves) bandOf(runs []*store.Series, steps []float64) (low, high []float64, what string) {
	n := len(runs)
	if n < 2 {
		return nil, nil, ""
	}
	what = "95 % over seeds"
	if n < enough {
		what = "least to greatest"
	}
	width := c.study.width(n)
	at := make([]int, n)
	low, high = make([]float64, len(steps)), make([]float64, len(steps))
	values := make([]float64, n)
	for i, step := range steps {
		low[i], high[i] = math.NaN(), math.NaN()
		found := 0
		for k, r := range runs {
			for at[k] < len(r.Steps) && r.Steps[at[k]] < step {
				at[k]++
			}
			if at[k] < len(r.Steps) && r.Steps[at[k]] == step {
				values[found] = r.Values[at[k]]
				found++
			}
		}
		switch {
		case found < n:
		case n < enough:
			low[i], high[i] = min(values[0], values[1]), max(values[0], values[1])
		default:
			mean, half := stats.Mean(values), width*stats.SD(values)
			low[i], high[i] = mean-half, mean+half
		}
	}
	return low, high, what
}

// width is half of a 95 % interval over n values, enough or more, whose standard
// deviation is 1. It is that of values that have it, worked out once.
func (s *study) width(n int) float64 {
	w, ok := s.widths[n]
	if !ok && n >= enough {
		x := make([]float64, n)
		x[0] = 1
		e := stats.OverSeeds(x)
		w = (e.Hi - e.Mean) / stats.SD(x)
		s.widths[n] = w
	}
	return w
}

// xs are what the x axis of a chart can count, as far as the runs know it.
func (s *study) xs() []string {
	list := []string{"step"}
	for name, metric := range map[string]string{"epoch": epochs, "tokens": tokens} {
		if i := sort.SearchStrings(s.metrics, metric); i < len(s.metrics) && s.metrics[i] == metric {
			list = append(list, name)
		}
	}
	sort.Strings(list[1:])
	if s.timed() {
		list = append(list, "time")
	}
	return list
}

// timed reports whether any point says when it was made.
func (s *study) timed() bool {
	for _, h := range s.histories {
		for _, points := range h.Series {
			if n := len(points.Times); n > 0 && points.Times[n-1] > 0 {
				return true
			}
		}
	}
	return false
}

// The metrics that tell how far a run was in something else than steps.
const (
	epochs = "train/epoch"
	tokens = "tokens"
)

// xMetric is the metric behind an x axis; "" for none.
func xMetric(x string) string {
	return map[string]string{"epoch": epochs, "tokens": tokens}[x]
}

// axis is the x axis of every chart, so that charts under each other agree: steps
// go from 0 to the last one that any run is planned to reach, or has reached.
func (c *curves) axis(x string) chart.Axis {
	switch x {
	case "epoch", "tokens":
		return chart.Axis{Label: x}
	case "time":
		return chart.Axis{Label: "time", Unit: chart.Seconds}
	}
	end := 1.0
	for id, h := range c.study.histories {
		if !c.study.planned(id) && len(c.marked) == 0 {
			continue
		}
		if v, ok := h.Series["train/total_steps"].Last(); ok && v > end {
			end = v
		}
		end = max(end, float64(h.Last))
	}
	return chart.Axis{Label: "step", Min: 0, Max: end}
}

// along puts steps of some runs on an x axis: of several at the mean of where they
// were then.
func (c *curves) along(x string, ids []string, steps []float64) []float64 {
	if x == "" || x == "step" {
		return steps
	}
	out := make([]float64, len(steps))
	for i, step := range steps {
		sum, n := 0.0, 0.0
		for _, id := range ids {
			if v := c.at(x, id, step); v == v {
				sum, n = sum+v, n+1
			}
		}
		out[i] = sum / n // NaN where none knows
	}
	return out
}

// at is how far a run was at a step, in another measure; NaN where it does not say.
func (c *curves) at(x, id string, step float64) float64 {
	h := c.study.history(id)
	s := h.Series[xMetric(x)]
	if x == "time" {
		if s = h.Series[c.study.courseMetric()]; s == nil {
			objective, _ := c.study.objective()
			s = h.Series[objective]
		}
	}
	if s == nil || len(s.Steps) == 0 {
		return math.NaN()
	}
	if x == "time" {
		return between(s.Steps, s.Times, step) - s.Times[0]
	}
	return between(s.Steps, s.Values, step)
}

// between is y at x, straight between two points; outside it is what the nearest
// one has.
func between(xs, ys []float64, x float64) float64 {
	i := sort.SearchFloat64s(xs, x)
	switch {
	case i == 0:
		return ys[0]
	case i == len(xs):
		return ys[len(ys)-1]
	}
	share := (x - xs[i-1]) / (xs[i] - xs[i-1])
	return ys[i-1] + share*(ys[i]-ys[i-1])
}
