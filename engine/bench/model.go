package bench

import (
	"context"
	"math/rand/v2"
	"time"

	"ablate/engine/lm"
	"ablate/engine/seed"
)

const (
	vocab = 256
	// fewest is the number of sequences that are sampled at once on a machine
	// that is too slow for more.
	fewest = 16
)

// trainee is one model that takes turns in being trained.
type trainee struct {
	Training
	trainer *lm.Trainer
	batch   []lm.Sequence
	speeds  []float64 // tokens a second, a round each
}

// train measures steps on every model, in turns with the peak.
func (b Bench) train(ctx context.Context, p *peaks) ([]Training, error) {
	trainees := make([]*trainee, len(b.Models))
	for i, m := range b.Models {
		var err error
		if trainees[i], err = newTrainee(m, b.workers); err != nil {
			return nil, err
		}
		if _, err = trainees[i].step(); err != nil { // the first makes room
			return nil, err
		}
	}
	err := b.rounds(ctx, func() error {
		p.two()
		for _, t := range trainees {
			if err := t.round(ctx, 25*b.Window); err != nil {
				return err
			}
		}
		return nil
	})
	out := make([]Training, len(trainees))
	for i, t := range trainees {
		out[i] = t.Training.with(t.speeds)
	}
	return out, err
}

func newTrainee(m Model, workers int) (*trainee, error) {
	// A sequence fills the context with inputs; its last token is a target only.
	model, err := m.model(m.Context + 1)
	if err != nil {
		return nil, err
	}
	t := &trainee{Training: Training{Model: m, Params: model.Params(), PerToken: m.trainFLOPs(model.Params())}}
	opt := lm.AdamW{Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, WeightDecay: 0.1, Clip: 1}
	t.trainer = lm.NewTrainer(model, opt, workers)
	r := seed.Stream(1, "bench", 0)
	for range m.Batch {
		tokens := make([]int32, m.Context+1)
		for i := range tokens {
			tokens[i] = int32(r.IntN(vocab))
		}
		t.batch = append(t.batch, lm.Sequence{Tokens: tokens})
	}
	return t, nil
}

func (m Model) model(context int) (*lm.Model, error) {
	return lm.New(lm.Config{Vocab: vocab, Dim: m.Dim, Layers: m.Layers, Heads: m.heads(), Context: context}, 1)
}

// step makes one update and returns the tokens that it trained on.
func (t *trainee) step() (tokens int, err error) {
	stats, err := t.trainer.Step(t.batch, 1e-4)
	return stats.Tokens, err
}

// round makes steps until a time is filled.
func (t *trainee) round(ctx context.Context, least time.Duration) error {
	tokens := 0
	began := time.Now()
	for tokens == 0 || time.Since(began) < least {
		n, err := t.step()
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		tokens += n
	}
	t.speeds = append(t.speeds, float64(tokens)/time.Since(began).Seconds())
	return nil
}

// with is t at the median of some speeds in tokens a second.
func (t Training) with(speeds []float64) Training {
	t.Rounds = len(speeds)
	if t.Rounds > 0 {
		t.Tokens = median(speeds)
		t.GFLOPs = t.Tokens * t.PerToken / giga
	}
	return t
}

// writer is one model that takes turns in being sampled from.
type writer struct {
	Training
	sampler *lm.Sampler
	prompts [][]int32
	speeds  []float64 // tokens a second, a round each
}

// sample measures completions that fill the context from a prompt of one token,
// in turns with the peak. What training came to tells how many sequences at
// once a model gets through in its time.
func (b Bench) sample(ctx context.Context, p *peaks, trained []Training) ([]Sampling, error) {
	writers := make([]*writer, len(trained))
	for i, t := range trained {
		var err error
		if writers[i], err = newWriter(t, b.sequences(t), b.workers); err != nil {
			return nil, err
		}
	}
	err := b.rounds(ctx, func() error {
		p.two()
		for _, w := range writers {
			if err := w.round(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	out := make([]Sampling, len(writers))
	for i, w := range writers {
		out[i] = Sampling(w.Training.with(w.speeds))
	}
	return out, err
}

// sequences is the largest halving of b.Sequences that takes a fifth of the
// part's limit at the speed of training, one token at a third of its work.
func (b Bench) sequences(t Training) int {
	n := b.Sequences
	for n >= 2*fewest && float64(n*t.Context)/(3*t.Tokens) > b.Limit.Seconds()/5 {
		n /= 2
	}
	return n
}

func newWriter(t Training, sequences, workers int) (*writer, error) {
	model, err := t.model(t.Context)
	if err != nil {
		return nil, err
	}
	w := &writer{Training: Training{Model: t.Model, Params: t.Params, PerToken: t.sampleFLOPs(t.Params)}}
	w.Batch = sequences
	w.sampler = lm.NewSampler(model, sequences, workers)
	for i := range sequences {
		w.prompts = append(w.prompts, []int32{int32(i % vocab)})
	}
	return w, nil
}

// round completes every prompt once.
func (w *writer) round(ctx context.Context) error {
	began := time.Now()
	completions, err := w.sampler.Generate(ctx, w.prompts, lm.Sampling{
		MaxNew: w.Context, Temperature: 1, Stop: -1,
		Rand: func(i int) *rand.Rand { return seed.Stream(1, "sample", i) },
	})
	if err != nil {
		return err
	}
	tokens := 0
	for _, c := range completions {
		tokens += len(c.Tokens)
	}
	w.speeds = append(w.speeds, float64(tokens)/time.Since(began).Seconds())
	return nil
}
