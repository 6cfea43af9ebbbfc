package tui

import (
	"os"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

// sourceMsg brings what can change outside of the runs: the experiment file and
// how many runs there are at a time.
type sourceMsg struct {
	file  *experiments.File // nil if it is as it was
	err   error             // the file was changed and has mistakes
	slots int
}

// source looks after the experiment file while it is shown.
type source struct {
	path  string // "" for none
	load  func() (*experiments.File, error)
	store *store.Store
	time  time.Time // of what was read last
	bytes int64
}

func newSource(c Config) *source {
	s := &source{path: c.Path, load: c.Load, store: c.Store}
	s.changed()
	return s
}

// changed says whether the file is another than at the last look. One that is
// gone is as it was: editors put a new one in its place.
func (s *source) changed() bool {
	info, err := os.Stat(s.path)
	if err != nil || info.ModTime().Equal(s.time) && info.Size() == s.bytes {
		return false
	}
	s.time, s.bytes = info.ModTime(), info.Size()
	return true
}

func (s *source) look() sourceMsg {
	msg := sourceMsg{slots: engine.SlotsOf(s.store)}
	if s.changed() {
		msg.file, msg.err = s.load()
	}
	return msg
}
