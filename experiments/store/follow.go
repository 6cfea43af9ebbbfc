package store

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Batch is a piece of a run's points in the order in which they were written.
type Batch struct {
	Attempt int
	Points  []Point
}

// Follower reads the points of one run over all its attempts, from the first one
// on, and then what is added.
type Follower struct {
	Dir     string // the run's folder
	Damaged int    // lines that were skipped, of all attempts
	attempt int
	given   int // points of this attempt so far
	skipped int // damaged lines of it
	tail    *Tail
	line    scanner
}

// Next returns the points that were added since the last call, at most about
// limit bytes of them (0: all), one batch an attempt; more says that there is
// more to read now.
func (f *Follower) Next(limit int64) (batches []Batch, more bool, err error) {
	_, more, err = f.each(limit, func(attempt int, p *scanner) {
		if n := len(batches); n == 0 || batches[n-1].Attempt != attempt {
			batches = append(batches, Batch{Attempt: attempt})
		}
		b := &batches[len(batches)-1]
		b.Points = append(b.Points, p.point())
	})
	return batches, more, err
}

// each calls do for the points that were added since the last call, as Next has
// them, and returns how many bytes they took.
func (f *Follower) each(limit int64, do func(attempt int, p *scanner)) (read int64, more bool, err error) {
	newest, err := Attempts(f.Dir)
	if err != nil {
		return 0, false, err
	}
	for {
		if f.tail != nil {
			room := limit
			if limit > 0 {
				room = max(limit-read, 1)
			}
			n, more, err := f.read(room, do)
			if read += n; err != nil || more {
				return read, more, err
			}
		}
		if f.attempt >= newest {
			return read, false, nil
		}
		f.attempt++
		f.given, f.skipped = 0, 0
		f.tail = &Tail{Path: filepath.Join(AttemptDir(f.Dir, f.attempt), metricsName)}
	}
}

// read is each of one attempt.
func (f *Follower) read(limit int64, do func(attempt int, p *scanner)) (read int64, more bool, err error) {
	tooLong, damaged, from := f.tail.Damaged, 0, f.tail.offset
	more, err = f.tail.Next(limit, func(line []byte) {
		kept := unzeroed(line)
		ok := f.line.read(kept)
		if !ok || len(kept) < len(line) { // lines are gone where zeros are
			damaged++
		}
		if !ok {
			return
		}
		f.given++
		do(f.attempt, &f.line)
	})
	damaged += f.tail.Damaged - tooLong
	if err == nil && f.tail.missing {
		damaged, err = f.unpack(do)
	}
	f.skipped, f.Damaged = f.skipped+damaged, f.Damaged+damaged
	return max(f.tail.offset-from, 0), more, err
}

// unpack is read of an attempt whose points may be packed, perhaps since the last
// call. All that is left comes at once.
func (f *Follower) unpack(do func(attempt int, p *scanner)) (damaged int, err error) {
	p, err := openPoints(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer p.Close()
	s := p.segment(f.attempt)
	if s == nil {
		return 0, nil
	}
	if s.steps.rows > int64(f.given) {
		points, err := p.points(s)
		if err != nil {
			return 0, err
		}
		for _, x := range points[f.given:] {
			f.line.set(x)
			do(f.attempt, &f.line)
		}
		f.given = len(points)
	}
	return s.damaged - f.skipped, nil
}

// passed says that what is packed was read another way.
func (f *Follower) passed(p *packedPoints) {
	f.attempt = p.Attempt()
	for _, s := range p.foot.segments {
		f.Damaged += s.damaged
	}
}
