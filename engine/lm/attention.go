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
	probs []float32  // for each sequence H matrices of (T, T)
	heads kernel.Mat // (N, C), the heads' outputs side by side
	out   kernel.Mat // (N, C)
}

// forward computes the half-layer for sequences whose rows of x are given.
func (a *attention) forward(s *scratch, p layerParams, rot rotary, x kernel.Mat, seqs []span) {
	c := x.Cols
	a.x = x
	a.norm, a.h = s.normalise(p.norm1, x)
	a.qkv = s.zeros(x.Rows, 3*c)
	s.work.NN(a.qkv, a.h, p.qkv)
	for _, sq := range seqs {
		for t := range sq.rows {
			turn(a.qkv.Row(sq.row + t)[:2*c], rot, t, kernel.Rotate)
		}
	}
	a.probs = s.take(cells(seqs) * (c / (2 * rot.half)))
	a.heads = s.zeros(x.Rows, c)
	a.each(seqs, 2*rot.half, func(q, k, v, out, probs kernel.Mat, _, _ int) {
		attend(&s.work, out, probs, q, k, v)
	})
	a.out = s.copyOf(x)
	s.work.NN(a.out, a.heads, p.proj)
}

// backward turns dx, the gradient of the output (N, C), into that of the input,
// in place, and adds to the gradients of the weights.
func (a *attention) backward(s *scratch, p, grad layerParams, rot rotary, dx kernel.Mat, seqs []span) {
	mark := s.mark()
	defer s.release(mark)
	n, c := dx.Rows, dx.Cols
	dheads := s.zeros(n, c)
	s.work.NT(dheads, dx, p.proj)
	s.work.TN(grad.proj, a.heads, dx)

	dqkv := s.zeros(n, 3*c)
	d := 2 * rot.half
	a.each(seqs, d, func(q, k, v, _, probs kernel.Mat, row, col int) {
		inner := s.mark()
		attendBackward(s, attended{q, k, v, probs}, dheads.Part(row, col, q.Rows, d),
			dqkv.Part(row, col, q.Rows, d), dqkv.Part(row, c+col, q.Rows, d), dqkv.Part(row, 2*c+col, q.Rows, d))
		s.release(inner)
	})
	for _, sq := range seqs {
		for t := range sq.rows {
			turn(dqkv.Row(sq.row + t)[:2*c], rot, t, kernel.Unrotate)
		}
	}
	dh := s.zeros(n, c)
	s.work.NT(dh, dqkv, p.qkv)
	s.work.TN(grad.qkv, a.h, dqkv)
	a.norm.Backward(dx.Data, grad.norm1, dh.Data, a.x.Data)
}

// each calls do for every head of every sequence with its queries, keys, values
// and output (T, D), its probabilities (T, T), and where the head's block
// starts in a matrix of (N, C).
func (a *attention) each(seqs []span, d int, do func(q, k, v, out, probs kernel.Mat, row, col int)) {
	c, at := a.x.Cols, 0
	for _, sq := range seqs {
		t := sq.rows
		for col := 0; col < c; col += d {
			probs := kernel.Dense(a.probs[at:at+t*t], t, t)
			at += t * t
			do(a.qkv.Part(sq.row, col, t, d), a.qkv.Part(sq.row, c+col, t, d), a.qkv.Part(sq.row, 2*c+col, t, d),
				a.heads.Part(sq.row, col, t, d), probs, sq.row, col)
		}
	}
}

// cells is the number of probabilities of one head over all sequences.
func cells(seqs []span) int {
	n := 0
	for _, sq := range seqs {
		n += sq.rows * sq.rows
	}
	return n
}

// turn applies a rotation for position t to every head in a row of queries and
// keys.
func turn(row []float32, rot rotary, t int, rotate func(x, cos, sin []float32)) {
	cos, sin := rot.at(t)
	for d := 2 * rot.half; len(row) > 0; row = row[d:] {
		rotate(row[:d], cos, sin)
	}
}

// attend is causal attention of one head: out (T, D) += softmax(q k^T / sqrt D)
// v, for queries that are the last T of the S positions of k and v. It fills
// probs (T, S); what a query may not see is exactly zero there.
func attend(w *kernel.Work, out, probs, q, k, v kernel.Mat) {
	clear(probs.Data)
	w.NT(probs, q, k)
	scale := headScale(q.Cols)
	for i := range probs.Rows {
		row := probs.Row(i)
		seen := len(row) - probs.Rows + i + 1
		kernel.Softmax(row[:seen], scale)
		clear(row[seen:])
	}
	w.NN(out, probs, v)
}

// attended is what attend read and left, (T, D) each and probs (T, T).
type attended struct{ q, k, v, probs kernel.Mat }

// attendBackward adds the gradients of one head's queries, keys and values,
// given that of its output.
func attendBackward(s *scratch, a attended, dout, dq, dk, dv kernel.Mat) {
	dp := s.zeros(a.probs.Rows, a.probs.Cols)
	s.work.TN(dv, a.probs, dout)
	s.work.NT(dp, dout, a.v)
	scale := headScale(a.q.Cols)
	for i := range dp.Rows {
		row := dp.Row(i)
		kernel.SoftmaxBackward(row[:i+1], a.probs.Row(i)[:i+1], scale)
		clear(row[i+1:])
	}
	s.work.NN(dq, dp, a.k)
	s.work.TN(dk, dp, a.q)
}

func headScale(d int) float32 { return 1 / float32(math.Sqrt(float64(d))) }
