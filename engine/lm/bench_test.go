package lm

import (
	"fmt"
	"testing"

	"ablate/engine/seed"
)

// benchShapes are the sizes the recipes use: programs of 24 tokens, half of
// them prompt.
var benchShapes = []Config{
	{Vocab: 480, Dim: 64, Layers: 2, Heads: 4, Context: 64},
	{Vocab: 480, Dim: 96, Layers: 3, Heads: 4, Context: 64},
}

func benchBatch(cfg Config) []Sequence {
	batch := make([]Sequence, 64)
	r := seed.Stream(1, "bench", 0)
	for i := range batch {
		tokens := make([]int32, 24)
		for j := range tokens {
			tokens[j] = int32(r.IntN(cfg.Vocab))
		}
		batch[i] = Sequence{Tokens: tokens, Prompt: 12}
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
	for _, cfg := range benchShapes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("d=%d/L=%d/workers=%d", cfg.Dim, cfg.Layers, workers), func(b *testing.B) {
				tr := NewTrainer(newModel(b, cfg), plainAdamW, workers)
				batch := benchBatch(cfg)
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
				b.ReportMetric(flops(cfg, batch)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, cfg := range benchShapes {
		b.Run(fmt.Sprintf("d=%d/L=%d", cfg.Dim, cfg.Layers), func(b *testing.B) {
			s := NewSampler(newModel(b, cfg), 256, 2)
			prompts := make([][]int32, 128)
			for i, sq := range benchBatch(cfg) {
				prompts[i], prompts[i+64] = sq.Tokens[:12], sq.Tokens[:12]
			}
			tokens := 0
			for b.Loop() {
				out, err := s.Generate(b.Context(), prompts, Sampling{MaxNew: 12, Temperature: 1, Stop: -1, Rand: streams})
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
