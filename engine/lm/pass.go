package lm

import "ablate/engine/lm/kernel"

// Sequence is a prompt and the completion to learn, one after the other.
type Sequence struct {
	Tokens []int32
	Prompt int // tokens of the prompt; no loss is counted for predicting them
	// Weights has one factor for the loss of predicting each token, 0 for none;
	// nil means 1 for every token from Prompt on. The first token and those of
	// the prompt are never predicted, whatever their weight.
	Weights []float32
}

// weight is the factor for the loss of predicting token i.
func (sq Sequence) weight(i int) float32 {
	switch {
	case i < 1 || i < sq.Prompt:
		return 0
	case sq.Weights == nil:
		return 1
	}
	return sq.Weights[i]
}

// counts says whether predicting token i is part of the loss: if it has a weight
// or, where every token of a completion counts, is one.
func (sq Sequence) counts(i int, every bool) bool {
	return sq.weight(i) != 0 || every && i >= max(sq.Prompt, 1)
}

// span is where one sequence's inputs lie among the packed rows. The last token
// of a sequence is a target only, so there is one row fewer than tokens.
type span struct{ row, rows int }

// pass is the forward and backward computation over a few packed sequences.
type pass struct {
	scratch
	cfg    Config
	rotary rotary
	every  bool // completed tokens carry loss whatever their weight

	tokens  []int32 // (N) inputs
	seqs    []span
	lossy   []int     // (M) rows whose prediction carries loss
	targets []int32   // (M)
	weights []float32 // (M)

	attn []attention
	mlps []mlp
	out  output
}

func newPass(m *Model) *pass {
	return &pass{cfg: m.cfg, rotary: m.rotary, attn: make([]attention, m.cfg.Layers), mlps: make([]mlp, m.cfg.Layers)}
}

// room is how much memory a pass has of each kind.
type room struct{ rows, seqs, lossy, buf, strips, values int }

func (ps *pass) room() room {
	return room{cap(ps.tokens), cap(ps.seqs), cap(ps.lossy), max(len(ps.buf), ps.peak), ps.strips.Room(), ps.values.Room()}
}

// larger is the larger of two of each kind.
func (r room) larger(s room) room {
	return room{max(r.rows, s.rows), max(r.seqs, s.seqs), max(r.lossy, s.lossy), max(r.buf, s.buf), max(r.strips, s.strips), max(r.values, s.values)}
}

// reserve takes as much memory as r says, between two passes.
func (ps *pass) reserve(r room) {
	if cap(ps.tokens) < r.rows {
		ps.tokens = make([]int32, 0, r.rows)
	}
	if cap(ps.seqs) < r.seqs {
		ps.seqs = make([]span, 0, r.seqs)
	}
	if cap(ps.lossy) < r.lossy {
		ps.lossy = make([]int, 0, r.lossy)
	}
	if cap(ps.targets) < r.lossy {
		ps.targets = make([]int32, 0, r.lossy)
	}
	if cap(ps.weights) < r.lossy {
		ps.weights = make([]float32, 0, r.lossy)
	}
	ps.strips.Reserve(r.strips)
	ps.values.Reserve(r.values)
	if len(ps.buf) < r.buf {
		ps.buf = make([]float32, r.buf)
	}
}

// load packs checked sequences.
func (ps *pass) load(batch []Sequence) {
	ps.tokens, ps.seqs, ps.lossy = ps.tokens[:0], ps.seqs[:0], ps.lossy[:0]
	ps.targets, ps.weights = ps.targets[:0], ps.weights[:0]
	for _, sq := range batch {
		row, last := len(ps.tokens), len(sq.Tokens)-1
		ps.seqs = append(ps.seqs, span{row, last})
		ps.tokens = append(ps.tokens, sq.Tokens[:last]...)
		for i := 1; i <= last; i++ {
			if w := sq.weight(i); sq.counts(i, ps.every) {
				ps.lossy = append(ps.lossy, row+i-1)
				ps.targets = append(ps.targets, sq.Tokens[i])
				ps.weights = append(ps.weights, w)
			}
		}
	}
}

// forward computes the logits of the rows that carry loss. After the last
// layer's attention no row looks at another, so the rest is computed for those
// rows only.
func (ps *pass) forward(p params, w *layout) {
	ps.reset()
	x := ps.matrix(len(ps.tokens), ps.cfg.Dim)
	for i, token := range ps.tokens {
		copy(x.Row(i), p.embed.Row(int(token)))
	}
	for l := range p.layers {
		ps.attn[l].forward(&ps.scratch, p.layers[l], &w.layers[l], ps.rotary, x, ps.seqs)
		x = ps.attn[l].out
		if l == len(p.layers)-1 {
			x = gather(&ps.scratch, x, ps.lossy)
		}
		ps.mlps[l].forward(&ps.scratch, p.layers[l], &w.layers[l], x)
		x = ps.mlps[l].out
	}
	ps.out.forward(&ps.scratch, p, w, x)
}

// backward adds the gradient of the loss to grad, or sets the matrices in it if
// form says fresh, after forward and out.loss.
func (ps *pass) backward(grad params, w *layout, form kernel.Form) {
	dx := ps.out.backward(&ps.scratch, grad, w, form)
	for l := len(grad.layers) - 1; l >= 0; l-- {
		ps.mlps[l].backward(&ps.scratch, grad.layers[l], &w.layers[l], dx, form)
		if l == len(grad.layers)-1 {
			dx = scatter(&ps.scratch, dx, ps.lossy, len(ps.tokens))
		}
		ps.attn[l].backward(&ps.scratch, grad.layers[l], &w.layers[l], ps.rotary, dx, ps.seqs, form)
	}
	for i, token := range ps.tokens {
		kernel.Add(grad.embed.Row(int(token)), dx.Row(i))
	}
}

// gather copies the named rows of x.
func gather(s *scratch, x kernel.Mat, rows []int) kernel.Mat {
	out := s.matrix(len(rows), x.Cols)
	for i, row := range rows {
		copy(out.Row(i), x.Row(row))
	}
	return out
}

// scatter is gather's gradient: n rows, zero where nothing was taken.
func scatter(s *scratch, dx kernel.Mat, rows []int, n int) kernel.Mat {
	out := s.matrix(n, dx.Cols)
	clear(out.Data)
	for i, row := range rows {
		copy(out.Row(row), dx.Row(i))
	}
	return out
}
