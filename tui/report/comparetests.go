package report

import (
	"math"
	"slices"

	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// resampling is the seed of what is drawn, so that a comparison says the same digits on
// every screen.
const resampling = 1

// facing are the runs of two units that stand against each other: by the seeds that both
// have, else, with one run each, those.
func facing(a, b *Unit, metric string) (pa, pb []store.Record) {
	ra, rb := a.having(metric), b.having(metric)
	if pa, pb = pairs(ra, rb); len(pa) > 0 || len(ra) != 1 || len(rb) != 1 {
		return pa, pb
	}
	return ra, rb
}

// outcomes are the scores of runs that face each other, by seed and task.
type outcomes struct {
	ids     []string // of the tasks that all runs have
	a, b    [][]float64
	cluster []int // of each task; nil: each counts by itself
}

// outcomesOf reads them; none where not every run wrote them down.
func (c *Comparer) outcomesOf(pa, pb []store.Record, metric string) (outcomes, error) {
	all, err := c.crossed(slices.Concat(pa, pb), nil, metric)
	if all.of == nil || err != nil {
		return outcomes{}, err
	}
	return outcomes{ids: all.ids, a: all.of[:len(pa)], b: all.of[len(pa):], cluster: all.cluster}, nil
}

// less are the differences of b from a over some tasks, by their places.
func (o outcomes) less(tasks []int) stats.Scores {
	d := scoresOn(o.b, tasks)
	for r := range d {
		for i, t := range tasks {
			d[r][i] = clean(d[r][i] - o.a[r][t])
		}
	}
	return stats.Scores{Of: d, Cluster: o.clusterOn(tasks)}
}

// effect is b less a over some tasks; loose: no seed pairs them.
func (o outcomes) effect(tasks []int, loose bool) stats.Effect {
	if !loose {
		return stats.Crossed(o.less(tasks))
	}
	cluster := o.clusterOn(tasks)
	return stats.Apart(stats.Scores{Of: scoresOn(o.a, tasks), Cluster: cluster}, stats.Scores{Of: scoresOn(o.b, tasks), Cluster: cluster})
}

// scoresOn are the scores of runs on some tasks, as new memory.
func scoresOn(of [][]float64, tasks []int) [][]float64 {
	out := make([][]float64, len(of))
	for r, row := range of {
		out[r] = make([]float64, len(tasks))
		for i, t := range tasks {
			out[r][i] = row[t]
		}
	}
	return out
}

// clusterOn numbers the clusters of some tasks anew.
func (o outcomes) clusterOn(tasks []int) (cluster []int) {
	if o.cluster == nil {
		return nil
	}
	known := map[int]int{}
	for _, t := range tasks {
		if _, ok := known[o.cluster[t]]; !ok {
			known[o.cluster[t]] = len(known)
		}
		cluster = append(cluster, known[o.cluster[t]])
	}
	return cluster
}

// all are the places of all tasks.
func (o outcomes) all() []int {
	tasks := make([]int, len(o.ids))
	for t := range tasks {
		tasks[t] = t
	}
	return tasks
}

// binary is true of outcomes that are right or wrong and nothing between.
func binary(values []float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return v != 0 && v != 1 })
}

// tested is what tests say that take no distribution for granted.
type tested struct {
	flip, mcnemar float64
	flips         int
}

// test fills in what sign flips and McNemar's test say to a difference of paired runs.
func (c *Comparer) test(x *Contrast, a, b *Unit) error {
	if x.nothing() != "" || x.Pairing.loose() {
		return nil
	}
	pa, pb := facing(a, b, x.Metric)
	if len(pa) == 0 {
		return nil
	}
	key := effectKey(pb, pa, x.Metric)
	t, ok := c.tested[key]
	if !ok {
		o, err := c.outcomesOf(pa, pb, x.Metric)
		if err != nil {
			return err
		}
		t = o.test(finals(pa, x.Metric), finals(pb, x.Metric))
		c.tested[key] = t
	}
	x.PFlip, x.FlipN, x.PMcNemar = t.flip, t.flips, t.mcnemar
	return nil
}

// test takes the final values of the runs for what single tasks do not tell.
func (o outcomes) test(a, b []float64) (t tested) {
	t.mcnemar = math.NaN()
	var values []float64
	switch {
	case len(a) > 1:
		for i := range a {
			values = append(values, clean(b[i]-a[i]))
		}
		for i := range o.a {
			values[i] = clean(stats.Mean(o.b[i]) - stats.Mean(o.a[i]))
		}
	case o.ids != nil:
		values = byCluster(o.less(o.all()))
		if o.cluster == nil && binary(o.a[0]) && binary(o.b[0]) {
			t.mcnemar = mcnemar(values)
		}
	}
	t.flip, t.flips = stats.SignFlip(values, resampling)
	return t
}

// byCluster are the sums of the only seed's scores over clusters; the scores where every
// task counts by itself.
func byCluster(s stats.Scores) []float64 {
	if s.Cluster == nil {
		return s.Of[0]
	}
	sums := make([]float64, slices.Max(s.Cluster)+1)
	for t, v := range s.Of[0] {
		sums[s.Cluster[t]] += v
	}
	return sums
}

func mcnemar(d []float64) float64 {
	gained, lost := 0, 0
	for _, v := range d {
		switch {
		case v > 0:
			gained++
		case v < 0:
			lost++
		}
	}
	p, _ := stats.McNemar(gained, lost)
	return p
}

// Bootstrap is a 95 % interval by percentiles, with what it was drawn by.
type Bootstrap struct {
	CI    *[2]float64 `json:"ci"` // nil: nothing tells of the spread
	Draws int         `json:"draws"`
	Seed  uint64      `json:"seed"`
}

// Bootstrap is the interval of a difference of paired runs that takes no distribution for
// granted; nil where single tasks do not tell. It takes a while.
func (c *Comparer) Bootstrap(x Contrast, a, b *Unit) (*Bootstrap, error) {
	if x.nothing() != "" {
		return nil, nil
	}
	pa, pb := facing(a, b, x.Metric)
	if len(pa) == 0 {
		return nil, nil
	}
	o, err := c.outcomesOf(pa, pb, x.Metric)
	if o.ids == nil || err != nil {
		return nil, err
	}
	const draws = 10_000
	lo, hi := stats.Bootstrap(o.less(o.all()), draws, resampling)
	return &Bootstrap{between(lo, hi), draws, resampling}, nil
}
