package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ablate/experiments/store"
)

// fill launches queued runs while there are free slots, and lets halted ones go
// on.
func (e *Engine) fill(ctx context.Context) {
	e.crowds.prune(&e.queue)
	e.crowds.look(e.Retry)
	for e.slots.busy() < e.slots.most {
		w, ok := e.next()
		if !ok {
			return
		}
		if e.refused(w.id) != "" {
			e.cancel(experimentOf(w.id))
			continue
		}
		e.queue.remove(w.id)
		if e.slots.going(w.id) {
			continue // its folder was made again while the old trainer ends: that brings it back
		}
		if e.slots.halted(w.id) {
			e.goOn(w)
			continue
		}
		e.slots.runs[w.id] = &liveRun{turn: e.queue.turnOf(w), gone: make(chan struct{})}
		e.crowds.trying(w)
		e.books.launching(w.id)
		s := starter{folders: e.folders, launcher: e.Launcher, log: e.Log, workers: e.slots.workers(e.Cores, e.queue.len())}
		go func() {
			job, err := s.launch(ctx, w.id)
			select {
			case e.started <- launched{w.id, job, err}:
			case <-e.gone:
			}
		}()
	}
}

// starter starts attempts, each in a goroutine of its own.
type starter struct {
	folders
	launcher Launcher
	log      *slog.Logger
	workers  int
}

// launch starts a new attempt of a run, or joins the one that lives already.
func (s starter) launch(ctx context.Context, id string) (Job, error) {
	attempt, err := makeAttempt(s.RunDir(id))
	if errors.Is(err, store.ErrLocked) {
		return s.joinOrBlock(id)
	}
	if err != nil {
		return nil, errors.Join(err, failAttempt(s.RunDir(id), err))
	}
	s.log.Info("launch run", "run", id, "attempt", filepath.Base(attempt), "workers", s.workers)
	job, err := s.launcher.Launch(ctx, Spec{Dir: attempt, Workers: s.workers})
	if err == nil || ctx.Err() != nil { // an engine that leaves judges no attempt: the next one will
		return job, err
	}
	if errors.Is(err, ErrBusy) {
		return nil, errors.Join(err, os.RemoveAll(attempt))
	}
	if trainerLives(filepath.Dir(attempt)) {
		s.log.Warn("the runner died and its trainer lives", "run", id, "err", err)
		return s.launcher.Attach(attempt), nil
	}
	if failed := store.RecordEnd(attempt, err.Error()); failed != nil {
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
	if err := store.Mkdir(attempt); err != nil {
		return "", fmt.Errorf("make attempt folder: %w", err)
	}
	return attempt, store.SyncDir(dir)
}

// joinOrBlock deals with a run whose lock somebody holds: its newest attempt, if
// that lives, is the one that is wanted; else an earlier trainer left processes
// behind, and the new attempt fails for that.
func (s starter) joinOrBlock(id string) (Job, error) {
	dir := s.RunDir(id)
	r, err := s.Look(id)
	if err != nil {
		return nil, err
	}
	if r.Status == store.Running || r.Status == store.Stalled {
		s.log.Info("joined live run", "run", id)
		return s.launcher.Attach(store.AttemptDir(dir, r.Attempt)), nil
	}
	lock, who := store.LockFile(dir), "processes"
	if pids := store.Holders(lock); len(pids) > 0 {
		who = fmt.Sprintf("processes %v", pids)
	}
	cause := fmt.Errorf("launch runner: %s that an earlier attempt left behind hold %s: end them first", who, lock)
	return nil, errors.Join(cause, failAttempt(dir, cause))
}

// failAttempt records an attempt that could not begin, so that the run says why.
func failAttempt(dir string, cause error) error {
	n, err := store.Attempts(dir)
	if err != nil {
		return err
	}
	attempt := store.AttemptDir(dir, n+1)
	if err := store.Mkdir(attempt); err != nil {
		return fmt.Errorf("make attempt folder: %w", err)
	}
	return store.WriteExit(attempt,
		store.Exit{Code: 1, Reason: cause.Error(), Outcome: store.Outcome{Time: store.Now()}})
}
