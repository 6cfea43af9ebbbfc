package report_test

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// tested is the end of a run of which tasks so many of n samples were right, and which
// took a minute.
func tested(t *testing.T, s *store.Store, run experiments.Run, metric, set string, n int, right ...int) {
	t.Helper()
	items, sum := make([]store.Item, len(right)), 0
	for i, c := range right {
		items[i] = store.Item{ID: fmt.Sprintf("t%d", i), N: n, C: c}
		sum += c
	}
	finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{metric: float64(sum) / float64(n*len(right))}}})
	write(t, filepath.Join(s.RunDir(run.ID), "a1", "items", set+"@10.jsonl"), items...)
}

// bitsOf are "1010" as counts of right programs.
func bitsOf(bits string) (right []int) {
	for _, b := range bits {
		right = append(right, int(b-'0'))
	}
	return right
}

func seeOf(t *testing.T, s *store.Store, p *experiments.Plan, delta float64) report.See {
	t.Helper()
	see, err := report.SeeOf(s, p, records(t, s, p), delta, 2)
	if err != nil {
		t.Fatal(err)
	}
	return see
}

func opened(t *testing.T, plans ...*experiments.Plan) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		if err := s.WritePlan(p); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// By hand: the differences of two seeds on four tasks are 1 0 1 0 and 1 1 0 0. Both seeds
// have the mean 1/2, so nothing is between seeds. Tasks have the means 1, 1/2, 1/2 and 0:
// a variance of 1/6. What is left over of outcomes is 0, 0, 1/2 -1/2, -1/2 1/2 ... squares
// of 4/4 by 3 degrees of freedom are 1/3; half of it is in the means of tasks: 1/6 - 1/6.
// So single outcomes alone are left: sqrt(1/3 / 8) with one degree of freedom, whose
// quantiles of t are 12.7062 and 1.3764.
func TestSeeFromItsOwnRuns(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 2\naxes = { size = [1, 2] }")
	s := opened(t, p)
	for _, run := range p.Runs() {
		bits := map[string]string{"1 1": "1010", "1 2": "1100", "2 1": "0000", "2 2": "0000"}[fmt.Sprint(run.Params["size"], " ", run.Seed)]
		tested(t, s, run, "eval/pass@1", "current", 1, bitsOf(bits)...)
	}
	got := seeOf(t, s, p, 0)
	want := math.Sqrt(1.0/3/8) * (12.7062 + 1.3764)
	if got.MDE == nil || math.Abs(*got.MDE-want) > 1e-4 {
		t.Fatalf("%v can be seen, want %v", got.MDE, want)
	}
	if got.AtBest || got.From != "own" || got.Read != 4 || got.Tasks != 4 || *got.SeedSD != 0 || *got.TaskSD != 0 || math.Abs(*got.OutcomeSD-math.Sqrt(1.0/3)) > 1e-12 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"could see no difference, however large (80 % power, 2 seeds x 4 tasks; spread taken from 4 runs of its own)"}, got.Words); diff != "" {
		t.Error(diff)
	}
}

// Another experiment tells what this one has not measured: the nearest in its parameters,
// of the same recipe. Equal weights tell nothing.
func TestSeeFromOtherRuns(t *testing.T) {
	t.Parallel()
	sft := experiments.Recipe{Name: "sft", Version: 1, Params: []experiments.Param{
		{Name: "tasks", Kind: experiments.Int, Default: 256}, {Name: "steps", Kind: experiments.Int, Default: 10}, {Name: "eval_tasks", Kind: experiments.Int, Default: 2},
	}}
	f, err := experiments.Parse("t.toml", []byte(`schema = 1
[experiment.a-far]
recipe = "sft"
seeds = 2
axes = { tasks = [1, 2] }
params = { steps = 99 }
[experiment.b-same]
recipe = "sft"
seeds = 2
axes = { tasks = [1, 2] }
[experiment.c-near]
recipe = "sft"
seeds = 2
axes = { tasks = [1, 2] }
[experiment.mine]
recipe = "sft"
seeds = 3
axes = { tasks = [1, 2, 4] }
params = { eval_tasks = 8 }
`), []experiments.Recipe{sft})
	if err != nil {
		t.Fatal(err)
	}
	var all []*experiments.Plan
	for _, e := range f.Experiments {
		all = append(all, e.Plan())
	}
	mine := all[3]
	s := opened(t, all[:3]...)
	for i, p := range all[:3] {
		for j, run := range p.Runs() {
			tested(t, s, run, "eval/pass@1", "current", 1, []int{j % 2, j / 2 * i % 2}...)
			if i == 1 {
				e := store.Exit{Outcome: store.Outcome{Metrics: store.Values{"eval/pass@1": 0.5}, WeightsSHA256: "same"}}
				finish(t, s, run, e)
			}
		}
	}
	got := seeOf(t, s, mine, 0)
	if got.From != "c-near" || got.Seeds != 3 || got.Tasks != 8 || got.AtBest {
		t.Errorf("%+v", got)
	}
}

// Where nobody has measured anything it is what independent outcomes at a pass rate of a
// half make: 2/4 by 3 seeds and 100 tasks, with quantiles of t for 2 degrees of freedom.
func TestSeeAtBest(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	p := ps["e"]
	s := opened(t)
	got := seeOf(t, s, p, 0.05)
	if want := math.Sqrt(0.5/300) * (4.302653 + 1.060660); got.MDE == nil || math.Abs(*got.MDE-want) > 1e-6 || !got.AtBest || got.SeedSD != nil {
		t.Errorf("%+v, want %v at best", got, want)
	}
	// sqrt(0.5/100/R) (t + t') is 0.0509 with 16 seeds less one degree of freedom: 17 do.
	need := func(w report.Way) int { return *w.Needed }
	if len(got.Ways) != 2 || need(got.Ways[0]) < 15 || need(got.Ways[0]) > 18 || got.Ways[0].Add != 2*(need(got.Ways[0])-3) {
		t.Errorf("%+v", got.Ways)
	}
	if w := got.Ways[1]; w.By != "tasks" || w.Add != 6 || *w.Minutes != 5 || math.Abs(float64(need(w))-100*math.Pow(*got.MDE/0.05, 2)) > 1 {
		// As the sum goes with 1 / sqrt(tasks). Runs of 120 and 60 s by turns on two slots: 120 +
		// 60 + 60 on one, 60 + 120 + 120 on the other.
		t.Errorf("%+v", w)
	}
	own := seeOf(t, s, ps["own"], 0.1)
	if own.MDE != nil || own.AtBest || len(own.Ways) != 0 || !strings.Contains(own.Words[0], "not known") {
		t.Errorf("nobody says how many tasks there are: %+v", own)
	}
}

// A metric with one value a seed: differences 0.1, 0.2 and 0.3 have a standard deviation
// of 0.1; 3 seeds see 0.1 / sqrt(3) times 4.302653 + 1.060660.
func TestSeeOverSeeds(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 3\naxes = { size = [1, 2] }\nobjective = { metric = 'train/loss', goal = 'min' }")
	s := opened(t, p)
	for _, run := range p.Runs() {
		loss := 1.0
		if fmt.Sprint(run.Params["size"]) == "2" {
			loss += 0.1 * float64(run.Seed)
		}
		finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": loss}}})
	}
	got := seeOf(t, s, p, 0.2)
	if want := 0.1 / math.Sqrt(3) * (4.302653 + 1.060660); got.MDE == nil || math.Abs(*got.MDE-want) > 1e-6 || got.Tasks != 0 || got.TaskSD != nil {
		t.Errorf("%+v, want %v", got, want)
	}
	// With 4 seeds 0.05 (3.182 + 0.978) = 0.208, with 5 0.0447 (2.776 + 0.941) = 0.166.
	if len(got.Ways) != 1 || *got.Ways[0].Needed != 5 || got.Ways[0].Add != 4 {
		t.Errorf("%+v", got.Ways)
	}
}

// Three cells whose differences a seed have standard deviations of 0.1, 0.2 and 0.1: what
// single pairs see goes with these, all together with the root of the mean of squares.
func TestSeeByPair(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 3\naxes = { size = [1, 2, 3] }\nobjective = { metric = 'train/loss', goal = 'min' }")
	s := opened(t, p)
	for i, run := range p.Runs() {
		loss := 1 + 0.1*float64(i%3)*float64(run.Seed) // cells by turns
		finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": loss}}})
	}
	const k = (4.302653 + 1.060660) / 1.7320508
	got := seeOf(t, s, p, 0)
	want := []float64{k * 0.1, k * 0.2, k * math.Sqrt(0.02)}
	if diff := cmp.Diff(want, append(got.Range, *got.MDE), cmpopts.EquateApprox(1e-6, 0)); diff != "" {
		t.Error(diff)
	}
	if w := "could see 0.438, 0.31 to 0.619 by the pair of cells (80 % power, 3 seeds; spread taken from 9 runs of its own)"; got.Words[0] != w {
		t.Errorf("%q, want %q", got.Words[0], w)
	}
}

// Of many runs only so many are read, of all cells alike.
func TestSeeReadsFewRuns(t *testing.T) {
	t.Parallel()
	for axes, want := range map[string]int{"[1, 2, 3, 4, 5]": 20, "[1, 2]": 14, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]": 24} {
		p := trainer(t, "seeds = 7\naxes = { size = "+axes+" }\nobjective = { metric = 'train/loss', goal = 'min' }")
		s := opened(t, p)
		for i, run := range p.Runs() {
			finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": float64(i * i % 7)}}})
		}
		if got := seeOf(t, s, p, 0); got.Read != want {
			t.Errorf("%d runs of %s were read, want %d", got.Read, axes, want)
		}
	}
}

// One seed tells of tasks, not of seeds: differences 1 0 1 0 have a variance of 1/3 that
// all may be of single outcomes, as if three seeds were to differ in nothing else.
func TestSeeFromOneSeed(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 3\naxes = { size = [1, 2] }")
	s := opened(t, p)
	for _, run := range p.Runs() {
		if run.Seed == 2 {
			tested(t, s, run, "eval/pass@1", "current", 1, bitsOf(map[string]string{"1": "1010", "2": "0000"}[fmt.Sprint(run.Params["size"])])...)
		}
	}
	got := seeOf(t, s, p, 0)
	if want := math.Sqrt(1.0/3/12) * (4.302653 + 1.060660); got.MDE == nil || math.Abs(*got.MDE-want) > 1e-6 || !got.AtBest || got.From != "own" || got.SeedSD != nil {
		t.Errorf("%+v, want %v at best", got, want)
	}
	if !strings.Contains(got.Words[0], "no run tells of the spread between seeds: as if there were none; that of tasks taken from 2 runs of its own") {
		t.Errorf("%q", got.Words)
	}
}

// Samples help where a metric is their mean. By hand: differences by seed are 1/2 0 0 -1/2
// and its negative, with a variance of 1/3 in single outcomes; samples of tasks that are
// right in one of two explain all of it. So 14.0826 standard errors of sqrt(1/24) are
// 2.875, which go with 1 / sqrt(samples): below 0.9 from 2 (2.875 / 0.9)^2 = 20.4 on.
func TestSeeBySamples(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 2\naxes = { size = [1, 2] }\nobjective = { metric = 'eval/avg@2', goal = 'max' }")
	s := opened(t, p)
	for _, run := range p.Runs() {
		right := map[string]string{"1 1": "0112", "1 2": "2110", "2 1": "1111", "2 2": "1111"}[fmt.Sprint(run.Params["size"], " ", run.Seed)]
		tested(t, s, run, "eval/avg@2", "current-samples", 2, bitsOf(right)...)
	}
	got := seeOf(t, s, p, 0.9)
	if got.Samples != 2 || len(got.Ways) != 3 || got.Ways[2].By != "samples" || got.Ways[2].Needed == nil || *got.Ways[2].Needed != 21 || got.Ways[2].Add != 4 {
		t.Errorf("%+v", got)
	}
	if !strings.HasPrefix(got.Words[1], "to see 90.0 points: ") || !strings.HasSuffix(got.Words[1], "21 samples (4 runs anew, at least 2m00s)") {
		t.Errorf("%q", got.Words)
	}
}

func TestSeeRefuses(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	s := opened(t)
	for _, delta := range []float64{-0.1, math.NaN(), math.Inf(1), 3} {
		err := report.Plan(&bytes.Buffer{}, s, ps["e"], report.Ahead{Flags: report.PlanFlags{See: delta}, Slots: 1}, false)
		if err == nil || !strings.Contains(err.Error(), "plan what to see: a difference of") {
			t.Errorf("%v: %v", delta, err)
		}
	}
	if _, err := report.SeeOf(s, ps["single"], nil, 3, 1); err != nil { // a loss may differ by that
		t.Error(err)
	}
}

// The words stand under the table, and what is asked for in one of its own.
func TestPlanSaysWhatItCouldSee(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	p, err := f.Plan("rows", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Plan(&b, s, p, report.Ahead{Slots: 2, Flags: report.PlanFlags{See: 0.3}}, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan-see", s.Dir, b.String())
}

// With one seed it is two checkpoints that are told apart, after the range of the pairs.
func TestSeeOfCheckpoints(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2, 3] }")
	s := opened(t, p)
	for i, run := range p.Runs() {
		tested(t, s, run, "eval/pass@1", "current", 1, bitsOf([]string{"10100110", "11001100", "00010000"}[i])...)
	}
	got := seeOf(t, s, p, 0)
	if got.Range == nil || !strings.Contains(got.Words[0], " by the pair of cells, between two checkpoints, and says nothing of two recipes (") {
		t.Errorf("%+v", got)
	}
}
