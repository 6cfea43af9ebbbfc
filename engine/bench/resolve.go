package bench

import (
	"fmt"
	"math"

	"ablate/experiments/stats"
)

const (
	points = 0.10 // the difference in pass@1 that is to be resolved
	level  = 0.05 // of the test, two-sided
	power  = 0.80
	pair   = 2 // cells that are compared
)

// Resolve is how the minutes until a difference of 10 points is resolved were
// worked out. What is compared is two recipes, not two checkpoints, so the unit
// is the training run: the same seeds in both cells, a paired t test over them,
// and as many seeds as it takes.
type Resolve struct {
	Formula string      `json:"formula"`
	Test    string      `json:"test"`
	Pilot   []PilotCell `json:"pilot"`
	SD      *float64    `json:"sd"` // between seeds, of the difference of two cells; null: not known
	Freedom int         `json:"df"` // degrees of freedom that SD comes from
	Seeds   int         `json:"seeds"`
	Run     *float64    `json:"seconds_per_run"`
	Slots   int         `json:"slots"` // runs at a time
	Note    string      `json:"note"`  // what is missing
}

// PilotCell is a cell that was trained and its pass@1 for each seed; the seeds
// are the same in all cells.
type PilotCell struct {
	Name   string    `json:"cell"`
	Scores []float64 `json:"scores"`
}

// newResolve works out the seeds from what the pilot's runs came to and how many
// seconds each took with slots of them at a time.
func newResolve(cells []PilotCell, seconds []float64, slots int) Resolve {
	r := Resolve{
		Formula: fmt.Sprintf("seeds x %d cells x seconds per run / slots / 60", pair),
		Test: fmt.Sprintf("the least seeds (2 or more) with which a paired t test at %.0f %%, two-sided, has %.0f %% power for a true difference of %.2f",
			100*level, 100*power, points),
		Pilot: cells, Slots: slots,
	}
	if len(seconds) > 0 {
		r.Run = new(stats.Mean(seconds))
	}
	sd, freedom := pairedSD(cells)
	if freedom < 1 {
		r.Note = "the spread between seeds is not known: too few of the pilot's runs ended in time"
		return r
	}
	r.SD, r.Freedom = &sd, freedom
	r.Seeds = stats.PairsFor(points, sd, level, power)
	r.Slots = min(slots, max(1, pair*r.Seeds)) // more slots than runs are of no use
	return r
}

// minutes is Formula; nil where an input is not known.
func (r Resolve) minutes() *float64 {
	if r.Seeds == 0 || r.Run == nil {
		return nil
	}
	return new(float64(r.Seeds*pair) * *r.Run / float64(r.Slots) / 60)
}

// pairedSD is the standard deviation between seeds of the difference of two
// cells, pooled over all pairs of cells, with its degrees of freedom: root two
// times that of what neither cell nor seed explains. Of two cells it is the
// standard deviation of their differences.
func pairedSD(cells []PilotCell) (sd float64, freedom int) {
	if len(cells) == 0 {
		return math.NaN(), 0
	}
	seeds := len(cells[0].Scores)
	freedom = (len(cells) - 1) * (seeds - 1)
	if freedom < 1 {
		return math.NaN(), 0
	}
	bySeed := make([]float64, seeds)
	for _, c := range cells {
		for i, v := range c.Scores {
			bySeed[i] += v / float64(len(cells))
		}
	}
	all, squares := stats.Mean(bySeed), 0.0
	for _, c := range cells {
		mean := stats.Mean(c.Scores)
		for i, v := range c.Scores {
			rest := v - mean - bySeed[i] + all
			squares += rest * rest
		}
	}
	return math.Sqrt(2 * squares / float64(freedom)), freedom
}
