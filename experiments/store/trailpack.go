package store

import (
	"errors"
	"io/fs"
)

// pointBytesInFile is about what a point takes in metrics.jsonl, for limits of what
// is packed.
const pointBytesInFile = 56

// unpack is read of an attempt whose points may be packed, perhaps since the last
// call.
func (t *Trail) unpack(limit int64) (more bool, err error) {
	p, err := openPoints(t.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer p.Close()
	s := p.segment(t.attempt)
	if s == nil {
		return false, nil
	}
	if !t.packed {
		t.packed = true
		if err := t.countRows(p, s); err != nil {
			return false, err
		}
	}
	left := s.steps.rows - int64(t.given)
	n := left
	if limit > 0 { // to the end of a vector, which would be read twice
		end := int64(t.given) + max(limit/pointBytesInFile, 1)
		n = min(left, (end+maxBlock-1)/maxBlock*maxBlock-int64(t.given))
	}
	if n > 0 {
		if err := t.rows(p, s, n); err != nil {
			return false, p.wrap(err)
		}
	}
	if n < left {
		return true, nil
	}
	t.skip(max(s.damaged-t.skipped, 0))
	return false, nil
}

// columnsOf are the columns of the wanted metrics for each shape of an attempt's
// points.
func (t *Trail) columnsOf(p *packedPoints, s *segment) [][]int {
	of := map[int]int{}
	for i, name := range t.metrics {
		if id, ok := p.ids[name]; ok {
			of[id] = i
		}
	}
	sets := make([][]int, len(s.sets))
	for k, set := range s.sets {
		for _, id := range set {
			if i, ok := of[id]; ok {
				sets[k] = append(sets[k], i)
			}
		}
	}
	return sets
}

// countRows counts how many values of each metric are in the points that were given
// before the attempt was packed.
func (t *Trail) countRows(p *packedPoints, s *segment) error {
	for i := range t.traces {
		t.traces[i].packedRows = 0
	}
	shapes, sets := cursorOf(p, &s.shapes, unpackIntegers), t.columnsOf(p, s)
	for range min(int64(t.given), s.shapes.rows) {
		shape := shapes.next()
		if shapes.err != nil || shape < 0 || shape >= int64(len(sets)) {
			return p.wrap(errors.Join(shapes.err, errTorn))
		}
		for _, i := range sets[shape] {
			t.traces[i].packedRows++
		}
	}
	return nil
}

// rows takes the next n points of an attempt.
func (t *Trail) rows(p *packedPoints, s *segment, n int64) error {
	at := int64(t.given)
	steps, times := cursorAt(p, &s.steps, unpackIntegers, at), cursorAt(p, &s.times, unpackFloats, at)
	shapes, values := cursorAt(p, &s.shapes, unpackIntegers, at), make([]*cursor[float64], len(t.metrics))
	for i, name := range t.metrics {
		if id, ok := p.ids[name]; ok && s.values[id] != nil {
			values[i] = cursorAt(p, s.values[id], unpackFloats, int64(t.traces[i].packedRows))
		}
	}
	sets, r := t.columnsOf(p, s), t.rake
	r.clear()
	for range n {
		step, time, shape := steps.next(), times.next(), shapes.next()
		if steps.err != nil || times.err != nil || shapes.err != nil {
			return errors.Join(steps.err, times.err, shapes.err)
		}
		if shape < 0 || shape >= int64(len(sets)) {
			return errTorn
		}
		r.found = r.found[:0]
		for _, i := range sets[shape] {
			if values[i] == nil {
				return errTorn
			}
			r.found = append(r.found, value{i, values[i].next()})
			if values[i].err != nil {
				return values[i].err
			}
		}
		r.keep(step, time)
	}
	for i := range t.traces {
		if c := values[i]; c != nil {
			t.traces[i].packedRows += len(r.columns[i].steps)
		}
	}
	t.take()
	return nil
}

// cursorAt is cursorOf from a row on.
func cursorAt[T any](p *packedPoints, c *column, unpack func([]byte, int) ([]T, error), row int64) *cursor[T] {
	cur := cursorOf(p, c, unpack)
	blocks := min(row/maxBlock, int64(len(c.blocks)))
	cur.blocks, cur.left = c.blocks[blocks:], c.rows-blocks*maxBlock
	for range row - blocks*maxBlock {
		cur.next()
	}
	return cur
}
