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
	LossTokens int     // tokens with a weight other than zero; of StepPolicy, all of the completions
	Entropy    float64 // of StepPolicy: mean of the predictions' over those tokens, nats
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
	m      *Model
	opt    AdamW
	layout *layout // of the weights as they are
	crew   *crew
	passes []*pass // one a worker
	grads  [slots]gradient
	blocks []block
	m1, m2 []float32 // the two moments
	steps  int
	beta   [2]float64 // Beta1 and Beta2 to the power of steps

	// The shared jobs of a step, made once, and what they need of it.
	runJob, sumJob, updateJob, packJob func(worker, i int)
	share                              float32 // one over the weighted tokens
	aim                                aim
	update                             kernel.AdamW // of this step
}

// gradient is one slot's share of a step.
type gradient struct {
	seqs   []Sequence
	flat   []float32
	params params
	used   bool // by this step
	loss   float64
	// entropy is the sum over the predictions, of a policy.
	entropy float64
}

// block is a stretch of one tensor in the flat slice.
type block struct {
	from, to int
	decay    bool
	squares  float64 // of the summed gradient
}

// NewTrainer prepares steps on m with a number of workers, at least one.
func NewTrainer(m *Model, opt AdamW, workers int) *Trainer {
	workers = min(max(workers, 1), slots)
	t := &Trainer{
		m: m, opt: opt, layout: newLayout(m.params, true), crew: newCrew(workers),
		m1: make([]float32, len(m.flat)), m2: make([]float32, len(m.flat)), beta: [2]float64{1, 1},
	}
	for range workers {
		t.passes = append(t.passes, newPass(m))
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
	t.packJob = func(_, i int) { t.layout.pack(i) }
	t.runJob = func(worker, slot int) { t.grads[slot].run(t.passes[worker], t.m.params, t.layout, t.share, t.aim) }
	t.sumJob = func(_, i int) { t.sum(&t.blocks[i]) }
	t.updateJob = func(_, i int) { t.move(t.blocks[i]) }
	return t
}

// Step makes one update towards a smaller weighted loss of the batch: the mean
// of weight times -log p over the tokens with a weight. On an error the model
// and the optimiser are as before.
func (t *Trainer) Step(batch []Sequence, lr float32) (StepStats, error) {
	t.aim = aim{}
	return t.step(batch, lr)
}

func (t *Trainer) step(batch []Sequence, lr float32) (StepStats, error) {
	stats, err := t.deal(batch)
	if err != nil {
		return stats, fmt.Errorf("train step %d: %w", t.steps+1, err)
	}
	t.share = 1 / float32(stats.LossTokens)
	t.crew.each(len(t.layout.jobs), t.packJob)
	t.crew.each(slots, t.runJob)
	t.crew.each(len(t.blocks), t.sumJob)

	squares := 0.0
	for _, b := range t.blocks {
		squares += b.squares
	}
	for i := range t.grads {
		stats.Loss += t.grads[i].loss
		stats.Entropy += t.grads[i].entropy
	}
	stats.Loss /= float64(stats.LossTokens)
	stats.Entropy /= float64(stats.LossTokens)
	stats.GradNorm = math.Sqrt(squares)
	if bad := stats.Loss + stats.GradNorm; math.IsNaN(bad) || math.IsInf(bad, 0) {
		return stats, fmt.Errorf("train step %d: loss %g, gradient norm %g: %w", t.steps+1, stats.Loss, stats.GradNorm, ErrNotFinite)
	}
	t.prepare(lr, stats.GradNorm)
	t.crew.each(len(t.blocks), t.updateJob)
	t.even()
	return stats, nil
}

// even gives all workers the memory of the one that has most: next time another
// may get the largest share.
func (t *Trainer) even() {
	var most room
	for _, ps := range t.passes {
		most = most.larger(ps.room())
	}
	for _, ps := range t.passes {
		ps.reserve(most)
	}
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
			if sq.counts(j, t.aim.policy) {
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

// run computes a slot's loss and gradient, a few sequences at a time. The first
// of them sets the matrices, so that nobody has to clear them.
func (g *gradient) run(ps *pass, p params, w *layout, share float32, aim aim) {
	g.loss, g.entropy, g.used = 0, 0, false
	ps.every = aim.policy
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
		var form kernel.Form
		if !g.used {
			form = kernel.Fresh
			g.params.clearGains()
			g.used = true
		}
		ps.forward(p, w)
		if aim.policy {
			loss, entropy := ps.out.policyLoss(&ps.scratch, ps.targets, ps.weights, share, aim.bonus)
			g.loss, g.entropy = g.loss+loss, g.entropy+entropy
		} else {
			g.loss += ps.out.loss(ps.targets, ps.weights, share)
		}
		ps.backward(g.params, w, form)
	}
}

// sum adds up a block over the slots, into the first, and measures it.
func (t *Trainer) sum(b *block) {
	total := t.grads[0].flat[b.from:b.to]
	if !t.grads[0].used {
		clear(total)
	}
	for i := range t.grads[1:] {
		if g := &t.grads[1+i]; g.used {
			kernel.Add(total, g.flat[b.from:b.to])
		}
	}
	b.squares = kernel.SumSquares(total)
}

// prepare sets the numbers of this step's update, with the gradient clipped to
// its norm.
func (t *Trainer) prepare(lr float32, norm float64) {
	t.steps++
	t.beta[0] = float64(t.beta[0] * float64(t.opt.Beta1))
	t.beta[1] = float64(t.beta[1] * float64(t.opt.Beta2))
	t.update = kernel.AdamW{
		Rate: lr, Beta1: t.opt.Beta1, Beta2: t.opt.Beta2, Eps: t.opt.Eps, Scale: 1,
		Unbias1: float32(1 / (1 - t.beta[0])), Unbias2: float32(1 / (1 - t.beta[1])),
	}
	if clip := float64(t.opt.Clip); clip > 0 && norm > clip {
		t.update.Scale = float32(clip / norm)
	}
}

// move updates the weights of a block.
func (t *Trainer) move(b block) {
	o := t.update
	if b.decay {
		o.Decay = t.opt.WeightDecay
	}
	o.Update(t.m.flat[b.from:b.to], t.grads[0].flat[b.from:b.to], t.m1[b.from:b.to], t.m2[b.from:b.to])
}
