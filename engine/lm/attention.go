package lm

import (
	"math"

	"ablate/engine/lm/kernel"
)

// attention is one layer's first half over N packed rows: x + attend(norm(x)).
type attention struct {
	x     kernel.Mat // (N, C), the stream that comes in
	norm  kernel.Norm
	h     kernel.Mat // (N, C), normalised
	qkv   kernel.Mat // (N, 3C), queries and keys rotated
	probs []float32  // for each sequence and head (T, T) in rows of whole strips
	heads kernel.Mat // (N, C), the heads' outputs side by side
	out   kernel.Mat // (N, C)
}

// forward computes the half-layer for sequences whose rows of x are given.
func (a *attention) forward(s *scratch, p layerParams, w *layerLayout, rot rotary, x kernel.Mat, seqs []span) {
	c, d := x.Cols, 2*rot.half
	a.x = x
	a.norm, a.h = s.normalise(p.norm1, x)
	a.qkv = s.matrix(x.Rows, 3*c)
	kernel.Multiply(a.qkv, a.h, &w.qkv.as, kernel.Fresh)
	for _, sq := range seqs {
		for t := range sq.rows {
			rot.turn(a.qkv.Row(sq.row + t)[:2*c], t)
		}
	}
	a.probs = s.take(cells(seqs) * (c / d))
	a.heads = s.matrix(x.Rows, c)
	at := 0
	for _, sq := range seqs {
		for col := 0; col < c; col += d {
			h := a.head(sq, col, d, &at)
			s.strips.PackTransposed(h.k)
			s.values.Pack(h.v)
			attend(h.out, h.probs, h.q, &s.strips, &s.values)
		}
	}
	a.out = s.copyOf(x)
	kernel.Multiply(a.out, a.heads, &w.proj.as, 0)
}

// backward turns dx, the gradient of the output (N, C), into that of the input,
// in place, and adds to the gradients of the weights, or sets them if form says
// fresh.
func (a *attention) backward(s *scratch, grad layerParams, w *layerLayout, rot rotary, dx kernel.Mat, seqs []span, form kernel.Form) {
	mark := s.mark()
	defer s.release(mark)
	n, c, d := dx.Rows, dx.Cols, 2*rot.half
	dheads := s.matrix(n, c)
	kernel.Multiply(dheads, dx, &w.proj.transposed, kernel.Fresh)
	s.outer(grad.proj, a.heads, dx, form)

	dqkv := s.matrix(n, 3*c)
	at := 0
	for _, sq := range seqs {
		for col := 0; col < c; col += d {
			h := a.head(sq, col, d, &at)
			inner := s.mark()
			h.backward(s, dheads.Part(sq.row, col, sq.rows, d),
				dqkv.Part(sq.row, col, sq.rows, d), dqkv.Part(sq.row, c+col, sq.rows, d), dqkv.Part(sq.row, 2*c+col, sq.rows, d))
			s.release(inner)
		}
		for t := range sq.rows {
			rot.turnBack(dqkv.Row(sq.row + t)[:2*c], t)
		}
	}
	dh := s.matrix(n, c)
	kernel.Multiply(dh, dqkv, &w.qkv.transposed, kernel.Fresh)
	s.outer(grad.qkv, a.h, dqkv, form)
	a.norm.Backward(dx.Data, grad.norm1, dh.Data, a.x.Data)
}

// head is one head of one sequence: queries, keys, values and output (T, D),
// and probabilities (T, T) in rows of whole strips.
type head struct{ q, k, v, out, probs kernel.Mat }

// head is the head whose columns begin at col. at is where its probabilities
// begin, and is moved behind them.
func (a *attention) head(sq span, col, d int, at *int) head {
	c, t, wide := a.x.Cols, sq.rows, kernel.Padded(sq.rows)
	probs := kernel.Dense(a.probs[*at:*at+t*wide], t, wide)
	*at += t * wide
	return head{
		q: a.qkv.Part(sq.row, col, t, d), k: a.qkv.Part(sq.row, c+col, t, d), v: a.qkv.Part(sq.row, 2*c+col, t, d),
		out: a.heads.Part(sq.row, col, t, d), probs: probs,
	}
}

// cells is the number of probabilities of one head over all sequences.
func cells(seqs []span) int {
	n := 0
	for _, sq := range seqs {
		n += sq.rows * kernel.Padded(sq.rows)
	}
	return n
}

// attend is causal attention of one head: out (T, D) = softmax(q k^T / sqrt D) v,
// for queries that are the last T of S positions, with keys (D, S) and values
// (S, D). It fills probs, T rows of S columns or more, as far as a query may see
// and as far as products look behind that.
func attend(out, probs, q kernel.Mat, keys, values *kernel.Strips) {
	kernel.Multiply(probs, q, keys, kernel.Fresh|kernel.CausalC)
	positions, scale := values.Rows(), headScale(q.Cols)
	for i := range probs.Rows {
		row, seen := probs.Row(i), positions-probs.Rows+i+1
		kernel.Softmax(row[:seen], scale)
		clearBehind(row, seen)
	}
	kernel.Multiply(out, probs.Part(0, 0, probs.Rows, positions), values, kernel.Fresh|kernel.CausalA)
}

// clearBehind clears what a product with a causal operand may touch behind the
// diagonal.
func clearBehind(row []float32, seen int) { clear(row[seen:min(seen+kernel.Behind, len(row))]) }

// backward sets the gradients of queries, keys and values (T, D), given that of
// the output.
func (h head) backward(s *scratch, dout, dq, dk, dv kernel.Mat) {
	t := h.probs.Rows
	dscores := s.matrix(t, h.probs.Cols)
	s.strips.PackTransposed(h.v)
	kernel.Multiply(dscores, dout, &s.strips, kernel.Fresh|kernel.CausalC)
	scale := headScale(h.q.Cols)
	for i := range t {
		row := dscores.Row(i)
		kernel.SoftmaxBackward(row[:i+1], h.probs.Row(i)[:i+1], scale)
		clearBehind(row, i+1)
	}
	probs, dscores := h.probs.Part(0, 0, t, t), dscores.Part(0, 0, t, t)
	s.strips.Pack(dout)
	kernel.Multiply(dv, probs, &s.strips, kernel.Fresh|kernel.Transposed|kernel.CausalA)
	s.strips.Pack(h.k)
	kernel.Multiply(dq, dscores, &s.strips, kernel.Fresh|kernel.CausalA)
	s.strips.Pack(h.q)
	kernel.Multiply(dk, dscores, &s.strips, kernel.Fresh|kernel.Transposed|kernel.CausalA)
}

func headScale(d int) float32 { return 1 / float32(math.Sqrt(float64(d))) }
