package store

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// append writes the footer as it is before compression.
func (f *footer) append(b []byte) []byte {
	b = appendCounts(b, f.attempt, f.points)
	b = binary.AppendVarint(b, f.from)
	b = binary.AppendVarint(b, f.last)
	b = appendFloat(b, f.time)
	b = appendCounts(b, len(f.metrics))
	for _, m := range f.metrics {
		b = appendText(b, m.name)
		b = appendFloat(b, m.last)
		b = m.outline.append(b)
	}
	b = appendCounts(b, len(f.segments))
	for _, s := range f.segments {
		b = s.append(b)
	}
	return b
}

func (s *segment) append(b []byte) []byte {
	b = appendCounts(b, s.attempt, s.damaged, len(s.sets))
	for _, set := range s.sets {
		b = appendCounts(b, len(set))
		for i, id := range set {
			if i > 0 {
				id -= set[i-1] // neighbours differ by little
			}
			b = appendCounts(b, id)
		}
	}
	for _, c := range []*column{&s.steps, &s.times, &s.shapes} {
		b = c.append(b)
	}
	b = appendCounts(b, len(s.values))
	for _, id := range slices.Sorted(maps.Keys(s.values)) {
		b = s.values[id].append(appendCounts(b, id))
	}
	return b
}

func (c *column) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.rows))
	for _, e := range c.blocks {
		b = e.append(b)
	}
	return b
}

func (e extent) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(e.offset))
	b = binary.AppendUvarint(b, uint64(e.size))
	return binary.LittleEndian.AppendUint32(b, e.crc)
}

func appendCounts(b []byte, ns ...int) []byte {
	for _, n := range ns {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// footerReader takes a footer apart. After the first thing that cannot be it
// returns zeros; err says so at the end.
type footerReader struct {
	b   []byte
	end int64 // of the blocks in the file
	err error
}

func readFooter(b []byte, end int64) (*footer, error) {
	r := &footerReader{b: b, end: end}
	f := &footer{attempt: r.count(math.MaxInt32), points: r.count(math.MaxInt32)}
	f.from, f.last, f.time = r.varint(), r.varint(), r.float()
	f.metrics = make([]packedMetric, r.count(len(r.b)))
	for i := range f.metrics {
		f.metrics[i] = packedMetric{r.text(), r.float(), r.extent()}
	}
	for range r.count(len(r.b)) {
		if r.err != nil {
			break
		}
		s := r.segment(len(f.metrics))
		if n := len(f.segments); n > 0 && s.attempt <= f.segments[n-1].attempt || s.attempt > f.attempt {
			r.err = errTorn
		}
		f.segments = append(f.segments, s)
	}
	if len(r.b) > 0 {
		r.err = errTorn
	}
	return f, r.err
}

func (r *footerReader) segment(metrics int) *segment {
	s := &segment{attempt: r.count(math.MaxInt32), damaged: r.count(math.MaxInt32), values: map[int]*column{}}
	s.sets = make([][]int, r.count(len(r.b)))
	for i := range s.sets {
		s.sets[i] = make([]int, r.count(len(r.b)))
		last := 0
		for j := range s.sets[i] {
			d := r.count(metrics - 1 - last)
			if j > 0 && d == 0 {
				r.err = errTorn // a metric twice
			}
			last += d
			s.sets[i][j] = last
		}
	}
	s.steps, s.times, s.shapes = r.column(), r.column(), r.column()
	if s.steps.rows != s.times.rows || s.steps.rows != s.shapes.rows {
		r.err = errTorn
	}
	for range r.count(len(r.b)) {
		if r.err != nil {
			break
		}
		id, c := r.count(metrics-1), r.column()
		s.values[id] = &c
	}
	return s
}

func (r *footerReader) column() column {
	c := column{rows: int64(r.count(math.MaxInt))}
	n := (c.rows + maxBlock - 1) / maxBlock
	if n > int64(len(r.b)) {
		r.err = errTorn
	}
	for range n {
		if r.err != nil {
			return column{}
		}
		c.blocks = append(c.blocks, r.extent())
	}
	return c
}

func (r *footerReader) extent() extent {
	e := extent{int64(r.count(int(r.end))), int64(r.count(int(r.end))), 0}
	if e.offset > r.end-e.size {
		r.err = errTorn
	}
	if b := r.take(4); b != nil {
		e.crc = binary.LittleEndian.Uint32(b)
	}
	return e
}

// count is a number of things, at most limit.
func (r *footerReader) count(limit int) int {
	x, n := binary.Uvarint(r.b)
	if r.err != nil || n <= 0 || limit < 0 || x > uint64(limit) {
		r.err = errTorn
		return 0
	}
	r.b = r.b[n:]
	return int(x)
}

func (r *footerReader) varint() int64 {
	x, n := binary.Varint(r.b)
	if r.err != nil || n <= 0 {
		r.err = errTorn
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *footerReader) float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (r *footerReader) text() string { return string(r.take(r.count(len(r.b)))) }

func (r *footerReader) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.err = errTorn
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}
