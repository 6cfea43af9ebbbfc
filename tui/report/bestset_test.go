package report_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// Four cells with three seeds each; the first has the best mean, and paired differences
// from it were made for Student's t with two degrees of freedom, whose two-sided p is
// 1 - t / sqrt(2 + t^2):
//
//	-.1307 -.1000 -.0693   t = 5.642   p = 0.0300
//	-.2000 -.1600 -.1500   t = 11.129  p = 0.0080
//	-.0100 -.0200 +.0100   t = 0.756   p = 0.5286
//
// Holm over the three has 3 x 0.0080, 2 x 0.0300 and 0.5286: the first of them is below
// 0.05 by itself, and not among three.
func TestBestSet(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 3\naxes = { size = [1, 2, 3, 4, 5] }")
	score := func(x float64) func(string, float64) { return done(t, x, 1-x) }
	s := fill(t, p,
		score(0.50), score(0.3693), score(0.30), score(0.49), queued,
		score(0.52), score(0.4200), score(0.36), score(0.50), queued,
		score(0.54), score(0.4707), score(0.39), score(0.55), queued,
	)
	places := [][]int{{3}, {0}, {4}, {1}, nil, {2}}                // as a matrix has them, with an empty place
	for _, metric := range []string{"eval/pass@1", "train/loss"} { // which is the rest to 1, and the least of it is best
		got, err := report.BestSet(s, p, records(t, s, p), metric, places)
		if err != nil || got.Best != 1 || got.Family != 3 || len(got.Behind) != 3 || got.Near() != 2 {
			t.Fatalf("%s: %+v, %v", metric, got, err)
		}
		for at, want := range map[int]struct {
			mean, p float64
			apart   bool
		}{3: {-0.1, 0.06, false}, 5: {-0.17, 0.024, true}, 0: {-0.02 / 3, 0.5286, false}} {
			if b := got.Behind[at]; math.Abs(math.Abs(b.Mean)-math.Abs(want.mean)) > 1e-6 || math.Abs(b.PHolm-want.p) > 1e-4 || b.Apart != want.apart || b.Seeds != 3 {
				t.Errorf("%s: place %d: %+v, want %+v", metric, at, b, want)
			}
		}
	}
	if got, err := report.BestSet(s, p, records(t, s, p), "train/entropy", places); err != nil || got.Best != -1 {
		t.Errorf("of what nobody reports and nobody calls better: %+v, %v", got, err)
	}
	// Cells that stand together count by their mean, in every seed: .43465 - .395,
	// .47 - .43, .50535 - .47.
	got, err := report.BestSet(s, p, records(t, s, p), "eval/pass@1", [][]int{{0, 1}, {2, 3}})
	if want := -(0.03965 + 0.04 + 0.03535) / 3; err != nil || got.Best != 0 || math.Abs(got.Behind[1].Mean-want) > 1e-9 {
		t.Errorf("two cells at a place: %+v, %v, want %v", got, err, want)
	}
	// Their own means are .43465, .47 and .50535, whose standard deviation is 0.03535:
	// 0.47 ± 4.3027 x 0.03535 / sqrt(3).
	if m := got.Means[0]; math.Abs(m.Mean-0.47) > 1e-9 || math.Abs(m.Hi-0.557817) > 1e-5 || math.Abs(m.Lo-0.382183) > 1e-5 || m.Seeds != 3 {
		t.Errorf("the mean of two cells: %+v", m)
	}
	// Without the runs of cell 1 that somebody distrusts one seed is left, and cell 4 is
	// ahead of it.
	add(t, s.MarksFile(), `{"on":"`+p.Runs()[5].ID+`","kind":"distrust","text":"saw the tests"}`+"\n"+`{"on":"`+p.Runs()[10].ID+`","kind":"distrust","text":"too"}`+"\n")
	if got, err = report.BestSet(s, p, records(t, s, p), "eval/pass@1", places); err != nil || got.Best != 0 || got.Behind[1].Seeds != 1 || got.Behind[1].Apart || !math.IsNaN(got.Behind[1].PHolm) || got.Family != 2 {
		t.Errorf("distrusted runs count: %+v, %v", got, err)
	}
}

// Tasks in clusters count as such wherever two cells are compared: the screen of the
// experiment and its findings say the digits of compare.
func TestClustersOnEveryScreen(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, compared, map[string]ran{
		"4 s1": {bits: "000011110000"}, "4 s2": {bits: "000001110000"}, "4 s3": {bits: "000111110000"},
		"8 s1": {bits: "111100001111"}, "8 s2": {bits: "111100001111"}, "8 s3": {bits: "111100001110"},
	})
	p := f.Experiments[0].Plan()
	var records []store.Record
	for _, run := range p.Runs() {
		r, err := s.Look(run.ID)
		if err != nil {
			t.Fatal(err)
		}
		const file = "a1/items/current@10.jsonl"
		items, err := store.ReadItems(r, file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range items {
			items[i].Cluster = fmt.Sprint("c", i/4)
		}
		write(t, filepath.Join(r.Dir, file), items...)
		records = append(records, r)
	}
	row := compare(t, s, report.CompareOptions{Names: []string{"8", "4"}}).Rows[0]
	want := row.Against[1].Effect
	got, err := report.BestSet(s, p, records, "eval/pass@1", [][]int{{0}, {1}})
	if err != nil {
		t.Fatal(err)
	}
	if x := got.Behind[0].Effect; want.Clusters != 3 || x.Clusters != 3 || x.Lo != want.Lo || x.Hi != want.Hi {
		t.Errorf("%v [%v, %v] in %d clusters, and compare says %v [%v, %v] in %d", x.Mean, x.Lo, x.Hi, x.Clusters, want.Mean, want.Lo, want.Hi, want.Clusters)
	}
	for at, want := range []report.Interval{row.Means[1], row.Means[0]} {
		if m := got.Means[at]; m.Mean != want.Mean || m.Lo != want.Lo || m.Hi != want.Hi || m.Clusters != 3 {
			t.Errorf("place %d: %+v, and compare says %+v", at, m, want)
		}
	}
}

// What further solutions are worth is said as `fit` says it.
func TestWorthIsThatOfFit(t *testing.T) {
	t.Parallel()
	s := lossStore(t, 0.002)
	p, err := s.ReadPlan("e")
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.BestSet(s, p, records(t, s, p), "eval/loss", [][]int{{0}, {1}})
	want := fitted(t, s, report.FitFlags{}).Diversity.Words
	if err != nil || got.Worth != want || !strings.HasPrefix(got.Worth, "gamma 0.5") {
		t.Errorf("%q, %v, want %q", got.Worth, err, want)
	}
	p.Axes = append(p.Axes, "lr")
	if got, err = report.BestSet(s, p, records(t, s, p), "eval/loss", [][]int{{0}, {1}}); err != nil || got.Worth != "" {
		t.Errorf("with a third axis: %q, %v", got.Worth, err)
	}
}
