package store

import (
	"errors"
	"math"
)

// Trail reads chosen metrics of one run at full resolution, over all its attempts
// and then what is added, in pieces of bounded size: a screen fills while it reads,
// and neither it nor the trail need hold more than a piece beside the points. What
// replaces what is as in a History. One goroutine may use it at a time.
type Trail struct {
	Damaged int // lines that were skipped, of all attempts

	metrics  []string
	follower Follower
	piece    Piece
	traces   []trace
	attempt  int // that the newest points are from
	waiting  []Batch
}

// Piece is a part of what a trail read, of one attempt.
type Piece struct {
	Attempt int      // 0: nothing new
	Points  int      // that were read, also those without any of the metrics
	Last    int64    // step of the last point
	Time    float64  // of the last point, in seconds since 1970
	Columns []Column // one for each metric of the trail, in its order
}

// Column is what a piece has of one metric. Who takes it first drops what was
// given before from step Cut on, keeps the ghost, and then adds the points.
type Column struct {
	Metric string
	Cut    float64   // +Inf: all that was given before stays
	Ghost  Ghost     // of what was cut, what a later attempt does again: thinned as a Series
	Steps  []float64 // ascending, behind all that is left of what was given before
	Values []float64
	Times  []float64 // seconds since 1970
}

// trace is what a trail remembers of the points that it gave of one metric.
type trace struct {
	column Column
	thin   Series
}

// OpenTrail returns the trail of the metrics of the run in runDir. Nothing is read
// before the first Next.
func OpenTrail(runDir string, metrics []string) *Trail {
	t := &Trail{metrics: metrics, follower: Follower{Dir: runDir}, traces: make([]trace, len(metrics))}
	t.piece.Columns = make([]Column, len(metrics))
	return t
}

// Next returns the next piece, of about limit bytes of the run's files (0: as many
// as there are; a MiB is some 20,000 points of one metric); more says that there is
// more to read now. The piece is good until the next call. With an error it has what
// was read before that.
func (t *Trail) Next(limit int64) (p Piece, more bool, err error) {
	t.begin()
	if len(t.waiting) == 0 {
		t.waiting, more, err = t.follower.Next(limit)
		t.Damaged = t.follower.Damaged
	}
	if len(t.waiting) > 0 {
		b := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.take(b)
	}
	for i := range t.traces {
		t.piece.Columns[i] = t.traces[i].column
	}
	return t.piece, more || len(t.waiting) > 0, errors.Join(err)
}

// begin empties the piece.
func (t *Trail) begin() {
	t.piece = Piece{Columns: t.piece.Columns}
	for i := range t.traces {
		c := &t.traces[i].column
		*c = Column{Metric: t.metrics[i], Cut: math.Inf(1), Steps: c.Steps[:0], Values: c.Values[:0], Times: c.Times[:0]}
	}
}

// take puts the points of a batch into the piece.
func (t *Trail) take(b Batch) {
	for _, p := range b.Points {
		if b.Attempt > t.attempt {
			t.attempt = b.Attempt
			for i := range t.traces {
				t.traces[i].cut(float64(p.Step), true)
			}
		}
		for i, name := range t.metrics {
			if v, ok := p.M[name]; ok {
				t.traces[i].add(float64(p.Step), v, p.Time)
			}
		}
		t.piece.Attempt, t.piece.Last, t.piece.Time = b.Attempt, p.Step, p.Time
		t.piece.Points++
	}
}

// cut drops all points from step on.
func (t *trace) cut(step float64, ghost bool) {
	n := len(t.thin.Steps)
	if n == 0 || step > t.thin.Steps[n-1] {
		return
	}
	ghosts := len(t.thin.Ghosts)
	t.thin.cut(step, ghost)
	if len(t.thin.Ghosts) > ghosts {
		t.column.Ghost = t.thin.Ghosts[ghosts]
		t.thin.Ghosts = nil
	}
	c := &t.column
	i := len(c.Steps)
	for i > 0 && c.Steps[i-1] >= step {
		i--
	}
	if i == 0 {
		c.Cut = min(c.Cut, step)
	}
	c.Steps, c.Values, c.Times = c.Steps[:i], c.Values[:i], c.Times[:i]
}

// add adds a point; one at or before the last step replaces what stood from there
// on.
func (t *trace) add(step, value, time float64) {
	t.cut(step, false)
	t.thin.Add(step, value, time)
	t.column.Steps = append(t.column.Steps, step)
	t.column.Values = append(t.column.Values, value)
	t.column.Times = append(t.column.Times, time)
}
