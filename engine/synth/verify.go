package synth

import (
	"math"
	"slices"
	"strconv"

	"ablate/engine/judge"
	"ablate/engine/seed"
)

// Rules are those of dual verification: vote on the outputs, select on one part of
// the tests, confirm on the other (arXiv 2601.06953, equations 1 and 2 and
// algorithm 1). They see inputs and outputs and never the truth.
type Rules struct {
	Weighting string  // of the tests that select: WeightSize, WeightSemantic or WeightNone
	HoldOut   float64 // share of the tests that confirm, 0 to 1; 0: nothing confirms
	Seed      int64   // of the split and of all ties
}

// The weights of tests: 1 to 4 by quartile of size; 1, 2, 3, 4 for small, medium
// and large, boundary, stress; or 1 for all.
const (
	WeightSize     = "size"
	WeightSemantic = "semantic"
	WeightNone     = "none"
)

// DefaultRules are the paper's: weights by size, half of the tests held out.
func DefaultRules() Rules { return Rules{Weighting: WeightSize, HoldOut: 0.5} }

// The reasons to drop a task, in the order of the gates.
const (
	NoOutput     = "no_output"    // no candidate ran to an end on any test
	NoTests      = "no_tests"     // no test with a label on one side of the split
	Disagreement = "disagreement" // the golden program is not among the best on the held-out tests
	Unsolvable   = "unsolvable"   // the strong solver passes no test
)

// Reasons lists them in that order.
var Reasons = []string{NoOutput, NoTests, Disagreement, Unsolvable}

// Executed is a candidate program with what it gave for each test.
type Executed struct {
	Source  string
	Outputs []judge.Output
}

// Decision is what verification makes of a task.
type Decision struct {
	Labels  []string  // the output voted for, one a test; empty where no candidate ran to an end
	HeldOut []bool    // whether a test confirms rather than selects
	Weights []int     // of each test in the selection
	Passed  []float64 // share of the labelled tests that each candidate passes
	Golden  int       // index of the golden program, -1 if there is none
	Agreed  []bool    // whether the golden program gives the label of a test; nil if there is none
	Dropped string    // one of Reasons, empty if the task is kept
}

// Verify decides on a task. Neither labels nor the golden program depend on the
// order of the candidates, as long as their sources differ. With one of them the vote
// and both halves are its own, so that only a failure or the solver can drop the
// task. A solver without outputs (nil) is not asked.
func (r Rules) Verify(tests []Test, executed []Executed, solver []judge.Output) Decision {
	d := Decision{
		Labels: r.vote(tests, executed), HeldOut: r.split(len(tests)), Weights: r.weigh(tests),
		Passed: make([]float64, len(executed)), Golden: -1,
	}
	var selecting, confirming, labelled int
	for i, label := range d.Labels {
		switch {
		case label == "":
		case d.HeldOut[i]:
			confirming++
		default:
			selecting++
		}
	}
	if labelled = selecting + confirming; labelled == 0 {
		d.Dropped = NoOutput
		return d
	}
	for j, a := range executed {
		d.Passed[j] = float64(passes(d.Labels, a.Outputs, nil)) / float64(labelled)
	}
	if selecting == 0 || confirming == 0 && r.HoldOut > 0 {
		d.Dropped = NoTests
		return d
	}
	d.Golden = r.golden(d, executed)
	d.Agreed = make([]bool, len(tests))
	for i, label := range d.Labels {
		d.Agreed[i] = gives(executed[d.Golden].Outputs[i], label)
	}
	switch {
	case !confirmed(d, executed):
		d.Dropped = Disagreement
	case solver != nil && passes(d.Labels, solver, nil) == 0:
		d.Dropped = Unsolvable
	}
	return d
}

// vote gives the most frequent output of each test among the runs that succeeded.
// Of equally frequent ones the seed chooses, by a hash of the output.
func (r Rules) vote(tests []Test, executed []Executed) []string {
	labels := make([]string, len(tests))
	for i, t := range tests {
		most, rank := 0, uint64(0)
		for _, a := range executed {
			y := a.Outputs[i]
			if y.Verdict != judge.AC || y.Value == labels[i] {
				continue
			}
			n := 0
			for _, b := range executed {
				if o := b.Outputs[i]; o.Verdict == judge.AC && o.Value == y.Value {
					n++
				}
			}
			if k := r.rank(t.Input, y.Value); n > most || n == most && k < rank {
				labels[i], most, rank = y.Value, n, k
			}
		}
	}
	return labels
}

// rank orders what is tied, by the seed and the texts alone (FNV-1a, mixed).
func (r Rules) rank(texts ...string) uint64 {
	h := mix(uint64(r.Seed))
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		h = mix(h)
	}
	return h
}

// split draws which of n tests are held out: at least one if any share is.
func (r Rules) split(n int) []bool {
	held := make([]bool, n)
	if n == 0 || !(r.HoldOut > 0) { // so that NaN is none, too
		return held
	}
	k := max(1, int(math.Round(float64(min(r.HoldOut, 1)*float64(n)))))
	for _, i := range seed.Stream(r.Seed, "hold-out", 0).Perm(n)[:k] {
		held[i] = true
	}
	return held
}

// weigh gives the weights of tests.
func (r Rules) weigh(tests []Test) []int {
	weights := slices.Repeat([]int{1}, len(tests))
	switch r.Weighting {
	case WeightSemantic:
		for i, t := range tests {
			weights[i] = map[string]int{Small: 1, Medium: 2, Large: 2, Boundary: 3, Stress: 4}[t.Class]
		}
	case WeightSize:
		order := make([]int, len(tests))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return tests[a].Size - tests[b].Size })
		for place, i := range order {
			weights[i] = 1 + 4*place/len(tests)
		}
	}
	return weights
}

// golden gives the candidate of the greatest weight passed among the tests that
// are not held out; of equals the one that the seed ranks first. Each of some equal
// texts has a rank of its own: a usual program is chosen as often as it is written.
func (r Rules) golden(d Decision, executed []Executed) int {
	weights := slices.Clone(d.Weights)
	for i, held := range d.HeldOut {
		if held {
			weights[i] = 0
		}
	}
	at, top, rank := -1, -1, uint64(0)
	for j, a := range executed {
		score, k := passes(d.Labels, a.Outputs, weights), r.rank(a.Source, copies(executed[:j], a.Source))
		if score > top || score == top && k < rank {
			at, top, rank = j, score, k
		}
	}
	return at
}

// copies tells how many of some candidates have a text.
func copies(executed []Executed, source string) string {
	n := 0
	for _, a := range executed {
		if a.Source == source {
			n++
		}
	}
	return strconv.Itoa(n)
}

// confirmed says whether no candidate passes more of the held-out tests than the
// golden one.
func confirmed(d Decision, executed []Executed) bool {
	weights := make([]int, len(d.HeldOut))
	for i, held := range d.HeldOut {
		if held {
			weights[i] = 1
		}
	}
	own := passes(d.Labels, executed[d.Golden].Outputs, weights)
	return !slices.ContainsFunc(executed, func(a Executed) bool { return passes(d.Labels, a.Outputs, weights) > own })
}

// passes gives the weight of the labelled tests whose output is the label; nil
// weighs each test 1.
func passes(labels []string, outputs []judge.Output, weights []int) int {
	sum := 0
	for i, label := range labels {
		if !gives(outputs[i], label) {
			continue
		}
		if weights == nil {
			sum++
		} else {
			sum += weights[i]
		}
	}
	return sum
}

// gives says whether an output is the label of its test.
func gives(y judge.Output, label string) bool {
	return label != "" && y.Verdict == judge.AC && y.Value == label
}
