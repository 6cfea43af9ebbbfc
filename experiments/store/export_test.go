package store

import (
	"bufio"
	"errors"
	"os"
)

// StillFeed is a feed that reads only when it is told to.
type StillFeed struct{ feed *Feed }

// NewStillFeed returns a feed of s that no clock drives.
func NewStillFeed(s *Store, focus Focus) StillFeed { return StillFeed{newFeed(newLedger(s), 0, focus)} }

// Read looks once and says whether that brought anything new.
func (s StillFeed) Read() (u Update, news bool) {
	before := s.feed.last
	u = s.feed.read()
	return u, u.differs(before)
}

// Turn moves the focus.
func (s StillFeed) Turn(focus Focus) { s.feed.turn(focus) }

// Reads is how often run folders were read and not remembered.
func (s StillFeed) Reads() int { return s.feed.ledger.reads }

// How a checkpoint is put in its place, with and without the disk's help.
var (
	Exchange        = exchange
	RotateByRenames = rotateByRenames
)

// MaxLine is the longest line that is read, its newline included.
const MaxLine = maxLine

// WritePoints writes batches as a run that is packed has them.
func WritePoints(path string, batches []Batch) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	to := bufio.NewWriter(f)
	w, err := newPointsWriter(to)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := w.begin(b.Attempt); err != nil {
			return err
		}
		for _, p := range b.Points {
			if err := w.add(p); err != nil {
				return err
			}
		}
	}
	return errors.Join(w.finish(), to.Flush())
}

// How lines of points are read.
var ParsePoint = parsePoint

// Usual reports whether a line is read without encoding/json.
func Usual(line []byte) bool { return new(scanner).usual(line) }

// NewScanner reads lines, one after the other.
func NewScanner() func(line []byte) bool { return new(scanner).read }
