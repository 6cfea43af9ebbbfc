package report

import (
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// Contenders are the places of a matrix that may be the best one. Each place is some
// cells of a plan, which count by their mean.
type Contenders struct {
	Best   int            // the place with the best mean of runs that are done; -1: none has one
	Behind map[int]Behind // the others that have a mean, by place
	Family int            // of them, those that can be tested
	Means  []Interval     // of all places, as a comparison has them
	Worth  string         // of further solutions beside new tasks: "gamma 0.44 [0.42, 0.48]: ..."; "": not known
}

// Behind is a place less the best one.
type Behind struct {
	Contrast
	Apart bool // told apart: it is not the best
}

// Near is how many places besides the best one cannot be told apart from it.
func (c Contenders) Near() (n int) {
	for _, b := range c.Behind {
		if !b.Apart {
			n++
		}
	}
	return n
}

// BestSet tests every place of a matrix against the one with the best mean, and adjusts
// for all of these tests (Holm 1979): what is not told apart may be the best. Which one
// is ahead was seen in the same runs, so the others are, if anything, told apart too
// seldom from a best one that is lucky. Runs that somebody distrusts count in nothing.
// It reads what became of single tasks, which takes a while.
func BestSet(s *store.Store, p *experiments.Plan, records []store.Record, metric string, places [][]int) (Contenders, error) {
	none := Contenders{Best: -1}
	records, _, err := trusted(s, p, records)
	if err != nil {
		return none, err
	}
	of := Comparison{Sides: []Side{{Plan: p}}}
	e := contest{newEvidence(NewComparer(s), p, records), metric, of.goalOf(metric)}
	out := e.best(places)
	if out.Means, err = e.means(places); err != nil || out.Best < 0 {
		return out, err
	}
	if out.Worth, err = e.worth(); err != nil {
		return none, err
	}
	var order []int
	var ps []float64
	for at, cells := range places {
		if at == out.Best || math.IsNaN(e.mean(cells)) {
			continue
		}
		x, err := e.against(places[out.Best], cells)
		if err != nil {
			return none, err
		}
		b := Behind{Contrast: x}
		order, ps = append(order, at), append(ps, b.p())
		out.Behind[at] = b
	}
	for i, adjusted := range stats.Holm(ps) {
		b := out.Behind[order[i]]
		b.PHolm = adjusted
		b.Apart = adjusted < alpha && b.side() < 0
		if !math.IsNaN(adjusted) {
			out.Family++
		}
		out.Behind[order[i]] = b
	}
	for at, b := range out.Behind {
		b.Family = out.Family
		out.Behind[at] = b
	}
	return out, nil
}

// contest is the evidence on which place is the best in a metric.
type contest struct {
	*evidence
	metric, goal string
}

// best is the place with the best mean, the first of several; none where nobody says
// which values are better.
func (e contest) best(places [][]int) Contenders {
	out := Contenders{Best: -1, Behind: map[int]Behind{}}
	best := math.NaN()
	for at, cells := range places {
		switch m := e.mean(cells); {
		case e.goal == "" || math.IsNaN(m):
		case math.IsNaN(best), e.goal == experiments.Max && m > best, e.goal == experiments.Min && m < best:
			out.Best, best = at, m
		}
	}
	return out
}

// mean is that of the means of those cells that have one; NaN: none has, or one has too
// few samples for the metric.
func (e contest) mean(cells []int) float64 {
	var means []float64
	for _, c := range cells {
		if TooFew(e.metric, e.plan.Cells[c].Params) {
			return math.NaN()
		}
		if values := e.values(c, e.metric); len(values) > 0 {
			means = append(means, stats.Mean(values))
		}
	}
	return stats.Mean(means)
}

// units are the cells with their runs.
func (e contest) units() []*Unit {
	units := planUnits(e.plan)
	for _, u := range units {
		u.take(e.runs)
	}
	return units
}

// worth is what further solutions of a task are worth beside new tasks, in words; ""
// where that is not known, or further axes change along.
func (e contest) worth() (string, error) {
	if len(e.plan.Axes) != 2 {
		return "", nil
	}
	d, err := e.comparer.diversity(Side{Plan: e.plan, Units: e.units()}, e.metric, e.goal)
	if d == nil || d.Unknown != "" || err != nil {
		return "", err
	}
	return d.Words(), nil
}

// means are those of all places, with the intervals that a comparison gives.
func (e contest) means(places [][]int) ([]Interval, error) {
	units := e.units()
	out := make([]Interval, len(places))
	for at, cells := range places {
		var err error
		if len(cells) == 1 {
			out[at], err = e.comparer.mean(units[cells[0]], e.metric)
		} else {
			out[at], err = e.together(cells)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// together is the mean of several cells, with the interval over the seeds that all of
// them have.
func (e contest) together(cells []int) (Interval, error) {
	out := Interval{Effect: noEffect()}
	if out.Mean = e.mean(cells); math.IsNaN(out.Mean) || e.plan.Recipe == experiments.Imported {
		return out, nil // seeds of what was made elsewhere are counted, and pair nothing
	}
	x, err := e.against(nil, cells)
	if err != nil {
		return out, err
	}
	mean, half := out.Mean, (x.Hi-x.Lo)/2
	out.Effect = x.Effect
	out.Mean, out.Lo, out.Hi = mean, mean-half, mean+half // the mean is over all seeds of each
	if IsRate(e.metric) {
		out.Lo, out.Hi = max(0, out.Lo), min(1, out.Hi)
	}
	return out, nil
}

// against is a place less the best one, over the seeds that all cells of both have; less
// nothing where there is no best one.
func (e contest) against(best, place []int) (Contrast, error) {
	x := Contrast{Metric: e.metric, Goal: e.goal, Effect: noEffect()}
	weights := make([]float64, len(e.plan.Cells))
	for _, c := range best {
		weights[c] -= 1 / float64(len(best))
	}
	for _, c := range place {
		weights[c] += 1 / float64(len(place))
	}
	seeds := slices.DeleteFunc(slices.Clone(e.plan.Seeds), func(seed int64) bool {
		for c, w := range weights {
			if r, done := e.run(c, seed); w != 0 && !(done && reports(r, e.metric)) {
				return true
			}
		}
		return false
	})
	if len(seeds) == 0 {
		return x, nil
	}
	var err error
	x.Pairing, x.SeedsA, x.SeedsB = bySeed, len(seeds), len(seeds)
	x.Effect, err = e.effect(experiments.Finding{Metric: e.metric}, weights, seeds)
	return x, err
}

// Size is the difference with its interval: "-29.7 points [-35.1, -24.3]".
func (b Behind) Size() string {
	if math.IsNaN(b.Lo) {
		return b.Amount(b.Mean)
	}
	return b.Amount(b.Mean) + " " + b.bracketed(b.Lo, b.Hi)
}

// Sees is the least difference that the runs would find in 80 of 100 cases: "7.2"; ""
// where nothing tells of the spread.
func (b Behind) Sees() string {
	if math.IsNaN(b.MDE()) {
		return ""
	}
	return b.number(b.MDE())
}
