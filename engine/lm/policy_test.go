package lm

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// policyLoss is the objective of StepPolicy by its definition, and the mean
// entropy in it.
func (r *reference) policyLoss(batch []Sequence, bonus float64) (loss, entropy float64) {
	n := 0.0
	for _, sq := range batch {
		logits := r.logits(sq.Tokens[:len(sq.Tokens)-1])
		for i := max(sq.Prompt, 1); i < len(sq.Tokens); i++ {
			w := 1.0
			if sq.Weights != nil {
				w = float64(sq.Weights[i])
			}
			sum := 0.0
			for _, z := range logits[i-1] {
				sum += math.Exp(z)
			}
			for _, z := range logits[i-1] {
				entropy -= math.Exp(z) / sum * (z - math.Log(sum))
			}
			loss += w * (math.Log(sum) - logits[i-1][sq.Tokens[i]])
			n++
		}
	}
	return loss/n - bonus*entropy/n, entropy / n
}

// Central differences of the float64 reference against the gradient, with and
// without a bonus for entropy, and with nothing but the bonus: relative L2 error
// below 1e-4 a tensor.
func TestPolicyGradients(t *testing.T) {
	t.Parallel()
	silent := tinyBatch()
	for i := range silent {
		silent[i].Weights = make([]float32, len(silent[i].Tokens))
	}
	for name, c := range map[string]struct {
		batch []Sequence
		bonus float32
	}{"weights": {tinyBatch(), 0}, "both": {tinyBatch(), 0.7}, "entropy": {silent, 0.7}, "less entropy": {silent, -2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := blurred(t, tiny)
			tr := NewTrainer(m, plainAdamW, 1)
			ref := &reference{cfg: tiny, flat: make([]float64, len(m.flat))}
			for i, w := range m.flat {
				ref.flat[i] = float64(w)
			}
			stats, err := tr.StepPolicy(c.batch, 0, c.bonus) // by hand: 3 + 5 + 1 predictions
			if err != nil || stats.LossTokens != 9 {
				t.Fatalf("%+v, %v; want 9 tokens", stats, err)
			}
			if loss, entropy := ref.policyLoss(c.batch, 0); math.Abs(stats.Loss-loss) > 1e-5 || math.Abs(stats.Entropy-entropy) > 1e-5 {
				t.Errorf("loss %.7f, entropy %.7f; reference %.7f, %.7f", stats.Loss, stats.Entropy, loss, entropy)
			}
			const eps = 1e-5
			ts, _ := tiny.tensors()
			for n, ten := range ts {
				diff, norm := 0.0, 0.0
				for i := ten.from; i < ten.from+ten.len(); i++ {
					w := ref.flat[i]
					ref.flat[i] = w + eps
					up, _ := ref.policyLoss(c.batch, float64(c.bonus))
					ref.flat[i] = w - eps
					down, _ := ref.policyLoss(c.batch, float64(c.bonus))
					ref.flat[i] = w
					want := (up - down) / (2 * eps)
					diff += (float64(tr.grads[0].flat[i]) - want) * (float64(tr.grads[0].flat[i]) - want)
					norm += want * want
				}
				if e := math.Sqrt(diff / norm); !(e < 1e-4) {
					t.Errorf("tensor %d (%d x %d): relative error of the gradient %.2g (norm %.3g)", n, ten.rows, ten.cols, e, math.Sqrt(norm))
				}
			}
		})
	}
}

// With no weight of 0 and no bonus a policy's step is the usual one, to the bit,
// whatever the number of workers; and the usual one measures no entropy.
func TestStepPolicyIsStep(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 40}
	want := newModel(t, cfg)
	tr := NewTrainer(want, plainAdamW, 1)
	for step := range 3 {
		if st, err := tr.Step(randomBatch(cfg, 60, 40, uint64(step)), 1e-2); err != nil || st.Entropy != 0 {
			t.Fatalf("%+v, %v", st, err)
		}
	}
	for _, workers := range []int{1, 3} {
		m := newModel(t, cfg)
		tr := NewTrainer(m, plainAdamW, workers)
		for step := range 3 {
			if _, err := tr.StepPolicy(randomBatch(cfg, 60, 40, uint64(step)), 1e-2, 0); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(m.flat, want.flat) {
			t.Errorf("%d workers: other weights than Step's", workers)
		}
	}
}

// Tokens of weight 0 count in the mean, and a batch of nothing else is no error.
func TestStepPolicyOfZeros(t *testing.T) {
	t.Parallel()
	half := []Sequence{{Tokens: []int32{1, 2, 3}, Prompt: 1, Weights: []float32{0, 1, 0}}}
	norm := func(step func(*Trainer) (StepStats, error)) StepStats {
		t.Helper()
		st, err := step(NewTrainer(newModel(t, tiny), plainAdamW, 1))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	whole := norm(func(tr *Trainer) (StepStats, error) { return tr.Step(half, 0) })
	shared := norm(func(tr *Trainer) (StepStats, error) { return tr.StepPolicy(half, 0, 0) })
	if math.Abs(shared.GradNorm/whole.GradNorm-0.5) > 1e-6 || math.Abs(shared.Loss/whole.Loss-0.5) > 1e-6 {
		t.Errorf("one token of two has loss %g, norm %g; alone %g, %g", shared.Loss, shared.GradNorm, whole.Loss, whole.GradNorm)
	}
	zero := []Sequence{{Tokens: []int32{1, 2, 3}, Prompt: 1, Weights: []float32{0, 0, 0}}}
	if st := norm(func(tr *Trainer) (StepStats, error) { return tr.StepPolicy(zero, 0, 0) }); st.GradNorm != 0 || st.LossTokens != 2 || st.Entropy == 0 {
		t.Errorf("nothing but zeros: %+v", st)
	}
	empty := []Sequence{{Tokens: []int32{1, 2}, Prompt: 2}}
	if _, err := NewTrainer(newModel(t, tiny), plainAdamW, 1).StepPolicy(empty, 0, 0); err == nil || !strings.Contains(err.Error(), "no token carries loss") {
		t.Errorf("no completion: error %v", err)
	}
}

// A weight above 0 makes a completion likelier, one below 0 less likely, and a
// bonus for entropy the predictions less sure.
func TestStepPolicySign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ weight, bonus float32 }{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		m := blurred(t, tiny)
		tr, scorer := NewTrainer(m, AdamW{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8}, 1), NewScorer(m, 1)
		sq := Sequence{Tokens: []int32{1, 2, 3, 4}, Prompt: 2, Weights: []float32{0, 0, c.weight, c.weight}}
		likely := func() float32 {
			scores, err := scorer.Score([]Sequence{sq})
			if err != nil {
				t.Fatal(err)
			}
			return scores[0][0] + scores[0][1]
		}
		before := likely()
		first, err := tr.StepPolicy([]Sequence{sq}, 1e-3, c.bonus)
		if err != nil {
			t.Fatal(err)
		}
		if after := likely(); c.weight != 0 && (after-before)*c.weight <= 0 {
			t.Errorf("weight %g: log p from %g to %g", c.weight, before, after)
		}
		second, err := tr.StepPolicy([]Sequence{sq}, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if moved := float32(second.Entropy - first.Entropy); c.bonus != 0 && moved*c.bonus <= 0 {
			t.Errorf("bonus %g: entropy moved by %g", c.bonus, moved)
		}
	}
}

// After warm-up a policy's step allocates nothing.
func TestStepPolicyAllocations(t *testing.T) {
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 16}
	tr := NewTrainer(newModel(t, cfg), plainAdamW, 2)
	batch := randomBatch(cfg, 32, 16, 1)
	one := func() {
		if _, err := tr.StepPolicy(batch, 1e-3, 0.1); err != nil {
			t.Fatal(err)
		}
	}
	one()
	one()
	if n := testing.AllocsPerRun(20, one); n != 0 {
		t.Errorf("%g allocations a step", n)
	}
}

func TestClone(t *testing.T) {
	t.Parallel()
	m := newModel(t, tiny)
	c := m.Clone()
	if c.WeightsSHA256() != m.WeightsSHA256() || c.Config() != m.Config() {
		t.Error("a clone is another model")
	}
	if _, err := NewTrainer(c, plainAdamW, 1).Step(tinyBatch(), 1e-2); err != nil {
		t.Fatal(err)
	}
	if m.WeightsSHA256() != newModel(t, tiny).WeightsSHA256() {
		t.Error("training a clone changes the model")
	}
}

func TestExp(t *testing.T) {
	t.Parallel()
	if one := Exp(0); one != 1 {
		t.Errorf("Exp(0) = %v, want exactly 1", one)
	}
}
