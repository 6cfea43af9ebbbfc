package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lostFor is how long nothing was written of a lost run that counts as ended: by
// then nobody waits for it to come back.
const lostFor = 24 * time.Hour

// packable reports whether a run has ended and nothing of it can write any more:
// there is a record of its end, or it has been lost for long and the processes
// that it began with are gone.
func packable(r Record, f Facts) bool {
	switch status, _ := f.Status(); {
	case held(f) != "":
		return false
	case f.Exit != nil:
		return true
	case status != Lost || f.Attempt == 0 || f.quiet() < lostFor.Seconds():
		return false
	}
	start, err := readOptional[Start](filepath.Join(AttemptDir(r.Dir, r.Attempt), "start.json"))
	if err != nil || start == nil {
		return err != nil // damaged: its lock is free, and nothing says who else to ask for
	}
	if host, _ := os.Hostname(); host != start.Host && onNetwork(r.Dir) {
		return false // it may live there
	}
	return !start.Runner.Alive() && !start.Trainer.Alive() && len(start.Left()) == 0
}

// PackEnded packs the runs of the store that ended before a time, or were lost long
// before now, and are not packed yet, and returns how many it packed. It stops between two runs when ctx
// ends; a run that cannot be packed does not keep it from the others.
func PackEnded(ctx context.Context, s *Store, before time.Time) (n int, err error) {
	ids, err := s.named(nil)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		r, facts, err := s.look(id)
		if err != nil || !packable(r, facts) || max(r.Ended, facts.Sign) >= float64(before.Unix()) {
			continue // what cannot be read is told by who shows it
		}
		p := packer{dir: r.Dir, step: func() {}}
		err = p.pack()
		switch {
		case err != nil && !errors.Is(err, ErrLive):
			errs = append(errs, fmt.Errorf("pack run %s: %w", id, err))
		case err == nil && len(p.plain) > 0:
			n++
		}
	}
	return n, errors.Join(errs...)
}
