package store

import (
	"encoding/binary"
	"slices"
)

// packSeries makes the bytes of an outline: the width of its buckets, the vectors
// of steps, values and times, and those of the ghosts.
func packSeries(s *Series) ([]byte, error) {
	b, err := appendVectors(appendFloat(nil, s.Width), s.Steps, s.Values, s.Times)
	b = appendCounts(b, len(s.Ghosts))
	for _, g := range s.Ghosts {
		if err == nil {
			b, err = appendVectors(b, g.Steps, g.Values)
		}
	}
	return b, err
}

func unpackSeries(b []byte) (s Series, err error) {
	r := &footerReader{b: b}
	s.Width = r.float()
	s.Steps, s.Values, s.Times = r.vector(), r.vector(), r.vector()
	if len(s.Steps) != len(s.Values) || len(s.Steps) != len(s.Times) {
		r.err = errTorn
	}
	for range r.count(len(r.b)) {
		g := Ghost{Steps: r.vector(), Values: r.vector()}
		if len(g.Steps) != len(g.Values) {
			r.err = errTorn
		}
		s.Ghosts = append(s.Ghosts, g)
	}
	if r.err != nil || len(r.b) > 0 {
		return Series{}, errTorn
	}
	return s, nil
}

// appendVectors adds vectors of any length: the length, and each piece of at most
// maxBlock numbers with its own.
func appendVectors(b []byte, vectors ...[]float64) ([]byte, error) {
	for _, v := range vectors {
		b = appendCounts(b, len(v))
		for len(v) > 0 {
			n := min(len(v), maxBlock)
			packed, err := packFloats(v[:n])
			if err != nil {
				return nil, err
			}
			b = append(binary.AppendUvarint(b, uint64(len(packed))), packed...)
			v = v[n:]
		}
	}
	return b, nil
}

func (r *footerReader) vector() []float64 {
	var v []float64
	for left := r.count(maxBlock * len(r.b)); left > 0; {
		n := min(left, maxBlock)
		piece, err := unpackFloats(r.take(r.count(len(r.b))), n)
		if err != nil {
			r.err = errTorn
			return nil
		}
		v, left = append(v, piece...), left-n
	}
	return v
}

// equal compares two series, not-a-number with itself too.
func (s *Series) equal(t *Series) bool {
	return t != nil && s.Width == t.Width && slices.EqualFunc(s.Steps, t.Steps, sameNumber) && slices.EqualFunc(s.Values, t.Values, sameNumber) &&
		slices.EqualFunc(s.Times, t.Times, sameNumber) && slices.EqualFunc(s.Ghosts, t.Ghosts, func(g, h Ghost) bool {
		return slices.EqualFunc(g.Steps, h.Steps, sameNumber) && slices.EqualFunc(g.Values, h.Values, sameNumber)
	})
}
