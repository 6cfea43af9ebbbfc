package report

import (
	"fmt"
	"math"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
)

// Verdicts of a comparison, on B against A, beside NoEvidence; "" where nobody said
// which is better, and where it is refused.
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
	PHolm            float64 // of a difference, adjusted by Holm over these; NaN: none
	PEquivalent      float64 // of equivalence within the margin, likewise
	PFlip            float64 // of sign flips of the unit of replication: tasks or clusters with one seed, else seeds; NaN: none
	FlipN            int     // values that can be flipped
	PMcNemar         float64 // exact, where there is one seed each and one sample a task; NaN elsewhere
	FailedA, FailedB int     // runs that ended without a result: they stay in n

	head    string  // Words without caveats
	alone   float64 // p of the difference, not adjusted; NaN: none
	sides   int     // that are compared
	samples string  // of a task, where both took another number: "8 and 16"
}

// alpha is how often a verdict may be wrong where there is nothing.
const alpha = 0.05

// judge gives each difference of one metric its verdict, as one of all that stand on the
// same screen.
func judge(rows ...*CompareRow) {
	var all []*Contrast
	var differ, equal []float64
	for _, row := range rows {
		for i := 1; i < len(row.Against); i++ {
			x := &row.Against[i]
			x.alone = x.p()
			all, differ, equal = append(all, x), append(differ, x.alone), append(equal, x.pEquivalent())
		}
	}
	family := 0
	for _, p := range differ {
		if !math.IsNaN(p) {
			family++
		}
	}
	differ, equal = stats.Holm(differ), stats.Holm(equal)
	for i, x := range all {
		x.Family, x.PHolm, x.PEquivalent, x.PFlip, x.PMcNemar = family, differ[i], equal[i], math.NaN(), math.NaN()
		x.Verdict, x.head = x.verdict()
		x.Words = x.head
		if x.nothing() == "" && !x.identical() {
			x.Words = strings.Join(append([]string{x.head}, x.Caveats()...), "; ")
		}
	}
}

// p is how likely such a difference is where there is none; NaN where nothing tells, and
// where nothing is asked since the verdict is refused. Where all tasks differ alike no
// spread tells, and sign flips of the tasks do.
func (x *Contrast) p() float64 {
	switch {
	case x.Refused != "" || x.nothing() != "":
		return math.NaN()
	case x.alike():
		return math.Pow(2, 1-float64(x.units()))
	}
	return x.P()
}

// pEquivalent is how likely such a difference is where the true one is as great as the
// margin; NaN as p, and without a margin.
func (x *Contrast) pEquivalent() float64 {
	switch {
	case x.Refused != "" || x.nothing() != "":
		return math.NaN()
	case x.identical() && x.Margin > 0:
		return 0
	case x.sameOutcomes():
		return x.Unchanged(x.Margin)
	}
	return x.Equivalence(x.Margin)
}

// MDE is the least true difference that is found in 80 of 100 cases at the level that Holm
// leaves the first of all that stand on the same screen, so that what was found in none is
// below what could have been seen.
func (x *Contrast) MDE() float64 {
	if math.IsNaN(x.PHolm) {
		return x.Effect.MDE()
	}
	return x.MDEAt(alpha / float64(max(1, x.Family)))
}

// verdict is what the difference shows. It never says more than the test does: that it
// finds nothing is no evidence of a difference, and none of its absence.
func (x *Contrast) verdict() (verdict, words string) {
	why := x.nothing()
	switch {
	case why != "":
		return NoEvidence, why
	case x.Refused != "":
		return "", "no verdict: " + x.Refused + " made these numbers; --force gives one; " + x.less()
	case x.PEquivalent < alpha:
		return Equivalent, "equivalent within " + x.size(x.Margin) + x.although()
	case x.PHolm < alpha && x.side() > 0:
		return Better, x.higher(x.B, x.A, "better")
	case x.PHolm < alpha && x.side() < 0:
		return Worse, x.higher(x.A, x.B, "better")
	case x.PHolm < alpha && x.Mean > 0:
		return "", x.higher(x.B, x.A, "higher")
	case x.PHolm < alpha:
		return "", x.higher(x.A, x.B, "higher")
	case x.Lo == 0 && x.Hi == 0:
		return NoEvidence, "no evidence: " + x.equal()
	}
	return NoEvidence, "no evidence" + couldSee(x.MDE(), IsRate(x.Metric)) + ": " + x.less()
}

// side is above 0 where B has the better values, below where A has, and 0 where
// nobody says which are.
func (x *Contrast) side() float64 {
	switch x.Goal {
	case experiments.Max:
		return x.Mean
	case experiments.Min:
		return -x.Mean
	}
	return 0
}

// higher is the verdict for one of them: "B better, by 37.0 points (...)", seen from it.
func (x *Contrast) higher(winner, loser, word string) string {
	text := winner + " " + word
	if x.sides > MinSides {
		text += " than " + loser
	}
	lo, hi := x.Lo, x.Hi
	if x.Mean < 0 {
		lo, hi = -hi, -lo
	}
	text += ", by " + x.size(math.Abs(x.Mean)) + x.basis(x.number(lo), x.number(hi))
	if x.side() == 0 {
		text += "; which is better nobody said"
	}
	return text
}

// although is the difference beside equivalence, which may be real and small.
func (x *Contrast) although() string {
	if x.identical() {
		return ": " + x.equal()
	}
	if x.sameOutcomes() {
		return ": the same outcomes on " + x.onTasks()
	}
	if !(x.PHolm < alpha) {
		return ": " + x.less()
	}
	winner, loser, word := x.B, x.A, "better"
	if side := x.side(); side < 0 || side == 0 && x.Mean < 0 {
		winner, loser = x.A, x.B
	}
	if x.side() == 0 {
		word = "higher"
	}
	return ", though " + x.higher(winner, loser, word)
}

// less is the difference with its interval: "B less A +1.2 points (...)".
func (x *Contrast) less() string {
	return fmt.Sprintf("%s less %s %s", x.B, x.A, x.Amount(x.Mean)) + x.basis(x.bare(x.Lo), x.bare(x.Hi))
}

// identical is true of the same weights with the same outcomes.
func (x *Contrast) identical() bool { return x.SameBits && x.Lo == 0 && x.Hi == 0 }

// sameOutcomes is true of tasks that all came to the same, and of a margin that is a share
// of tasks.
func (x *Contrast) sameOutcomes() bool {
	return IsRate(x.Metric) && !math.IsNaN(x.Unchanged(x.Margin))
}

// onTasks is "880 tasks in 40 clusters, in each of 3 seeds".
func (x *Contrast) onTasks() string {
	text := Count(x.Tasks, "task")
	if x.Clusters > 0 {
		text += fmt.Sprintf(" in %d clusters", x.Clusters)
	}
	switch {
	case x.Pairing.loose():
		text += fmt.Sprintf(", in each of %d and %d seeds", x.SeedsA, x.SeedsB)
	case x.Seeds > 1:
		text += fmt.Sprintf(", in each of %d seeds", x.Seeds)
	}
	return text
}

// equal is what there is to say where nothing differs.
func (x *Contrast) equal() string {
	if x.identical() {
		return fmt.Sprintf("%s and %s are equal: the same bits", x.A, x.B)
	}
	return fmt.Sprintf("no difference at all between %s and %s (%s)", x.A, x.B, x.Level())
}

// basis is what a difference rests on: " (95 %: 28.1 to 45.9; recipe level, 3 seeds x
// 1024 tasks; Holm over 6)".
func (x *Contrast) basis(lo, hi string) string {
	parts := []string{fmt.Sprintf("95 %%: %s to %s", lo, hi), x.Level()}
	if x.alike() {
		parts[0] = "all tasks differ alike"
	}
	if x.Family > 1 && !math.IsNaN(x.PHolm) {
		parts = append(parts, fmt.Sprintf("Holm over %d", x.Family))
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// couldSee is what a comparison that shows nothing would have found: " (could only have
// seen 8.1 points)".
func couldSee(mde float64, rate bool) string {
	switch {
	case math.IsNaN(mde):
		return ""
	case rate && mde >= 1:
		return " (could not have seen even 100 points)"
	}
	return " (could only have seen " + size(mde, rate) + ")"
}
