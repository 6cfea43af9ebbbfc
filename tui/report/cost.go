package report

import (
	"math"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Cost is what an experiment has taken and what is to come.
type Cost struct {
	Spent
	CoreHours float64  // of the plan's runs, over all attempts
	ToCome    float64  // hours: of GPUs if the plan holds some, else of cores; NaN: nobody knows
	Limits    []string // how the plan stands to each of its limits, in words
}

// ReadCost works it out for the runs of an experiment on that many slots.
func ReadCost(p *experiments.Plan, records []store.Record, slots int) (Cost, error) {
	spent, err := ReadSpent(records)
	c := Cost{Spent: spent}
	planned := map[string]bool{}
	for _, run := range p.Runs() {
		planned[run.ID] = true
	}
	cores, runs := 0.0, 0.0
	for _, r := range records {
		if planned[r.ID] && r.Attempt > 0 {
			n := float64(coresOf(r))
			c.CoreHours += r.Seconds / 3600 * n
			cores, runs = cores+n, runs+1
		}
	}
	each := float64(p.GPUs)
	if p.GPUs == 0 {
		if each = 1; runs > 0 {
			each = cores / runs
		}
	}
	left := remaining(p, records)
	for _, seconds := range append(left.going, left.waiting...) {
		c.ToCome += seconds / 3600 * each
	}
	if seconds := left.seconds(slots); math.IsNaN(seconds) {
		c.ToCome = math.NaN()
	}
	c.Limits = NewPlanned(p, Kept{Records: records, Spent: spent}, slots).Projected.lines(p.Limits)
	return c, err
}
