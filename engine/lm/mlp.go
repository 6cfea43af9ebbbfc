package lm

import "ablate/engine/lm/kernel"

// mlp is one layer's second half over rows that need not be neighbours:
// x + gelu(norm(x) Up) Down.
type mlp struct {
	x    kernel.Mat // (M, C)
	norm kernel.Norm
	h    kernel.Mat // (M, C), normalised
	up   kernel.Mat // (M, 4C)
	act  kernel.Mat // (M, 4C), after GELU
	out  kernel.Mat // (M, C)
}

func (m *mlp) forward(s *scratch, p layerParams, x kernel.Mat) {
	m.x = x
	m.norm, m.h = s.normalise(p.norm2, x)
	m.up = s.zeros(x.Rows, 4*x.Cols)
	s.work.NN(m.up, m.h, p.up)
	m.act = kernel.Dense(s.take(len(m.up.Data)), m.up.Rows, m.up.Cols)
	kernel.GELU(m.act.Data, m.up.Data)
	m.out = s.copyOf(x)
	s.work.NN(m.out, m.act, p.down)
}

// backward turns dx, the gradient of the output (M, C), into that of the input,
// in place, and adds to the gradients of the weights.
func (m *mlp) backward(s *scratch, p, grad layerParams, dx kernel.Mat) {
	mark := s.mark()
	defer s.release(mark)
	dup := s.zeros(m.up.Rows, m.up.Cols)
	s.work.NT(dup, dx, p.down)
	s.work.TN(grad.down, m.act, dx)
	kernel.GELUBackward(dup.Data, m.up.Data)
	dh := s.zeros(dx.Rows, dx.Cols)
	s.work.NT(dh, dup, p.up)
	s.work.TN(grad.up, m.h, dup)
	m.norm.Backward(dx.Data, grad.norm2, dh.Data, m.x.Data)
}
