package recipe

import (
	"io"
	"maps"
	"runtime"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// BenchmarkGRPO measures steps a minute of the default model on 32 tasks x 8
// rollouts, after enough fine-tuning that programs are as long as usual. It
// reports their tokens, too.
func BenchmarkGRPO(b *testing.B) {
	p := experiments.Params{}
	for _, param := range sftGRPOTable().Params {
		p[param.Name] = param.Default
	}
	never := int64(1_000_000)
	maps.Copy(p, experiments.Params{
		"steps": int64(180), "rl_steps": never, "prompts": int64(32), "rollouts": int64(8), "eval_tasks": int64(16),
		"eval_every": never, "checkpoint_every": never,
	})
	run := experiments.Run{ID: "x/y/s1", Recipe: sftGRPO, RecipeVersion: Version, Params: p, Seed: 1}
	out, err := store.OpenAttempt(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	cores := runtime.GOMAXPROCS(0)
	m := Means{Pool: newPool(b, cores), Workers: cores, Store: b.TempDir(), Log: io.Discard}
	o, err := sharedStage(b.Context(), run, m)
	if err != nil {
		b.Fatal(err)
	}
	o.seed, o.tasks = run.Seed, p.Int("tasks")
	s, err := newRLSession(b.Context(), o, run, out, m)
	if err != nil {
		b.Fatal(err)
	}
	length, began := 0.0, time.Now()
	for b.Loop() {
		if err := s.step(b.Context()); err != nil {
			b.Fatal(err)
		}
		length += s.at.Last["rl/length"]
	}
	b.ReportMetric(float64(s.at.Step)/time.Since(began).Minutes(), "steps/min")
	b.ReportMetric(length/float64(s.at.Step), "tokens/rollout")
	if err := out.Close(); err != nil {
		b.Error(err)
	}
}
