package report_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// By hand: the mean of two seeds at each step that both have, between the two.
func TestCurves(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, compared, pairOfCells())
	for i, run := range f.Experiments[0].Plan().Runs()[:4] {
		var points []store.Point
		for step := range int64(3 + i) {
			points = append(points, store.Point{Step: step, M: store.Values{"train/loss": float64(step) + float64(i)}})
		}
		write(t, filepath.Join(s.RunDir(run.ID), "a1", "metrics.jsonl"), points...)
	}
	r := report.NewComparer(s)
	c, err := r.Compare(report.CompareOptions{Names: []string{"4", "8"}})
	if err != nil {
		t.Fatal(err)
	}
	curves, err := r.Curves(c.Rows[0].Units, "train/loss")
	if err != nil {
		t.Fatal(err)
	}
	// Breadth first: the first and third run are of 4 tasks, with 3 and 5 points.
	nan := math.NaN()
	want := report.Curve{
		Steps: []float64{0, 1, 2, 3, 4}, Mean: []float64{1, 2, 3, 5, 6}, Runs: 2,
		Low: []float64{0, 1, 2, nan, nan}, High: []float64{2, 3, 4, nan, nan},
	}
	if diff := cmp.Diff(want, curves[0], approx()); diff != "" {
		t.Errorf("curve (-want +got):\n%s", diff)
	}
}

// The means along an axis, and the published curve whose name says the axis.
func TestScaling(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 2
reference = ["lcb5_tasks_v2", "lcb5_verify"]
axes = { tasks = [4, 8], solutions = [1, 2] }
`
	results := map[string]ran{}
	for _, cell := range []string{"4x1", "4x2", "8x1", "8x2"} {
		results[cell+" s1"], results[cell+" s2"] = ran{bits: "0001"}, ran{bits: "0011"}
	}
	results["8x1 s1"], results["8x1 s2"] = ran{bits: "0111"}, ran{bits: "0111"}
	s, _ := storeOf(t, text, results)
	c := compare(t, s, report.CompareOptions{Names: []string{"e", "e/8x1"}})
	if len(c.Scaling) != 2 || c.Scaling[0].Axis != "tasks" || c.Scaling[1].Axis != "solutions" {
		t.Fatalf("axes: %+v", c.Scaling)
	}
	nan := math.NaN()
	want := []report.ScalingPoint{{4, 0.375, nan, nan, 2, nil}, {8, (0.375 + 0.75) / 2, nan, nan, 2, nil}}
	if diff := cmp.Diff(want, c.Scaling[0].Curves[0].Points, approx()); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	ref := c.Scaling[0].Curves[2]
	if ref.Name != "lcb5_tasks_v2" || ref.Source != "X-Coder figure 3" || ref.Points[0].X != 32000 || math.Abs(ref.Points[0].Mean-0.437) > 1e-9 {
		t.Errorf("reference: %+v", ref)
	}
	if n := len(c.Scaling[1].Curves); n != 2 {
		t.Errorf("%d curves along the solutions, want those of two sides", n)
	}
}

// Where other axes change along the one of a scaling view, the metric may follow
// them as well: it says which. A whole grid has the same values everywhere.
func TestScalingBesides(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 1
axes = { tasks = [4, 8], solutions = [1, 2] }
`
	results := map[string]ran{}
	for _, cell := range []string{"4x1", "4x2", "8x1", "8x2"} {
		results[cell+" s1"] = ran{bits: "0101"}
	}
	s, _ := storeOf(t, text, results)
	for _, tt := range []struct {
		names []string
		want  [][]string // by axis
	}{
		{[]string{"e", "e/8x1"}, [][]string{nil, nil}},
		{[]string{"e/4x1", "e/8x1"}, [][]string{nil}},
		{[]string{"e/4x2", "e/8x1"}, [][]string{{"solutions"}, {"tasks"}}},
	} {
		var got [][]string
		for _, view := range compare(t, s, report.CompareOptions{Names: tt.names}).Scaling {
			got = append(got, view.Besides)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.names, diff)
		}
	}
}

// A law is drawn through cells that differ in the one axis alone, with the runs of each;
// points of published curves have the interval of their number of problems.
func TestScalingLaw(t *testing.T) {
	t.Parallel()
	const text = `schema = 1
[experiment.e]
recipe = "sft"
seeds = 2
reference = ["lcb5_tasks_v2"]
axes = { tasks = [4, 8, 16, 32], solutions = [1, 2] }
`
	results := map[string]ran{}
	for _, s := range []string{" s1", " s2"} {
		results["4x1"+s], results["8x1"+s], results["16x1"+s] = ran{bits: "00000001"}, ran{bits: "00000111"}, ran{bits: "01111111"}
		results["4x2"+s], results["32x2"+s] = ran{bits: "00001111"}, ran{bits: "00011111"}
	}
	s, _ := storeOf(t, text, results)
	scaling := func(names ...string) report.Scaling {
		t.Helper()
		c := report.NewComparer(s)
		out, err := c.Compare(report.CompareOptions{Names: names})
		if err != nil {
			t.Fatal(err)
		}
		if out.Scaling[0].Curves[0].Fit != nil {
			t.Error("numbers wait for a law")
		}
		c.Laws(out)
		return out.Scaling[0]
	}
	view := scaling("e/4x1", "e/8x1", "e/16x1")
	if f := view.Curves[0].Fit; f == nil || f.Brief != "not a power law here" || f.X != nil { // errors 7/8, 5/8, 1/8
		t.Errorf("the law is %+v", f)
	}
	if p := view.Curves[1].Points[0]; !view.Curves[1].AtMost || math.Abs(p.Lo-0.3789) > 5e-4 || math.Abs(p.Hi-0.4968) > 5e-4 {
		t.Errorf("published: %+v", p)
	}
	for _, names := range [][]string{{"e/4x1", "e/8x1"}, {"e/4x2", "e/8x1", "e/16x1"}, {"e", "e/8x1"}} {
		if f := scaling(names...).Curves[0].Fit; f != nil {
			t.Errorf("%v has the law %+v", names, f)
		}
	}
	f, err := report.NewComparer(s).Fits("e", report.FitFlags{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Curves) != 1 || f.Curves[0].Held[0].Value != int64(1) {
		t.Errorf("%d curves, want the one of one solution: two tasks of two are too few", len(f.Curves))
	}
}
