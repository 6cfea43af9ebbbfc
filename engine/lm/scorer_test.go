package lm

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ablate/engine/seed"
)

// Scores have the bits of the sampler's log-probabilities, whatever the number of
// workers, the order and the company.
func TestScoreIsSampled(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 30, Dim: 16, Layers: 2, Heads: 2, Context: 40}
	m := blurred(t, cfg)
	r := rand.New(rand.NewPCG(1, 1))
	prompts := make([][]int32, 70)
	for i := range prompts {
		for range 1 + r.IntN(20) {
			prompts[i] = append(prompts[i], int32(r.IntN(cfg.Vocab)))
		}
	}
	completions, err := NewSampler(m, len(prompts), 2).Generate(t.Context(), prompts, Sampling{
		MaxNew: 15, Stop: 3, Temperature: 1, Rand: func(i int) *rand.Rand { return seed.Stream(1, "x", i) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var seqs []Sequence
	for i, c := range completions {
		seqs = append(seqs, Sequence{Tokens: slices.Concat(prompts[i], c.Tokens), Prompt: len(prompts[i])})
	}
	for _, workers := range []int{1, 2, 5} {
		s := NewScorer(m, workers)
		for range 2 {
			scores, err := s.Score(seqs)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range completions {
				if !slices.Equal(scores[i], c.LogProbs) {
					t.Fatalf("%d workers, completion %d: scores %v, sampled %v", workers, i, scores[i], c.LogProbs)
				}
			}
		}
		alone, err := s.Score(seqs[5:6])
		if err != nil || !slices.Equal(alone[0], completions[5].LogProbs) {
			t.Errorf("alone: %v, %v; want %v", alone, err, completions[5].LogProbs)
		}
	}
}

func TestScoreEdges(t *testing.T) {
	t.Parallel()
	m := newModel(t, tiny)
	s := NewScorer(m, 0)
	scores, err := s.Score([]Sequence{{Tokens: []int32{1, 2, 3}}, {Tokens: []int32{1, 2}, Prompt: 2}, {Tokens: []int32{1, 2, 3}, Prompt: 1, Weights: make([]float32, 3)}})
	if err != nil || len(scores[0]) != 2 || len(scores[1]) != 0 || !slices.Equal(scores[2], scores[0]) {
		t.Errorf("scores %v, %v; want two numbers, none, the same two", scores, err)
	}
	if scores, err := s.Score(nil); err != nil || len(scores) != 0 {
		t.Errorf("scores of nothing: %v, %v", scores, err)
	}
	// The scorer sees what becomes of its model.
	if _, err := NewTrainer(m, plainAdamW, 1).Step(tinyBatch(), 1e-2); err != nil {
		t.Fatal(err)
	}
	again, err := s.Score([]Sequence{{Tokens: []int32{1, 2, 3}}})
	if err != nil || slices.Equal(again[0], scores[0]) {
		t.Errorf("after a step of the model: %v, %v", again, err)
	}
	if _, err := s.Score([]Sequence{{Tokens: []int32{1, 99}}}); err == nil || !strings.Contains(err.Error(), "score sequence 0: token 1 is 99") {
		t.Errorf("error %v", err)
	}
}
