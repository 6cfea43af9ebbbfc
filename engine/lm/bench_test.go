package lm

import (
	"fmt"
	"testing"

	"ablate/engine/seed"
)

// benchSizes are the model sizes that are measured, with sequences that fill the
// context, and the one that recipes use: programs of 24 tokens, half of them
// prompt.
var benchSizes = []struct {
	cfg           Config
	batch, prompt int
	tokens        int
}{
	{Config{Vocab: 480, Dim: 64, Layers: 2, Heads: 4, Context: 128}, 64, 12, 27},
	{Config{Vocab: 256, Dim: 64, Layers: 2, Heads: 4, Context: 65}, 64, 1, 65},
	{Config{Vocab: 256, Dim: 128, Layers: 4, Heads: 4, Context: 129}, 32, 1, 129},
	{Config{Vocab: 256, Dim: 256, Layers: 6, Heads: 8, Context: 129}, 16, 1, 129},
}

func benchBatch(cfg Config, n, tokens, prompt int) []Sequence {
	batch := make([]Sequence, n)
	r := seed.Stream(1, "bench", 0)
	for i := range batch {
		text := make([]int32, tokens)
		for j := range text {
			text[j] = int32(r.IntN(cfg.Vocab))
		}
		batch[i] = Sequence{Tokens: text, Prompt: prompt}
	}
	return batch
}

// flops counts the multiplications and additions of a step's matrix products: a
// forward, and twice that for the two gradients. The last layer's second half
// and the output are computed for the rows with loss only; attention is counted
// causal.
func flops(cfg Config, batch []Sequence) float64 {
	c, l := float64(cfg.Dim), float64(cfg.Layers)
	total := 0.0
	for _, sq := range batch {
		n := float64(len(sq.Tokens) - 1)
		m := float64(len(sq.Tokens) - max(sq.Prompt, 1))
		total += l*(n*4*c*c+n*n*c) + (l-1)*n*8*c*c + m*8*c*c + m*c*float64(cfg.Vocab)
	}
	return 6 * total
}

func BenchmarkStep(b *testing.B) {
	for _, size := range benchSizes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("d=%d/L=%d/T=%d/workers=%d", size.cfg.Dim, size.cfg.Layers, size.tokens-1, workers), func(b *testing.B) {
				tr := NewTrainer(newModel(b, size.cfg), plainAdamW, workers)
				batch := benchBatch(size.cfg, size.batch, size.tokens, size.prompt)
				if _, err := tr.Step(batch, 1e-3); err != nil {
					b.Fatal(err)
				}
				tokens := 0
				b.ReportAllocs()
				for b.Loop() {
					st, err := tr.Step(batch, 1e-3)
					if err != nil {
						b.Fatal(err)
					}
					tokens += st.Tokens
				}
				b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
				b.ReportMetric(flops(size.cfg, batch)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, size := range benchSizes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("d=%d/L=%d/T=%d/workers=%d", size.cfg.Dim, size.cfg.Layers, size.tokens-1, workers), func(b *testing.B) {
				s := NewSampler(newModel(b, size.cfg), 256, workers)
				prompts := make([][]int32, 256)
				for i, sq := range benchBatch(size.cfg, 256, size.tokens, size.prompt) {
					prompts[i] = sq.Tokens[:size.prompt]
				}
				how := Sampling{MaxNew: size.tokens - size.prompt, Temperature: 1, Stop: -1, Rand: streams}
				tokens := 0
				for b.Loop() {
					out, err := s.Generate(b.Context(), prompts, how)
					if err != nil {
						b.Fatal(err)
					}
					for _, c := range out {
						tokens += len(c.Tokens)
					}
				}
				b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}

func BenchmarkLearnTokenizer(b *testing.B) {
	texts := programs(2000)
	for b.Loop() {
		LearnTokenizer(texts, 500)
	}
}

func BenchmarkEncode(b *testing.B) {
	texts := programs(2000)
	tok := LearnTokenizer(texts, 500)
	tokens := 0
	for b.Loop() {
		for _, text := range texts {
			tokens += len(tok.Encode(text))
		}
	}
	b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
}
