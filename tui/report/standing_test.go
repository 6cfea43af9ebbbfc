package report_test

import (
	"math"
	"strings"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// What the findings come to is what `findings` says of them, in parts of a line.
func TestStandingsOfFindings(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	e, err := f.Experiment("rows")
	if err != nil {
		t.Fatal(err)
	}
	p := e.Plan()
	got, err := report.Standings(s, p, records(t, s, p))
	if err != nil {
		t.Fatal(err)
	}
	want := answers(t, s, f, "rows")
	for i, a := range want {
		if !strings.HasSuffix(got[i].Claim, a.Claim) || got[i].Words != a.Words || got[i].Paper != a.Paper {
			t.Errorf("finding %d: %+v, want %q: %s", i, got[i], a.Claim, a.Words)
		}
	}
	if first := got[0]; first.Tone != 1 || !strings.HasPrefix(first.Claim, "(a) ") || !strings.Contains(first.Amount, " points [") || first.Basis != "4 seeds x 200 tasks, 95 %" {
		t.Errorf("%+v", first)
	}
	if second := got[1]; second.Tone != -1 { // below was expected
		t.Errorf("%+v", second)
	}
}

// An experiment that asks nothing: its two best cells, by their means; with the goal
// min the lower ones. By hand: 0.50 and 0.52 against 0.30 and 0.36 differ by 0.20
// and 0.16, whose mean is 18 points with a standard deviation of 2.828: Student's t
// with one degree of freedom is 12.706, and 12.706 x 2.828 / sqrt(2) = 25.4; its quantile
// of 0.8 is 1.376, and (12.706 + 1.376) x 2 = 28.2.
func TestStandingOfTheBestTwo(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 2\naxes = { size = [1, 2, 3] }")
	score := func(x float64) func(string, float64) { return done(t, x, 1-x) }
	s := fill(t, p, score(0.10), score(0.50), score(0.30), score(0.12), score(0.52), score(0.36))
	got, err := report.Standings(s, p, records(t, s, p))
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if s := got[0]; s.Claim != "2 over 3" || s.Amount != "+18.0 points [-7.4, +43.4]" || s.Tone != 0 || s.Words != "no evidence (could only have seen 28.2 points)" ||
		s.Basis != "2 seeds, 95 %; the two best, picked after looking" {
		t.Errorf("%+v", s)
	}
	p.Objective.Margin = 0.6 // well beyond the 30.6 points that the 90 % interval goes to, with t of 6.314
	if got, err = report.Standings(s, p, records(t, s, p)); err != nil || got[0].Words != "equivalent within 60.0 points" || got[0].Tone != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	p.Objective.Margin = 0.3
	if got, err = report.Standings(s, p, records(t, s, p)); err != nil || !strings.HasPrefix(got[0].Words, "no evidence") {
		t.Errorf("%+v, %v", got, err)
	}
	p.Objective.Metric, p.Objective.Goal = "train/loss", "min"
	if got, err = report.Standings(s, p, records(t, s, p)); err != nil || got[0].Claim != "2 over 3" || !strings.HasPrefix(got[0].Amount, "-0.180 [") {
		t.Errorf("%+v, %v", got, err)
	}
	add(t, s.MarksFile(), `{"on":"`+p.Runs()[1].ID+`","kind":"distrust","text":"saw the tests"}`+"\n"+`{"on":"`+p.Runs()[4].ID+`","kind":"distrust","text":"too"}`+"\n")
	if got, err = report.Standings(s, p, records(t, s, p)); err != nil || got[0].Claim != "3 over 1" {
		t.Errorf("distrusted runs count: %+v, %v", got, err)
	}
	even := fill(t, p, score(0.10), score(0.50), score(0.30), score(0.10), score(0.50), score(0.30))
	if got, err = report.Standings(even, p, records(t, even, p)); err != nil || !strings.HasPrefix(got[0].Words, "no evidence: all seeds agree to the last digit") || got[0].Tone != 0 {
		t.Errorf("seeds that change nothing: %+v, %v", got, err)
	}
	empty := fill(t, p, score(0.1))
	if got, err = report.Standings(empty, p, records(t, empty, p)); err != nil || got != nil {
		t.Errorf("one cell is compared: %+v, %v", got, err)
	}
}

// By hand: two runs of 61 s on one core are 122/3600 core-hours; the third takes as
// long as those did, and its cell holds no GPU.
func TestReadCost(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2, 3] }\nlimits = { runs = 2 }")
	s := fill(t, p, done(t, 0.1, 1), done(t, 0.2, 1), queued)
	c, err := report.ReadCost(p, records(t, s, p), 2, &report.Uses{})
	if err != nil || math.Abs(c.CoreHours-122.0/3600) > 1e-9 || math.Abs(c.ToCome-61.0/3600) > 1e-9 || c.GPUHours != 0 || c.Runs != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	if len(c.Limits) != 1 || !strings.Contains(c.Limits[0], "limit of runs 2: used up") {
		t.Errorf("limits %q", c.Limits)
	}
	empty, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := report.ReadCost(p, records(t, empty, p), 2, &report.Uses{}); err != nil || !math.IsNaN(c.ToCome) {
		t.Errorf("nothing ran, and %v hours are to come (%v)", c.ToCome, err)
	}
}

// Of several claims each keeps its answer: no line reads as if that of one were another's.
func TestBrief(t *testing.T) {
	t.Parallel()
	g1 := report.Standing{Claim: "(g1) RL lifts avg@8", Words: "no evidence (could only have seen 3.2 points)", Amount: "+0.6 points [-1.7, +2.9]"}
	h := report.Standing{Claim: "(h) a stronger start keeps more", Words: "holds", Amount: "+2.6 [+1.5, +3.8]"}
	two := report.Standing{Claim: "C over B", Words: "better (two checkpoints, not two recipes)", Amount: "+25.3 points [+20.9, +29.7]"}
	open := report.Standing{Claim: "(a) one", Words: "not run yet"}
	for want, said := range map[string][]report.Standing{
		"": nil,
		"no evidence, +0.6 points [-1.7, +2.9] (could only have seen 3.2 points): (g1) RL lifts avg@8": {g1},
		"(g1) no evidence, +0.6 points · (h) holds, +2.6 · (a) not run yet":                            {g1, h, open},
		"C over B: better, +25.3 points [+20.9, +29.7] (two checkpoints, not two recipes)":             {two},
		"not run yet: (a) one":                             {open},
		"(h) holds, +2.6 · C over B: better, +25.3 points": {h, two},
	} {
		if got := report.Brief(said); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
