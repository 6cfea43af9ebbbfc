package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// outcome is how a run ended, with what became of its tasks.
type outcome struct {
	items  []store.Item
	failed bool
	m      store.Values
}

// bits are tasks with one sample each: "1" for one that is solved.
func bits(s string) outcome {
	o := outcome{items: make([]store.Item, len(s))}
	for i, b := range s {
		o.items[i] = store.Item{ID: fmt.Sprintf("t%d", i), N: 1, C: int(b - '0')}
	}
	return o
}

// value is a run that wrote down no outcomes of tasks.
func value(reward float64) outcome { return outcome{m: store.Values{"train/reward": reward}} }

// from names the tasks from another number on.
func (o outcome) from(first int) outcome {
	for i := range o.items {
		o.items[i].ID = fmt.Sprintf("t%d", first+i)
	}
	return o
}

// sides are one experiment with a cell of the runs of each side; change, if any, makes
// the plan something else first.
func sides(t *testing.T, seeds int, change func(*experiments.Plan), runs ...[]outcome) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	values := make([]string, len(runs))
	for i := range values {
		values[i] = fmt.Sprint(i + 1)
	}
	p := asking(t, fmt.Sprintf("schema = 1\n[experiment.e]\nrecipe = 'sft'\nseeds = %d\naxes = { tasks = [%s] }\n", seeds, strings.Join(values, ", "))).Experiments[0].Plan()
	if change != nil {
		change(p)
	}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for _, run := range p.Runs() {
		of := runs[run.Params.Int("tasks")-1]
		if int(run.Seed) > len(of) {
			continue
		}
		o := of[run.Seed-1]
		e := store.Exit{Outcome: store.Outcome{Metrics: store.Values{}, WeightsSHA256: run.ID}}
		maps.Copy(e.Metrics, o.m)
		if o.items != nil {
			sum := 0.0
			for _, i := range o.items {
				sum += float64(i.C) / float64(i.N)
			}
			if _, said := o.m["eval/pass@1"]; !said {
				e.Metrics["eval/pass@1"] = sum / float64(len(o.items))
			}
			write(t, filepath.Join(s.RunDir(run.ID), "a1", "items", "current@10.jsonl"), o.items...)
		}
		if o.failed {
			e = store.Exit{Code: 1, Reason: "exit code 1"}
		}
		finish(t, s, run, e)
	}
	return s
}

func against(t *testing.T, s *store.Store, o report.CompareOptions) report.Contrast {
	t.Helper()
	if o.Names == nil {
		o.Names = []string{"1", "2"}
	}
	return compare(t, s, o).Chosen.Against[1]
}

const one = "; this speaks of two checkpoints, not of two recipes"

// The public teaching example of statistics on 400 problems: A solves 320, B 332, B alone
// 26, A alone 14: the difference is 0.03, its standard error 0.01576 (n - 1), McNemar's
// exact p 0.080690; two one-sided tests have p 0.102 at a margin of 0.05 and 0.0285 at
// 0.06. Student's t with 399 degrees of freedom is 1.9659, its quantile of 0.8 is 0.8427:
// 0.03 ± 0.0310, and (1.9659 + 0.8427) x 0.01576 = 0.0443 could be seen.
func TestVerdictOnTheTeachingExample(t *testing.T) {
	t.Parallel()
	both, neither := strings.Repeat("1", 306), strings.Repeat("0", 54)
	a := bits(both + neither + strings.Repeat("0", 26) + strings.Repeat("1", 14))
	b := bits(both + neither + strings.Repeat("1", 26) + strings.Repeat("0", 14))
	s := sides(t, 1, nil, []outcome{a}, []outcome{b})
	const size = "B less A +3.0 points (95 %: -0.1 to +6.1; task level, one seed x 400 tasks)" + one
	for margin, want := range map[float64]struct {
		verdict, words string
		p              float64
	}{
		0:    {report.NoEvidence, "no evidence (could only have seen 4.4 points): " + size, math.NaN()},
		0.05: {report.NoEvidence, "no evidence (could only have seen 4.4 points): " + size, 0.102},
		0.06: {report.Equivalent, "equivalent within 6.0 points: " + size, 0.0285},
	} {
		x := against(t, s, report.CompareOptions{Margin: margin})
		if x.Verdict != want.verdict || x.Words != want.words {
			t.Errorf("margin %v: %q: %q, want %q", margin, x.Verdict, x.Words, want.words)
		}
		if math.Abs(x.PEquivalent-want.p) > 1e-3 || math.IsNaN(x.PEquivalent) != math.IsNaN(want.p) {
			t.Errorf("margin %v: equivalence has p %v, want %v", margin, x.PEquivalent, want.p)
		}
		if !(math.Abs(x.PMcNemar-0.080690) < 1e-6) || x.FlipN != 40 || !(math.Abs(x.PFlip-0.0807) < 5e-3) { // flips are as McNemar's, drawn
			t.Errorf("McNemar %v, sign flips of %d values %v", x.PMcNemar, x.FlipN, x.PFlip)
		}
		if x.Margin != margin || x.Family != 1 || x.PHolm != x.P() {
			t.Errorf("%+v", x.Judged)
		}
	}
}

// Rewards by seed with differences of 0.4, 0.3, 0.5 from A: p 0.0202. As one of three
// comparisons it is 0.0607 by Holm; as one of three whose others have a larger p.
func TestHolmOverTheScreen(t *testing.T) {
	t.Parallel()
	a := []outcome{value(0.5), value(0.6), value(0.7)}
	b := []outcome{value(0.9), value(0.9), value(1.2)}
	c := []outcome{value(0.6), value(0.3), value(0.8)}
	s := sides(t, 3, nil, a, b, c, c)
	two := against(t, s, report.CompareOptions{Metric: "train/reward"})
	if two.Verdict != report.Better || !(math.Abs(two.PHolm-0.0202) < 1e-4) {
		t.Errorf("alone: %+v", two.Judged)
	}
	x := against(t, s, report.CompareOptions{Names: []string{"1", "2", "3", "4"}, Metric: "train/reward"})
	if x.Verdict != report.NoEvidence || x.Family != 3 || !(math.Abs(x.PHolm-3*0.020204) < 1e-4) || !strings.Contains(x.Words, "Holm over 3") ||
		!strings.HasSuffix(x.Words, "; p = 0.02 alone, 0.061 by Holm") {
		t.Errorf("of three: %+v", x.Judged)
	}
	// Student's t with 2 degrees of freedom is 7.6489 at 0.05/3, its quantile of 0.8 is 1.0607,
	// and the standard error 0.1/sqrt(3): less than 0.503 was found in 0.4, and could not be seen.
	if !(math.Abs(x.MDE()-0.50284) < 1e-4) || !(math.Abs(two.MDE()-0.30965) < 1e-4) || !strings.HasPrefix(x.Words, "no evidence (could only have seen 0.503): B less A +0.400") {
		t.Errorf("it could see %v of three, %v alone: %q", x.MDE(), two.MDE(), x.Words)
	}
	steady := []outcome{value(1.4), value(1.51), value(1.6)} // 0.9, 0.91, 0.9 above A
	x = against(t, sides(t, 3, nil, a, steady, c), report.CompareOptions{Names: []string{"1", "2", "3"}, Metric: "train/reward"})
	if want := "B better than A, by 0.903 (95 %: 0.889 to 0.918; recipe level, 3 seeds; Holm over 2)"; !strings.HasPrefix(x.Words, want) {
		t.Errorf("%q, want %q", x.Words, want)
	}
}

// Where data or evaluations differ there are numbers and no verdict, unless forced; what
// is an axis is what was asked.
func TestRefused(t *testing.T) {
	t.Parallel()
	a, b := []outcome{bits("00000000001"), bits("00000000010"), bits("00000000001")}, []outcome{bits("11111111011"), bits("11111111110"), bits("11111101111")}
	temperature := func(axis bool) func(*experiments.Plan) {
		return func(p *experiments.Plan) {
			p.Recipe = experiments.Command
			for i := range p.Cells {
				p.Cells[i].Params["eval_temperature"] = 0.2 * float64(i)
				p.Cells[i].Params["eval_tasks"] = int64(i)
				if axis {
					p.Cells[i].Axes = append(p.Cells[i].Axes, experiments.Setting{Name: "eval_temperature", Value: 0.2 * float64(i)})
				}
			}
		}
	}
	greedy := func(p *experiments.Plan) { temperature(false)(p); p.Recipe = "sft" }
	for name, tt := range map[string]struct {
		change  func(*experiments.Plan)
		refused string
	}{
		"nothing":           {nil, ""},
		"temperature":       {temperature(false), "evaluations with eval_temperature 0 and 0.2"},
		"greedy programs":   {greedy, ""},
		"that is the axis":  {temperature(true), ""},
		"more tasks":        {func(p *experiments.Plan) { p.Cells[1].Params["eval_tasks"] = int64(9) }, ""},
		"only one side has": {func(p *experiments.Plan) { p.Recipe = experiments.Command; p.Cells[1].Params["eval_set"] = "x" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sides(t, 3, tt.change, a, b)
			refuses(t, s, tt.refused)
		})
	}
	t.Run("greedy programs and samples", func(t *testing.T) {
		t.Parallel()
		avg := func(x float64) outcome { return outcome{m: store.Values{"eval/pass@1": x, "eval/avg@8": x}} }
		s := sides(t, 2, func(p *experiments.Plan) {
			greedy(p)
			p.Cells[0].Params["eval_samples"], p.Cells[1].Params["eval_samples"] = int64(8), int64(16)
		}, []outcome{avg(0.25), avg(0.5)}, []outcome{avg(0.5), avg(0.875)})
		o := report.CompareOptions{Names: []string{"e/tasks=1", "e/tasks=2"}}
		if x := against(t, s, o); x.Refused != "" || strings.Contains(x.Words, "samples a task") {
			t.Errorf("pass@1: %+v", x.Judged)
		}
		o.Metric = "eval/avg@8"
		if x := against(t, s, o); x.Refused != "evaluations with eval_temperature 0 and 0.2" || !strings.Contains(x.Words, "; 8 and 16 samples a task") {
			t.Errorf("avg@8: %+v", x.Judged)
		}
	})
	t.Run("recipe versions", func(t *testing.T) {
		t.Parallel()
		s := sides(t, 3, nil, a, b)
		p, err := s.ReadPlan("e")
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range p.Runs() {
			if run.Params.Int("tasks") == 2 {
				run.RecipeVersion = 4
				write(t, filepath.Join(s.RunDir(run.ID), "run.json"), run)
			}
		}
		refuses(t, s, "recipe sft version 3 and 4")
	})
}

// refuses compares the two cells of a store; refused is why there is no verdict, "" where
// there is one.
func refuses(t *testing.T, s *store.Store, refused string) {
	t.Helper()
	names := []string{"e/tasks=1", "e/tasks=2"}
	x := against(t, s, report.CompareOptions{Names: names})
	if x.Refused != refused {
		t.Fatalf("refused for %q, want %q", x.Refused, refused)
	}
	if refused == "" {
		if x.Verdict != report.Better {
			t.Errorf("%+v", x.Judged)
		}
		return
	}
	if x.Verdict != "" || x.Word() != "no verdict" || x.Family != 0 || math.IsNaN(x.Mean) || !strings.HasPrefix(x.Words, "no verdict: "+refused+" made these numbers; --force gives one; B less A +") {
		t.Errorf("%q: %q", x.Verdict, x.Words)
	}
	forced := against(t, s, report.CompareOptions{Names: names, Force: true})
	if forced.Verdict != report.Better || forced.Refused != "" || !strings.Contains(forced.Words, "; not alike: "+refused) {
		t.Errorf("forced: %+v", forced.Judged)
	}
	var doc struct {
		Verdict, Refused *string
		Diff             *float64
		CI               *[2]float64
	}
	var b bytes.Buffer
	if err := report.Compare(&b, s, report.CompareOptions{Names: names}, false, true); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Verdict != nil || doc.Refused == nil || doc.Diff == nil || doc.CI == nil {
		t.Errorf("%s (%v)", b.String(), err)
	}
}

// Equal weights are equal only where they did the same: sampled at two temperatures they
// did not.
func TestSameBits(t *testing.T) {
	t.Parallel()
	a, same, other := bits("0011"), bits("0011"), bits("0111")
	for want, b := range map[string]outcome{"equivalent within 2.0 points: A and B are equal: the same bits": same, "no evidence (could not have seen even 100 points)": other} {
		s := sides(t, 1, nil, []outcome{a}, []outcome{b})
		p, err := s.ReadPlan("e")
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range p.Runs() { // of one model
			file := filepath.Join(s.RunDir(run.ID), "a1", "exit.json")
			var e store.Exit
			if err := store.ReadJSON(file, &e); err != nil {
				t.Fatal(err)
			}
			e.WeightsSHA256 = "feed"
			write(t, file, e)
		}
		if x := against(t, s, report.CompareOptions{Margin: 0.02}); !x.SameBits || !strings.HasPrefix(x.Words, want) {
			t.Errorf("%q, want %q", x.Words, want)
		}
	}
}

// A margin is a number above 0, and of a rate below 1.
func TestMarginOnTheCommandLine(t *testing.T) {
	t.Parallel()
	s := sides(t, 1, nil, []outcome{bits("0011")}, []outcome{bits("0111")})
	for _, margin := range []float64{-0.1, math.NaN(), math.Inf(1), 1, 2} {
		if _, err := report.NewComparer(s).Compare(report.CompareOptions{Names: []string{"1", "2"}, Margin: margin}); err == nil || !strings.Contains(err.Error(), "2 points") {
			t.Errorf("%v: %v", margin, err)
		}
	}
	s = sides(t, 1, func(p *experiments.Plan) { p.Objective.Margin = 0.03 }, []outcome{bits("0011")}, []outcome{bits("0111")})
	if x := against(t, s, report.CompareOptions{}); x.Margin != 0.03 {
		t.Errorf("the design's margin is %v", x.Margin)
	}
	if x := against(t, s, report.CompareOptions{Margin: 0.05}); x.Margin != 0.05 {
		t.Errorf("the margin asked for is %v", x.Margin)
	}
}

// What is odd about runs is said, and no number is made of it that is not there.
func TestBadInput(t *testing.T) {
	t.Parallel()
	twice := bits("00110011")
	twice.items[1].ID = "t0"
	samples := func(n int, solved ...int) outcome {
		o := bits(strings.Repeat("0", len(solved)))
		for i, c := range solved {
			o.items[i].N, o.items[i].C = n, c
		}
		return o
	}
	nan := outcome{m: store.Values{"eval/pass@1": math.NaN()}}
	few := func(p *experiments.Plan) { p.Cells[1].Params["eval_samples"] = int64(4) }
	bad := outcome{failed: true}
	pair := func(a, b outcome) [][]outcome { return [][]outcome{{a}, {b}} }
	for name, tt := range map[string]struct {
		seeds   int
		change  func(*experiments.Plan)
		metric  string
		runs    [][]outcome
		verdict string
		words   string // what is said
	}{
		"other tasks":     {1, nil, "", pair(bits("0011"), bits("110111").from(2)), report.NoEvidence, "one seed x 2 tasks)" + one + "; 6 tasks left out that only one side has"},
		"no task in both": {1, nil, "", pair(bits("0011"), bits("0011").from(9)), report.NoEvidence, "nothing to compare: no task in common (8 tasks in all)"},
		"duplicates":      {1, nil, "", pair(bits("00110011"), twice), report.NoEvidence, "no evidence: one seed and no outcomes of single tasks give no interval (B less A 0.0 points)"},
		"one task":        {1, nil, "", pair(bits("0"), bits("1")), report.NoEvidence, "no evidence: one task gives no interval (B less A +100.0 points)"},
		"all pass":        {1, nil, "", pair(bits("1111"), bits("1111")), report.NoEvidence, "no evidence: no difference at all between A and B (task level, one seed x 4 tasks)"},
		"all fail":        {1, nil, "", pair(bits("0000"), bits("0000")), report.NoEvidence, "no evidence: no difference at all between A and B"},
		"nine of nine":    {1, nil, "", pair(bits("000000000"), bits("111111111")), report.NoEvidence, "no evidence: 9 tasks agree to the last digit, and nothing tells of the spread (B less A +100.0 points)"},
		"ten of ten":      {1, nil, "", pair(bits("0000000000"), bits("1111111111")), report.Better, "B better, by 100.0 points (all tasks differ alike; task level, one seed x 10 tasks)" + one},
		"no number":       {1, nil, "", pair(bits("0011"), nan), report.NoEvidence, "no run of B is done with this metric; 1 ended without a value"},
		"other n":         {1, nil, "", pair(samples(4, 0, 1, 2, 4), samples(8, 2, 4, 4, 8)), report.NoEvidence, "B less A +12.5 points ("},
		"k above n":       {1, few, "eval/pass@8", pair(bits("0011"), bits("0111")), report.NoEvidence, "n < k: fewer samples a task than the metric needs"},
		"a failed run": {3, nil, "train/reward", [][]outcome{{value(1), value(2), bad}, {value(2), value(3.5), value(1)}}, report.NoEvidence,
			"seeds in common: 2 of 2 and 3; 1 run of A ended without a value; it stays in n: 2 of 3"},
		"failed runs": {3, nil, "train/reward", [][]outcome{{value(1), value(2), value(2)}, {value(2), bad, bad}}, report.NoEvidence,
			"one seed and no outcomes of single tasks give no interval (B less A +1.000)"},
		"zero variance": {3, nil, "train/reward", [][]outcome{{value(1), value(1), value(1)}, {value(1), value(1), value(1)}}, report.NoEvidence, "no difference at all"},
		"no seed in common": {3, nil, "train/reward", [][]outcome{{value(1), bad, bad}, {bad, value(2), value(1)}}, report.NoEvidence,
			"no evidence: no seed in common, and one run of either says nothing about seeds"},
		"five seeds": {5, nil, "train/reward", [][]outcome{{value(1), value(2), value(3), value(4), value(5)}, {value(3), value(4.1), value(5), value(6.1), value(7)}}, report.Better,
			"recipe level, 5 seeds); sign flips over 5 seeds cannot go below p = 0.0625"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sides(t, tt.seeds, tt.change, tt.runs...)
			x := against(t, s, report.CompareOptions{Metric: tt.metric})
			if x.Verdict != tt.verdict || !strings.Contains(x.Words, tt.words) {
				t.Errorf("%q: %q, want %q", x.Verdict, x.Words, tt.words)
			}
			for _, asJSON := range []bool{false, true} { // it can be written, too
				var b bytes.Buffer
				if err := report.Compare(&b, s, report.CompareOptions{Names: []string{"1", "2"}, Metric: tt.metric}, false, asJSON); err != nil || asJSON && !json.Valid(b.Bytes()) {
					t.Errorf("%v: %s", err, b.String())
				}
			}
		})
	}
}

// A kind of task has the difference over its own tasks. By hand: of t0, t2 and t4, which
// are of depth 2, B has in each seed 1 0 0, 1 -1 0 and 1 0 0 more than A; of t1 and t3 it
// has -1 1, 0 0 and 0 0 more.
func TestStrataHaveIntervals(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, map[string]ran{
		"4 s1": {bits: "01100"}, "4 s2": {bits: "01110"}, "4 s3": {bits: "00110"},
		"8 s1": {bits: "10110"}, "8 s2": {bits: "11010"}, "8 s3": {bits: "10110"},
	})
	f := compare(t, s, report.CompareOptions{Names: []string{"4", "8"}}).Detail.Flips
	for i, of := range [][][]float64{{{1, 0, 0}, {1, -1, 0}, {1, 0, 0}}, {{-1, 1}, {0, 0}, {0, 0}}} {
		want := stats.Crossed(stats.Scores{Of: of})
		if got := f.Strata[i].Diff; math.Abs(got.Mean-want.Mean) > 1e-12 || math.Abs(got.Lo-want.Lo) > 1e-12 || got.Tasks != len(of[0]) || got.Seeds != 3 {
			t.Errorf("%s: %+v, want %+v", f.Strata[i].Name, got, want)
		}
	}
}

// The mean of one run is Newcombe's interval for 81 of 263; of several it is over seeds and
// tasks, and ends where rates end.
func TestIntervalsOfMeans(t *testing.T) {
	t.Parallel()
	a := bits(strings.Repeat("1", 81) + strings.Repeat("0", 182))
	s := sides(t, 1, nil, []outcome{a}, []outcome{bits(strings.Repeat("1", 20))})
	means := compare(t, s, report.CompareOptions{Names: []string{"1", "2"}}).Chosen.Means
	if m := means[0]; math.Abs(m.Lo-0.2553) > 5e-5 || math.Abs(m.Hi-0.3662) > 5e-5 || m.Text() != "0.308 ±.058" {
		t.Errorf("%+v", m)
	}
	if m := means[1]; math.Abs(m.Lo-(1-0.1611)) > 5e-5 || m.Hi != 1 || m.Text() != "1.000 ±.161" {
		t.Errorf("%+v", m)
	}
	s = sides(t, 2, nil, []outcome{bits("00"), bits("11")}, []outcome{value(-7), value(9)})
	if m := compare(t, s, report.CompareOptions{Names: []string{"1", "2"}}).Chosen.Means[0]; m.Lo != 0 || m.Hi != 1 || m.Mean != 0.5 {
		t.Errorf("%+v", m)
	}
	if m := compare(t, s, report.CompareOptions{Names: []string{"1", "2"}, Metric: "train/reward"}).Chosen.Means[1]; m.Lo > -7 || m.Hi < 9 {
		t.Errorf("a reward's interval ends where rates do: %+v", m)
	}
}

// The metrics of the same tasks with other numbers of samples, by kind and then by k.
func TestKs(t *testing.T) {
	t.Parallel()
	m := store.Values{"train/loss": 1}
	for _, name := range []string{"pass@1", "pass@16", "pass@2", "avg@16", "avg@8", "older/pass@1", "older/pass@4", "verdict/AC"} {
		m["eval/"+name] = 0.5
	}
	s := sides(t, 1, nil, []outcome{{m: m}}, []outcome{{m: m}})
	for metric, want := range map[string]string{
		"eval/pass@2":        "eval/pass@1 eval/pass@2 eval/pass@16 eval/avg@8 eval/avg@16",
		"eval/avg@8":         "eval/pass@1 eval/pass@2 eval/pass@16 eval/avg@8 eval/avg@16",
		"eval/older/pass@4":  "eval/older/pass@1 eval/older/pass@4",
		"train/loss":         "",
		"eval/verdict/AC":    "",
		"eval/nobody/pass@1": "",
	} {
		if got := strings.Join(compare(t, s, report.CompareOptions{Names: []string{"1", "2"}, Metric: metric}).Ks(), " "); got != want {
			t.Errorf("%s: %q, want %q", metric, got, want)
		}
	}
}

// What is drawn is the same every time, and only between what was seen: two seeds whose
// differences are 1 and 0 on every task have means of 0, 1/2 or 1.
func TestBootstrapOfADifference(t *testing.T) {
	t.Parallel()
	s := sides(t, 2, nil, []outcome{bits("000"), bits("000")}, []outcome{bits("111"), bits("000")})
	c := report.NewComparer(s)
	out, err := c.Compare(report.CompareOptions{Names: []string{"1", "2"}})
	if err != nil {
		t.Fatal(err)
	}
	x, u := out.Chosen.Against[1], out.Chosen.Units
	got, err := c.Bootstrap(x, u[0], u[1])
	if err != nil || got.CI == nil || *got.CI != [2]float64{0, 1} || got.Draws != 10_000 {
		t.Errorf("%+v, %v", got, err)
	}
	if !(math.Abs(x.PFlip-1) < 1e-12) || x.FlipN != 1 || !math.IsNaN(x.PMcNemar) { // one seed alone differs
		t.Errorf("%+v", x.Judged)
	}
}
