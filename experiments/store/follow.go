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
	tail    *Tail
	line    scanner
}

// Next returns the points that were added since the last call, at most about
// limit bytes of them (0: all), one batch an attempt; more says that there is
// more to read now. What is packed of the run comes first, and at once.
func (f *Follower) Next(limit int64) (batches []Batch, more bool, err error) {
	if f.attempt == 0 {
		if batches, err = f.packed(); err != nil {
			return nil, false, err
		}
	}
	_, more, err = f.each(limit, func(attempt int, p *scanner) {
		if n := len(batches); n == 0 || batches[n-1].Attempt != attempt {
			batches = append(batches, Batch{Attempt: attempt})
		}
		b := &batches[len(batches)-1]
		b.Points = append(b.Points, p.point())
	})
	return batches, more, err
}

// packed reads the points of a packed run; the files of its later attempts follow.
func (f *Follower) packed() ([]Batch, error) {
	p, err := OpenPoints(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer p.Close()
	batches, err := p.Batches()
	if err == nil {
		f.passed(p)
	}
	return batches, err
}

// passed says that what is packed was read.
func (f *Follower) passed(p *PackedPoints) {
	f.attempt = p.Attempt()
	for _, s := range p.foot.segments {
		f.Damaged += s.damaged
	}
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
			tooLong, from, room := f.tail.Damaged, f.tail.offset, limit
			if limit > 0 {
				room = max(limit-read, 1)
			}
			more, err := f.tail.Next(room, func(line []byte) {
				if f.line.read(line) {
					do(f.attempt, &f.line)
				} else {
					f.Damaged++
				}
			})
			f.Damaged += f.tail.Damaged - tooLong
			read += max(f.tail.offset-from, 0)
			if err != nil || more {
				return read, more, err
			}
		}
		if f.attempt >= newest {
			return read, false, nil
		}
		f.attempt++
		f.tail = &Tail{Path: filepath.Join(AttemptDir(f.Dir, f.attempt), "metrics.jsonl")}
	}
}
