package report

import (
	"fmt"
	"math"
	"strings"

	"ablate/experiments"
)

// Verdicts of a comparison, on B against A, beside NoEvidence; "" where nobody said
// which is better.
const (
	Better     = "better"
	Worse      = "worse"
	Equivalent = "equivalent" // within the margin
)

// Judged is what a difference shows.
type Judged struct {
	Verdict, Words   string
	Refused          string  // why there is no verdict although there are numbers: data or evaluations differ
	Margin           float64 // within which they count as equivalent, in the unit of the metric; 0: nobody said
	Family           int     // comparisons of the metric on the same screen that have a p, this one among them
	PHolm            float64 // P adjusted by Holm over these; NaN: none
	PFlip            float64 // of sign flips of the unit of replication: tasks or clusters with one seed, else seeds; NaN: none
	FlipN            int     // values that were flipped
	PMcNemar         float64 // exact, where there is one seed each and one sample a task; NaN elsewhere
	FailedA, FailedB int     // runs that ended without a result: they stay in n
}

// fewSeeds is below what number of seeds an interval rests on so little that it is
// said.
const fewSeeds = 5

// fewTasks is below what number of tasks it says nothing that all differ alike.
const fewTasks = 10

// verdictOf is what a difference shows, as a verdict and in one line for people. It
// never says more than the interval does: that it includes 0 is no evidence of a
// difference, and none of its absence.
func verdictOf(x Contrast) (verdict, words string) {
	if why := x.undecided(); why != "" {
		return NoEvidence, why
	}
	size := fmt.Sprintf("%s (95 %%: %s to %s; %s)", x.Amount(x.Mean), x.bare(x.Lo), x.bare(x.Hi), x.Level())
	side := x.side()
	switch {
	case x.Lo == 0 && x.Hi == 0 && x.SameBits:
		return NoEvidence, fmt.Sprintf("%s and %s are equal: the same bits", x.A, x.B)
	case x.Lo == 0 && x.Hi == 0:
		verdict, words = NoEvidence, fmt.Sprintf("no difference at all between %s and %s (%s)", x.A, x.B, x.Level())
	case x.Lo <= 0 && x.Hi >= 0:
		verdict, words = NoEvidence, fmt.Sprintf("no evidence that %s differs from %s: %s", x.B, x.A, size)
	case side == 0:
		higher, lower := x.B, x.A
		if x.Mean < 0 {
			higher, lower = x.A, x.B
		}
		verdict, words = "", fmt.Sprintf("%s is higher than %s: %s; which is better nobody said", higher, lower, size)
	case side > 0:
		verdict, words = Better, fmt.Sprintf("%s better than %s: %s", x.B, x.A, size)
	default:
		verdict, words = Worse, fmt.Sprintf("%s worse than %s: %s", x.B, x.A, size)
	}
	return verdict, strings.Join(append([]string{words}, x.Caveats()...), "; ")
}

// undecided says why there is no interval, "" where there is one.
func (x Contrast) undecided() string {
	switch {
	case x.Lacking:
		return "one of them has no such cell"
	case x.Same:
		return fmt.Sprintf("%s and %s have the same runs: nothing to compare", x.A, x.B)
	case x.TooFew:
		return FewSamples + ": fewer samples a task than the metric needs"
	case x.SeedsA == 0 && x.SeedsB == 0:
		return "nothing to compare yet: no run of either is done with this metric"
	case x.SeedsA == 0:
		return fmt.Sprintf("nothing to compare yet: no run of %s is done with this metric", x.A)
	case x.SeedsB == 0:
		return fmt.Sprintf("nothing to compare yet: no run of %s is done with this metric", x.B)
	case math.IsNaN(x.Mean) || math.IsInf(x.Mean, 0):
		return "no evidence: a value is no number"
	case x.Lo == x.Hi && x.Lo != 0 && x.Tasks < fewTasks:
		return fmt.Sprintf("no evidence: %s agree to the last digit, and nothing tells of the spread (%s less %s: %s)", Count(x.Seeds, "seed"), x.B, x.A, x.Amount(x.Mean))
	case math.IsNaN(x.Lo) && x.Pairing == unpaired:
		return fmt.Sprintf("no evidence: no seed in common, and one run of either says nothing about seeds (%s less %s: %s)", x.B, x.A, x.Amount(x.Mean))
	case math.IsNaN(x.Lo):
		return fmt.Sprintf("no evidence: one seed and no outcomes of single tasks give no interval (%s less %s: %s)", x.B, x.A, x.Amount(x.Mean))
	}
	return ""
}

// side is above 0 where B has the better values, below where A has, and 0 where
// nobody says which are.
func (x Contrast) side() float64 {
	switch x.Goal {
	case experiments.Max:
		return x.Mean
	case experiments.Min:
		return -x.Mean
	}
	return 0
}

// Level says of what the interval speaks: "recipe level: 3 seeds x 512 tasks".
func (x Contrast) Level() string {
	tasks := Count(x.Tasks, "task")
	switch {
	case x.Pairing == welch:
		return fmt.Sprintf("recipe level, seeds %d and %d not paired", x.SeedsA, x.SeedsB)
	case x.Seeds == 1 && x.Tasks > 0:
		return "two checkpoints, not two recipes: one seed, " + tasks
	case x.Tasks > 0:
		return fmt.Sprintf("recipe level: %s x %s", Count(x.Seeds, "seed"), tasks)
	}
	return "recipe level: " + Count(x.Seeds, "seed")
}

// Caveats are what else has to be kept in mind.
func (x Contrast) Caveats() (words []string) {
	if x.Seeds > 1 && x.Seeds < fewSeeds {
		words = append(words, fmt.Sprintf("only %d seeds", x.Seeds))
	}
	if x.Pairing == bySeed && (x.SeedsA > x.Seeds || x.SeedsB > x.Seeds) {
		words = append(words, fmt.Sprintf("seeds in common: %d of %d and %d", x.Seeds, x.SeedsA, x.SeedsB))
	}
	if x.Apart > 0 {
		words = append(words, fmt.Sprintf("%s left out, which not all runs have", Count(x.Apart, "task")))
	}
	if x.Unlike != "" {
		words = append(words, "not alike: "+x.Unlike)
	}
	if x.Family > 1 {
		words = append(words, fmt.Sprintf("1 of %d comparisons, uncorrected", x.Family))
	}
	return words
}

// Amount is a difference with its sign: in points where the metric is a rate.
func (x Contrast) Amount(v float64) string {
	if IsRate(x.Metric) {
		return x.bare(v) + " points"
	}
	return x.bare(v)
}

// bare is Amount without its unit.
func (x Contrast) bare(v float64) string {
	if IsRate(x.Metric) {
		return signed(100*v, 1)
	}
	return signedShort(v)
}
