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

	Uses map[string]Use // what runs made of their GPUs, of those that had some, by id
	Use  Use            // of all of them together
}

// ReadCost works it out for the runs of an experiment on that many slots. What runs
// made of their GPUs comes out of uses.
func ReadCost(p *experiments.Plan, records []store.Record, slots int, uses *Uses) (Cost, error) {
	c := Cost{Uses: map[string]Use{}}
	var all []Use
	spent, err := readSpent(records, func(r store.Record, lives []store.Life) error {
		use, err := uses.Of(r, lives, p.Model != nil)
		if use = use.Against(p.Model); use.Any() {
			c.Uses[r.ID], all = use, append(all, use)
		}
		return err
	})
	c.Spent, c.Use = spent, Together(all)
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
