package lm

import (
	"errors"
	"fmt"
	"math"

	"ablate/engine/lm/kernel"
)

// AdamW are the optimiser's settings.
type AdamW struct {
	Beta1, Beta2 float32 // decay of the two moments, in [0, 1)
	Eps          float32
	WeightDecay  float32 // decoupled; on matrices only, never on gains
	Clip         float32 // largest norm of the whole gradient; 0 for no limit
}

// StepStats is what one step measured, before its update.
type StepStats struct {
	Loss       float64 // mean over the weighted tokens, nats
	GradNorm   float64 // before clipping
	Tokens     int     // inputs of the batch
	LossTokens int     // tokens with a weight other than zero
}

// ErrNotFinite marks a step whose loss or gradient is NaN or infinite. The
// weights are those from before the step.
var ErrNotFinite = errors.New("not a finite number")

const (
	// slots is the number of gradients that are summed, in order, and shares of
	// the batch that workers take. It is fixed, and so is who gets which
	// sequence, so that the sum does not depend on the number of workers.
	slots = 8
	// passRows bounds the rows of one pass: a larger share is taken in several
	// passes, and their memory stays in the cache.
	passRows = 256
	// blockLen is the number of weights that are summed, measured and updated
	// together: the unit of work of a step's second half.
	blockLen = 1 << 14
)

// Trainer makes steps on a model. A step deals the sequences of a batch to a
// fixed number of slots; workers take slots, one at a time, and run forward and
// backward over their sequences into the slot's own gradient; then the slots
// are summed in order, the norm is clipped and the weights updated, block by
// block. Workers never share a sum, so their number does not change a bit.
//
// A Trainer is used by one goroutine at a time and starts the workers itself.
type Trainer struct {
	m       *Model
	opt     AdamW
	workers []*pass
	grads   [slots]gradient
	blocks  []block
	m1, m2  []float32 // the two moments
	steps   int
	beta    [2]float64 // Beta1 and Beta2 to the power of steps
}

// gradient is one slot's share of a step.
type gradient struct {
	seqs   []Sequence
	flat   []float32
	params params
	loss   float64
}

// block is a stretch of one tensor in the flat slice.
type block struct {
	from, to int
	decay    bool
	squares  float64 // of the summed gradient
}

// NewTrainer prepares steps on m with a number of workers, at least one.
func NewTrainer(m *Model, opt AdamW, workers int) *Trainer {
	t := &Trainer{
		m: m, opt: opt, workers: make([]*pass, min(max(workers, 1), slots)),
		m1: make([]float32, len(m.flat)), m2: make([]float32, len(m.flat)), beta: [2]float64{1, 1},
	}
	for i := range t.workers {
		t.workers[i] = newPass(m)
	}
	for i := range t.grads {
		flat := make([]float32, len(m.flat))
		t.grads[i] = gradient{flat: flat, params: m.cfg.view(flat)}
	}
	ts, _ := m.cfg.tensors()
	for _, ten := range ts {
		for from := 0; from < ten.len(); from += blockLen {
			to := min(from+blockLen, ten.len())
			t.blocks = append(t.blocks, block{from: ten.from + from, to: ten.from + to, decay: !ten.gain})
		}
	}
	return t
}

// Step makes one update towards a smaller weighted loss of the batch: the mean
// of weight times -log p over the tokens with a weight. On an error the model
// and the optimiser are as before.
func (t *Trainer) Step(batch []Sequence, lr float32) (StepStats, error) {
	stats, err := t.deal(batch)
	if err != nil {
		return stats, fmt.Errorf("train step %d: %w", t.steps+1, err)
	}
	share := 1 / float32(stats.LossTokens)
	each(len(t.workers), slots, func(worker, slot int) {
		t.grads[slot].run(t.workers[worker], t.m.params, share)
	})
	each(len(t.workers), len(t.blocks), func(_, i int) { t.sum(&t.blocks[i]) })

	squares := 0.0
	for _, b := range t.blocks {
		squares += b.squares
	}
	for i := range t.grads {
		stats.Loss += t.grads[i].loss
	}
	stats.Loss /= float64(stats.LossTokens)
	stats.GradNorm = math.Sqrt(squares)
	if bad := stats.Loss + stats.GradNorm; math.IsNaN(bad) || math.IsInf(bad, 0) {
		return stats, fmt.Errorf("train step %d: loss %g, gradient norm %g: %w", t.steps+1, stats.Loss, stats.GradNorm, ErrNotFinite)
	}
	t.update(lr, stats.GradNorm)
	return stats, nil
}

// deal checks the batch and gives sequence i to slot i mod 8.
func (t *Trainer) deal(batch []Sequence) (StepStats, error) {
	var stats StepStats
	for i := range t.grads {
		t.grads[i].seqs = t.grads[i].seqs[:0]
	}
	for i, sq := range batch {
		if err := t.m.cfg.checkSequence(sq); err != nil {
			return stats, fmt.Errorf("sequence %d: %w", i, err)
		}
		stats.Tokens += len(sq.Tokens) - 1
		for j := range sq.Tokens {
			if sq.weight(j) != 0 {
				stats.LossTokens++
			}
		}
		g := &t.grads[i%slots]
		g.seqs = append(g.seqs, sq)
	}
	if stats.LossTokens == 0 {
		return stats, fmt.Errorf("batch of %d sequences: no token carries loss", len(batch))
	}
	return stats, nil
}

// checkSequence says why a sequence cannot be trained on.
func (c Config) checkSequence(sq Sequence) error {
	switch n := len(sq.Tokens); {
	case n < 2 || n > c.Context:
		return fmt.Errorf("%d tokens, want 2 to %d", n, c.Context)
	case sq.Prompt < 0 || sq.Prompt > n:
		return fmt.Errorf("prompt of %d in %d tokens", sq.Prompt, n)
	case sq.Weights != nil && len(sq.Weights) != n:
		return fmt.Errorf("%d weights for %d tokens", len(sq.Weights), n)
	}
	return c.checkTokens(sq.Tokens)
}

func (c Config) checkTokens(tokens []int32) error {
	for i, token := range tokens {
		if token < 0 || int(token) >= c.Vocab {
			return fmt.Errorf("token %d is %d, the vocabulary has %d", i, token, c.Vocab)
		}
	}
	return nil
}

// run computes a slot's loss and gradient, a few sequences at a time.
func (g *gradient) run(ps *pass, p params, share float32) {
	g.loss = 0
	if len(g.seqs) == 0 {
		return
	}
	clear(g.flat)
	for from := 0; from < len(g.seqs); {
		to, rows := from, 0
		for to < len(g.seqs) && (to == from || rows+len(g.seqs[to].Tokens)-1 <= passRows) {
			rows += len(g.seqs[to].Tokens) - 1
			to++
		}
		ps.load(g.seqs[from:to])
		from = to
		if len(ps.lossy) == 0 {
			continue
		}
		ps.forward(p)
		g.loss += ps.head.loss(ps.targets, ps.weights, share)
		ps.backward(p, g.params)
	}
}

// sum adds up a block over the slots, into the first, and measures it.
func (t *Trainer) sum(b *block) {
	total := t.grads[0].flat[b.from:b.to]
	for i := range t.grads[1:] {
		if g := &t.grads[1+i]; len(g.seqs) > 0 {
			kernel.Add(total, g.flat[b.from:b.to])
		}
	}
	b.squares = kernel.SumSquares(total)
}

// update clips the summed gradient and moves the weights.
func (t *Trainer) update(lr float32, norm float64) {
	t.steps++
	t.beta[0] = float64(t.beta[0] * float64(t.opt.Beta1))
	t.beta[1] = float64(t.beta[1] * float64(t.opt.Beta2))
	o := kernel.AdamW{
		Rate: lr, Beta1: t.opt.Beta1, Beta2: t.opt.Beta2, Eps: t.opt.Eps, Scale: 1,
		Unbias1: float32(1 / (1 - t.beta[0])), Unbias2: float32(1 / (1 - t.beta[1])),
	}
	if clip := float64(t.opt.Clip); clip > 0 && norm > clip {
		o.Scale = float32(clip / norm)
	}
	each(len(t.workers), len(t.blocks), func(_, i int) {
		b, o := &t.blocks[i], o
		if b.decay {
			o.Decay = t.opt.WeightDecay
		}
		o.Update(t.m.flat[b.from:b.to], t.grads[0].flat[b.from:b.to], t.m1[b.from:b.to], t.m2[b.from:b.to])
	})
}
