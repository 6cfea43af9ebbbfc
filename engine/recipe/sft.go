package recipe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	d, err := newCorpus(c)
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
	s := &sftRun{SFT: c, data: d, model: model, out: out, pool: m.Pool, workers: m.Workers, log: m.Log}
	if err := s.loop(ctx); err != nil {
		return err
	}
	return s.finish()
}

// sftRun is a run under way.
type sftRun struct {
	SFT
	data    *corpus
	model   *lm.Model
	out     *store.Attempt
	pool    *judge.Pool
	workers int
	log     io.Writer

	average *lm.Average
	tokens  int     // trained so far
	loss    float64 // of the last step
	last    evaluation
}

func (s *sftRun) loop(ctx context.Context) error {
	fmt.Fprintln(s.log, "phase sft")
	opt := lm.AdamW{Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, WeightDecay: float32(s.WeightDecay), Clip: float32(s.Clip)}
	trainer := lm.NewTrainer(s.model, opt, s.workers)
	if s.AverageDecay > 0 {
		s.average = lm.NewAverage(s.model, float32(s.AverageDecay))
	}
	rows := &order{seed: s.Seed, rows: s.data.rows}
	batch := make([]lm.Sequence, s.Batch)
	speed := meter{began: time.Now()}
	if err := s.out.Point(0, store.Values{"train/total_steps": float64(s.Steps)}); err != nil {
		return err
	}
	for step := 1; step <= s.Steps; step++ {
		if ctx.Err() != nil {
			return fmt.Errorf("%w at step %d of %d", ErrStopped, step-1, s.Steps)
		}
		rows.next(batch)
		lr := lm.Schedule(step-1, s.Steps, s.Warmup, float32(s.LR), float32(s.LR)/10)
		began := time.Now()
		stats, err := trainer.Step(batch, lr)
		if err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		speed.add(stats.Tokens, time.Since(began))
		if s.average != nil {
			s.average.Update(s.model)
		}
		s.tokens += stats.Tokens
		s.loss = stats.Loss
		err = s.out.Point(int64(step), store.Values{
			"train/loss": stats.Loss, "train/lr": float64(lr), "train/grad_norm": stats.GradNorm,
			"train/epoch": float64(step*s.Batch) / float64(len(s.data.rows)),
			"tokens":      float64(s.tokens), "perf/tokens_per_s": speed.rate(),
		})
		if err != nil {
			return err
		}
		if step%s.EvalEvery == 0 || step == s.Steps {
			if err := s.evaluate(ctx, step); err != nil {
				return err
			}
		}
	}
	return nil
}

// meter tells tokens a second over the last steps, by the monotonic clock.
type meter struct {
	began  time.Time
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
	model := s.evaluated()
	err := s.out.Checkpoint(func(dir string) error { return saveModel(dir, model, s.data.tok) })
	if err != nil {
		return err
	}
	metrics := s.last.metrics()
	metrics["train/loss"], metrics["tokens"] = s.loss, float64(s.tokens)
	return s.out.Finish(metrics, model.WeightsSHA256())
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

func saveModel(dir string, m *lm.Model, tok *lm.Tokenizer) error {
	f, err := os.Create(filepath.Join(dir, "weights"))
	if err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	defer f.Close()
	if err := m.Save(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	b, err := json.Marshal(tok)
	if err != nil {
		return fmt.Errorf("save tokenizer: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), b, 0o644); err != nil {
		return fmt.Errorf("save tokenizer: %w", err)
	}
	return nil
}
