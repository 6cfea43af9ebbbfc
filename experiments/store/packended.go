package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// PackEnded packs the runs of the store that ended before a time and are not
// packed yet, and returns how many it packed. It stops between two runs when ctx
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
		if err != nil || held(facts) != "" || facts.Exit == nil || r.Ended >= float64(before.Unix()) {
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
