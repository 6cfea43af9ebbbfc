package synth

import (
	"context"
	"sync"
	"sync/atomic"

	"ablate/engine/judge"
	"ablate/engine/seed"
)

// Pipeline makes data that nobody labelled: it lets a teacher solve tasks, runs
// the candidates on test inputs, and verifies what comes out.
type Pipeline struct {
	Run        int64 // seed of candidates, tests and verification
	Teacher    Teacher
	Candidates int     // of each task
	Tests      int     // of each task, at most
	TestKind   string  // TestsGenerated or TestsListed
	Rules      Rules   // of each task, their seed aside
	Solver     *Solver // nil: no solvability gate
}

// DefaultPipeline is the paper's: 8 candidates, 15 generated tests, all gates.
func DefaultPipeline(run int64) Pipeline {
	solver := DefaultSolver()
	return Pipeline{
		Run: run, Teacher: DefaultTeacher(), Candidates: 8, Tests: 15,
		TestKind: TestsGenerated, Rules: DefaultRules(), Solver: &solver,
	}
}

// Verified is a task that went through verification, kept or dropped.
type Verified struct {
	Task       Task
	Tests      []Test
	Candidates []Candidate
	Decision   Decision

	Truth Truth // looked up afterwards; nothing above depends on it
}

// Kept says whether no gate dropped the task.
func (v Verified) Kept() bool { return v.Decision.Dropped == "" }

// Cases are the tests with their labels by vote, for a reward; those without a
// label are left out.
func (v Verified) Cases() []judge.Case {
	cases := make([]judge.Case, 0, len(v.Tests))
	for i, label := range v.Decision.Labels {
		if label != "" {
			cases = append(cases, judge.Case{Input: v.Tests[i].Input, Want: label})
		}
	}
	return cases
}

// Programs are those that verification stands for: the golden one first, then all
// others that pass every labelled test. A dropped task has none.
func (v Verified) Programs() []string {
	if !v.Kept() {
		return nil
	}
	programs := []string{v.Candidates[v.Decision.Golden].Source}
	for j, c := range v.Candidates {
		if j != v.Decision.Golden && v.Decision.Passed[j] == 1 {
			programs = append(programs, c.Source)
		}
	}
	return programs
}

// Truth compares a decision with the reference.
type Truth struct {
	Labels     float64 // share of the labels that are right; 0 without any
	Right      []bool  // whether each candidate is right on every test
	GoldenPass float64 // share of all tests on which the golden program is right; 0 without one
}

// Make takes every task through the pipeline, in their order. It is a function of
// the pipeline and the tasks alone, whatever the pool's size. Errors are the
// pool's.
func (p Pipeline) Make(ctx context.Context, pool *judge.Pool, tasks []Task) ([]Verified, Funnel, error) {
	const (
		batch = 32 // tasks at a time: some hundred programs, enough to keep children busy
		ahead = 3  // batches at a time: while one is judged, others are made and decided
	)
	all := make([]Verified, len(tasks))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range ahead {
		wait.Go(func() {
			for {
				lo := int(next.Add(batch)) - batch
				if lo >= len(tasks) || ctx.Err() != nil {
					return
				}
				hi := min(lo+batch, len(tasks))
				if err := p.verify(ctx, pool, tasks[lo:hi], all[lo:hi]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, Funnel{}, context.Cause(ctx)
	}
	return all, FunnelOf(all), nil
}

// verify fills made with tasks that went through the pipeline.
func (p Pipeline) verify(ctx context.Context, pool *judge.Pool, tasks []Task, made []Verified) error {
	programs := make([]judge.Program, 0, len(tasks)*(p.Candidates+1))
	for i, t := range tasks {
		made[i] = Verified{
			Task:       t,
			Tests:      t.Tests(p.Run, p.Tests, p.TestKind),
			Candidates: p.Teacher.Candidates(p.Run, t, p.Candidates),
		}
		cases := make([]judge.Case, len(made[i].Tests))
		for k, test := range made[i].Tests {
			cases[k].Input = test.Input
		}
		for _, c := range made[i].Candidates {
			programs = append(programs, judge.Program{Source: c.Source, Cases: cases})
		}
		if p.Solver != nil {
			programs = append(programs, judge.Program{Source: p.Solver.Solve(p.Run, t).Source, Cases: cases})
		}
	}
	outputs, err := pool.Outputs(ctx, programs)
	if err != nil {
		return err
	}
	for i := range made {
		outputs = p.decide(&made[i], outputs)
	}
	return nil
}

// decide verifies one task on the first of outputs, and gives the rest.
func (p Pipeline) decide(v *Verified, outputs [][]judge.Output) (rest [][]judge.Output) {
	executed := make([]Executed, len(v.Candidates))
	for j, c := range v.Candidates {
		executed[j] = Executed{Source: c.Source, Outputs: outputs[j]}
	}
	outputs = outputs[len(executed):]
	var solver []judge.Output
	if p.Solver != nil {
		solver, outputs = outputs[0], outputs[1:]
	}
	rules := p.Rules
	rules.Seed = int64(seed.Stream(p.Run, "verify/"+v.Task.ID, 0).Uint64())
	v.Decision = rules.Verify(v.Tests, executed, solver)
	v.Truth = v.compare(executed)
	return outputs
}

// compare looks the truth up.
func (v *Verified) compare(executed []Executed) Truth {
	truth := make([]string, len(v.Tests))
	voted, right := 0, 0
	for i, t := range v.Tests {
		truth[i] = v.Task.Run(t.values)
		if label := v.Decision.Labels[i]; label != "" {
			voted++
			if label == truth[i] {
				right++
			}
		}
	}
	found := Truth{Right: make([]bool, len(executed))}
	if voted > 0 {
		found.Labels = float64(right) / float64(voted)
	}
	for j, a := range executed {
		n := passes(truth, a.Outputs, nil)
		found.Right[j] = n == len(truth)
		if j == v.Decision.Golden {
			found.GoldenPass = float64(n) / float64(len(truth))
		}
	}
	return found
}
