package lm

import "ablate/engine/lm/kernel"

// scratch is one worker's memory: a stack that grows to the largest pass it has
// seen, after which a pass allocates nothing. What take returns holds the
// numbers of an earlier pass.
type scratch struct {
	work kernel.Work
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

// zeros is a matrix of zeros, which products add to.
func (s *scratch) zeros(rows, cols int) kernel.Mat {
	m := kernel.Dense(s.take(rows*cols), rows, cols)
	clear(m.Data)
	return m
}

// copyOf is a copy of a matrix without gaps: where a residual branch is added.
func (s *scratch) copyOf(x kernel.Mat) kernel.Mat {
	m := kernel.Dense(s.take(len(x.Data)), x.Rows, x.Cols)
	copy(m.Data, x.Data)
	return m
}

// normalise runs a layer norm over the rows of x.
func (s *scratch) normalise(gain []float32, x kernel.Mat) (kernel.Norm, kernel.Mat) {
	norm := kernel.Norm{Gain: gain, Mean: s.take(x.Rows), Scale: s.take(x.Rows)}
	h := kernel.Dense(s.take(len(x.Data)), x.Rows, x.Cols)
	norm.Forward(h.Data, x.Data)
	return norm, h
}
