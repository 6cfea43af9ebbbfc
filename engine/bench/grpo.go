package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
)

// policy is the default model, trained by reward after enough fine-tuning that
// its programs are as long as usual. What is measured lies between evaluations.
const policy = `
schema = 1

[experiment.policy]
recipe    = "sft+grpo"
objective = { metric = "eval/pass@1", goal = "max" }
axes      = { rl_steps = [10] }
seeds     = 1

[experiment.policy.params]
steps      = 180
rl_tasks   = 320
prompts    = 32
rollouts   = 8
eval_tasks = 16
eval_every = 1000
`

// grpo trains by reward on all cores until the policy's steps are made or the
// part's time is used up, fine-tuning included.
func (b Bench) grpo(ctx context.Context) (r Rewarding, err error) {
	plan, err := planOf(b.Policy, "policy")
	if err != nil {
		return r, err
	}
	cores := runtime.GOMAXPROCS(0)
	dir, pool, leave, err := b.lab(cores)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, leave()) }()

	inTime, cancel := context.WithTimeout(ctx, b.Limit)
	defer cancel()
	run, place := plan.Runs()[0], filepath.Join(dir, "run")
	means := recipe.Means{Pool: pool, Workers: cores, Store: dir, Log: io.Discard}
	if err := carryOut(inTime, run, store.AttemptDir(place, 1), means); err != nil && !errors.Is(err, recipe.ErrStopped) {
		return r, err
	}
	h, err := store.ReadHistory(place)
	if err != nil {
		return r, err
	}
	return newRewarding(run.Params, h, cores), nil
}

// carryOut makes an attempt at a run.
func carryOut(ctx context.Context, run experiments.Run, dir string, m recipe.Means) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder of run: %w", err)
	}
	out, err := store.OpenAttempt(dir)
	if err != nil {
		return err
	}
	return errors.Join(recipe.Train(ctx, run, out, m), out.Close())
}

// newRewarding works out the speed from when the points of a run were written:
// each at the end of its step. Of the first step the beginning is not known.
func newRewarding(p experiments.Params, h *store.History, workers int) Rewarding {
	r := Rewarding{
		Dim: p.Int("dim"), Layers: p.Int("layers"), Prompts: p.Int("prompts"), Rollouts: p.Int("rollouts"), Workers: workers,
	}
	length := h.Series["rl/length"]
	if length == nil || len(length.Steps) < 2 {
		return r
	}
	var took []float64 // minutes
	for i, t := range length.Times[1:] {
		took = append(took, (t-length.Times[i])/60)
		r.Length += length.Values[i+1]
	}
	r.Steps = len(took)
	r.Length /= float64(r.Steps)
	r.PerMinute = new(1 / median(took))
	return r
}
