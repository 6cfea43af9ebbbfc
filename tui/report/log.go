package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"ablate/experiments/store"
)

// logEvery is the time between two looks at a log that is followed.
const logEvery = 200 * time.Millisecond

// Log is `log RUN [--attempt N] [-f]`: what the trainer of an attempt printed, of
// the newest for 0, byte for byte; and then what it prints until the run ends, or
// ctx does.
func Log(ctx context.Context, w io.Writer, s *store.Store, name string, attempt int, follow bool) error {
	r, err := one(s, name)
	if err != nil {
		return err
	}
	if attempt > 0 && attempt < r.Attempt {
		_, err := copyFrom(w, r.Dir, fmt.Sprintf("a%d/out.log", attempt), 0)
		return err
	}
	if attempt > r.Attempt {
		return noAttempt(r, attempt)
	}
	if r.Attempt == 0 {
		return fmt.Errorf("read log of %s: it is %s and has not printed anything", r.ID, r.Status)
	}
	tick := time.NewTicker(logEvery)
	defer tick.Stop()
	for offset := int64(0); ; {
		// The look comes before the copy: what is printed until a run ends is there
		// when it has ended.
		now, err := s.Look(r.ID)
		if err != nil {
			return err
		}
		n, err := copyFrom(w, r.Dir, fmt.Sprintf("a%d/out.log", r.Attempt), offset)
		if err != nil {
			return fmt.Errorf("read log of %s: %w", r.ID, err)
		}
		offset += n
		if now.Attempt > r.Attempt {
			r, offset = now, 0
			continue
		}
		if !follow || !now.Status.Live() {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// copyFrom copies a file of a run from offset on; one that is not there yet is
// empty.
func copyFrom(w io.Writer, runDir, name string, offset int64) (int64, error) {
	f, err := store.OpenRunFile(runDir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(w, f)
}
