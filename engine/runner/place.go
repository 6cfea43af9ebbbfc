package runner

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// placeEvery is the time between two looks whether the attempt's folder is there.
const placeEvery = 500 * time.Millisecond

// taken is closed once the attempt's folder is no longer what its path names:
// somebody deleted or moved the run. Its end cannot be written down any more, and
// the next run in its place would find what its trainer writes, so the trainer is
// to end. A folder must be missing twice: a network disk may lose it for an instant.
func (r *Runner) taken(ctx context.Context) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		tick := time.NewTicker(placeEvery)
		defer tick.Stop()
		for missing := 0; missing < 2; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if missing++; r.inPlace() {
				missing = 0
			}
		}
		close(gone)
	}()
	return gone
}

// inPlace reports whether the path of the attempt's folder names the one that the
// runner began in; where nobody can tell, it does.
func (r *Runner) inPlace() bool {
	now, err := os.Stat(r.Dir)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return r.place == nil || os.SameFile(r.place, now)
}
