package lm

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/seed"
)

func streams(i int) *rand.Rand { return seed.Stream(5, "draw", i) }

func somePrompts(cfg Config, n int) [][]int32 {
	r := rand.New(rand.NewPCG(3, 4))
	prompts := make([][]int32, n)
	for i := range prompts {
		for range 1 + r.IntN(cfg.Context-2) {
			prompts[i] = append(prompts[i], int32(r.IntN(cfg.Vocab)))
		}
	}
	return prompts
}

func generate(t *testing.T, m *Model, batch int, prompts [][]int32, how Sampling) []Completion {
	t.Helper()
	got, err := NewSampler(m, batch, 1).Generate(t.Context(), prompts, how)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// trained is the training forward's logits for every position of a sequence.
func trained(m *Model, tokens []int32) *pass {
	ps := newPass(m)
	ps.load([]Sequence{{Tokens: append(append([]int32(nil), tokens...), 0)}})
	ps.forward(m.params, laidOut(m))
	return ps
}

// Greedy completions are the argmax of the training forward, token by token.
func TestGreedyIsArgmax(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 23, Dim: 16, Layers: 3, Heads: 2, Context: 20}
	m := blurred(t, cfg)
	prompts := somePrompts(cfg, 20)
	for i, c := range generate(t, m, 7, prompts, Sampling{MaxNew: 8, Stop: -1}) {
		tokens := append([]int32(nil), prompts[i]...)
		for j, got := range c.Tokens {
			ps := trained(m, tokens)
			if want := argmax(ps.out.logits.Row(len(tokens) - 1)); int(got) != want {
				t.Fatalf("prompt %d: token %d is %d, want %d", i, j, got, want)
			}
			tokens = append(tokens, got)
		}
		if want := min(8, cfg.Context-len(prompts[i])); len(c.Tokens) != want {
			t.Errorf("prompt %d of %d: %d new tokens, want %d", i, len(prompts[i]), len(c.Tokens), want)
		}
	}
}

// The log-probabilities are those of the training forward, to the bit: the
// ratio of a first policy step is exactly one.
func TestLogProbsAreTheTrainers(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 23, Dim: 24, Layers: 2, Heads: 4, Context: 20}
	m := blurred(t, cfg)
	prompts := somePrompts(cfg, 40)
	for _, temperature := range []float32{0, 0.7, 1} {
		for i, c := range generate(t, m, 16, prompts, Sampling{MaxNew: 10, Stop: 3, Temperature: temperature, Rand: streams}) {
			ps := newPass(m)
			ps.load([]Sequence{{Tokens: append(append([]int32(nil), prompts[i]...), c.Tokens...), Prompt: len(prompts[i])}})
			ps.forward(m.params, laidOut(m))
			for j, lp := range c.LogProbs {
				one := output{logits: ps.out.logits.Part(j, 0, 1, cfg.Vocab)}
				if want := -one.loss(ps.targets[j:j+1], []float32{1}, 1); float64(lp) != want {
					t.Fatalf("temperature %g, prompt %d, token %d: log-probability %g, trainer %g", temperature, i, j, lp, want)
				}
			}
		}
	}
}

// Who else is in the batch, and how large it is, changes nothing.
func TestCompletionsDoNotDependOnTheBatch(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 23, Dim: 16, Layers: 2, Heads: 2, Context: 20}
	m := blurred(t, cfg)
	prompts := somePrompts(cfg, 30)
	how := Sampling{MaxNew: 12, Stop: 3, Temperature: 0.9, Rand: streams}
	want := generate(t, m, 1, prompts, how)
	for _, batch := range []int{2, 5, 30, 100} {
		if d := cmp.Diff(want, generate(t, m, batch, prompts, how)); d != "" {
			t.Errorf("batch of %d against one by one:\n%s", batch, d)
		}
	}
	for _, workers := range []int{2, 3, 4, 7} {
		s := NewSampler(m, 16, workers)
		for range 2 { // the second time on used memory
			got, err := s.Generate(t.Context(), prompts, how)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%d workers against one by one:\n%s", workers, d)
			}
		}
	}
}

// Next to no temperature is like none, however small: its inverse overflows.
func TestColdIsGreedy(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	prompts := somePrompts(tiny, 10)
	want := generate(t, m, 5, prompts, Sampling{MaxNew: 5, Stop: -1})
	for _, temperature := range []float32{1e-4, 1e-20, 1e-38, 1e-45} {
		if d := cmp.Diff(want, generate(t, m, 5, prompts, Sampling{MaxNew: 5, Stop: -1, Temperature: temperature, Rand: streams})); d != "" {
			t.Errorf("temperature %g (-greedy +got):\n%s", temperature, d)
		}
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	prompts := [][]int32{{1, 2}}
	all := generate(t, m, 1, prompts, Sampling{MaxNew: 6, Stop: -1})[0].Tokens
	stop := all[2]
	want := all[:1+firstIndex(all, stop)]
	if d := cmp.Diff(want, generate(t, m, 1, prompts, Sampling{MaxNew: 6, Stop: stop})[0].Tokens); d != "" {
		t.Errorf("stop at %d (-want +got):\n%s", stop, d)
	}
}

func firstIndex(x []int32, v int32) int {
	for i, w := range x {
		if w == v {
			return i
		}
	}
	return -1
}

// Frequencies of 20,000 draws against the softmax of the logits: no token is
// more than five standard deviations off.
func TestDrawsFollowTheModel(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	prompt := []int32{4, 9}
	for _, temperature := range []float32{0.5, 1, 2} {
		const n = 20000
		prompts := make([][]int32, n)
		for i := range prompts {
			prompts[i] = prompt
		}
		counts := make([]float64, tiny.Vocab)
		for _, c := range generate(t, m, 100, prompts, Sampling{MaxNew: 1, Temperature: temperature, Rand: streams, Stop: -1}) {
			counts[c.Tokens[0]]++
		}
		logits := trained(m, prompt).out.logits.Row(1)
		sum := 0.0
		for _, z := range logits {
			sum += math.Exp(float64(z / temperature))
		}
		for v, z := range logits {
			p := math.Exp(float64(z/temperature)) / sum
			if dev := math.Sqrt(n * p * (1 - p)); math.Abs(counts[v]-n*p) > 5*dev+1 {
				t.Errorf("temperature %g: token %d drawn %g times, want %.0f +- %.0f", temperature, v, counts[v], n*p, dev)
			}
		}
	}
}

// The nucleus of a distribution by hand: the fewest likeliest that reach p, of
// equals the first, drawn in proportion.
func TestNucleus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		topP float32
		want []float64 // shares of the draws
	}{
		{0, []float64{0.1, 0.4, 0.1, 0.4}},
		{1, []float64{0.1, 0.4, 0.1, 0.4}},
		{0.3, []float64{0, 1, 0, 0}},
		{0.5, []float64{0, 0.5, 0, 0.5}},
		{0.85, []float64{0.1 / 0.9, 0.4 / 0.9, 0, 0.4 / 0.9}},
	} {
		const n = 20000
		rng, d, counts := streams(1), drawer{}, make([]float64, 4)
		for range n {
			counts[d.draw([]float32{0.1, 0.4, 0.1, 0.4}, c.topP, rng)]++
		}
		for i, p := range c.want {
			if dev := math.Sqrt(n * p * (1 - p)); math.Abs(counts[i]-n*p) > 5*dev {
				t.Errorf("top-p %g: %d drawn %g times, want %.0f +- %.0f", c.topP, i, counts[i], n*p, dev)
			}
		}
	}
}

// With a nucleus fewer tokens come, no more than reach it, and their
// log-probabilities stay those of the model.
func TestNucleusOfAModel(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	how := Sampling{MaxNew: 1, Temperature: 1, Stop: -1, Rand: streams}
	all := map[int32]float32{}
	prompts := make([][]int32, 300)
	for i := range prompts {
		prompts[i] = []int32{4, 9}
	}
	for _, c := range generate(t, m, 10, prompts, how) {
		all[c.Tokens[0]] = c.LogProbs[0]
	}
	how.TopP = 0.5
	nucleus := map[int32]float64{}
	for _, c := range generate(t, m, 10, prompts, how) {
		if want, ok := all[c.Tokens[0]]; ok && c.LogProbs[0] != want {
			t.Fatalf("token %d: log-probability %g with a nucleus, %g without", c.Tokens[0], c.LogProbs[0], want)
		}
		nucleus[c.Tokens[0]] = math.Exp(float64(c.LogProbs[0]))
	}
	total, least := 0.0, 1.0
	for _, p := range nucleus {
		total, least = total+p, min(least, p)
	}
	if total < 0.5 || total-least >= 0.5 || len(nucleus) >= len(all) {
		t.Errorf("%d of %d tokens drawn, with %.3f of the probability, the least %.3f; want the fewest that reach 0.5", len(nucleus), len(all), total, least)
	}
}

// Rounding may leave the probabilities short of one: what is impossible stays
// so.
func TestDrawTakesNothingImpossible(t *testing.T) {
	t.Parallel()
	rng := streams(0)
	for range 200 {
		if i := new(drawer).draw([]float32{0, 0.25, 0.25, 0}, 0, rng); i != 1 && i != 2 {
			t.Fatalf("drew %d, which has probability 0", i)
		}
	}
}

func TestGenerateErrors(t *testing.T) {
	t.Parallel()
	ok := [][]int32{{1}}
	for _, c := range []struct {
		name    string
		prompts [][]int32
		how     Sampling
		want    string
	}{
		{"empty prompt", [][]int32{{1}, {}}, Sampling{MaxNew: 1}, "prompt 1: 0 tokens"},
		{"long prompt", [][]int32{make([]int32, 9)}, Sampling{MaxNew: 1}, "prompt 0: 9 tokens, want 1 to 8"},
		{"unknown token", [][]int32{{99}}, Sampling{MaxNew: 1}, "token 0 is 99"},
		{"nothing new", ok, Sampling{}, "0 new tokens"},
		{"cold", ok, Sampling{MaxNew: 1, Temperature: -1}, "temperature -1"},
		{"NaN", ok, Sampling{MaxNew: 1, Temperature: float32(math.NaN())}, "temperature NaN"},
		{"nucleus above one", ok, Sampling{MaxNew: 1, TopP: 1.5}, "top-p 1.5"},
		{"NaN nucleus", ok, Sampling{MaxNew: 1, TopP: float32(math.NaN())}, "top-p NaN"},
		{"no stream", ok, Sampling{MaxNew: 1, Temperature: 1}, "without a random stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := NewSampler(newModel(t, tiny), 2, 1).Generate(t.Context(), c.prompts, c.how)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// A cancelled sampler can be used again.
func TestGenerateCancelled(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	s := NewSampler(m, 2, 1)
	prompts := somePrompts(tiny, 5)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := s.Generate(ctx, prompts, Sampling{MaxNew: 7, Temperature: 1, Stop: -1, Rand: func(i int) *rand.Rand {
		if calls++; calls == 3 {
			cancel()
		}
		return streams(i)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want cancelled", err)
	}
	got, err := s.Generate(t.Context(), prompts, Sampling{MaxNew: 7, Stop: -1})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(generate(t, m, 2, prompts, Sampling{MaxNew: 7, Stop: -1}), got); d != "" {
		t.Errorf("after a cancelled call:\n%s", d)
	}
}
