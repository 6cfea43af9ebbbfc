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

func (m *mlp) forward(s *scratch, p layerParams, w *layerLayout, x kernel.Mat) {
	m.x = x
	m.norm, m.h = s.normalise(p.norm2, x)
	m.up = s.matrix(x.Rows, 4*x.Cols)
	kernel.Multiply(m.up, m.h, &w.up.as, kernel.Fresh)
	m.act = s.matrix(x.Rows, 4*x.Cols)
	kernel.GELU(m.act.Data, m.up.Data)
	m.out = s.copyOf(x)
	kernel.Multiply(m.out, m.act, &w.down.as, 0)
}

// backward turns dx, the gradient of the output (M, C), into that of the input,
// in place, and adds to the gradients of the weights, or sets them.
func (m *mlp) backward(s *scratch, grad layerParams, w *layerLayout, dx kernel.Mat, form kernel.Form) {
	mark := s.mark()
	defer s.release(mark)
	dup := s.matrix(m.up.Rows, m.up.Cols)
	kernel.Multiply(dup, dx, &w.down.transposed, kernel.Fresh)
	s.outer(grad.down, m.act, dx, form)
	kernel.GELUBackward(dup.Data, m.up.Data)
	dh := s.matrix(dx.Rows, dx.Cols)
	kernel.Multiply(dh, dup, &w.up.transposed, kernel.Fresh)
	s.outer(grad.up, m.h, dup, form)
	m.norm.Backward(dx.Data, grad.norm2, dh.Data, m.x.Data)
}
