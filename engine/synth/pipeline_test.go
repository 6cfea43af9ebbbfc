package synth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/engine/judge"
)

// TestMain makes the test binary a judge: run with that argument it serves.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "judge" {
		if err := judge.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openPool(tb testing.TB, workers int) *judge.Pool {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	pool, err := judge.Open([]string{exe, "judge"}, workers, judge.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = pool.Close() })
	return pool
}

// Tasks, tests, labels and everything else are the same however many children
// judge, and however many tasks are asked for.
func TestPipelineIsDeterministic(t *testing.T) {
	t.Parallel()
	tasks := trained(70) // two batches and some
	p := DefaultPipeline(1)
	one, funnel, err := p.Make(t.Context(), openPool(t, 1), tasks)
	if err != nil {
		t.Fatal(err)
	}
	pool := openPool(t, 3)
	three, again, err := p.Make(t.Context(), pool, tasks)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, three, exported, inputsOnly); diff != "" {
		t.Errorf("verified tasks (-one child +three):\n%s", diff)
	}
	if diff := cmp.Diff(funnel, again); diff != "" {
		t.Errorf("funnels (-one child +three):\n%s", diff)
	}
	fewer, _, err := p.Make(t.Context(), pool, tasks[:37])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one[:37], fewer, exported, inputsOnly); diff != "" {
		t.Errorf("verified tasks (-of 70 +of 37):\n%s", diff)
	}
}

// What the judge finds is what the interpreter and the reference find.
func TestPipelineAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	const n = 80
	p := DefaultPipeline(2)
	all, funnel, err := p.Make(t.Context(), openPool(t, 2), trained(n))
	if err != nil {
		t.Fatal(err)
	}
	labels := 0.0
	for _, v := range all {
		executed := played(t, v.Task, v.Tests, v.Candidates)
		truth := make([]string, len(v.Tests))
		for i, test := range v.Tests {
			truth[i] = v.Task.Run(test.values)
		}
		labels += labelAccuracy(v.Decision.Labels, truth) / float64(len(all))
		for j, a := range executed {
			if right := passes(truth, a.Outputs, nil) == len(truth); right != v.Truth.Right[j] {
				t.Errorf("%s: candidate %d is right: %t, want %t", v.Task.ID, j, v.Truth.Right[j], right)
			}
			if share := float64(passes(v.Decision.Labels, a.Outputs, nil)) / float64(len(v.Cases())); share != v.Decision.Passed[j] {
				t.Errorf("%s: candidate %d passes %.3f, want %.3f", v.Task.ID, j, v.Decision.Passed[j], share)
			}
		}
		for i, c := range v.Cases() {
			if c.Input != v.Tests[i].Input || c.Want != v.Decision.Labels[i] {
				t.Errorf("%s: case %d is %v, want %s -> %s", v.Task.ID, i, c, v.Tests[i].Input, v.Decision.Labels[i])
			}
		}
		programs := v.Programs()
		if v.Kept() != (len(programs) > 0) {
			t.Errorf("%s: kept is %t, with %d programs", v.Task.ID, v.Kept(), len(programs))
		}
		for i, source := range programs {
			j := slices.IndexFunc(v.Candidates, func(c Candidate) bool { return c.Source == source })
			if i == 0 && source != v.Candidates[v.Decision.Golden].Source || i > 0 && v.Decision.Passed[j] < 1 {
				t.Errorf("%s: program %d is candidate %d, which passes %.2f; golden is %d", v.Task.ID, i, j, v.Decision.Passed[j], v.Decision.Golden)
			}
		}
	}
	if diff := cmp.Diff(labels, funnel.LabelAccuracy, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("label accuracy (-want +got):\n%s", diff)
	}
	dropped := 0
	for _, n := range funnel.Dropped {
		dropped += n
	}
	if funnel.Kept+dropped != n || funnel.Candidates != 8*n || funnel.Tests != 15*n {
		t.Errorf("funnel does not add up: %+v", funnel)
	}
	if funnel.GoldenRight <= funnel.FirstRight {
		t.Errorf("golden programs are right on %.3f of the tasks, first candidates on %.3f", funnel.GoldenRight, funnel.FirstRight)
	}
}

func TestPipelineExtremes(t *testing.T) {
	t.Parallel()
	pool := openPool(t, 1)
	const n = 24
	tasks := trained(n)
	for _, c := range []struct {
		name   string
		change func(p *Pipeline)
		want   map[string]int // dropped; nil: some, by any reason
		kept   int            // -1: any
	}{
		{"one candidate", func(p *Pipeline) { p.Candidates, p.Solver = 1, nil }, map[string]int{}, n},
		{"no candidates", func(p *Pipeline) { p.Candidates = 0 }, map[string]int{NoOutput: n}, 0},
		{"no tests", func(p *Pipeline) { p.Tests = 0 }, map[string]int{NoOutput: n}, 0},
		{"one test", func(p *Pipeline) { p.Tests, p.Teacher = 1, TeacherOf(0) }, map[string]int{NoTests: n}, 0},
		{"all held out", func(p *Pipeline) { p.Rules.HoldOut, p.Teacher = 1, TeacherOf(0) }, map[string]int{NoTests: n}, 0},
		{"nobody errs", func(p *Pipeline) { p.Teacher, p.Solver = TeacherOf(0), &Solver{} }, map[string]int{}, n},
		{"the solver has no program", func(p *Pipeline) { p.Teacher, p.Solver = TeacherOf(0), &Solver{GiveUp: 1} }, map[string]int{Unsolvable: n}, 0},
		{"everybody errs", func(p *Pipeline) { p.Teacher = Teacher{Slip: 1} }, nil, -1},
		{"lists", func(p *Pipeline) { p.TestKind = TestsListed }, nil, -1},
	} {
		p := DefaultPipeline(3)
		c.change(&p)
		all, funnel, err := p.Make(t.Context(), pool, tasks)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, funnel.Dropped); c.want != nil && diff != "" {
			t.Errorf("%s: dropped (-want +got):\n%s", c.name, diff)
		}
		if c.kept >= 0 && funnel.Kept != c.kept {
			t.Errorf("%s: %d tasks kept, want %d", c.name, funnel.Kept, c.kept)
		}
		if c.name == "nobody errs" && (funnel.LabelAccuracy != 1 || funnel.CandidateRight != 1 || funnel.GoldenError != 0 || funnel.GoldenRight != 1) {
			t.Errorf("nobody errs, and the funnel says %+v", funnel)
		}
		if len(all) != len(tasks) {
			t.Errorf("%s: %d tasks come out of %d", c.name, len(all), len(tasks))
		}
	}
	if all, funnel, err := DefaultPipeline(3).Make(t.Context(), pool, nil); err != nil || len(all) != 0 || funnel.Tasks != 0 {
		t.Errorf("no tasks make %v, %+v, %v", all, funnel, err)
	}
}

func TestPipelineErrors(t *testing.T) {
	t.Parallel()
	pool := openPool(t, 1)
	tasks := Train(3, 4, Options{})
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := DefaultPipeline(3).Make(ended, pool, tasks); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended gives %v", err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := DefaultPipeline(3).Make(t.Context(), pool, tasks); !errors.Is(err, judge.ErrClosed) {
		t.Errorf("a closed pool gives %v", err)
	}
}

func TestFunnelString(t *testing.T) {
	t.Parallel()
	f := Funnel{
		Tasks: 200, Candidates: 1600, Tests: 3000, Unlabelled: 7, Kept: 150,
		Dropped:       map[string]int{NoOutput: 1, NoTests: 2, Disagreement: 17, Unsolvable: 30},
		LabelAccuracy: 0.9473, CandidateRight: 0.81, FirstRight: 0.82, GoldenError: 0.0425, GoldenRight: 0.939,
	}
	want := `made              200 tasks, 1600 candidates, 3000 tests (7 without a label)
no_output           1 dropped, 199 left: no candidate ran to an end
no_tests            2 dropped, 197 left: no test with a label on one side of the split
disagreement       17 dropped, 180 left: the golden program is not among the best on the held-out tests
unsolvable         30 dropped, 150 left: the strong solver passes no test
kept              150 tasks (75.0 %)
against the truth, afterwards:
  labels 94.73 % right; candidates 81.0 %, first candidates 82.0 %
  golden programs of kept tasks 93.9 % right, wrong on 4.25 % of tests
`
	if diff := cmp.Diff(want, f.String()); diff != "" {
		t.Errorf("funnel (-want +got):\n%s", diff)
	}
}

// BenchmarkPipeline measures tasks a minute through candidates, tests, judge and
// verification, with 8 candidates and 15 tests each.
func BenchmarkPipeline(b *testing.B) {
	pool := openPool(b, 2)
	tasks := Train(1, 1024, Options{})
	p := DefaultPipeline(1)
	n := 0
	var funnel Funnel
	start := time.Now()
	for b.Loop() {
		var err error
		if _, funnel, err = p.Make(b.Context(), pool, tasks); err != nil {
			b.Fatal(err)
		}
		n += len(tasks)
	}
	b.ReportMetric(float64(n)/time.Since(start).Minutes(), "tasks/min")
	b.Logf("%s", funnel)
}
