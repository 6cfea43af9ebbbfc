package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ablate/experiments/store"
)

// takeUp finds the runs that live or wait in the store's folders: they are the
// truth, whoever was the engine when they began.
func (e *Engine) takeUp() error {
	experiments, err := e.Store.Experiments()
	if err != nil {
		return fmt.Errorf("take up runs: %w", err)
	}
	var waiting []wish
	for _, name := range experiments {
		ids, err := e.Store.RunIDs(name)
		if err != nil {
			return fmt.Errorf("take up runs: %w", err)
		}
		for _, id := range ids {
			w, err := e.takeUpRun(id)
			if err != nil {
				e.Log.Warn("run folder is unreadable, left alone", "run", id, "err", err)
			}
			if w != nil {
				waiting = append(waiting, *w)
			}
		}
	}
	e.enqueue(waiting)
	return nil
}

func (e *Engine) takeUpRun(id string) (*wish, error) {
	r, err := e.Store.Look(id)
	if err != nil {
		return nil, err
	}
	switch r.Status {
	case store.Running, store.Stalled:
		return nil, e.attach(r)
	case store.Queued:
		if stopped, err := askedToStop(r.Dir); err != nil || stopped { // while it was launched
			return nil, errors.Join(err, recordEnd(store.AttemptDir(r.Dir, r.Attempt), string(store.Stopped)))
		}
		return e.wish(r)
	default:
		return nil, e.settle(id)
	}
}

// attach takes a live run up, and its stop too if it was being stopped.
func (e *Engine) attach(r store.Record) error {
	stopped, err := askedToStop(r.Dir)
	if err != nil {
		return err
	}
	e.Log.Info("took up live run", "run", r.ID)
	run := &liveRun{job: e.Launcher.Attach(store.AttemptDir(r.Dir, r.Attempt)), stop: stopped, gone: make(chan struct{})}
	e.live[r.ID] = run
	if stopped {
		e.end(r.ID, run)
	}
	go e.await(r.ID, run)
	return nil
}

// wish rebuilds the wish of a run that waits in the store. An attempt whose
// folder was made and whose runner never began counts as not made.
func (e *Engine) wish(r store.Record) (*wish, error) {
	asked, err := store.ReadAsked(r.Dir)
	if err != nil {
		return nil, err
	}
	w := &wish{id: r.ID}
	for _, a := range asked {
		if a.Wish() {
			w.asked = a
		}
	}
	return w, nil
}

// settle records the end of a run whose runner was killed before it could: done
// if the trainer finished, stopped if it was asked to stop, and nothing if there
// is nothing to know: such a run is lost.
func (e *Engine) settle(id string) error {
	dir := e.Store.RunDir(id)
	if err := store.Settle(dir); err != nil {
		return err
	}
	n, err := store.Attempts(dir)
	if err != nil || n == 0 {
		return err
	}
	attempt := store.AttemptDir(dir, n)
	if _, err := os.Stat(filepath.Join(attempt, "start.json")); err != nil {
		return nil // it never began
	}
	stopped, err := askedToStop(dir)
	if err != nil || !stopped {
		return err
	}
	return recordEnd(attempt, string(store.Stopped))
}

// recordEnd writes exit.json for a runner that did not and never will, since
// nothing of the run lives.
func recordEnd(attempt, reason string) error {
	if err := store.Settle(filepath.Dir(attempt)); err != nil {
		return err
	}
	path := filepath.Join(attempt, "exit.json")
	if _, err := os.Stat(path); err == nil {
		return nil // the runner said it better, or the trainer finished
	}
	lock, err := store.Lock(store.LockFile(filepath.Dir(attempt)), 10*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	e := store.Exit{Code: 1, Reason: reason, Outcome: store.Outcome{Time: store.Now()}}
	if h, err := store.ReadHistory(filepath.Dir(attempt)); err == nil {
		e.Metrics = h.Latest()
	}
	var start store.Start
	if err := store.ReadJSON(filepath.Join(attempt, "start.json"), &start); err == nil {
		e.Seconds = max(0, e.Time-start.Time)
	}
	return store.WriteExit(attempt, e)
}

// askedToStop reports whether the last thing asked of the run in dir was to stop.
func askedToStop(dir string) (bool, error) {
	asked, err := store.ReadAsked(dir)
	return len(asked) > 0 && asked[len(asked)-1].Verb == "stop", err
}
