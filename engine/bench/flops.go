package bench

// Formulas are the operations that count as work, as people read them; a
// multiplication and an addition are two. L is the number of layers, T the
// context, d the width of a model.
//
// A token takes 2 FLOPs for each parameter forward (the embedding is the output
// layer, so it counts once) and twice that backward. Causal attention takes 4 d
// for each position that a token looks at, 2 d for its score and 2 d for its
// value: over a full context (T+1)/2 positions on average, about T/2, which
// makes 2 L T d forward, and again three times that with backward. There is no
// padding anywhere: every token that counts is one of a sequence.
type Formulas struct {
	GEMM   string `json:"gemm"`
	Train  string `json:"train"`
	Sample string `json:"sample"`
}

func formulas() Formulas {
	return Formulas{
		GEMM:   "2 m n k",
		Train:  "6 params + 6 L T d per token",
		Sample: "2 params + 2 L T d per token",
	}
}

func productFLOPs(m, n, k int) float64 { return 2 * float64(m) * float64(n) * float64(k) }

// trainFLOPs are those of one trained token.
func (m Model) trainFLOPs(params int) float64 { return 3 * m.sampleFLOPs(params) }

// sampleFLOPs are those of one sampled token, with keys and values kept.
func (m Model) sampleFLOPs(params int) float64 {
	return 2*float64(params) + 2*float64(m.Layers)*float64(m.Context)*float64(m.Dim)
}

// heads are as many as make a head 32 wide, and four of a narrow model.
func (m Model) heads() int { return max(4, m.Dim/32) }
