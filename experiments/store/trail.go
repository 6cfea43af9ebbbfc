package store

import (
	"math"
	"path/filepath"
	"slices"
)

// Trail reads chosen metrics of one run at full resolution, over all its attempts
// and then what is added, in pieces of bounded size: a screen fills while it reads,
// and neither it nor the trail need hold more than a piece beside the points. What
// replaces what is as in a History. One goroutine may use it at a time.
type Trail struct {
	Damaged int // lines that were skipped, of all attempts

	dir     string
	metrics []string
	traces  []trace
	piece   Piece
	began   int // attempt that the newest points are from

	// Of the attempt that is read.
	attempt int
	given   int // points of it so far
	skipped int // damaged lines of it
	packed  bool
	tail    *Tail

	buf  []byte
	rake *rake
}

// Piece is a part of what a trail read, of one attempt.
type Piece struct {
	Attempt int
	Points  int      // that were read, also those without any of the metrics; 0: nothing new
	Last    int64    // step of the last point
	Time    float64  // of the last point, in seconds since 1970
	Columns []Column // one for each metric of the trail, in its order
}

// Column is what a piece has of one metric. Who takes it drops what was given before
// from step Cut on, keeps the ghost, and then adds the points.
type Column struct {
	Metric string
	Cut    float64   // +Inf: all that was given before stays
	Ghost  Ghost     // of what was cut, what a later attempt does again: thinned as a Series
	Steps  []float64 // ascending, behind all that is left of what was given before
	Values []float64
	Times  []float64 // seconds since 1970
}

// OpenTrail returns the trail of the metrics of the run in runDir, each once.
// Nothing is read before the first Next.
func OpenTrail(runDir string, metrics []string) *Trail {
	t := &Trail{dir: runDir}
	for _, name := range metrics {
		if !slices.Contains(t.metrics, name) {
			t.metrics = append(t.metrics, name)
		}
	}
	t.traces, t.piece.Columns = make([]trace, len(t.metrics)), make([]Column, len(t.metrics))
	t.rake = newRake(t.metrics)
	return t
}

// Next returns the next piece, of about limit bytes of the run's files (0: as many
// as there are; a MiB is some 20,000 points of one metric); more says that there is
// more to read now. The piece is good until the next call. With an error it has what
// was read before that.
func (t *Trail) Next(limit int64) (p Piece, more bool, err error) {
	t.begin()
	newest, err := Attempts(t.dir)
	for err == nil {
		if t.tail != nil {
			more, err = t.read(limit)
			if err != nil || t.piece.Points > 0 || more {
				break
			}
		}
		if t.attempt >= newest {
			break
		}
		t.attempt++
		t.given, t.skipped, t.packed = 0, 0, false
		t.tail = &Tail{Path: filepath.Join(AttemptDir(t.dir, t.attempt), metricsName)}
	}
	for i := range t.traces {
		t.piece.Columns[i] = t.traces[i].column
	}
	return t.piece, err == nil && (more || t.attempt < newest), err
}

// begin empties the piece.
func (t *Trail) begin() {
	t.piece = Piece{Columns: t.piece.Columns}
	for i := range t.traces {
		c := &t.traces[i].column
		*c = Column{Metric: t.metrics[i], Cut: math.Inf(1), Steps: c.Steps[:0], Values: c.Values[:0], Times: c.Times[:0]}
	}
}

// read is Next of one attempt.
func (t *Trail) read(limit int64) (more bool, err error) {
	tooLong := t.tail.Damaged
	more, err = t.tail.blocks(limit, readAhead, &t.buf, t.block)
	t.skip(t.tail.Damaged - tooLong)
	if err == nil && t.tail.missing {
		return t.unpack(limit)
	}
	return more, err
}

// skip counts damaged lines.
func (t *Trail) skip(damaged int) {
	t.skipped, t.Damaged = t.skipped+damaged, t.Damaged+damaged
}

// block reads whole lines.
func (t *Trail) block(b []byte) {
	t.rake.clear()
	t.rake.block(b)
	t.take()
}

// take puts what was read next into the piece.
func (t *Trail) take() {
	r := t.rake
	t.skip(r.damaged)
	if r.points == 0 {
		return
	}
	if t.began != t.attempt {
		t.began = t.attempt
		for i := range t.traces {
			t.traces[i].cut(float64(r.first), true)
		}
	}
	for i := range t.traces {
		t.traces[i].take(&r.columns[i])
	}
	t.given += r.points
	t.piece.Points += r.points
	t.piece.Attempt, t.piece.Last, t.piece.Time = t.attempt, r.last, r.time
}
