package lm

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/lm/kernel"
)

var plainAdamW = AdamW{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.1, Clip: 1}

// randomBatch makes n sequences of 2 to longest tokens.
func randomBatch(cfg Config, n, longest int, salt uint64) []Sequence {
	r := rand.New(rand.NewPCG(7, salt))
	batch := make([]Sequence, n)
	for i := range batch {
		tokens := make([]int32, 2+r.IntN(longest-1))
		for j := range tokens {
			tokens[j] = int32(r.IntN(cfg.Vocab))
		}
		batch[i] = Sequence{Tokens: tokens, Prompt: r.IntN(len(tokens))}
	}
	return batch
}

func newModel(t testing.TB, cfg Config) *Model {
	t.Helper()
	m, err := New(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The number of workers and the splitting of a slot into passes are not part of
// the result.
func TestWorkersDoNotChangeBits(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 40}
	hashes := map[string]int{}
	for _, workers := range []int{1, 2, 3, 4, 7, 50} {
		m := newModel(t, cfg)
		tr := NewTrainer(m, plainAdamW, workers)
		for step := range 3 {
			if _, err := tr.Step(randomBatch(cfg, 150, 40, uint64(step)), 1e-2); err != nil {
				t.Fatal(err)
			}
		}
		hashes[m.WeightsSHA256()] = workers
	}
	if len(hashes) != 1 {
		t.Errorf("weights differ: %v", hashes)
	}
}

func TestOverfitsOneBatch(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 20, Dim: 32, Layers: 2, Heads: 4, Context: 16}
	m := newModel(t, cfg)
	tr := NewTrainer(m, AdamW{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Clip: 1}, 1)
	r := rand.New(rand.NewPCG(1, 1))
	var batch []Sequence
	for i := range 8 {
		sq := Sequence{Tokens: []int32{int32(i), int32(r.IntN(20))}, Prompt: 2}
		for len(sq.Tokens) < 12 {
			sq.Tokens = append(sq.Tokens, int32(r.IntN(20)))
		}
		batch = append(batch, sq)
	}
	var loss float64
	for step := range 150 {
		st, err := tr.Step(batch, Schedule(step, 150, 10, 1e-2, 1e-3))
		if err != nil {
			t.Fatal(err)
		}
		loss = st.Loss
	}
	if loss > 0.01 {
		t.Errorf("loss %.4f after 150 steps on one batch, want near zero", loss)
	}
}

// The losses of ten steps and the weights after them, recorded on linux/amd64
// with and without its assembly. They are a function of the seed and of the
// arithmetic alone: a difference means that the bits of training have changed,
// and with them every run that was ever made.
func TestLossCurveIsRecorded(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 16}
	m := newModel(t, cfg)
	tr := NewTrainer(m, plainAdamW, 2)
	var got []float64
	for range 10 {
		st, err := tr.Step(randomBatch(cfg, 20, 16, 3), 1e-2)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, st.Loss)
	}
	want := []float64{
		3.9820094, 3.3522592, 2.9884661, 2.7489168, 2.561258,
		2.4115195, 2.2943971, 2.1576787, 2.0221248, 1.8921882,
	}
	for i := range want {
		if math.Abs(got[i]/want[i]-1) > 1e-6 {
			t.Errorf("step %d: loss %.8g, want %.8g", i+1, got[i], want[i])
		}
	}
	hash := map[string]string{
		"avx2":  "30180c87a012231baa6588fc7b7907df4e3c384c383f721cd89f702189feaf3d",
		"plain": "7ec04d39b1440353141d427bbe9384e3b7c5792ce0dd1474a3e4b5dbcce9361d",
	}[kernel.Name()]
	if got := m.WeightsSHA256(); got != hash {
		t.Errorf("weights after ten steps of %s arithmetic: %s, want %s", kernel.Name(), got, hash)
	}
}

func TestStatsCount(t *testing.T) {
	t.Parallel()
	m := newModel(t, tiny)
	st, err := NewTrainer(m, plainAdamW, 1).Step(tinyBatch(), 0)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: 4+8+1 inputs; 3 + 4 (one of five has weight 0) + 1 predictions.
	if st.Tokens != 13 || st.LossTokens != 8 {
		t.Errorf("%d tokens, %d with loss; want 13, 8", st.Tokens, st.LossTokens)
	}
}

// An untrained model's logits are about standard normal (unit rows of the norm
// times rows of the embedding), so its loss is about ln V + 1/2.
func TestFirstLoss(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 480, Dim: 64, Layers: 2, Heads: 4, Context: 32}
	st, err := NewTrainer(newModel(t, cfg), plainAdamW, 1).Step(randomBatch(cfg, 16, 24, 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Log(480) + 0.5; math.Abs(st.Loss-want) > 0.2 {
		t.Errorf("first loss %.3f, want about ln 480 + 1/2 = %.3f", st.Loss, want)
	}
}

// Loss is counted on the completion only: the prompt enters as input, but
// whether its tokens are predicted well does not matter.
func TestPromptCarriesNoLoss(t *testing.T) {
	t.Parallel()
	loss := func(batch []Sequence) float64 {
		t.Helper()
		st, err := NewTrainer(newModel(t, tiny), plainAdamW, 1).Step(batch, 0)
		if err != nil {
			t.Fatal(err)
		}
		return st.Loss
	}
	base := []Sequence{{Tokens: []int32{1, 2, 3, 4, 5}, Prompt: 3}}
	explicit := []Sequence{{Tokens: []int32{1, 2, 3, 4, 5}, Weights: []float32{0, 0, 0, 1, 1}}}
	ignored := []Sequence{{Tokens: []int32{1, 2, 3, 4, 5}, Prompt: 3, Weights: []float32{9, -9, 7, 1, 1}}}
	more := []Sequence{{Tokens: []int32{1, 2, 3, 4, 5}, Prompt: 2}}
	if a, b := loss(base), loss(explicit); a != b {
		t.Errorf("prompt of three %g, weights of zero on it %g", a, b)
	}
	if a, b := loss(base), loss(ignored); a != b {
		t.Errorf("prompt of three %g, with weights on the prompt %g", a, b)
	}
	if a, b := loss(base), loss(more); a == b {
		t.Errorf("a shorter prompt has the same loss %g", a)
	}
}

func TestStepErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		batch []Sequence
		want  string
	}{
		{"empty", nil, "no token carries loss"},
		{"all prompt", []Sequence{{Tokens: []int32{1, 2}, Prompt: 2}}, "no token carries loss"},
		{"one token", []Sequence{{Tokens: []int32{1}}}, "sequence 0: 1 tokens"},
		{"too long", []Sequence{{Tokens: make([]int32, 10)}}, "10 tokens, want 2 to 9"},
		{"unknown token", []Sequence{{Tokens: []int32{1, 2}}, {Tokens: []int32{1, 11}}}, "sequence 1: token 1 is 11"},
		{"negative token", []Sequence{{Tokens: []int32{-1, 1}}}, "token 0 is -1"},
		{"prompt outside", []Sequence{{Tokens: []int32{1, 2}, Prompt: 3}}, "prompt of 3"},
		{"weights", []Sequence{{Tokens: []int32{1, 2}, Weights: []float32{1}}}, "1 weights for 2 tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newModel(t, tiny)
			before := m.WeightsSHA256()
			_, err := NewTrainer(m, plainAdamW, 1).Step(c.batch, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "train step 1: ") {
				t.Errorf("error %v, want one of step 1 with %q", err, c.want)
			}
			if m.WeightsSHA256() != before {
				t.Error("weights have changed")
			}
		})
	}
}

func TestNotFinite(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]float32{"NaN": float32(math.NaN()), "Inf": float32(math.Inf(1)), "huge": 3e38, "norm": 1e22} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newModel(t, tiny)
			tr := NewTrainer(m, plainAdamW, 2)
			if _, err := tr.Step(tinyBatch(), 1e-3); err != nil {
				t.Fatal(err)
			}
			before := m.WeightsSHA256()
			batch := []Sequence{{Tokens: []int32{1, 2, 3}, Weights: []float32{0, bad, bad}}}
			_, err := tr.Step(batch, 1e-3)
			if !errors.Is(err, ErrNotFinite) || !strings.Contains(err.Error(), "step 2") {
				t.Errorf("error %v, want step 2 not finite", err)
			}
			if m.WeightsSHA256() != before {
				t.Error("weights have changed")
			}
			if _, err := tr.Step(tinyBatch(), 1e-3); err != nil {
				t.Errorf("the next step: %v", err)
			}
		})
	}
}

// A slot that has nothing to do this time adds nothing of the last time.
func TestSmallBatchAfterLarge(t *testing.T) {
	t.Parallel()
	m := newModel(t, tiny)
	step := func(tr *Trainer, batch []Sequence) StepStats {
		t.Helper()
		st, err := tr.Step(batch, 0)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	small := tinyBatch()
	want := step(NewTrainer(m, plainAdamW, 1), small)
	tr := NewTrainer(m, plainAdamW, 1)
	step(tr, randomBatch(tiny, 30, 9, 1))
	if d := cmp.Diff(want, step(tr, small)); d != "" {
		t.Errorf("a small batch after a large one (-alone +after):\n%s", d)
	}
}

// Clipping scales the gradient that the moments see to the given norm, if it is
// larger.
func TestClip(t *testing.T) {
	t.Parallel()
	for _, clip := range []float32{0, 0.01, 1e6} {
		tr := NewTrainer(newModel(t, tiny), AdamW{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Clip: clip}, 1)
		st, err := tr.Step(tinyBatch(), 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		want := st.GradNorm
		if clip > 0 {
			want = min(want, float64(clip))
		}
		squares := 0.0
		for _, v := range tr.m1 {
			squares += float64(v) * float64(v)
		}
		if got := math.Sqrt(squares) / 0.1; math.Abs(got/want-1) > 1e-5 {
			t.Errorf("clip %g: the moments saw a norm of %g, want %g", clip, got, want)
		}
	}
}

// With a gradient of zero only the decay moves a weight, by the factor 1 - lr
// decay, and it leaves gains alone. (Weights cancel: +1 and -1 on equal rows.)
func TestDecaySparesGains(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	before := append([]float32(nil), m.flat...)
	batch := []Sequence{
		{Tokens: []int32{1, 2}, Weights: []float32{0, 1}},
		{Tokens: []int32{1, 2}, Weights: []float32{0, -1}},
	}
	st, err := NewTrainer(m, AdamW{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.5}, 1).Step(batch, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	if st.GradNorm != 0 {
		t.Fatalf("gradient norm %g, want 0", st.GradNorm)
	}
	ts, _ := tiny.tensors()
	for n, ten := range ts {
		for i := ten.from; i < ten.from+ten.len(); i++ {
			want := before[i]
			if !ten.gain {
				want *= 0.95
			}
			if math.Abs(float64(m.flat[i]-want)) > 1e-6 {
				t.Fatalf("tensor %d: %g became %g, want %g", n, before[i], m.flat[i], want)
			}
		}
	}
}

// After warm-up a step allocates nothing, whatever the number of workers.
func TestStepAllocations(t *testing.T) {
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 16}
	for _, workers := range []int{1, 2, 3} {
		tr := NewTrainer(newModel(t, cfg), plainAdamW, workers)
		batches := [][]Sequence{randomBatch(cfg, 32, 16, 1), randomBatch(cfg, 32, 16, 2)}
		step := 0
		one := func() {
			step++
			if _, err := tr.Step(batches[step%2], 1e-3); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			one()
		}
		if n := testing.AllocsPerRun(20, one); n != 0 {
			t.Errorf("%d workers: %g allocations a step", workers, n)
		}
	}
}

// Whoever took which share, after a step all workers have room for the largest.
func TestWorkersHaveTheSameRoom(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 40}
	tr := NewTrainer(newModel(t, cfg), plainAdamW, 3)
	for step := range 3 {
		if _, err := tr.Step(randomBatch(cfg, 9+step, 40, uint64(step)), 1e-3); err != nil {
			t.Fatal(err)
		}
		for _, ps := range tr.passes[1:] {
			if a, b := tr.passes[0].room(), ps.room(); a != b || a.rows == 0 {
				t.Errorf("step %d: one worker has room %+v, another %+v", step+1, a, b)
			}
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                string
		step, steps, warmup int
		want                float32
	}{
		{"first of the warm-up", 0, 101, 10, 0.1},
		{"last of the warm-up", 9, 101, 10, 1},
		{"peak", 10, 101, 10, 1},
		{"middle of the decay", 55, 101, 10, 0.6},
		{"two thirds of the decay", 70, 101, 10, 0.4},
		{"last", 100, 101, 10, 0.2},
		{"beyond", 500, 101, 10, 0.2},
		{"no warm-up", 0, 101, 0, 1},
		{"one step", 0, 1, 0, 0.2},
		{"nothing but warm-up", 4, 5, 5, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Schedule(c.step, c.steps, c.warmup, 1, 0.2); math.Abs(float64(got-c.want)) > 1e-6 {
				t.Errorf("rate %g, want %g", got, c.want)
			}
		})
	}
}

// The average by its definition: (1-d) sum d^(n-i) w_i / (1 - d^n).
func TestAverage(t *testing.T) {
	t.Parallel()
	m := newModel(t, tiny)
	avg := NewAverage(m, 0.9)
	if avg.Model().WeightsSHA256() != m.WeightsSHA256() {
		t.Error("before the first update the average is not the model")
	}
	sum, left := 0.0, 1.0
	for i := range 20 {
		for j := range m.flat {
			m.flat[j] = float32(i * i)
		}
		avg.Update(m)
		sum = 0.9*sum + 0.1*float64(i*i)
		left *= 0.9
		if got, want := float64(avg.Model().flat[5]), sum/(1-left); math.Abs(got-want) > 1e-5*max(want, 1) {
			t.Fatalf("average %g after %d updates, want %g", got, i+1, want)
		}
	}
}
