package report_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const compared = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 3
axes = { tasks = [4, 8] }
[experiment.e.params]
eval_samples = 0
`

// ran is what a run came to: an outcome a task, "1" for one that is solved, and
// values of other metrics.
type ran struct {
	bits string
	m    store.Values
}

// storeOf runs the experiments of a file: what each run came to by its cell's label
// and seed, "4 s1"; a run without an entry was never made.
func storeOf(t *testing.T, text string, results map[string]ran) (*store.Store, *experiments.File) {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := asking(t, text)
	for _, e := range f.Experiments {
		again(t, s, e.Plan(), results)
	}
	return s, f
}

// again runs one design more.
func again(t *testing.T, s *store.Store, p *experiments.Plan, results map[string]ran) {
	t.Helper()
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for _, run := range p.Runs() {
		var values []string
		for _, a := range run.Axes {
			values = append(values, fmt.Sprint(a.Value))
		}
		r, ok := results[fmt.Sprintf("%s s%d", strings.Join(values, "x"), run.Seed)]
		if !ok {
			continue
		}
		m := store.Values{}
		maps.Copy(m, r.m)
		if r.bits != "" {
			items, solved := make([]store.Item, len(r.bits)), 0
			for i, b := range r.bits {
				items[i] = store.Item{ID: fmt.Sprintf("t%d", i), N: 1, C: int(b - '0'), Stratum: fmt.Sprintf("depth%d", 2+i%2), Verdict: map[rune]string{'0': "WA", '1': "AC"}[b]}
				solved += int(b - '0')
			}
			m["eval/pass@1"] = float64(solved) / float64(len(r.bits))
			write(t, filepath.Join(s.RunDir(run.ID), "a1", "items", "current@10.jsonl"), items...)
		}
		finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: m, WeightsSHA256: run.ID}})
	}
}

// values are the same metrics of runs with one value each.
func values(reward, loss, kl, same float64) store.Values {
	return store.Values{"train/reward": reward, "train/loss": loss, "train/kl": kl, "train/same": same}
}

// Two cells with three seeds each. By hand: the paired differences of the outcomes
// are 1 0, 1 1, 0 0, so the mean is 1/2; they vary by 1/12 by seeds, with two
// degrees of freedom, 4.3026527, and tasks no more than single outcomes do. Rewards differ by
// 0.4, 0.3, 0.5: 0.4 ± 4.3026527 x 0.1/√3.
func pairOfCells() map[string]ran {
	return map[string]ran{
		"4 s1": {"00", values(0.5, 2, 1, 7)}, "4 s2": {"00", values(0.6, 3, 1, 7)}, "4 s3": {"00", values(0.7, 4, 1, 7)},
		"8 s1": {"10", values(0.9, 2.4, 1.4, 7)}, "8 s2": {"11", values(0.9, 3.3, 1.3, 7)}, "8 s3": {"00", values(1.2, 4.5, 1.5, 7)},
	}
}

func compare(t *testing.T, s *store.Store, o report.CompareOptions) *report.Comparison {
	t.Helper()
	c, err := report.NewComparer(s).Compare(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func around(got stats.Effect, mean, half float64) bool {
	return math.Abs(got.Mean-mean) < 1e-6 && math.Abs(got.Lo-mean+half) < 1e-6 && math.Abs(got.Hi-mean-half) < 1e-6
}

func TestCompareByHand(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, pairOfCells())
	const few = "only 3 seeds: Student's t is 4.30, and sign flips over 3 seeds cannot go below p = 0.25"
	for metric, want := range map[string]struct {
		mean, half float64
		verdict    string
		words      string
	}{
		"": {0.5, 4.3026527 * math.Sqrt(1.0/12), report.NoEvidence,
			"no evidence (could not have seen even 100 points): B less A +50.0 points (95 %: -74.2 to +174.2; recipe level, 3 seeds x 2 tasks); " + few},
		"train/reward": {0.4, 0.2484138, report.Better, "B better, by 0.400 (95 %: 0.152 to 0.648; recipe level, 3 seeds); " + few},
		"train/loss":   {0.4, 0.2484138, report.Worse, "A better, by 0.400 (95 %: 0.152 to 0.648; recipe level, 3 seeds); " + few},
		"train/kl": {0.4, 0.2484138, "",
			"B higher, by 0.400 (95 %: 0.152 to 0.648; recipe level, 3 seeds); which is better nobody said; " + few},
		"train/same": {0, 0, report.NoEvidence, "no evidence: no difference at all between A and B (recipe level, 3 seeds); " + few},
	} {
		t.Run(metric, func(t *testing.T) {
			t.Parallel()
			c := compare(t, s, report.CompareOptions{Names: []string{"e/4", "e/8"}, Metric: metric})
			got := c.Rows[0].Against[1]
			if !around(got.Effect, want.mean, want.half) || got.Seeds != 3 {
				t.Errorf("B less A is %+v, want %v ± %v", got.Effect, want.mean, want.half)
			}
			if diff := cmp.Diff([]string{want.verdict, want.words}, []string{got.Verdict, got.Words}); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlips(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, map[string]ran{
		"4 s1": {bits: "01100"}, "4 s2": {bits: "01110"}, "4 s3": {bits: "00110"},
		"8 s1": {bits: "10110"}, "8 s2": {bits: "11010"}, "8 s3": {bits: "10110"},
	})
	c := compare(t, s, report.CompareOptions{Names: []string{"4", "8"}})
	f := c.Detail.Flips
	// In how many of three seeds: A 0 2 3 2 0, B 3 1 2 3 0.
	if got := [6]int{f.Tasks, f.Seeds, f.Gained, f.Lost, f.Both, f.Neither}; got != [6]int{5, 3, 2, 2, 0, 1} {
		t.Errorf("tasks, seeds, gained, lost, both, neither are %v", got)
	}
	want := []report.Stratum{{Name: "depth2", Tasks: 3, Gained: 1, Lost: 1, A: 1.0 / 3, B: 5.0 / 9, Change: (1 - 1.0/3) / 3}, {Name: "depth3", Tasks: 2, Gained: 1, Lost: 1, A: 2.0 / 3, B: 2.0 / 3}}
	if diff := cmp.Diff(want, f.Strata, approx(), cmpopts.IgnoreFields(report.Stratum{}, "Diff")); diff != "" {
		t.Errorf("strata (-want +got):\n%s", diff)
	}
	var ids []string
	for _, one := range f.List {
		ids = append(ids, fmt.Sprintf("%s %.2f %.2f %v %v", one.ID, one.A, one.B, one.VerdictsA, one.VerdictsB))
	}
	if diff := cmp.Diff([]string{
		"t0 0.00 1.00 [WA WA WA] [AC AC AC]", "t1 0.67 0.33 [AC AC WA] [WA AC WA]",
		"t2 1.00 0.67 [AC AC AC] [AC WA AC]", "t3 0.67 1.00 [WA AC AC] [AC AC AC]",
	}, ids); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func approx() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) })
}

// What cannot be told is said to be so.
func TestNoInterval(t *testing.T) {
	t.Parallel()
	const single = `schema = 1
[experiment.one]
recipe = "sft"
seeds = [7]
axes = { tasks = [4, 8, 16] }
[experiment.two]
recipe = "sft"
seeds = [1, 2]
axes = { tasks = [5] }
`
	s, _ := storeOf(t, single, map[string]ran{
		"4 s7": {"0011", store.Values{"train/reward": 1}}, "8 s7": {"0111", store.Values{"train/reward": 3}},
		"5 s1": {"0011", store.Values{"train/reward": 2}}, "5 s2": {"0101", store.Values{"train/reward": 2}},
	})
	for name, want := range map[string]struct {
		o     report.CompareOptions
		words string
	}{
		"one seed speaks of checkpoints": {report.CompareOptions{Names: []string{"one/4", "one/8"}},
			"no evidence (could not have seen even 100 points): B less A +25.0 points (95 %: -54.6 to +104.6; task level, one seed x 4 tasks); this speaks of two checkpoints, not of two recipes"},
		"one seed and no tasks": {report.CompareOptions{Names: []string{"one/4", "one/8"}, Metric: "train/reward"},
			"no evidence: one seed and no outcomes of single tasks give no interval (B less A +2.000)"},
		"not run": {report.CompareOptions{Names: []string{"one/4", "one/16"}},
			"nothing to compare yet: no run of B is done with this metric"},
		"no seed in common and one of either": {report.CompareOptions{Names: []string{"one/4", "two/5"}, Metric: "train/reward"},
			"no evidence: no seed in common, and one run of either says nothing about seeds (B less A +1.000)"},
		"other seeds, one run each": {report.CompareOptions{Names: []string{"two/5/s1", "two/5/s2"}},
			"no evidence (could not have seen even 100 points): B less A 0.0 points (95 %: -129.9 to +129.9; task level, one seed x 4 tasks); this speaks of two checkpoints, not of two recipes"},
		"the same runs": {report.CompareOptions{Names: []string{"two/5", "two"}}, "A and B have the same runs: nothing to compare"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := compare(t, s, want.o).Rows[0].Against[1]
			if got.Words != want.words || got.Verdict != report.NoEvidence {
				t.Errorf("%s: %q, want %q", got.Verdict, got.Words, want.words)
			}
		})
	}
}

// Seeds that agree to the last digit tell of no spread, and so of nothing.
func TestSeedsThatAgree(t *testing.T) {
	t.Parallel()
	results := map[string]ran{}
	for seed := range 3 {
		results[fmt.Sprintf("4 s%d", seed+1)] = ran{m: store.Values{"eval/pass@1": 0.25}}
		results[fmt.Sprintf("8 s%d", seed+1)] = ran{m: store.Values{"eval/pass@1": 0.5}}
	}
	s, _ := storeOf(t, compared, results)
	got := compare(t, s, report.CompareOptions{Names: []string{"4", "8"}}).Rows[0].Against[1]
	if want := "no evidence: 3 seeds agree to the last digit, and nothing tells of the spread (B less A +25.0 points)"; got.Words != want {
		t.Errorf("%q, want %q", got.Words, want)
	}
}

// Student's sleep data as two groups that have no seed in common, whose interval is
// R's, by Welch. With 17.776 degrees of freedom t is 2.1028 and its quantile of 0.8
// 0.8625: (2.1028 + 0.8625) x 0.8491 = 2.518.
func TestOtherSeeds(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.one]
recipe = "sft"
seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
axes = { tasks = [4] }
[experiment.two]
recipe = "sft"
seeds = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
axes = { tasks = [4] }
`
	results := map[string]ran{}
	for i, x := range []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4} {
		results[fmt.Sprintf("4 s%d", i+1)] = ran{m: store.Values{"train/reward": x}}
	}
	s, _ := storeOf(t, text, results)
	got := compare(t, s, report.CompareOptions{Names: []string{"one", "two"}, Metric: "train/reward"}).Rows[0].Against[1]
	if math.Abs(got.Mean-1.58) > 1e-6 || math.Abs(got.Lo+0.2054832) > 1e-6 || math.Abs(got.Hi-3.3654832) > 1e-6 {
		t.Errorf("B less A is %+v", got.Effect)
	}
	if want := "no evidence (could only have seen 2.518): B less A +1.580 (95 %: -0.205 to +3.365; recipe level, 10 and 10 seeds, not paired)"; got.Words != want {
		t.Errorf("%q, want %q", got.Words, want)
	}
}

// Two designs of an experiment, set beside each other by its axes: only what both
// have is compared, and a run that somebody distrusts counts in nothing.
func TestEarlierDesign(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, compared, pairOfCells())
	old := f.Experiments[0].Plan()
	newer, err := f.Plan("e", []string{"spare=9"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	newer.Cells = newer.Cells[1:] // of 8 tasks alone
	newer.Hash = "feedfeedfeed"
	again(t, s, newer, map[string]ran{"8 s1": {bits: "11"}, "8 s2": {bits: "11"}})
	say(t, s, old.Runs()[5].ID, "distrust", "it saw the tests")
	names := []string{"e", "e@" + old.Hash[:6]}
	c := compare(t, s, report.CompareOptions{Names: names})
	if len(c.Rows) != 1 || c.Rows[0].Label != "8" || len(c.Unmatched) != 1 || c.Unmatched[0] != "B 4" {
		t.Fatalf("%d rows, the first %q; without a partner: %q", len(c.Rows), c.Rows[0].Label, c.Unmatched)
	}
	x := c.Rows[0].Against[1]
	// Of the old runs seed 3 is distrusted: 10 and 11 against 11 and 11.
	if x.SeedsA != 2 || x.SeedsB != 2 || math.Abs(x.Mean+0.25) > 1e-9 {
		t.Errorf("B less A is %+v of %d and %d seeds", x.Effect, x.SeedsA, x.SeedsB)
	}
	if len(c.LeftOut) != 1 || c.LeftOut[0].Run != old.Runs()[5].ID {
		t.Errorf("left out: %v", c.LeftOut)
	}
	var differ []string
	for _, p := range c.Detail.Params[:c.Detail.Differ] {
		differ = append(differ, fmt.Sprint(p.Name, " ", p.Values))
	}
	if diff := cmp.Diff([]string{"spare [9 0]"}, differ); diff != "" {
		t.Errorf("what differs (-want +got):\n%s", diff)
	}
}

// In how many cells there is what, by hand; what one seed shows is of checkpoints.
func TestTally(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.one]
recipe = "sft"
seeds = [7]
axes = { tasks = [4, 8, 16] }
[experiment.two]
recipe = "sft"
seeds = [7]
axes = { tasks = [4, 8, 16], solutions = [2] }
`
	low, high := "0000000000000001", "1111111111111110"
	s, _ := storeOf(t, text, map[string]ran{
		"4 s7": {bits: low}, "8 s7": {bits: high}, "16 s7": {bits: low},
		"4x2 s7": {bits: high}, "8x2 s7": {bits: low}, "16x2 s7": {bits: low[:15] + "0"},
	})
	c := compare(t, s, report.CompareOptions{Names: []string{"one", "two"}})
	want := []string{"B against A in pass@1: better (1 seed) in 1 cell, worse (1 seed) in 1 cell, no evidence in 1 cell; Holm over 3"}
	if diff := cmp.Diff(want, c.Tally()); diff != "" {
		t.Errorf("tally (-want +got):\n%s", diff)
	}
	table := c.Tables()[0]
	if diff := cmp.Diff([]string{"tasks", ">A pass@1", ">B pass@1", "B - A", "B", ">could see"}, table.Head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	// By hand: one task of 16 is lost, -1/16 with a standard error of 1/16; t of 15 degrees
	// of freedom is 2.1314, at 0.05/3 2.6937, its quantile of 0.8 0.8662. Wilson for 1 of 16 and 0 of 16.
	if got := strings.Join(table.Rows[2], " | "); got != "16 | 0.062 ±.221 | 0.000 ±.194 | -0.062 [-.196, +.071] | no evidence | 0.222" {
		t.Errorf("the last row is %q", got)
	}
	if got := c.Rows[0].Against[1].Word(); got != "better, 1 seed" {
		t.Errorf("the first cell says %q", got)
	}
}

// By hand: each run took a minute on one core.
func TestCost(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, pairOfCells())
	c := compare(t, s, report.CompareOptions{Names: []string{"4", "8"}})
	want := [][]string{{"minutes a run", "1", "1"}, {"core-hours", "0.05", "0.05"}}
	if diff := cmp.Diff(want, c.Detail.CostLines()); diff != "" {
		t.Errorf("cost (-want +got):\n%s", diff)
	}
}

func TestCompareNames(t *testing.T) {
	t.Parallel()
	const text = compared + `
[experiment.two]
recipe = "sft"
axes = { tasks = [8], solutions = [2, 3] }
`
	results := pairOfCells()
	results["8x2 s1"], results["8x3 s1"] = ran{bits: "01"}, ran{bits: "11"}
	s, f := storeOf(t, text, results)
	e := f.Experiments[0].Plan()
	for name, want := range map[string]string{ // the labels of the units, or the beginning of what is wrong
		"e": "4 8", "two": "8×2 8×3", "e/4": "4", "e/tasks=8": "8", "e/" + e.Cells[0].Name: "4", "8x3": "8×3", "8×3": "8×3", "tasks=8,solutions=2": "8×2",
		"e/8/s2": "8 s2", "8×3 s1": "8×3 s1", "8x3/s1": "8×3 s1", " e/8/s2/ ": "8 s2", "e@" + e.Hash: "4 8", "e@" + e.Hash[:5] + "/8": "8",
		"4":       "4",
		"nothing": `compare "nothing": no experiment and no cell of that name was run in STORE; there are e, two`,
		"e/9":     `compare "e/9": e has no such cell; there are 4, 8`,
		"e/8/s9":  `compare "e/8/s9": the cell ` + e.Cells[1].Name + ` has no run of seed 9`,
		"e@9d":    `compare "e@9d": find design e@9d: nothing of it was run before`,
		"x/8/s1":  `compare "x/8/s1": no experiment and no cell of that name was run in STORE; there are e, two`,
		"../e":    `compare "../e": no experiment and no cell of that name was run in STORE; there are e, two`,
		"":        `compare "": no experiment and no cell of that name was run in STORE; there are e, two`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := report.NewComparer(s).Compare(report.CompareOptions{Names: []string{name, "e/4"}})
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), s.Dir, "STORE")
				if !strings.HasPrefix(got, want) || want == "" {
					t.Errorf("%q, want %q", got, want)
				}
				return
			}
			for _, u := range c.Sides[0].Units {
				got += " " + u.Label
			}
			if strings.TrimSpace(got) != want {
				t.Errorf("%q means %q, want %q", name, strings.TrimSpace(got), want)
			}
		})
	}
	for name, want := range map[string]string{"e": "such as `ablate compare e/4 e/8`", "e/4": "`ablate ls` has them", "../e": "`ablate ls` has them"} {
		want = "want 2 to 8 names of runs, cells or experiments, got 1; " + want
		if _, err := report.NewComparer(s).Compare(report.CompareOptions{Names: []string{name}}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("one side: %v, want %q", err, want)
		}
	}
	empty, _ := store.Open(t.TempDir())
	if _, err := report.NewComparer(empty).Compare(report.CompareOptions{Names: []string{"e", "f"}}); err == nil || !strings.Contains(err.Error(), "`ablate run quick` makes the first ones") {
		t.Errorf("an empty store: %v", err)
	}
}

func TestCompareWrites(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, pairOfCells())
	for name, c := range map[string]struct {
		names []string
		json  bool
	}{
		"compare": {[]string{"4", "8"}, false}, "compare-json": {[]string{"4", "8"}, true},
		"compare-experiments": {[]string{"e", "e/8/s1"}, false},
	} {
		var b bytes.Buffer
		if err := report.Compare(&b, s, report.CompareOptions{Names: c.names}, false, c.json); err != nil {
			t.Fatal(err)
		}
		golden(t, name, s.Dir, b.String())
	}
	c := compare(t, s, report.CompareOptions{Names: []string{"4", "8"}})
	golden(t, "compare-markdown", s.Dir, c.Markdown())
}

// Eight experiments of 12 cells x 3 seeds x 512 tasks: a look at what is known
// already, as each second has one while something is live.
func BenchmarkCompare(b *testing.B) {
	s, err := store.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for e := range 8 {
		p := &experiments.Plan{Experiment: fmt.Sprintf("e%d", e), Hash: fmt.Sprint(e), Axes: []string{"tasks"}, Seeds: []int64{1, 2, 3}, Objective: experiments.Objective{Metric: "eval/pass@1", Goal: experiments.Max}}
		for i := range 12 {
			p.Cells = append(p.Cells, experiments.Cell{Name: fmt.Sprintf("tasks=%d~%06d", i, i), Axes: []experiments.Setting{{Name: "tasks", Value: int64(i + 1)}}, Params: experiments.Params{"e": int64(e)}})
		}
		names = append(names, p.Experiment)
		for i, run := range p.Runs() {
			items, solved := make([]store.Item, 512), 0
			for t := range items {
				items[t] = store.Item{ID: fmt.Sprintf("task-%03d", t), N: 1, C: (t*7 + i*e) % 3 % 2, Stratum: "depth2"}
				solved += items[t].C
			}
			dir := s.RunDir(run.ID)
			write(b, s.PlanFile(p.Experiment), p)
			write(b, filepath.Join(dir, "run.json"), run)
			write(b, filepath.Join(dir, "a1", "start.json"), store.Start{Time: began, Workers: 1})
			write(b, filepath.Join(dir, "a1", "items", "current@9.jsonl"), items...)
			write(b, filepath.Join(dir, "a1", "exit.json"), store.Exit{Seconds: 9, Outcome: store.Outcome{Time: began, Metrics: store.Values{"eval/pass@1": float64(solved) / 512, "train/loss": float64(i)}}})
		}
	}
	c := report.NewComparer(s)
	look := func() {
		if _, err := c.Compare(report.CompareOptions{Names: names}); err != nil {
			b.Fatal(err)
		}
	}
	cold := time.Now()
	look()
	first := time.Since(cold)
	for b.Loop() {
		look()
	}
	b.ReportMetric(float64(first.Milliseconds()), "ms-first")
}

// A difference keeps its length, however great it is.
func TestAmount(t *testing.T) {
	t.Parallel()
	for metric, want := range map[string]string{"eval/pass@1": "+1e+302 points", "train/loss": "+1e+300"} {
		if got := (report.Contrast{Metric: metric}).Amount(1e300); got != want {
			t.Errorf("%s: %q, want %q", metric, got, want)
		}
	}
}

// Cells without a partner may be many: some of each side stand for them.
func TestAlone(t *testing.T) {
	t.Parallel()
	c := report.Comparison{Sides: make([]report.Side, 2), Unmatched: []string{"A 1", "A 2", "B 9"}}
	if got := c.Alone(); got != "A 1, A 2, B 9" {
		t.Errorf("%q", got)
	}
	c.Unmatched = []string{"A 1", "A 2", "A 3", "A 4", "A 5", "A 6", "B 7", "B 8", "B 9"}
	if got := c.Alone(); got != "A 1, A 2, A 3, A 4, B 7, B 8, B 9, and 2 more" {
		t.Errorf("%q", got)
	}
}
