package report

import (
	"fmt"
	"math"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// NoEvidence is the verdict where the interval includes 0.
const NoEvidence = "no_evidence"

// Verdicts on a finding, beside NoEvidence.
const (
	holds     = "holds"
	opposite  = "opposite"  // the effect is on the other side
	nothing   = "nothing"   // and so it should
	something = "something" // a placebo that has an effect
	notRun    = "not_run"   // no seed has all the runs
	undefined = "undefined" // there is no such number: n < k, no metric, or the interval of one value
)

// Answer is what the runs say to one finding. Rates are fractions.
type Answer struct {
	experiments.Finding
	Effect    *float64 `json:"effect"`
	Lo        *float64 `json:"lo"`
	Hi        *float64 `json:"hi"`
	MDE       *float64 `json:"mde"`     // the least effect that is found in 80 of 100 cases
	Seeds     []int64  `json:"seeds"`   // those that have all the runs
	Tasks     int      `json:"tasks"`   // 0: the interval is over seeds alone
	Needed    int      `json:"needed"`  // runs
	Missing   int      `json:"missing"` // of them
	Failed    int      `json:"failed"`  // of these
	Silent    int      `json:"silent"`  // of these, those that are done and do not report the metric
	Later     int      `json:"later"`   // of the others, those whose design did not ask this yet
	Minutes   float64  `json:"minutes"`
	Doublings []step   `json:"doublings,omitempty"`
	Verdict   string   `json:"verdict"`
	Words     string   `json:"words"`

	found stats.Effect // what Effect, Lo and Hi are of
}

// step is one doubling of a slope.
type step struct {
	From   any      `json:"from"`
	To     any      `json:"to"`
	Effect float64  `json:"effect"` // a doubling
	Lo     *float64 `json:"lo"`
	Hi     *float64 `json:"hi"`
}

// evidence is what the runs of one plan came to.
type evidence struct {
	comparer *Comparer
	plan     *experiments.Plan
	plans    map[string]*experiments.Plan // that runs were started with, by hash, once they were read
	runs     map[string]store.Record      // by id
}

func newEvidence(c *Comparer, p *experiments.Plan, records []store.Record) *evidence {
	e := &evidence{comparer: c, plan: p, plans: map[string]*experiments.Plan{}, runs: map[string]store.Record{}}
	for _, r := range records {
		e.runs[r.ID] = r
	}
	return e
}

// run is the run of a cell and seed; false if it is not done.
func (e *evidence) run(cell int, seed int64) (store.Record, bool) {
	r, ok := e.runs[fmt.Sprintf("%s/%s/s%d", e.plan.Experiment, e.plan.Cells[cell].Name, seed)]
	return r, ok && r.Status == store.Done
}

// answer works out a finding from the seeds that all its cells have done.
func (e *evidence) answer(f experiments.Finding) (Answer, error) {
	a := Answer{Finding: f, Seeds: []int64{}}
	weights := f.Weights(e.plan.Cells)
	if e.tooFew(f, weights) {
		a.Verdict, a.Words = undefined, FewSamples
		return a, nil
	}
	e.count(&a, weights)
	if len(a.Seeds) == 0 {
		a.Verdict, a.Words = notRun, "not run yet"
		if a.Silent == a.Missing {
			a.Verdict, a.Words = undefined, "no run reports the metric"
		}
		return a, nil
	}
	effect, err := e.effect(f, weights, a.Seeds)
	if err != nil {
		return a, err
	}
	a.Tasks, a.Effect, a.Lo, a.Hi = effect.Tasks, finite(effect.Mean), finite(effect.Lo), finite(effect.Hi)
	a.MDE, a.found = finite(effect.MDE()), effect
	for _, d := range f.Doublings(e.plan.Cells) {
		one, err := e.effect(f, d.Weights, a.Seeds)
		if err != nil {
			return a, err
		}
		a.Doublings = append(a.Doublings, step{From: d.From, To: d.To, Effect: one.Mean, Lo: finite(one.Lo), Hi: finite(one.Hi)})
	}
	a.judge(e.sameBits(weights, a.Seeds))
	return a, nil
}

// count finds the seeds that have all the runs with the metrics, and what lacks.
func (e *evidence) count(a *Answer, weights []float64) {
	for _, seed := range e.plan.Seeds {
		whole := true
		seconds := 0.0
		for cell, w := range weights {
			if w == 0 {
				continue
			}
			a.Needed++
			r, done := e.run(cell, seed)
			if done && reports(r, a.Metric) && (a.MinusMetric == "" || reports(r, a.MinusMetric)) {
				seconds += r.Seconds * float64(coresOf(r))
				if !e.askedBefore(r, a.Finding) {
					a.Later++
				}
				continue
			}
			whole = false
			a.Missing++
			if done {
				a.Silent++
			} else if r.Status == store.Failed || r.Status == store.Lost {
				a.Failed++
			}
		}
		if whole {
			a.Seeds = append(a.Seeds, seed)
			a.Minutes += seconds / 60
		}
	}
	a.Minutes /= float64(e.cores())
}

func reports(r store.Record, metric string) bool {
	v, ok := r.Metrics[metric]
	return ok && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func (e *evidence) tooFew(f experiments.Finding, weights []float64) bool {
	for cell, w := range weights {
		p := e.plan.Cells[cell].Params
		if w != 0 && (TooFew(f.Metric, p) || TooFew(f.MinusMetric, p)) {
			return true
		}
	}
	return false
}

// effect is the weighted sum of the cells over these seeds: over single tasks too
// where every run wrote down what became of them.
func (e *evidence) effect(f experiments.Finding, weights []float64, seeds []int64) (stats.Effect, error) {
	if a, b := e.unpaired(f.Metric, weights); len(a)+len(b) > 2 {
		x := Contrast{Metric: f.Metric, Effect: noEffect()}
		err := e.comparer.loosely(&x, a, b)
		return x.Effect, err
	}
	parts, err := e.parts(f, weights, seeds)
	if err != nil {
		return stats.Effect{}, err
	}
	if parts != nil {
		return stats.Crossed(parts...), nil
	}
	values := make([]float64, len(seeds))
	for i, seed := range seeds {
		for cell, w := range weights {
			if w == 0 {
				continue
			}
			r, _ := e.run(cell, seed)
			values[i] += w * (r.Metrics[f.Metric] - r.Metrics[f.MinusMetric])
		}
		values[i] = clean(values[i])
	}
	return stats.OverSeeds(values), nil
}

// unpaired are the runs of the cells that are taken away and of those that are added,
// where they were made elsewhere: their seeds are counted, and pair nothing.
func (e *evidence) unpaired(metric string, weights []float64) (a, b []store.Record) {
	if e.plan.Recipe != experiments.Imported {
		return nil, nil
	}
	for cell, w := range weights {
		for _, seed := range e.plan.Seeds {
			switch r, done := e.run(cell, seed); {
			case !done || !reports(r, metric):
			case w < 0:
				a = append(a, r)
			case w > 0:
				b = append(b, r)
			}
		}
	}
	return a, b
}

// parts are the effects by seed and task: one part where both metrics are of the
// same tasks, which pairs them, else one for each set. Nil: not every run has them.
func (e *evidence) parts(f experiments.Finding, weights []float64, seeds []int64) ([]stats.Scores, error) {
	terms := []term{{f.Metric, 1}}
	if f.MinusMetric != "" {
		terms = append(terms, term{f.MinusMetric, -1})
	}
	groups := [][]term{terms}
	if len(terms) == 2 {
		a, _ := outcomeOf(f.Metric)
		b, _ := outcomeOf(f.MinusMetric)
		if a.tasks != b.tasks {
			groups = [][]term{terms[:1], terms[1:]}
		}
	}
	parts := make([]stats.Scores, len(groups))
	for i, group := range groups {
		part, err := e.part(group, weights, seeds)
		if part.Of == nil || err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return parts, nil
}

// term is a metric with its sign.
type term struct {
	metric string
	sign   float64
}

// part is the sum of the terms by seed and task, over the tasks that all have.
func (e *evidence) part(terms []term, weights []float64, seeds []int64) (stats.Scores, error) {
	var all []*taskScores
	var counts []float64 // of each
	for _, seed := range seeds {
		for cell, w := range weights {
			if w == 0 {
				continue
			}
			r, _ := e.run(cell, seed)
			for _, t := range terms {
				s, err := e.comparer.scoresOf(r, t.metric)
				if s == nil || err != nil {
					return stats.Scores{}, err
				}
				all, counts = append(all, s), append(counts, w*t.sign)
			}
		}
	}
	ids, _ := common(all)
	if len(ids) == 0 {
		return stats.Scores{}, nil
	}
	sum := stats.Scores{Of: make([][]float64, len(seeds)), Cluster: clustersOf(all, ids)}
	for s := range sum.Of {
		row := make([]float64, len(ids))
		for i := s * len(all) / len(seeds); i < (s+1)*len(all)/len(seeds); i++ {
			for t, score := range all[i].on(ids) {
				row[t] += counts[i] * score
			}
		}
		for t := range row {
			row[t] = clean(row[t])
		}
		sum.Of[s] = row
	}
	return sum, nil
}

// clean is 0 for what only rounding keeps from it: the halves of an average do not
// cancel to the last bit.
func clean(x float64) float64 {
	if math.Abs(x) < 1e-12 {
		return 0
	}
	return x
}

// sameBits is true if in every seed the models that are added are those that are
// taken away, by the hash of their weights.
func (e *evidence) sameBits(weights []float64, seeds []int64) bool {
	for _, seed := range seeds {
		left := map[string]float64{}
		for cell, w := range weights {
			if w == 0 {
				continue
			}
			r, _ := e.run(cell, seed)
			if r.SHA256 == "" {
				return false
			}
			left[r.SHA256] += w
		}
		for _, w := range left {
			if clean(w) != 0 {
				return false
			}
		}
	}
	return true
}

// judge says what the effect means for the claim.
func (a *Answer) judge(sameBits bool) {
	if a.Lo == nil {
		a.Verdict, a.Words = undefined, "no interval from one value"
		return
	}
	placebo := a.Expect == experiments.Nothing
	side := 1.0
	if a.Expect == experiments.Below {
		side = -1
	}
	against := a.against(side)
	switch {
	case *a.Lo == 0 && *a.Hi == 0:
		a.Verdict, a.Words = NoEvidence, "no difference at all: the same outcomes"
		if sameBits {
			a.Words = "no difference at all: the same bits"
		}
		if placebo {
			a.Verdict = nothing
			a.Words += ", as it should be"
		}
	case *a.Lo <= 0 && *a.Hi >= 0 && placebo:
		a.Verdict, a.Words = nothing, "no evidence, as it should be"+a.couldSee()
	case *a.Lo <= 0 && *a.Hi >= 0:
		a.Verdict, a.Words = NoEvidence, "no evidence"+a.couldSee()
	case placebo:
		a.Verdict, a.Words = something, "FOUND SOMETHING: "+a.amount(*a.Effect)+" where nothing was expected"
	case *a.Effect*side < 0:
		a.Verdict, a.Words = opposite, "does not hold: opposite"
	case against != "":
		a.Verdict, a.Words = opposite, "does not hold: "+against+" goes the other way"
	default:
		a.Verdict, a.Words = holds, "holds"
	}
	if len(a.Seeds) == 1 {
		a.Words += ofCheckpoints
	}
}

// ofCheckpoints is said where one seed speaks.
const ofCheckpoints = " (two checkpoints, not two recipes)"

// couldSee is what would have been found: " (could only have seen 8.1 points)".
func (a *Answer) couldSee() string { return couldSee(a.found.MDE(), a.inPoints()) }

// against names the doublings whose interval lies on the other side.
func (a *Answer) against(side float64) string {
	var steps []string
	for _, d := range a.Doublings {
		if d.Lo != nil && max(*d.Lo*side, *d.Hi*side) < 0 {
			steps = append(steps, fmt.Sprintf("%v to %v", d.From, d.To))
		}
	}
	return strings.Join(steps, ", ")
}
