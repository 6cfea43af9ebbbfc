package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// pointsName is the file of a packed run that has all its points.
//
//	"ablpts1\n"
//	vectors of the columns, attempt by attempt; outlines of the metrics
//	footer, compressed: where they are with their CRC32C, shapes, last values
//	length of the footer, its CRC32C, "ablend1\n"
const pointsName = "points.pack"

// packedPoints reads the points of a packed run. Several goroutines may use it.
type packedPoints struct {
	f    *os.File
	path string
	foot *footer
	ids  map[string]int
}

// openPoints opens the points of the run in a folder that is packed; the error is
// fs.ErrNotExist, wrapped, if it is not.
func openPoints(runDir string) (*packedPoints, error) {
	return openPointsFile(filepath.Join(runDir, pointsName))
}

func openPointsFile(path string) (*packedPoints, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, fmt.Errorf("open packed points: %w", err)
	}
	p := &packedPoints{f: f, path: path, ids: map[string]int{}}
	if err := p.readFooter(); err != nil {
		return nil, errors.Join(p.wrap(err), f.Close())
	}
	for id, m := range p.foot.metrics {
		p.ids[m.name] = id
	}
	return p, nil
}

func (p *packedPoints) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read packed points %s: %w", p.path, err)
}

func (p *packedPoints) readFooter() error {
	info, err := p.f.Stat()
	if err != nil {
		return err
	}
	end := info.Size() - int64(trailerSize)
	if end < int64(len(packHead)) {
		return errTorn
	}
	head, tail := make([]byte, len(packHead)), make([]byte, trailerSize)
	if _, err := p.f.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := p.f.ReadAt(tail, end); err != nil {
		return err
	}
	if string(head) != packHead || string(tail[8:]) != packTail {
		return errTorn
	}
	size := int64(binary.LittleEndian.Uint32(tail))
	if size < 4 || size > end-int64(len(packHead)) {
		return errTorn
	}
	b, err := readExtent(p.f, extent{end - size, size, binary.LittleEndian.Uint32(tail[4:])})
	if err != nil {
		return err
	}
	expanded := binary.LittleEndian.Uint32(b)
	if expanded > maxFooter {
		return errTorn
	}
	raw, err := expand(b[4:], int(expanded))
	if err != nil {
		return err
	}
	p.foot, err = readFooter(raw, end-size)
	return err
}

// readExtent returns the bytes of an extent, if they are what was written.
func readExtent(f io.ReaderAt, e extent) ([]byte, error) {
	b := make([]byte, e.size)
	if _, err := f.ReadAt(b, e.offset); err != nil {
		if errors.Is(err, io.EOF) {
			err = errTorn
		}
		return nil, err
	}
	if crc32.Checksum(b, castagnoli) != e.crc {
		return nil, errTorn
	}
	return b, nil
}

// Attempt is the newest attempt whose points are in it.
func (p *packedPoints) Attempt() int { return p.foot.attempt }

// Metrics are the names of all metrics, sorted.
func (p *packedPoints) Metrics() []string {
	names := make([]string, len(p.foot.metrics))
	for i, m := range p.foot.metrics {
		names[i] = m.name
	}
	slices.Sort(names)
	return names
}

// Latest is the last value of every metric, as History.Latest.
func (p *packedPoints) Latest() Values {
	m := make(Values, len(p.foot.metrics))
	for _, x := range p.foot.metrics {
		m[x.name] = x.last
	}
	return m
}

// Outline is the series of a metric over all attempts, as History has it. Only
// the outline is read.
func (p *packedPoints) Outline(metric string) (Series, error) {
	id, ok := p.ids[metric]
	if !ok {
		return Series{}, p.wrap(fmt.Errorf("there is no metric %q", metric))
	}
	b, err := readExtent(p.f, p.foot.metrics[id].outline)
	if err != nil {
		return Series{}, p.wrap(err)
	}
	s, err := unpackSeries(b)
	return s, p.wrap(err)
}

// History is what ReadHistory makes of the points, from the outlines.
func (p *packedPoints) History() (*History, error) {
	h := &History{From: p.foot.from, Last: p.foot.last, Time: p.foot.time, Attempt: p.foot.points}
	if len(p.foot.metrics) > 0 {
		h.Series = make(map[string]*Series, len(p.foot.metrics))
	}
	for _, m := range p.foot.metrics {
		s, err := p.Outline(m.name)
		if err != nil {
			return nil, err
		}
		h.Series[m.name] = &s
	}
	return h, nil
}

// points are all points of an attempt.
func (p *packedPoints) points(s *segment) (points []Point, err error) {
	err = p.each(s, func(x Point) { points = append(points, x) })
	return points, err
}

// segment is what there is of an attempt, nil if nothing.
func (p *packedPoints) segment(attempt int) *segment {
	for _, s := range p.foot.segments {
		if s.attempt == attempt {
			return s
		}
	}
	return nil
}

// each calls do for the points of an attempt, in their order.
func (p *packedPoints) each(s *segment, do func(Point)) error {
	steps, times := cursorOf(p, &s.steps, unpackIntegers), cursorOf(p, &s.times, unpackFloats)
	shapes, values := cursorOf(p, &s.shapes, unpackIntegers), map[int]*cursor[float64]{}
	for id, c := range s.values {
		values[id] = cursorOf(p, c, unpackFloats)
	}
	for range s.steps.rows {
		point := Point{Step: steps.next(), Time: times.next()}
		shape := shapes.next()
		if err := errors.Join(steps.err, times.err, shapes.err); err != nil {
			return p.wrap(err)
		}
		if shape < 0 || shape >= int64(len(s.sets)) {
			return p.wrap(errTorn)
		}
		set := s.sets[shape]
		point.M = make(Values, len(set))
		for _, id := range set {
			c := values[id]
			if c == nil {
				return p.wrap(errTorn)
			}
			point.M[p.foot.metrics[id].name] = c.next()
			if c.err != nil {
				return p.wrap(c.err)
			}
		}
		do(point)
	}
	return nil
}

// Close closes the file.
func (p *packedPoints) Close() error { return p.f.Close() }

// cursor goes through a column, one vector at a time.
type cursor[T any] struct {
	pack   *packedPoints
	unpack func([]byte, int) ([]T, error)
	left   int64 // numbers behind buf
	blocks []extent
	buf    []T
	err    error
}

func cursorOf[T any](p *packedPoints, c *column, unpack func([]byte, int) ([]T, error)) *cursor[T] {
	return &cursor[T]{pack: p, unpack: unpack, left: c.rows, blocks: c.blocks}
}

// next is the next number; at an error it is 0.
func (c *cursor[T]) next() (x T) {
	if len(c.buf) == 0 && !c.fill() {
		return x
	}
	x, c.buf = c.buf[0], c.buf[1:]
	return x
}

func (c *cursor[T]) fill() bool {
	if c.err != nil || len(c.blocks) == 0 {
		c.err = errTorn
		return false
	}
	n := min(c.left, maxBlock)
	var b []byte
	if b, c.err = readExtent(c.pack.f, c.blocks[0]); c.err == nil {
		c.buf, c.err = c.unpack(b, int(n))
	}
	c.blocks, c.left = c.blocks[1:], c.left-n
	return c.err == nil
}
