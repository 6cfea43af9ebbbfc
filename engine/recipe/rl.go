package recipe

import (
	"context"
	"fmt"

	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments"
	"ablate/experiments/store"
)

// trainSFTGRPO trains by reward from the end of fine-tuning, which all runs share
// that would make the same of it.
func trainSFTGRPO(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	o, err := sharedStage(ctx, run, m)
	if err != nil {
		return err
	}
	o.seed, o.tasks = run.Seed, max(o.tasks, run.Params.Int("tasks"))
	return trainFrom(ctx, o, run, out, m)
}

// trainGRPO trains by reward from the weights of another run.
func trainGRPO(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	o, err := initial(run, m)
	if err != nil {
		return err
	}
	return trainFrom(ctx, o, run, out, m)
}

// rlWeightDecay is that of the released scripts: at their rate and this next to
// nothing.
const rlWeightDecay = 0.01

// trainFrom trains a model by reward. What is evaluated is the policy that the
// programs are sampled from, and no average of it: over 150 steps at 1024 tasks
// and 2 seeds, one over about 20 steps was steadier and ended within a point.
func trainFrom(ctx context.Context, o origin, run experiments.Run, out *store.Attempt, m Means) error {
	s, err := newRLSession(ctx, o, run, out, m)
	if err != nil {
		return err
	}
	return s.carryOut(ctx)
}

// newRLSession prepares training by reward from o.
func newRLSession(ctx context.Context, o origin, run experiments.Run, out *store.Attempt, m Means) (*session, error) {
	c, hash := newConfig(run), o.model.WeightsSHA256()
	fmt.Fprintf(m.Log, "starts from %s, weights %s\n", o.name, hash)
	fmt.Fprintln(m.Log, "phase data")
	e, err := newExercises(ctx, c, o, m)
	if err != nil {
		return nil, err
	}
	model := o.model.Clone()
	g := &grpo{
		rlConfig: c.rlConfig, exercises: *e, seed: c.Seed,
		sampler: lm.NewSampler(model, c.Prompts*c.Rollouts, m.Workers),
		policy:  lm.NewScorer(model, m.Workers), start: lm.NewScorer(o.model, m.Workers),
	}
	if c.RLOrder == sortedOrder {
		fmt.Fprintln(m.Log, "phase sort")
	}
	order, err := g.order(ctx, o.model, m.Workers)
	if err != nil {
		return nil, err
	}
	return &session{
		config: c, data: heldOutOnly(o.tok, c),
		out: out, pool: m.Pool, workers: m.Workers, log: m.Log,
		method: g, total: c.RLSteps, from: hash, order: order,
		model: model, trainer: lm.NewTrainer(model, adamW(rlWeightDecay, c.Clip), m.Workers),
	}, nil
}

// newExercises makes the tasks of training by reward: those that come after the
// ones the model was trained on.
func newExercises(ctx context.Context, c config, o origin, m Means) (*exercises, error) {
	tasks := synth.Train(o.seed, o.tasks+c.RLTasks, c.options())
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w while it made its data", ErrStopped)
	}
	if len(tasks) <= o.tasks {
		return nil, fmt.Errorf("make tasks: there are %d and the model was trained on as many", len(tasks))
	}
	tasks = tasks[o.tasks:]
	e := &exercises{tasks: tasks, cases: labelled(c.Seed, tasks, c.RewardNoise), maxNew: c.maxNew(), tok: o.tok, pool: m.Pool}
	for i, t := range tasks {
		prompt := promptOf(o.tok, t.Statement)
		if len(prompt) >= c.Context {
			return nil, fmt.Errorf("make tasks: the statement of task %d has %d tokens and context is %d; raise context", i, len(prompt), c.Context)
		}
		e.prompts = append(e.prompts, prompt)
	}
	fmt.Fprintf(m.Log, "%d tasks to be rewarded for, after %d of fine-tuning\n", len(tasks), o.tasks)
	return e, nil
}
