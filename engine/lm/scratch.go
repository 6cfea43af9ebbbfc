package lm

import "ablate/engine/lm/kernel"

// scratch is one worker's memory: a stack that grows to the largest pass it has
// seen, after which a pass allocates nothing. What take returns holds the
// numbers of an earlier pass.
type scratch struct {
	strips, values kernel.Strips // right operands that live for a product or two

	buf  []float32
	used int
	peak int
}

// reset forgets everything and makes room for the largest pass so far.
func (s *scratch) reset() {
	if s.peak > len(s.buf) {
		s.buf = make([]float32, s.peak+s.peak/8)
	}
	s.used = 0
}

// take hands out n elements, from the heap if the stack is too small this time.
func (s *scratch) take(n int) []float32 {
	from := s.used
	s.used += n
	s.peak = max(s.peak, s.used)
	if s.used > len(s.buf) {
		return make([]float32, n)
	}
	return s.buf[from:s.used:s.used]
}

// mark and release bracket memory that is not needed afterwards.
func (s *scratch) mark() int        { return s.used }
func (s *scratch) release(mark int) { s.used = mark }

// matrix is a matrix of old numbers, to be set.
func (s *scratch) matrix(rows, cols int) kernel.Mat {
	return kernel.Dense(s.take(rows*cols), rows, cols)
}

// outer adds a^T b to the gradient of a matrix, or sets it: a (N, M), b (N, K).
func (s *scratch) outer(grad, a, b kernel.Mat, form kernel.Form) {
	s.strips.Pack(b)
	kernel.Multiply(grad, a, &s.strips, form|kernel.Transposed)
}

// copyOf is a copy of a matrix without gaps, which a residual branch is added to.
func (s *scratch) copyOf(x kernel.Mat) kernel.Mat {
	m := s.matrix(x.Rows, x.Cols)
	copy(m.Data, x.Data)
	return m
}

// normalise runs a layer norm over the rows of x.
func (s *scratch) normalise(gain []float32, x kernel.Mat) (kernel.Norm, kernel.Mat) {
	norm := kernel.Norm{Gain: gain, Mean: s.take(x.Rows), Scale: s.take(x.Rows)}
	h := s.matrix(x.Rows, x.Cols)
	norm.Forward(h.Data, x.Data)
	return norm, h
}
