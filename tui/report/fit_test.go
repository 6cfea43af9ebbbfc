package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const sized = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 3
reference = ["lcb5_tasks_v2"]
objective = { metric = "eval/loss", goal = "min" }
axes = { tasks = [64, 128, 256, 512, 1024, 2048], solutions = [1, 2] }
[experiment.few]
recipe = "sft"
seeds = 1
axes = { tasks = [4, 8] }
`

// lossStore follows 0.2 + 3 d^-0.5 with d = tasks x solutions^0.5, and a spread of
// seeds that is a share of it.
func lossStore(t *testing.T, spread float64) *store.Store {
	t.Helper()
	results := map[string]ran{}
	for _, tasks := range []float64{64, 128, 256, 512, 1024, 2048} {
		for _, solutions := range []float64{1, 2} {
			y := 0.2 + 3*math.Pow(tasks*math.Sqrt(solutions), -0.5)
			for s := range 3 {
				results[fmt.Sprintf("%vx%v s%d", tasks, solutions, s+1)] = ran{m: store.Values{
					"eval/loss": y * (1 + spread*float64(s-1)), "eval/pass@1": 1 - y, "eval/verdict/AC": 0, "train/reward": y,
				}}
			}
		}
	}
	s, _ := storeOf(t, sized, results)
	return s
}

func fitted(t *testing.T, s *store.Store, o report.FitFlags) report.FitsDoc {
	t.Helper()
	var b bytes.Buffer
	if err := report.Fit(&b, s, []string{"e"}, o, true); err != nil {
		t.Fatal(err)
	}
	var doc report.FitsDoc
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func holdsNear(t *testing.T, what string, got *float64, want, within float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > within {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// The law that made the points comes back along each line of the design, with what it
// says of larger sizes.
func TestFitCommand(t *testing.T) {
	t.Parallel()
	doc := fitted(t, lossStore(t, 0.002), report.FitFlags{})
	if len(doc.Curves) != 2 || doc.Curves[0].Axis != "tasks" || len(doc.Published) != 0 {
		t.Fatalf("%d curves, %d published; want those along the tasks for each number of solutions", len(doc.Curves), len(doc.Published))
	}
	c := doc.Curves[0]
	if *c.Law != "offset" || !c.Holds || c.Draws != 1000 || c.NotBeyond != nil || len(c.Laws) != 3 || len(c.Points) != 6 {
		t.Fatalf("the curve is %+v", c)
	}
	if diff := cmp.Diff(experiments.Params{"solutions": int64(1)}, c.Held); diff != "" {
		t.Error(diff)
	}
	holdsNear(t, "E", c.Laws[2].E, 0.2, 1e-4)
	holdsNear(t, "A", c.Laws[2].A, 3, 0.01)
	holdsNear(t, "alpha", c.Laws[2].Alpha, 0.5, 1e-3)
	if ci := c.Laws[2].CI; ci == nil || ci[0] > 0.5 || ci[1] < 0.5 {
		t.Errorf("the interval of alpha is %v", ci)
	}
	if len(c.Beyond) != 2 || c.Beyond[0].X != 4096 || c.Beyond[1].X != 8192 {
		t.Fatalf("beyond: %+v", c.Beyond)
	}
	holdsNear(t, "the loss at 8192", c.Beyond[1].Mean, 0.2+3/math.Sqrt(8192), 1e-3)
	holdsNear(t, "gamma", doc.Diversity.Gamma, 0.5, 0.02)
	if *doc.Diversity.By != "law" || doc.Diversity.Points != 12 {
		t.Errorf("gamma by %s of %d cells", *doc.Diversity.By, doc.Diversity.Points)
	}
}

// A rate is fitted as 1 less itself, beside what was published on the axis, which is
// no power law.
func TestFitOfRate(t *testing.T) {
	t.Parallel()
	s := lossStore(t, 0)
	var b bytes.Buffer
	if err := report.Fit(&b, s, []string{"e"}, report.FitFlags{Metric: "pass@1"}, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"law of 1 - pass@1", "pass@1 by tasks, at solutions = 2\n", "power law, exponent 0.50 [0.50, 0.50] above 0.2\n",
		"at 4096 (2 times the largest): pass@1 0.753 [0.753, 0.753]\n", "tasks x solutions^gamma, over 12 cells: gamma 0.50",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
}

func TestFitPublished(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 1
reference = ["lcb5_tasks_v2", "lcb5_verify"]
axes = { tasks = [64, 128, 256] }
`
	results := map[string]ran{}
	for i, tasks := range []int{64, 128, 256} {
		results[fmt.Sprintf("%d s1", tasks)] = ran{bits: "0001" + strings.Repeat("1", i)}
	}
	s, _ := storeOf(t, text, results)
	doc := fitted(t, s, report.FitFlags{})
	if len(doc.Curves) != 1 || len(doc.Published) != 1 {
		t.Fatalf("%d curves, %d published", len(doc.Curves), len(doc.Published))
	}
	p := doc.Published[0]
	if p.Holds || !strings.Contains(p.Words, "not a power law on this range: the exponent grows with x (0.09, 0.21, 0.46)") || len(p.Beyond) != 0 || !p.IsAtMost {
		t.Errorf("published: %+v", p)
	}
	// Wilson's interval of 43.7 % of 268 by hand.
	if ci := p.Points[0].CI; math.Abs(ci[0]-0.3789) > 5e-4 || math.Abs(ci[1]-0.4968) > 5e-4 {
		t.Errorf("the first point has %v", ci)
	}
	if doc.Curves[0].Draws != 0 || *doc.Curves[0].NotBeyond == "" {
		t.Errorf("one seed, three sizes: %+v", doc.Curves[0])
	}
}

// What somebody distrusts counts in nothing.
func TestFitLeavesOut(t *testing.T) {
	t.Parallel()
	s := lossStore(t, 0.01)
	ids, err := s.RunIDs("e")
	if err != nil {
		t.Fatal(err)
	}
	id := ids[0]
	say(t, s, id, "distrust", "wrong data")
	doc := fitted(t, s, report.FitFlags{})
	runs := 0
	for _, c := range doc.Curves {
		for _, p := range c.Points {
			runs += p.Runs
		}
	}
	if runs != 35 || len(doc.LeftOut) != 1 || doc.LeftOut[0].Run != id {
		t.Errorf("%d runs count, left out: %+v", runs, doc.LeftOut)
	}
}

func TestFitMistakes(t *testing.T) {
	t.Parallel()
	s := lossStore(t, 0)
	for _, c := range []struct {
		names []string
		o     report.FitFlags
		want  string
	}{
		{nil, report.FitFlags{}, "want the name of one experiment, got 0"},
		{[]string{"E"}, report.FitFlags{}, `no experiment of that name was run`},
		{[]string{"e"}, report.FitFlags{Metric: "eval/lost"}, `no run reports "eval/lost"; did you mean "eval/loss"?`},
		{[]string{"e"}, report.FitFlags{Axis: "task"}, `no axis "task"; did you mean "tasks"?; there are tasks, solutions`},
		{[]string{"e"}, report.FitFlags{Axis: "solutions"}, "no axis with three sizes above 0, which a law needs: solutions has 2"},
		{[]string{"few"}, report.FitFlags{}, "none of its runs is done yet"},
	} {
		if err := report.Fit(&bytes.Buffer{}, s, c.names, c.o, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %+v: %v, want %q", c.names, c.o, err, c.want)
		}
	}
}

func TestFitOfNoQuantity(t *testing.T) {
	t.Parallel()
	points := []report.FitPoint{{X: 1, Mean: 1}, {X: 2, Mean: 1}, {X: 4, Mean: 1}}
	for _, c := range []struct{ metric, goal, want string }{
		{"train/reward", experiments.Max, "neither a rate"},
		{"eval/pass@1", "", "nobody said whether"},
		{"eval/pass@1", experiments.Max, "pass@1 is 1.000 at every size"},
		{"eval/loss", experiments.Min, "it is 1 at every size"},
	} {
		f := report.FitOf(points, c.metric, c.goal)
		if !strings.Contains(f.Fitted.Unfit, c.want) {
			t.Errorf("%s: %q, want %q", c.metric, f.Fitted.Unfit, c.want)
		}
		if line := f.Line(); line == nil || line.X != nil {
			t.Errorf("%s has the line %+v", c.metric, line)
		}
	}
}

// A law is drawn over its sizes, in the unit of the metric and within its band.
func TestFitLine(t *testing.T) {
	t.Parallel()
	var points []report.FitPoint
	for _, x := range []float64{64, 128, 256, 512, 1024} {
		y := 1 - math.Pow(x, -0.2)
		points = append(points, report.FitPoint{X: x, Mean: y, Lo: y, Hi: y, Runs: []float64{y - 0.01, y, y + 0.01}})
	}
	line := report.FitOf(points, "eval/pass@1", experiments.Max).Line()
	n := len(line.X)
	if n < 10 || line.X[0] != 64 || math.Abs(line.X[n-1]-1024) > 1e-6 || math.Abs(line.Y[n-1]-0.75) > 1e-3 {
		t.Fatalf("%+v", line)
	}
	for i := range line.X {
		if !(line.Lo[i] < line.Y[i] && line.Y[i] < line.Hi[i]) {
			t.Errorf("at %v: %v is not within %v and %v", line.X[i], line.Y[i], line.Lo[i], line.Hi[i])
		}
	}
}

func TestPublishedInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p            reference.Point
		mean, lo, hi float64
		atMost       bool
		words        string
	}{
		{reference.Point{X: "sft", Y: 60.3, Err: 2.5, N: 268}, 0.603, 0.578, 0.628, false, "sft 60.3 ±2.5"},
		{reference.Point{X: "64k", Y: 100 * 169.0 / 268, N: 268}, 169.0 / 268, 0.5713, 0.6862, true, "64k 63.1 [57.1, 68.6]"}, // Wilson of 169/268
	} {
		if got := report.PublishedValue(c.p); got != c.words {
			t.Errorf("%+v is written %q, want %q", c.p, got, c.words)
		}
		mean, lo, hi, atMost := report.PublishedInterval(c.p)
		if math.Abs(mean-c.mean) > 1e-9 || math.Abs(lo-c.lo) > 5e-5 || math.Abs(hi-c.hi) > 5e-5 || atMost != c.atMost {
			t.Errorf("%+v: %v [%v, %v] %v", c.p, mean, lo, hi, atMost)
		}
	}
	if _, lo, _, _ := report.PublishedInterval(reference.Point{Y: 50}); !math.IsNaN(lo) {
		t.Errorf("of no number of problems: %v", lo)
	}
	if got := report.PublishedValue(reference.Point{X: "sft", Y: 50}); got != "sft 50.0" {
		t.Errorf("of no number of problems: %q", got)
	}
}

// A plan says of published numbers how far their number of problems lets them be off.
func TestPlanSaysWhatWasPublished(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, compared, nil)
	p := *f.Experiments[0].Plan()
	p.References = []string{"lcb5_verify", "lcb5_qwen25", "lcb6_qwen3"}
	var b bytes.Buffer
	if err := report.Plan(&b, s, &p, report.Ahead{Slots: 1}, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{ // Wilson of 47 % and 53.4 % of 268
		"published: lcb5_verify (P T3, n = 268, %; 95 % from n alone): raw 47 [41.1, 53.0], verified 53.4 [47.4, 59.3]\n",
		"published: lcb5_qwen25 (P T1, n = 268, %): sft 60.3±2.5, rl 62.9±1.8\n",
		"published: lcb6_qwen3 (P T1, %): sft 55.4±2.3, rl 56.5±1.3\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
}
