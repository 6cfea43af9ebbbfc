package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// Interval is what the runs of a unit came to, with a 95 % interval for new seeds,
// and for new tasks too where every run wrote down what became of them.
type Interval struct {
	stats.Effect      // the mean is NaN where no run has the metric
	TooFew       bool // samples a task: there is no such number
}

// Spread are the ends of the interval, NaN where they are one: no spread tells of none.
func (e Interval) Spread() (lo, hi float64) {
	if e.Lo == e.Hi {
		return math.NaN(), math.NaN()
	}
	return e.Lo, e.Hi
}

// Contrast is B less A in one metric.
type Contrast struct {
	A, B           string // letters of the sides
	Metric, Goal   string
	stats.Effect       // the mean is NaN where there is no difference to take
	SeedsA, SeedsB int // runs that have the metric
	Pairing        pairing
	Apart          int    // tasks that not all runs have: they count in nothing
	Same           bool   // they have runs in common
	SameBits       bool   // their weights are
	Unlike         string // what the runs differ in that makes their numbers two things: "recipe version 3 and 4"
	TooFew         bool
	Lacking        bool // one of them has no such cell
	Judged
}

// pairing is how the runs of two units were set against each other.
type pairing uint8

const (
	unpaired pairing = iota // nothing to pair by, and no interval
	bySeed                  // seeds that both have
	byHand                  // one run each, whatever their seeds
	welch                   // no seed in common: two means of seeds
	apart                   // no seed in common, and outcomes of the same tasks
)

// loose is true of runs that no seed pairs.
func (p pairing) loose() bool { return p == welch || p == apart }

// taskScores are what single tasks of a run counted, by id in ascending order.
type taskScores struct {
	ids, strata, verdicts []string
	clusters              []string // nil: every task counts by itself
	values                []float64
}

// scoresOf reads the scores of a run that is done, once. Nil: it wrote none down.
func (c *Comparer) scoresOf(r store.Record, metric string) (*taskScores, error) {
	key := fmt.Sprintf("%s a%d %s", r.ID, r.Attempt, metric)
	if s, ok := c.scores[key]; ok {
		return s, nil
	}
	read := itemsBehind
	if g, ok := c.given[r.ID]; ok {
		read = g.itemsBehind
	}
	items, score, err := read(r, metric)
	if err != nil {
		return nil, fmt.Errorf("read outcomes of %s: %w", r.ID, err)
	}
	if items == nil {
		c.scores[key] = nil
		return nil, nil
	}
	slices.SortFunc(items, func(a, b store.Item) int { return cmp.Compare(a.ID, b.ID) })
	n := len(items)
	s := &taskScores{ids: make([]string, n), strata: make([]string, n), verdicts: make([]string, n), values: make([]float64, n)}
	if slices.ContainsFunc(items, func(i store.Item) bool { return i.Cluster != "" }) {
		s.clusters = make([]string, n)
	}
	for i, item := range items {
		s.ids[i], s.strata[i], s.verdicts[i] = c.word(item.ID), c.word(item.Stratum), c.word(item.Verdict)
		s.values[i], _ = score(item)
		if s.clusters != nil {
			s.clusters[i] = c.word(item.Cluster)
		}
	}
	c.scores[key] = s
	return s, nil
}

// word is the one copy of a text that many runs have.
func (c *Comparer) word(s string) string {
	if w, ok := c.words[s]; ok {
		return w
	}
	c.words[s] = s
	return s
}

// having are the runs of a unit that are done and report a metric.
func (u *Unit) having(metric string) (runs []store.Record) {
	if u == nil {
		return nil
	}
	for _, r := range u.Done {
		if reports(r, metric) {
			runs = append(runs, r)
		}
	}
	return runs
}

// estimate is the mean of a unit over its runs that are done.
func (c *Comparer) estimate(u *Unit, metric string) (Interval, error) {
	none := Interval{Effect: noEffect()}
	runs := u.having(metric)
	if u != nil && TooFew(metric, u.Cell.Params) {
		none.TooFew = true
		return none, nil
	}
	if len(runs) == 0 {
		return none, nil
	}
	e, _, err := c.effect(runs, nil, metric)
	return Interval{Effect: e}, err
}

// contrast sets B against A: by the seeds that both have, else, with one run each,
// those; else all runs of both by their tasks, and without these the two means.
func (c *Comparer) contrast(a, b *Unit, metric string) (Contrast, error) {
	x := Contrast{Metric: metric, Effect: noEffect()}
	if x.Lacking = a == nil || b == nil; x.Lacking {
		return x, nil
	}
	x.TooFew = TooFew(metric, a.Cell.Params) || TooFew(metric, b.Cell.Params)
	ra, rb := a.having(metric), b.having(metric)
	x.SeedsA, x.SeedsB = len(ra), len(rb)
	x.Same, x.Unlike = sharedRuns(a.Runs, b.Runs), unlike(ra, rb)
	if x.TooFew || x.Same || len(ra) == 0 || len(rb) == 0 {
		return x, nil
	}
	pa, pb := pairs(ra, rb)
	switch {
	case len(pa) > 0:
		x.Pairing = bySeed
	case len(ra) == 1 && len(rb) == 1:
		x.Pairing, pa, pb = byHand, ra, rb
	default:
		return x, c.loosely(&x, ra, rb)
	}
	x.SameBits = sameWeights(pa, pb)
	var err error
	x.Effect, x.Apart, err = c.effect(pb, pa, metric)
	return x, err
}

// loosely sets runs against each other that no seed pairs.
func (c *Comparer) loosely(x *Contrast, ra, rb []store.Record) error {
	key := "apart " + effectKey(rb, ra, x.Metric)
	known, ok := c.effects[key]
	if !ok {
		all, err := c.crossed(slices.Concat(ra, rb), nil, x.Metric)
		if err != nil {
			return err
		}
		known.apart = all.apart
		switch {
		case all.of != nil:
			known.Effect = stats.Apart(stats.Scores{Of: all.of[:len(ra)], Cluster: all.cluster}, stats.Scores{Of: all.of[len(ra):], Cluster: all.cluster})
		case all.apart > 0:
			known.Effect = noEffect()
		default:
			known.Effect = stats.Welch(finals(ra, x.Metric), finals(rb, x.Metric))
		}
		c.effects[key] = known
	}
	x.Effect, x.Apart = known.Effect, known.apart
	switch {
	case x.Tasks > 0:
		x.Pairing = apart
	case !math.IsNaN(x.Lo):
		x.Pairing = welch
	}
	return nil
}

func noEffect() stats.Effect {
	return stats.Effect{Mean: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
}

// pairs are the runs of either that have a seed in common, in the order of seeds. The
// seeds of results that were made elsewhere are counted, and pair nothing.
func pairs(a, b []store.Record) (pa, pb []store.Record) {
	elsewhere := func(r store.Record) bool { return r.Recipe == experiments.Imported }
	if slices.ContainsFunc(a, elsewhere) || slices.ContainsFunc(b, elsewhere) {
		return nil, nil
	}
	for _, r := range a {
		if i := slices.IndexFunc(b, func(o store.Record) bool { return o.Seed == r.Seed }); i >= 0 {
			pa, pb = append(pa, r), append(pb, b[i])
		}
	}
	return pa, pb
}

// effect is the mean of runs, or of their differences from those to take off: over
// seeds and single tasks where all have these, else over seeds. apart counts the
// tasks that not all have.
func (c *Comparer) effect(runs, off []store.Record, metric string) (e stats.Effect, apart int, err error) {
	key := effectKey(runs, off, metric)
	if known, ok := c.effects[key]; ok {
		return known.Effect, known.apart, nil
	}
	d, err := c.crossed(runs, off, metric)
	apart = d.apart
	switch {
	case err != nil:
		return e, 0, err
	case d.of != nil:
		e = stats.Crossed(stats.Scores{Of: d.of, Cluster: d.cluster})
	case apart > 0 && len(off) > 0: // means of other tasks
		e = noEffect()
	default:
		x := finals(runs, metric)
		for i := range off {
			x[i] = clean(x[i] - off[i].Metrics[metric])
		}
		e, apart = stats.OverSeeds(x), 0
	}
	c.effects[key] = knownEffect{e, apart}
	return e, apart, nil
}

// knownEffect is what was worked out of runs that are done.
type knownEffect struct {
	stats.Effect
	apart int
}

// effectKey tells apart what effects are worked out of.
func effectKey(runs, off []store.Record, metric string) string {
	var b strings.Builder
	b.WriteString(metric)
	for _, list := range [][]store.Record{runs, off} {
		for _, r := range list {
			b.WriteByte('\n')
			b.WriteString(r.ID)
			b.WriteString(strconv.Itoa(r.Attempt))
		}
		b.WriteByte(0)
	}
	return b.String()
}

// crossed are the scores of runs by seed and task.
type crossed struct {
	of      [][]float64 // nil: not every run has them, or no task is common to all
	ids     []string    // of the tasks
	cluster []int       // of each; nil: each counts by itself
	apart   int         // tasks that not all runs have
}

// crossed reads the scores of runs, less those of the runs to take off, over the tasks
// that all have.
func (c *Comparer) crossed(runs, off []store.Record, metric string) (d crossed, err error) {
	all := make([]*taskScores, 0, len(runs)+len(off))
	for _, r := range slices.Concat(runs, off) {
		s, err := c.scoresOf(r, metric)
		if s == nil || err != nil {
			return crossed{}, err
		}
		all = append(all, s)
	}
	d.ids, d.apart = common(all)
	if len(d.ids) == 0 {
		return crossed{apart: d.apart}, nil
	}
	d.of, d.cluster = make([][]float64, len(runs)), clustersOf(all, d.ids)
	for i := range runs {
		d.of[i] = all[i].on(d.ids)
		if i < len(off) {
			for t, v := range all[len(runs)+i].on(d.ids) {
				d.of[i][t] = clean(d.of[i][t] - v)
			}
		}
	}
	return d, nil
}

// common are the ids that all have, and how many others there are.
func common(all []*taskScores) (ids []string, apart int) {
	if !slices.ContainsFunc(all, func(s *taskScores) bool { return !slices.Equal(s.ids, all[0].ids) }) {
		return all[0].ids, 0
	}
	seen := map[string]int{}
	for _, s := range all {
		for _, id := range s.ids {
			seen[id]++
		}
	}
	for _, id := range sortedKeys(seen) {
		if seen[id] == len(all) {
			ids = append(ids, id)
		}
	}
	return ids, len(seen) - len(ids)
}

// on are the scores on some ids, which it has all, as new memory.
func (s *taskScores) on(ids []string) []float64 {
	out := make([]float64, len(ids))
	for i, at := 0, 0; i < len(ids); at++ {
		if s.ids[at] == ids[i] {
			out[i] = s.values[at]
			i++
		}
	}
	return out
}

func finals(runs []store.Record, metric string) []float64 {
	x := make([]float64, len(runs))
	for i, r := range runs {
		x[i] = r.Metrics[metric]
	}
	return x
}

// sharedRuns is true if a run is on both sides: it differs in nothing from itself.
func sharedRuns(a, b []store.Record) bool {
	return slices.ContainsFunc(a, func(r store.Record) bool {
		return slices.ContainsFunc(b, func(o store.Record) bool { return r.ID == o.ID })
	})
}

func sameWeights(a, b []store.Record) bool {
	return slices.EqualFunc(a, b, func(r, o store.Record) bool { return r.SHA256 != "" && r.SHA256 == o.SHA256 })
}

// unlike says where the numbers of runs were made in two ways.
func unlike(a, b []store.Record) string {
	for _, r := range a {
		for _, o := range b {
			if r.Recipe == o.Recipe && r.RecipeVersion != o.RecipeVersion {
				return fmt.Sprintf("recipe %s version %d and %d", r.Recipe, r.RecipeVersion, o.RecipeVersion)
			}
		}
	}
	return ""
}
