package chart

// ramp is a growing sequence of x in chunks. A chunk whose values are evenly
// spaced, as steps are, keeps its first one and the distance only: that halves
// the memory of a series, and a search in it reads none.
type ramp struct {
	chunks []stretch
	n      int
}

// stretch is one chunk; xs is nil while it is evenly spaced.
type stretch struct {
	first, by float64
	xs        []float64
}

// even is value k while the chunk is evenly spaced. The conversion keeps a
// processor with fused multiply and add from giving another one each time.
func (s *stretch) even(k int) float64 { return s.first + float64(s.by*float64(k)) }

func (r *ramp) at(i int) float64 {
	s, k := &r.chunks[i>>chunkBits], i&(chunkLen-1)
	if s.xs != nil {
		return s.xs[k]
	}
	return s.even(k)
}

func (r *ramp) add(x float64) {
	k := r.n & (chunkLen - 1)
	if k == 0 {
		r.chunks = append(r.chunks, stretch{first: x})
	}
	s := &r.chunks[len(r.chunks)-1]
	if k == 1 {
		s.by = x - s.first
	}
	if s.xs == nil && s.even(k) != x {
		s.spell(k, len(r.chunks) == 1)
	}
	if s.xs != nil {
		if len(s.xs) == cap(s.xs) {
			s.xs = append(make([]float64, 0, 2*k), s.xs...)
		}
		s.xs = append(s.xs, x)
	}
	r.n++
}

// spell writes the k values of a chunk down; a short one is the only chunk and
// stays short.
func (s *stretch) spell(k int, short bool) {
	size := chunkLen
	if short {
		size = min(size, max(16, 2*k))
	}
	s.xs = make([]float64, 0, size)
	for i := range k {
		s.xs = append(s.xs, s.even(i))
	}
}

// cut keeps the first n values.
func (r *ramp) cut(n int) {
	if n >= r.n {
		return
	}
	r.n = n
	keep := (n + chunkLen - 1) >> chunkBits
	clear(r.chunks[keep:])
	r.chunks = r.chunks[:keep]
	if keep > 0 {
		if s := &r.chunks[keep-1]; s.xs != nil {
			s.xs = s.xs[:n-(keep-1)<<chunkBits]
		}
	}
}
