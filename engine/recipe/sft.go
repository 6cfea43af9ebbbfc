package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/experiments/store"
)

// Supervised fine-tuning as in X-Coder (arXiv 2601.06953, A.1): negative log
// likelihood of the solution given the task, AdamW with linear warm-up and
// cosine decay. What it leaves out: a pretrained base model (training begins
// from noise), reasoning traces, and bfloat16.
func trainSFT(ctx context.Context, c SFT, out *store.Attempt, m Means) error {
	fmt.Fprintln(m.Log, "phase data")
	d, err := newCorpus(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Log, "%d tasks x %d solutions = %d rows, %d units, %d held-out tasks\n",
		c.Tasks, c.Solutions, len(d.rows), d.tok.Size(), len(d.heldOut))
	model, err := lm.New(lm.Config{Vocab: d.tok.Size(), Dim: c.Dim, Layers: c.Layers, Heads: c.Heads, Context: c.Context}, c.Seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Log, "model: %d parameters, d=%d, %d layers, %d heads\n", model.Params(), c.Dim, c.Layers, c.Heads)
	opt := lm.AdamW{Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, WeightDecay: float32(c.WeightDecay), Clip: float32(c.Clip)}
	s := &sftRun{
		SFT: c, data: d, out: out, pool: m.Pool, workers: m.Workers, log: m.Log,
		model: model, trainer: lm.NewTrainer(model, opt, m.Workers), rows: &order{seed: c.Seed, rows: d.rows},
	}
	if c.AverageDecay > 0 {
		s.average = lm.NewAverage(model, float32(c.AverageDecay))
	}
	if err := s.resume(); err != nil {
		return err
	}
	if err := s.loop(ctx); err != nil {
		return err
	}
	return s.finish()
}

// sftRun is a run under way.
type sftRun struct {
	SFT
	data    *corpus
	out     *store.Attempt
	pool    *judge.Pool
	workers int
	log     io.Writer

	model   *lm.Model
	trainer *lm.Trainer
	average *lm.Average // nil if none is kept
	rows    *order
	at      progress
	saved   int // step of the last checkpoint that this attempt wrote
	last    evaluation
}

// loop makes the steps that are left. If it is called off it leaves a checkpoint.
func (s *sftRun) loop(ctx context.Context) error {
	fmt.Fprintln(s.log, "phase sft")
	err := s.begin(ctx)
	batch, speed := make([]lm.Sequence, s.Batch), &meter{}
	for err == nil && s.at.Step < s.Steps {
		if ctx.Err() != nil {
			err = s.stopped()
			break
		}
		err = s.step(ctx, batch, speed)
	}
	if errors.Is(err, ErrStopped) {
		return errors.Join(err, s.save())
	}
	return err
}

// begin writes the first point of a run that begins, and makes up for an
// evaluation that one which goes on has not.
func (s *sftRun) begin(ctx context.Context) error {
	switch {
	case s.at.Step == 0:
		return s.out.Point(0, store.Values{"train/total_steps": float64(s.Steps)})
	case s.at.Due:
		// The first point of an attempt replaces all that earlier ones had from
		// its step on, and so it is the whole point.
		if err := s.out.Point(int64(s.at.Step), s.at.Last); err != nil {
			return err
		}
		return s.evaluate(ctx)
	case s.at.Step == s.Steps:
		return s.ask(ctx) // its point is there, and the last evaluation is the result
	}
	return nil
}

// step makes the next step and all that is due after it.
func (s *sftRun) step(ctx context.Context, batch []lm.Sequence, speed *meter) error {
	s.rows.next(batch)
	step := s.at.Step + 1
	lr := lm.Schedule(step-1, s.Steps, s.Warmup, float32(s.LR), float32(s.LR)/10)
	began := time.Now()
	stats, err := s.trainer.Step(batch, lr)
	if err != nil {
		return err
	}
	speed.add(stats.Tokens, time.Since(began))
	if s.average != nil {
		s.average.Update(s.model)
	}
	s.at.Step, s.at.Last = step, store.Values{
		"train/loss": stats.Loss, "train/lr": float64(lr), "train/grad_norm": stats.GradNorm,
		"train/epoch": float64(step*s.Batch) / float64(len(s.data.rows)),
		"tokens":      s.at.Last["tokens"] + float64(stats.Tokens), "perf/tokens_per_s": speed.rate(),
	}
	if err := s.out.Point(int64(step), s.at.Last); err != nil {
		return err
	}
	if step%s.EvalEvery == 0 || step == s.Steps {
		if err := s.evaluate(ctx); err != nil {
			return err
		}
	}
	if step%s.CheckpointEvery == 0 {
		return s.save()
	}
	return nil
}

// stopped says how far a run came that was called off.
func (s *sftRun) stopped() error {
	return fmt.Errorf("%w at step %d of %d", ErrStopped, s.at.Step, s.Steps)
}

// meter tells tokens a second over the last steps, by the monotonic clock.
type meter struct {
	tokens float64
	spent  float64 // seconds
}

func (m *meter) add(tokens int, d time.Duration) {
	const keep = 0.9
	m.tokens = keep*m.tokens + float64(tokens)
	m.spent = keep*m.spent + d.Seconds()
}

func (m *meter) rate() float64 { return m.tokens / m.spent }

// finish saves the weights and writes the last record. Nothing in it depends on
// the clock: the same seed gives the same file but for its time.
func (s *sftRun) finish() error {
	fmt.Fprintln(s.log, "phase save")
	if err := s.save(); err != nil {
		return err
	}
	metrics := s.last.metrics()
	metrics["train/loss"], metrics["tokens"] = s.at.Last["train/loss"], s.at.Last["tokens"]
	return s.out.Finish(metrics, s.evaluated().WeightsSHA256(), stateName)
}

// evaluated is the model that is asked: the average of the weights if one is
// kept. At 1024 tasks and 5 seeds it solved 2 points more than the last weights,
// with the same spread between seeds.
func (s *sftRun) evaluated() *lm.Model {
	if s.average != nil {
		return s.average.Model()
	}
	return s.model
}
