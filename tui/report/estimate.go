package report

import (
	"fmt"
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// Estimate is what the runs that are left will take.
type Estimate struct {
	Minutes  *float64 `json:"minutes"` // null where nobody knows
	GPUHours float64  `json:"gpu_hours"`
}

// words say how long the rest takes.
func (e Estimate) words() string {
	switch {
	case e.Minutes == nil:
		return "how long the rest takes is not known"
	case *e.Minutes == 0:
		return "nothing to go"
	case e.GPUHours > 0:
		return fmt.Sprintf("about %s to go, %.3g GPU-hours", Duration(*e.Minutes*60), e.GPUHours)
	}
	return fmt.Sprintf("about %s to go, no GPU", Duration(*e.Minutes*60))
}

// rest is what the runs of a plan that are not done will take, in seconds each; a
// NaN is not known.
type rest struct{ going, waiting []float64 }

// remaining takes the runs in the order in which they start. What a live one has
// done is off; another begins again, as far as anybody knows.
func remaining(p *experiments.Plan, records []store.Record) rest {
	byID := make(map[string]store.Record, len(records))
	for _, r := range records {
		byID[r.ID] = r
	}
	takes := expected(p, records)
	var left rest
	for _, run := range p.Runs() {
		switch r := byID[run.ID]; r.Status {
		case store.Done:
		case store.Running, store.Stalled:
			left.going = append(left.going, max(0, takes[run.Cell]-r.Seconds))
		default:
			left.waiting = append(left.waiting, takes[run.Cell])
		}
	}
	return left
}

// seconds is until the last of them ends.
func (r rest) seconds(slots int) float64 {
	if slices.ContainsFunc(slices.Concat(r.going, r.waiting), math.IsNaN) {
		return math.NaN()
	}
	return Makespan(r.going, r.waiting, slots)
}

// gpuHours is what they will hold if each holds so many GPUs.
func (r rest) gpuHours(gpus int) float64 {
	sum := 0.0
	for _, seconds := range slices.Concat(r.going, r.waiting) {
		sum += seconds
	}
	if gpus == 0 {
		return 0 // however long it takes
	}
	return sum / 3600 * float64(gpus)
}

// expected is what a run of each cell takes in seconds, by cell: at the speed of
// the runs that are done, or else that which the recipe guesses; where it cannot
// say how much work a run is, what the done runs of the cell took, or else all.
func expected(p *experiments.Plan, records []store.Record) map[string]float64 {
	takes := make(map[string]float64, len(p.Cells))
	cells := Cells(p, records)
	speed := speed(p, cells)
	var all []float64
	for _, c := range cells {
		for _, r := range c.Runs {
			if r.Status == store.Done && r.Seconds > 0 {
				all = append(all, r.Seconds)
			}
		}
	}
	for i, c := range cells {
		switch {
		case len(p.FLOPs) == len(cells) && speed > 0:
			takes[c.Name] = p.FLOPs[i] / speed
		case c.Done > 0 && c.Seconds > 0:
			takes[c.Name] = c.Seconds
		case len(all) > 0:
			takes[c.Name] = stats.Mean(all)
		default:
			takes[c.Name] = math.NaN()
		}
	}
	return takes
}

// speed is FLOP/s of a slot, from the runs of this plan that are done, or else
// what the recipe guesses.
func speed(p *experiments.Plan, cells []Cell) float64 {
	var flops, seconds float64
	for i, c := range cells {
		for _, r := range c.Runs {
			if r.Status == store.Done && i < len(p.FLOPs) {
				flops += p.FLOPs[i]
				seconds += r.Seconds
			}
		}
	}
	if seconds == 0 || flops == 0 {
		return p.Speed
	}
	return flops / seconds
}
