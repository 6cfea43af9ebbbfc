package lab

import (
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// score is what some cells have come to in one metric: those at one place of the
// matrix, or a single one.
type score struct {
	mean float64 // over seeds, of runs that are done; NaN: there is none
	now  bool    // none is done: it is the mean of the newest values of what goes
	half float64 // of the interval round the mean; NaN: nothing tells of a spread
	kind spread
	read *report.Interval // the same with single tasks in it, as it was read; nil: not yet
	done int              // runs
	of   int
	// What somebody may want to look at.
	going, failed bool
	few           bool // samples a task for this metric: there is no number
}

// spread is what an interval says.
type spread uint8

const (
	noSpread  spread = iota
	overSeeds        // 95 % over seeds
	seedsSD          // the standard deviation between two seeds: too few for an interval
	overTasks        // 95 % over the tasks of the only seed
	overBoth         // 95 % over seeds and tasks
)

// enough is how many seeds an interval over them needs: with two, Student's t is
// wider than anything that is measured.
const enough = 3

// words say what an interval is.
func (s spread) words() string {
	return [...]string{"", "± 95 % over seeds", "sd of 2 seeds", "± 95 % over tasks", "± 95 % over seeds × tasks"}[s]
}

// sign stands before the number, so that nobody takes the standard deviation of two
// for a narrow interval.
func (s spread) sign() string {
	if s == seedsSD {
		return "sd"
	}
	return "±"
}

// score is what cells have come to, by their numbers in the plan. Cells that stand
// together count by their mean in every seed.
func (s *study) score(cells []int, metric string) score {
	out := score{mean: math.NaN(), half: math.NaN()}
	seeds := make([][]float64, len(s.plan.Seeds))
	var means, newest []float64
	for _, c := range cells {
		if report.TooFew(metric, s.plan.Cells[c].Params) {
			out.few = true
		}
		var final, now []float64
		for k := range s.plan.Seeds {
			id := s.id(c, k)
			r := s.records[id]
			out.of++
			out.going = out.going || r.Status == store.Running || r.Status == store.Stalled
			out.failed = out.failed || r.Status == store.Failed || r.Status == store.Lost
			if r.Status == store.Done && s.trusted(id) {
				out.done++
			}
			v, ok := s.value(id, metric)
			if r.Status == store.Done {
				v, ok = s.final(id, metric)
			}
			switch {
			case !ok || !s.trusted(id):
			case r.Status == store.Done:
				final, seeds[k] = append(final, v), append(seeds[k], v)
			default:
				now = append(now, v)
			}
		}
		if len(final) > 0 {
			means = append(means, stats.Mean(final))
		} else if len(now) > 0 {
			newest = append(newest, stats.Mean(now))
		}
	}
	switch {
	case out.few:
	case len(means) > 0:
		out.mean = stats.Mean(means)
		out.spread(s, cells, seeds, metric)
	case len(newest) > 0:
		out.mean, out.now = stats.Mean(newest), true
	}
	return out
}

// spread finds the interval: over the seeds that all cells have.
func (o *score) spread(s *study, cells []int, seeds [][]float64, metric string) {
	var whole []float64
	for _, values := range seeds {
		if len(values) == len(cells) {
			whole = append(whole, stats.Mean(values))
		}
	}
	switch {
	case len(whole) >= enough:
		o.half, o.kind = s.width(len(whole))*stats.SD(whole), overSeeds
	case len(whole) == 2:
		o.half, o.kind = stats.SD(whole), seedsSD
	case len(whole) == 1 && len(s.plan.Seeds) == 1 && len(cells) == 1 && metric == "eval/pass@1":
		n, x := s.plan.Cells[cells[0]].Params.Float("eval_tasks"), whole[0]
		if n > 0 && x >= 0 && x <= 1 {
			lo, hi := stats.Wilson(x*n, n, stats.Z95)
			o.half, o.kind = (hi-lo)/2, overTasks
		}
	}
}

// take puts the interval that was read in place of that of seeds alone.
func (o *score) take(read report.Interval) {
	lo, hi := read.Spread()
	read.Lo, read.Hi = lo, hi
	o.half, o.kind, o.read = (hi-lo)/2, overSeeds, &read
	if math.Abs(read.Mean-o.mean) > 1e-9 { // else it is the same, and equals stay equal
		o.mean = read.Mean
	}
	switch {
	case math.IsNaN(o.half):
		o.kind = noSpread
	case read.Tasks > 0 && read.Seeds > 1:
		o.kind = overBoth
	case read.Tasks > 0:
		o.kind = overTasks
	}
}

// ends are those of the interval, NaN where nothing tells of a spread.
func (o score) ends() (lo, hi float64) {
	if o.read != nil {
		return o.read.Lo, o.read.Hi
	}
	return o.mean - o.half, o.mean + o.half
}

// final is what a run that is done counts with. That is its result, as in a comparison;
// of what no experiment is judged by, its newest point if the result has none.
func (s *study) final(id, metric string) (float64, bool) {
	objective, _ := s.objective()
	if v, ok := s.records[id].Metrics[metric]; ok || metric == objective {
		return v, ok && !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return s.value(id, metric)
}

// value is what a run has of a metric: its result if it is done, else the newest
// of its points.
func (s *study) value(id, metric string) (float64, bool) {
	r := s.records[id]
	if r.Status == store.Done {
		if v, ok := r.Metrics[metric]; ok {
			return v, !math.IsNaN(v)
		}
	}
	if r.Status == store.Queued {
		return 0, false
	}
	if v, ok := s.history(id).Series[metric].Last(); ok {
		return v, !math.IsNaN(v)
	}
	v, ok := r.Metrics[metric]
	return v, ok && !math.IsNaN(v)
}

// goal says which values of a metric are better; "": nobody does.
func (s *study) goal(metric string) string {
	if s.plan == nil {
		return report.GoalOf(metric)
	}
	return report.GoalOf(metric, s.plan)
}

// least reports whether less is better of a metric.
func (s *study) least(metric string) bool { return s.goal(metric) == experiments.Min }

// better reports whether a is better than b; a NaN never is.
func better(a, b float64, least bool) bool {
	if math.IsNaN(b) {
		return !math.IsNaN(a)
	}
	if least {
		return a < b
	}
	return a > b
}

// ranked are the plan's cells that have something to show, the best first.
func (s *study) ranked(metric string) []int {
	if s.plan == nil {
		return nil
	}
	means := make([]float64, len(s.plan.Cells))
	var cells []int
	for i := range s.plan.Cells {
		sc := s.score([]int{i}, metric)
		if means[i] = sc.mean; !math.IsNaN(sc.mean) && !sc.now {
			cells = append(cells, i)
		}
	}
	least := s.least(metric)
	slices.SortStableFunc(cells, func(a, b int) int {
		switch {
		case better(means[a], means[b], least):
			return -1
		case better(means[b], means[a], least):
			return 1
		}
		return 0
	})
	return cells
}
