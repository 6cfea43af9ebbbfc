package report

import (
	"fmt"
	"math"
)

// fewSeeds is below what number of seeds an interval rests on so little that it is
// said.
const fewSeeds = 5

// fewTasks is below what number of tasks it says nothing that all differ alike.
const fewTasks = 10

// nothing says why there is no difference to judge, "" where there is one.
func (x *Contrast) nothing() string {
	less := func() string { return fmt.Sprintf("(%s less %s %s)", x.B, x.A, x.Amount(x.Mean)) }
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
		return lacks(x.A, x.FailedA)
	case x.SeedsB == 0:
		return lacks(x.B, x.FailedB)
	case x.Tasks == 0 && x.Apart > 0:
		return fmt.Sprintf("nothing to compare: no task in common (%s in all)", Count(x.Apart, "task"))
	case math.IsNaN(x.Mean) || math.IsInf(x.Mean, 0):
		return "no evidence: a value is no number"
	case x.alike() && x.units() < fewTasks:
		return fmt.Sprintf("no evidence: %s agree to the last digit, and nothing tells of the spread %s", x.agreeing(), less())
	case math.IsNaN(x.Lo) && x.Pairing == unpaired:
		return "no evidence: no seed in common, and one run of either says nothing about seeds " + less()
	case math.IsNaN(x.Lo) && x.Tasks == 1:
		return "no evidence: one task gives no interval " + less()
	case math.IsNaN(x.Lo) && x.Clusters == 1:
		return "no evidence: tasks that all belong together give no interval " + less()
	case math.IsNaN(x.Lo):
		return "no evidence: one seed and no outcomes of single tasks give no interval " + less()
	}
	return ""
}

// lacks says that a side has no value, of whose runs so many ended without one.
func lacks(side string, failed int) string {
	text := fmt.Sprintf("nothing to compare yet: no run of %s is done with this metric", side)
	if failed > 0 {
		text += fmt.Sprintf("; %d ended without a value", failed)
	}
	return text
}

// agreeing is what differs alike.
func (x *Contrast) agreeing() string {
	if x.Seeds > 1 {
		return Count(x.Seeds, "seed")
	}
	return Count(x.Tasks, "task")
}

// replicates are what is seen several times.
func (x *Contrast) replicates() string {
	switch {
	case x.Seeds > 1 && x.Tasks > 0: // that tasks vary is not in it
		return "seeds alone"
	case x.Seeds > 1:
		return "seeds"
	case x.Clusters > 0:
		return "clusters"
	}
	return "tasks"
}

// alike is true if there is a difference and no spread.
func (x *Contrast) alike() bool { return x.Lo == x.Hi && x.Lo != 0 }

// units are the tasks, or clusters of them, that vary by themselves.
func (x *Contrast) units() int {
	if x.Clusters > 0 {
		return x.Clusters
	}
	return x.Tasks
}

// Level says of what the interval speaks: "recipe level, 3 seeds x 512 tasks".
func (x Contrast) Level() string {
	level, seeds := "recipe level", Count(x.Seeds, "seed")
	if x.Seeds == 1 {
		level, seeds = "task level", "one seed"
	}
	if x.Pairing.loose() {
		seeds = fmt.Sprintf("%d and %d seeds, not paired", x.SeedsA, x.SeedsB)
	}
	if x.Tasks > 0 {
		seeds += " x " + Count(x.Tasks, "task")
	}
	if x.Clusters > 0 {
		seeds += fmt.Sprintf(" in %d clusters", x.Clusters)
	}
	return level + ", " + seeds
}

// Caveats are what else has to be kept in mind.
func (x Contrast) Caveats() (words []string) {
	add := func(format string, values ...any) { words = append(words, fmt.Sprintf(format, values...)) }
	switch {
	case x.Pairing == apart && x.SeedsA == 1:
		add("one seed of %s: what its recipe varies by is not in the interval", x.A)
	case x.Pairing == apart && x.SeedsB == 1:
		add("one seed of %s: what its recipe varies by is not in the interval", x.B)
	case x.Seeds == 1:
		add("this speaks of two checkpoints, not of two recipes")
	}
	x.fewSeeds(add)
	if x.Seeds > 1 && x.units() == 1 {
		add("one task or cluster: what tasks vary by is not in the interval")
	}
	if x.Pairing == bySeed && (x.SeedsA > x.Seeds || x.SeedsB > x.Seeds) {
		add("seeds in common: %d of %d and %d", x.Seeds, x.SeedsA, x.SeedsB)
	}
	switch {
	case x.Apart > 0 && x.Seeds == 1 && !x.Pairing.loose():
		add("%s left out that only one side has", Count(x.Apart, "task"))
	case x.Apart > 0:
		add("%s left out that not all runs have", Count(x.Apart, "task"))
	}
	failed(add, x.A, x.FailedA, x.SeedsA)
	failed(add, x.B, x.FailedB, x.SeedsB)
	if x.samples != "" {
		add("%s samples a task", x.samples)
	}
	if x.Unlike != "" && x.Refused == "" {
		add("not alike: %s", x.Unlike)
	}
	if x.alone < alpha && x.PHolm >= alpha {
		add("p = %s alone, %s by Holm", pText(x.alone), pText(x.PHolm))
	}
	return words
}

// fewSeeds says how little few seeds can show: Student's t with 1, 2 and 3 degrees of
// freedom, and that flips of their signs have few outcomes.
func (x *Contrast) fewSeeds(add func(string, ...any)) {
	t := map[int]string{2: "12.71", 3: "4.30", 4: "3.18"}
	least := math.Pow(2, 1-float64(x.Seeds))
	switch {
	case x.Seeds < 2:
	case x.Pairing.loose() && min(x.SeedsA, x.SeedsB) < fewSeeds:
		add("only %d and %d seeds", x.SeedsA, x.SeedsB)
	case x.Pairing.loose():
	case x.Seeds < fewSeeds:
		add("only %d seeds: Student's t is %s, and sign flips over %[1]d seeds cannot go below p = %[3]g", x.Seeds, t[x.Seeds], least)
	case least >= alpha:
		add("sign flips over %d seeds cannot go below p = %g", x.Seeds, least)
	}
}

// failed says that runs without a value count as runs: those that failed, and those whose
// value is no number.
func failed(add func(string, ...any), side string, n, values int) {
	switch {
	case n == 1:
		add("1 run of %s ended without a value; it stays in n: %d of %d", side, values, values+n)
	case n > 1:
		add("%d runs of %s ended without a value; they stay in n: %d of %d", n, side, values, values+n)
	}
}

// Tests are the p of all tests in a line, and what they could have seen; "" where there is
// no test.
func (x Contrast) Tests() string {
	if math.IsNaN(x.alone) {
		return ""
	}
	text := "p " + pText(x.alone)
	if x.Family > 1 {
		text += fmt.Sprintf(", %s by Holm over %d", pText(x.PHolm), x.Family)
	}
	if !math.IsNaN(x.PFlip) {
		text += fmt.Sprintf("; sign flips of %s %s", x.replicates(), pText(x.PFlip))
	}
	if !math.IsNaN(x.PMcNemar) {
		text += "; McNemar " + pText(x.PMcNemar)
	}
	if !math.IsNaN(x.PEquivalent) {
		text += fmt.Sprintf("; equivalence within %s: p %s", x.size(x.Margin), pText(x.PEquivalent))
	}
	if mde := x.MDE(); !math.IsNaN(mde) && x.Verdict != NoEvidence {
		text += "; could have seen " + mdeText(mde, IsRate(x.Metric))
	}
	return text
}

// Amount is a difference with its sign: in points where the metric is a rate.
func (x Contrast) Amount(v float64) string {
	if IsRate(x.Metric) {
		return x.bare(v) + " points"
	}
	return x.bare(v)
}

// bare is Amount without its unit.
func (x *Contrast) bare(v float64) string {
	if IsRate(x.Metric) {
		return signed(100*v, 1)
	}
	return signedShort(v)
}

// bracketed is an interval without its unit: "[-35.1, -24.3]".
func (x *Contrast) bracketed(lo, hi float64) string {
	return fmt.Sprintf("[%s, %s]", x.bare(lo), x.bare(hi))
}

// size is an amount without a sign but that of a number below 0.
func (x *Contrast) size(v float64) string { return size(v, IsRate(x.Metric)) }

func size(v float64, rate bool) string {
	if rate {
		return plainNumber(100*v, 1) + " points"
	}
	return short(v)
}

// mdeText is what could have been seen; of a rate no more than there is.
func mdeText(mde float64, rate bool) string {
	if rate && mde >= 1 {
		return "not even 100 points"
	}
	return size(mde, rate)
}

// number is size without its unit.
func (x *Contrast) number(v float64) string {
	if IsRate(x.Metric) {
		return plainNumber(100*v, 1)
	}
	return short(v)
}

// plainNumber is a number that has no sign above 0.
func plainNumber(v float64, decimals int) string {
	text := signed(v, decimals)
	if text[0] == '+' {
		return text[1:]
	}
	return text
}

// pText is a p as people read it.
func pText(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}
