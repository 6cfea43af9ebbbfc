package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ablate/experiments/store"
)

// fill launches queued runs while there are free slots.
func (e *Engine) fill(ctx context.Context) {
	for len(e.queue) > 0 && len(e.live) < e.Slots {
		id := e.queue[0]
		e.queue = e.queue[1:]
		e.live[id] = &liveRun{gone: make(chan struct{})}
		workers := e.workers()
		go func() {
			job, err := e.launch(ctx, id, workers)
			select {
			case e.started <- launched{id, job, err}:
			case <-e.gone:
			}
		}()
	}
}

// workers is how many workers the trainer of a run gets that has just been given
// its slot: its share of the cores, were every run that lives or waits to have
// one. A run that is alone gets them all, and the runs of a full queue get as
// many as run well beside each other. Nothing takes a worker from a trainer or
// gives it another later.
func (e *Engine) workers() int {
	runs := len(e.live) + len(e.queue) + len(e.later)
	return max(1, e.Cores/min(e.Slots, runs))
}

// launch starts a new attempt of a run, or joins the one that lives already.
func (e *Engine) launch(ctx context.Context, id string, workers int) (Job, error) {
	attempt, err := makeAttempt(e.Store.RunDir(id))
	if errors.Is(err, store.ErrLocked) {
		return e.joinOrBlock(id)
	}
	if err != nil {
		return nil, errors.Join(err, failAttempt(e.Store.RunDir(id), err))
	}
	e.Log.Info("launch run", "run", id, "attempt", filepath.Base(attempt), "workers", workers)
	job, err := e.Launcher.Launch(ctx, Spec{Dir: attempt, Workers: workers})
	if err == nil || ctx.Err() != nil { // an engine that leaves judges no attempt: the next one will
		return job, err
	}
	if trainerLives(filepath.Dir(attempt)) {
		e.Log.Warn("the runner died and its trainer lives", "run", id, "err", err)
		return e.Launcher.Attach(attempt), nil
	}
	if failed := recordEnd(attempt, err.Error()); failed != nil {
		// On a full disk not even that: the attempt leaves no folder, or there
		// would be one for every try.
		err = errors.Join(err, failed, os.RemoveAll(attempt))
	}
	return nil, err
}

// trainerLives reports whether the lock of the run in dir is held for longer than
// a runner holds it that has just said why it gives up.
func trainerLives(dir string) bool {
	for range 100 {
		if !store.Locked(store.LockFile(dir)) {
			return false
		}
		<-time.After(10 * time.Millisecond)
	}
	return true
}

// makeAttempt makes the folder of the next attempt while it holds the run's
// lock. A runner begins only if it holds the lock and its attempt is the newest,
// so of a runner that a dead engine left on its way and the one that follows
// here only one ever begins.
func makeAttempt(dir string) (string, error) {
	lock, err := store.Lock(store.LockFile(dir), 2*time.Second)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	n, err := store.Attempts(dir)
	if err != nil {
		return "", err
	}
	attempt := store.AttemptDir(dir, n+1)
	if err := os.Mkdir(attempt, 0o755); err != nil {
		return "", fmt.Errorf("make attempt folder: %w", err)
	}
	return attempt, store.SyncDir(dir)
}

// joinOrBlock deals with a run whose lock somebody holds: its newest attempt, if
// that lives, is the one that is wanted; else an earlier trainer left processes
// behind, and the new attempt fails for that.
func (e *Engine) joinOrBlock(id string) (Job, error) {
	dir := e.Store.RunDir(id)
	r, err := e.Store.Look(id)
	if err != nil {
		return nil, err
	}
	if r.Status == store.Running || r.Status == store.Stalled {
		e.Log.Info("joined live run", "run", id)
		return e.Launcher.Attach(store.AttemptDir(dir, r.Attempt)), nil
	}
	cause := fmt.Errorf("launch runner: processes that an earlier attempt left behind hold %s: end them first", store.LockFile(dir))
	return nil, errors.Join(cause, failAttempt(dir, cause))
}

// failAttempt records an attempt that could not begin, so that the run says why.
func failAttempt(dir string, cause error) error {
	n, err := store.Attempts(dir)
	if err != nil {
		return err
	}
	attempt := store.AttemptDir(dir, n+1)
	if err := os.Mkdir(attempt, 0o755); err != nil {
		return fmt.Errorf("make attempt folder: %w", err)
	}
	return store.WriteExit(attempt,
		store.Exit{Code: 1, Reason: cause.Error(), Outcome: store.Outcome{Time: store.Now()}})
}
