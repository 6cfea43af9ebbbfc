package recipe

import (
	"context"
	"fmt"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// pipeline is what tasks are verified with under a run's seed.
func (c makingConfig) pipeline(run int64) synth.Pipeline {
	p := synth.DefaultPipeline(run)
	p.Teacher = synth.TeacherOf(c.TeacherError)
	p.Candidates, p.Tests, p.TestKind = c.Candidates, c.Tests, c.TestKind
	p.Rules = synth.Rules{Weighting: c.Weighting, HoldOut: c.Holdout}
	return p
}

// raw gives the teacher's programs as they come, right or wrong.
func (c dataConfig) raw(ctx context.Context, run int64, m Means) ([]lesson, store.Values, error) {
	teacher := c.pipeline(run).Teacher
	lessons := make([]lesson, 0, c.Tasks)
	for _, t := range synth.Train(run, c.Tasks, c.options()) {
		l := lesson{task: t}
		for _, candidate := range teacher.Candidates(run, t, c.Solutions) {
			l.programs = append(l.programs, candidate.Source)
		}
		lessons = append(lessons, l)
	}
	if err := c.enough(len(lessons)); err != nil {
		return nil, nil, err
	}
	right, err := rightRows(ctx, m.Pool, lessons)
	return lessons, store.Values{"data/right": right}, err
}

// verified gives the programs that dual verification stands for, of the first
// tasks that it keeps: as many are made as that takes.
func (c dataConfig) verified(ctx context.Context, run int64, m Means) ([]lesson, store.Values, error) {
	all, err := c.untilKept(ctx, run, m.Pool)
	if err != nil {
		return nil, nil, err
	}
	funnel := synth.FunnelOf(all)
	fmt.Fprint(m.Log, funnel)
	var lessons []lesson
	few := 0
	for _, v := range all {
		if !v.Kept() {
			continue
		}
		l := lesson{v.Task, distinct(v.Programs())}
		l.programs = l.programs[:min(len(l.programs), c.Solutions)]
		if len(l.programs) < c.Solutions {
			few++
		}
		lessons = append(lessons, l)
	}
	if few > 0 {
		fmt.Fprintf(m.Log, "%d of %d tasks have fewer than %d verified programs: theirs are repeated\n", few, len(lessons), c.Solutions)
	}
	made := making(funnel)
	made["data/right"], err = rightRows(ctx, m.Pool, lessons)
	return lessons, made, err
}

// untilKept takes tasks through the pipeline until c.Tasks are kept; the last one
// given is kept.
func (c dataConfig) untilKept(ctx context.Context, run int64, pool *judge.Pool) ([]synth.Verified, error) {
	const (
		spare    = 16 // tasks beyond what is likely to do
		patience = 64 // tasks, after which so small a share kept is an error
		hopeless = 0.02
	)
	var all []synth.Verified
	kept, next := 0, c.Tasks+c.Tasks/4+spare
	for {
		tasks := synth.Train(run, len(all)+next, c.options())[len(all):]
		if len(tasks) == 0 {
			return nil, fmt.Errorf("there are only %d tasks with these parameters and verification kept %d; lower tasks = %d", len(all), kept, c.Tasks)
		}
		verified, _, err := c.pipeline(run).Make(ctx, pool, tasks)
		if err != nil {
			return nil, err
		}
		for _, v := range verified {
			all = append(all, v)
			if v.Kept() {
				kept++
			}
			if kept == c.Tasks {
				return all, nil
			}
		}
		share := float64(kept) / float64(len(all))
		if len(all) >= patience && share < hopeless {
			return nil, fmt.Errorf("verification kept %d of %d tasks, too few to go on; see what dropped them in\n%s", kept, len(all), synth.FunnelOf(all))
		}
		next = int(float64(c.Tasks-kept)/max(share, hopeless)) + spare
	}
}

// making is a funnel as metrics: counts of tasks, and shares of them.
func making(f synth.Funnel) store.Values {
	m := store.Values{
		"data/made": float64(f.Tasks), "data/kept": portion(f.Kept, f.Tasks),
		"data/label_accuracy": f.LabelAccuracy, "data/golden_error": f.GoldenError,
		"data/candidate_right": f.CandidateRight,
	}
	for _, reason := range synth.Reasons {
		m["data/dropped/"+reason] = portion(f.Dropped[reason], f.Tasks)
	}
	return m
}

// rightRows is the share of programs that pass the tasks' own tests. It is for
// looking: no row depends on it.
func rightRows(ctx context.Context, pool *judge.Pool, lessons []lesson) (float64, error) {
	var asked []judge.Program
	for _, l := range lessons {
		for _, program := range l.programs {
			asked = append(asked, judge.Program{Source: program, Cases: l.task.Cases})
		}
	}
	results, err := pool.Judge(ctx, asked)
	if err != nil {
		return 0, err
	}
	right := 0
	for _, r := range results {
		if r.Verdict == judge.AC {
			right++
		}
	}
	return portion(right, len(results)), nil
}

func portion(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// distinct gives the different texts, in order.
func distinct(texts []string) []string {
	var ds []string
	for _, text := range texts {
		if !slices.Contains(ds, text) {
			ds = append(ds, text)
		}
	}
	return ds
}
