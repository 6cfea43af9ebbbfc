package engine

import (
	"log/slog"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// slots are the places for runs, and the runs that live: in one of them, or halted
// and in none.
type slots struct {
	most  int // places
	runs  map[string]*liveRun
	books *books
	grace time.Duration
	gone  <-chan struct{} // closed when the engine leaves
	log   *slog.Logger
}

type liveRun struct {
	job    Job          // nil while it is being launched
	ends   store.Status // what it was asked to end as, Stopped or Paused; else ""
	halted bool
	turn   int           // in which it was launched
	gone   chan struct{} // closed when the job has ended
}

// busy is how many places are taken.
func (s *slots) busy() (n int) {
	for _, run := range s.runs {
		if !run.halted {
			n++
		}
	}
	return n
}

func (s *slots) halted(id string) bool { return s.runs[id] != nil && s.runs[id].halted }

// going reports whether a run lives and is not halted.
func (s *slots) going(id string) bool { return s.runs[id] != nil && !s.runs[id].halted }

// ending reports whether the run was told to end and has not yet: nothing new
// can be asked of it before that.
func (s *slots) ending(id string) bool { return s.runs[id] != nil && s.runs[id].ends != "" }

// workers is how many workers the trainer of a run gets that has just been given
// its slot: its share of the cores, were every run that lives or waits to have
// one. A run that is alone gets them all, and the runs of a full queue get as
// many as run well beside each other. Nothing takes a worker from a trainer or
// gives it another later.
func (s *slots) workers(cores, waiting int) int {
	return max(1, cores/min(s.most, s.busy()+waiting))
}

// end ends a live run that was not told to before, as soon as it is launched.
func (s *slots) end(id string, ends store.Status) {
	run := s.runs[id]
	run.ends = ends
	if run.halted { // it is to hear of it
		run.halted = false
		s.books.goesOn(id)
	}
	if run.job != nil {
		s.signalEnd(id, run)
	}
}

// signalEnd sends TERM, and KILL if the run is still there after the grace time:
// its runner does the same, but may have been killed.
func (s *slots) signalEnd(id string, run *liveRun) {
	s.log.Info("end run", "run", id, "as", run.ends)
	if err := run.job.Signal(syscall.SIGTERM); err != nil {
		s.log.Error("end run", "run", id, "err", err)
	}
	go func() {
		select {
		case <-run.gone:
		case <-s.gone: // the next engine goes on from here
		case <-time.After(s.grace):
			s.log.Warn("run ignores TERM, killing it", "run", id)
			if err := run.job.Signal(syscall.SIGKILL); err != nil {
				s.log.Error("kill run", "run", id, "err", err)
			}
		}
	}()
}

// halt makes a live run stand still, as soon as it is launched; its place is free.
func (s *slots) halt(id string) {
	run := s.runs[id]
	run.halted = true
	if run.job == nil {
		return
	}
	s.log.Info("halt run", "run", id)
	s.books.halted(id)
	if err := run.job.Signal(syscall.SIGSTOP); err != nil {
		s.log.Error("halt run", "run", id, "err", err)
	}
}

// goOn lets a halted run go on.
func (s *slots) goOn(id string) {
	run := s.runs[id]
	run.halted = false
	if run.job == nil {
		return // it was to be halted as soon as it is launched
	}
	s.log.Info("let run go on", "run", id)
	s.books.goesOn(id)
	if err := run.job.Signal(syscall.SIGCONT); err != nil {
		s.log.Error("let run go on", "run", id, "err", err)
	}
}

// launched is for a run whose trainer lives by now: it does what was asked of it
// meanwhile.
func (s *slots) launched(id string, job Job) *liveRun {
	run := s.runs[id]
	run.job = job
	s.books.begun(id)
	switch {
	case run.ends != "":
		s.signalEnd(id, run)
	case run.halted:
		s.halt(id)
	}
	return run
}
