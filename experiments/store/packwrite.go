package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	digest "hash"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
)

// What stands at both ends of a points.pack.
const (
	packHead    = "ablpts1\n"
	packTail    = "ablend1\n"
	trailerSize = 4 + 4 + len(packTail) // the footer's length and CRC before it
	maxFooter   = 256 << 20             // expanded
)

// extent is where some bytes of a file are, and their CRC32C.
type extent struct {
	offset, size int64
	crc          uint32
}

// blockWriter writes a file in blocks.
type blockWriter struct {
	to     io.Writer
	offset int64
}

// put writes bytes and tells where they are.
func (w *blockWriter) put(b []byte) (extent, error) {
	if _, err := w.to.Write(b); err != nil {
		return extent{}, fmt.Errorf("write packed run: %w", err)
	}
	e := extent{w.offset, int64(len(b)), crc32.Checksum(b, castagnoli)}
	w.offset += e.size
	return e, nil
}

// column is a sequence of numbers in vectors, all of maxBlock numbers but the
// last, which has the rest.
type column struct {
	rows   int64
	blocks []extent
}

// segment is the points of one attempt in columns. What metrics a point has is
// its shape; a metric's column has a number for each point whose shape has it.
type segment struct {
	attempt, damaged     int
	steps, times, shapes column
	sets                 [][]int // by shape: the metrics, ascending
	values               map[int]*column
}

// packedMetric is what the footer says of a metric.
type packedMetric struct {
	name    string
	last    float64
	outline extent
}

// footer is what stands at the end of a points.pack.
type footer struct {
	attempt  int // the newest whose points are in the file
	from     int64
	last     int64
	time     float64
	points   int // the newest attempt that has points
	metrics  []packedMetric
	segments []*segment
}

// pointsWriter writes a points.pack in one pass: columns are kept only as far as
// a vector takes.
type pointsWriter struct {
	blockWriter
	foot    footer
	ids     map[string]int
	history History
	sum     digest.Hash // of all points, for who reads them back

	now     *segment
	shapes  map[string]int64
	steps   []int64
	times   []float64
	shape   []int64
	pending map[int][]float64
}

func newPointsWriter(to io.Writer) (*pointsWriter, error) {
	w := &pointsWriter{blockWriter: blockWriter{to: to}, ids: map[string]int{}, sum: sha256.New()}
	_, err := w.put([]byte(packHead))
	return w, err
}

// begin starts the points of an attempt; attempts come in ascending order.
func (w *pointsWriter) begin(attempt int) error {
	if err := w.end(); err != nil {
		return err
	}
	w.foot.attempt = attempt
	w.now = &segment{attempt: attempt, values: map[int]*column{}}
	w.shapes, w.pending = map[string]int64{}, map[int][]float64{}
	w.foot.segments = append(w.foot.segments, w.now)
	return nil
}

// add takes the next point of the attempt.
func (w *pointsWriter) add(p Point) error {
	addPoint(w.sum, w.now.attempt, p)
	w.history.Add(Batch{Attempt: w.now.attempt, Points: []Point{p}})
	set := make([]int, 0, len(p.M))
	for _, name := range slices.Sorted(maps.Keys(p.M)) {
		id, ok := w.ids[name]
		if !ok {
			id = len(w.ids)
			w.ids[name] = id
		}
		set = append(set, id)
		w.pending[id] = append(w.pending[id], p.M[name])
		if len(w.pending[id]) == maxBlock {
			if err := w.flushValues(id); err != nil {
				return err
			}
		}
	}
	w.steps, w.times = append(w.steps, p.Step), append(w.times, p.Time)
	w.shape = append(w.shape, w.shapeOf(set))
	if len(w.steps) == maxBlock {
		return w.flushRows()
	}
	return nil
}

// shapeOf numbers the sets of metrics as they come.
func (w *pointsWriter) shapeOf(set []int) int64 {
	slices.Sort(set)
	key := make([]byte, 0, 2*len(set))
	for _, id := range set {
		key = binary.AppendUvarint(key, uint64(id))
	}
	n, ok := w.shapes[string(key)]
	if !ok {
		n = int64(len(w.now.sets))
		w.shapes[string(key)] = n
		w.now.sets = append(w.now.sets, set)
	}
	return n
}

func (w *pointsWriter) flushValues(id int) error {
	c := w.now.values[id]
	if c == nil {
		c = &column{}
		w.now.values[id] = c
	}
	err := flush(w, c, w.pending[id], packFloats)
	w.pending[id] = w.pending[id][:0]
	return err
}

func (w *pointsWriter) flushRows() error {
	err := flush(w, &w.now.steps, w.steps, packIntegers)
	if err == nil {
		err = flush(w, &w.now.times, w.times, packFloats)
	}
	if err == nil {
		err = flush(w, &w.now.shapes, w.shape, packIntegers)
	}
	w.steps, w.times, w.shape = w.steps[:0], w.times[:0], w.shape[:0]
	return err
}

// flush writes the next vector of a column.
func flush[T any](w *pointsWriter, c *column, v []T, pack func([]T) ([]byte, error)) error {
	if len(v) == 0 {
		return nil
	}
	b, err := pack(v)
	if err != nil {
		return err
	}
	e, err := w.put(b)
	c.blocks, c.rows = append(c.blocks, e), c.rows+int64(len(v))
	return err
}

// end writes what is left of the attempt.
func (w *pointsWriter) end() error {
	if w.now == nil {
		return nil
	}
	for id := range len(w.ids) {
		if len(w.pending[id]) > 0 {
			if err := w.flushValues(id); err != nil {
				return err
			}
		}
	}
	return w.flushRows()
}

// finish writes the outlines and the footer.
func (w *pointsWriter) finish() error {
	if err := w.end(); err != nil {
		return err
	}
	h := &w.history
	w.foot.from, w.foot.last, w.foot.time, w.foot.points = h.From, h.Last, h.Time, h.Attempt
	w.foot.metrics = make([]packedMetric, len(w.ids))
	for name, id := range w.ids {
		w.foot.metrics[id].name = name
	}
	for i := range w.foot.metrics {
		m := &w.foot.metrics[i]
		s := h.Series[m.name]
		b, err := packSeries(s)
		if err != nil {
			return err
		}
		m.last, _ = s.Last()
		if m.outline, err = w.put(b); err != nil {
			return err
		}
	}
	raw := w.foot.append(nil)
	if len(raw) > maxFooter {
		return fmt.Errorf("write points.pack: %d metrics in %d attempts need a footer of %d bytes, at most %d are read",
			len(w.ids), len(w.foot.segments), len(raw), maxFooter)
	}
	packed, err := compress(binary.LittleEndian.AppendUint32(nil, uint32(len(raw))), raw)
	if err != nil {
		return err
	}
	if _, err := w.put(packed); err != nil {
		return err
	}
	trailer := binary.LittleEndian.AppendUint32(nil, uint32(len(packed)))
	trailer = binary.LittleEndian.AppendUint32(trailer, crc32.Checksum(packed, castagnoli))
	_, err = w.put(append(trailer, packTail...))
	return err
}

// addPoint adds a point to a sum over all points.
func addPoint(sum digest.Hash, attempt int, p Point) {
	b := binary.AppendUvarint(nil, uint64(attempt))
	b = binary.AppendVarint(b, p.Step)
	b = appendFloat(b, p.Time)
	b = binary.AppendUvarint(b, uint64(len(p.M)))
	for _, name := range slices.Sorted(maps.Keys(p.M)) {
		b = appendText(b, name)
		b = appendFloat(b, p.M[name])
	}
	sum.Write(b)
}

func appendFloat(b []byte, x float64) []byte {
	if math.IsNaN(x) {
		x = math.NaN()
	}
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
