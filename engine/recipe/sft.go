package recipe

import (
	"context"
	"fmt"
	"time"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// Supervised fine-tuning as in X-Coder (arXiv 2601.06953, A.1): negative log
// likelihood of the solution given the task, AdamW with linear warm-up and
// cosine decay. What it leaves out: a pretrained base model (training begins
// from noise) and bfloat16.
func trainSFT(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	s, err := newSFTSession(ctx, newConfig(run), out, m)
	if err != nil {
		return err
	}
	return s.carryOut(ctx)
}

// newSFTSession prepares fine-tuning from noise.
func newSFTSession(ctx context.Context, c config, out *store.Attempt, m Means) (*session, error) {
	fmt.Fprintln(m.Log, "phase data")
	d, err := newCorpus(ctx, c, m)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(m.Log, "%d tasks x %d solutions = %d rows, %d units, %d held-out tasks\n",
		c.Tasks, c.Solutions, len(d.rows), d.tok.Size(), len(d.heldOut))
	model, err := lm.New(lm.Config{Vocab: d.tok.Size(), Dim: c.Dim, Layers: c.Layers, Heads: c.Heads, Context: c.Context}, c.Seed)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(m.Log, "model: %d parameters, d=%d, %d layers, %d heads\n", model.Params(), c.Dim, c.Layers, c.Heads)
	s := &session{
		config: c, data: d, out: out, pool: m.Pool, workers: m.Workers, log: m.Log,
		method: newSFT(c), total: c.Steps,
		order: &order{seed: c.Seed, purpose: c.orderOf("order"), n: len(d.rows)},
		model: model, trainer: lm.NewTrainer(model, adamW(c.WeightDecay, c.Clip), m.Workers),
	}
	if c.AverageDecay > 0 {
		s.average = lm.NewAverage(model, float32(c.AverageDecay))
	}
	return s, nil
}

// adamW is the optimiser of all methods.
func adamW(decay, clip float64) lm.AdamW {
	return lm.AdamW{Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, WeightDecay: float32(decay), Clip: float32(clip)}
}

// sft is the method of supervised fine-tuning.
type sft struct {
	name  string // of its phase
	rows  []int  // of a batch
	batch []lm.Sequence
	speed meter
}

func newSFT(c config) *sft {
	return &sft{name: "sft", rows: make([]int, c.Batch), batch: make([]lm.Sequence, c.Batch)}
}

func (f *sft) phase() string { return f.name }

func (f *sft) headline(v store.Values) string { return fmt.Sprintf("loss %.3f", v["train/loss"]) }

func (f *sft) step(_ context.Context, s *session, step int) (store.Values, error) {
	s.order.next(f.rows)
	for i, row := range f.rows {
		f.batch[i] = s.data.rows[row]
	}
	lr := lm.Schedule(step, s.Steps, s.Warmup, float32(s.LR), float32(s.LR)/10)
	began := time.Now()
	stats, err := s.trainer.Step(f.batch, lr)
	if err != nil {
		return nil, err
	}
	f.speed.add(stats.Tokens, time.Since(began))
	return store.Values{
		"train/loss": stats.Loss, "train/lr": float64(lr), "train/grad_norm": stats.GradNorm,
		"train/epoch": float64((step+1)*s.Batch) / float64(len(s.data.rows)),
		"tokens":      s.at.Last["tokens"] + float64(stats.Tokens), "perf/tokens_per_s": f.speed.rate(),
	}, nil
}
