package synth

import (
	"fmt"
	"strings"
)

// Funnel counts what a pipeline made and what each gate dropped. The shares below
// the counts were found by a look at the truth afterwards.
type Funnel struct {
	Tasks      int
	Candidates int            // programs written
	Tests      int            // inputs, each run by every candidate of its task
	Unlabelled int            // of them, those on which no candidate ran to an end
	Dropped    map[string]int // tasks, by reason
	Kept       int

	LabelAccuracy  float64 // share of right labels, mean over the tasks that have any
	CandidateRight float64 // share of candidates that are right on all tests
	FirstRight     float64 // share of tasks whose first candidate is: what raw data is worth
	GoldenError    float64 // share of tests on which a golden program is wrong, mean over the kept tasks
	GoldenRight    float64 // share of kept tasks whose golden program is right on all tests
}

// FunnelOf counts what became of tasks.
func FunnelOf(all []Verified) Funnel {
	f := Funnel{Tasks: len(all), Dropped: map[string]int{}}
	labelled := 0
	for _, v := range all {
		f.Candidates += len(v.Candidates)
		f.Tests += len(v.Tests)
		for _, label := range v.Decision.Labels {
			if label == "" {
				f.Unlabelled++
			}
		}
		for j, right := range v.Truth.Right {
			f.CandidateRight += float64(truth(right))
			f.FirstRight += float64(truth(right && j == 0))
		}
		if v.Decision.Dropped != NoOutput {
			labelled++
			f.LabelAccuracy += v.Truth.Labels
		}
		if !v.Kept() {
			f.Dropped[v.Decision.Dropped]++
			continue
		}
		f.Kept++
		f.GoldenError += 1 - v.Truth.GoldenPass
		f.GoldenRight += float64(truth(v.Truth.Right[v.Decision.Golden]))
	}
	f.LabelAccuracy = share(f.LabelAccuracy, labelled)
	f.CandidateRight, f.FirstRight = share(f.CandidateRight, f.Candidates), share(f.FirstRight, f.Tasks)
	f.GoldenError, f.GoldenRight = share(f.GoldenError, f.Kept), share(f.GoldenRight, f.Kept)
	return f
}

// share is sum/n, and 0 of nothing.
func share(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// String is the funnel as a person reads it: a line for each gate with what it
// dropped and what is left.
func (f Funnel) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "made          %7d tasks, %d candidates, %d tests (%d without a label)\n",
		f.Tasks, f.Candidates, f.Tests, f.Unlabelled)
	left := f.Tasks
	for _, gate := range []struct{ reason, words string }{
		{NoOutput, "no candidate ran to an end"},
		{NoTests, "no test with a label on one side of the split"},
		{Disagreement, "the golden program is not among the best on the held-out tests"},
		{Unsolvable, "the strong solver passes no test"},
	} {
		left -= f.Dropped[gate.reason]
		fmt.Fprintf(&b, "%-13s %7d dropped, %d left: %s\n", gate.reason, f.Dropped[gate.reason], left, gate.words)
	}
	fmt.Fprintf(&b, "kept          %7d tasks (%.1f %%)\n", f.Kept, 100*share(float64(f.Kept), f.Tasks))
	fmt.Fprintf(&b, "against the truth, afterwards:\n")
	fmt.Fprintf(&b, "  labels %.2f %% right; candidates %.1f %%, first candidates %.1f %%\n",
		100*f.LabelAccuracy, 100*f.CandidateRight, 100*f.FirstRight)
	fmt.Fprintf(&b, "  golden programs of kept tasks %.1f %% right, wrong on %.2f %% of tests\n",
		100*f.GoldenRight, 100*f.GoldenError)
	return b.String()
}
