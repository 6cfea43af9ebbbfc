package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"ablate/experiments/store"
)

// takeUp finds the runs that live or wait in the store's folders: they are the
// truth, whoever was the engine when they began. The journal has their order.
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
	e.journal.sort(waiting)
	e.queue.add(waiting...)
	return nil
}

// takeUpRun takes up a run that lives and returns the wish of one that waits.
func (e *Engine) takeUpRun(id string) (*wish, error) {
	r, err := e.Store.Look(id)
	if err != nil {
		return nil, err
	}
	asked, err := store.ReadAsked(r.Dir)
	if err != nil {
		return nil, err
	}
	last := lastOf(asked)
	halted := last.Halted && holds(r)
	switch r.Status {
	case store.Running, store.Stalled:
		e.attach(r, asked)
		return nil, nil
	case store.Paused:
		if halted {
			e.attach(r, asked)
			return nil, nil
		}
		return nil, e.folders.settle(id)
	case store.Queued:
		if halted {
			e.attach(r, asked)
		} else if last.Ends() != "" { // while it was launched
			return nil, store.RecordEnd(store.AttemptDir(r.Dir, r.Attempt), string(last.Ends()))
		}
		return &wish{id: id, asked: store.LastWish(asked)}, nil
	case store.Lost, store.Failed:
		return e.tryAgain(r)
	default:
		return nil, e.folders.settle(id)
	}
}

// holds reports whether the newest attempt of a run holds its lock and has not
// ended.
func holds(r store.Record) bool {
	_, err := os.Stat(filepath.Join(store.AttemptDir(r.Dir, r.Attempt), "exit.json"))
	return errors.Is(err, os.ErrNotExist) && store.Locked(store.LockFile(r.Dir))
}

// attach takes a live run up, and what was being done with it: ended, halted, or
// let go on.
func (e *Engine) attach(r store.Record, asked []store.Asked) {
	if e.slots.runs[r.ID] != nil {
		return
	}
	e.Log.Info("took up live run", "run", r.ID)
	e.books.of(r.ID) // its meter is made of the folders
	run := &liveRun{job: e.Launcher.Attach(store.AttemptDir(r.Dir, r.Attempt)), gone: make(chan struct{})}
	e.slots.runs[r.ID] = run
	e.books.attached(r.ID)
	switch last := lastOf(asked); {
	case last.Halted && last.Ends() == store.Paused: // that may have been all that the last engine did
		e.slots.halt(r.ID)
	case last.Halted:
		run.halted = true
	case last.Ends() != "":
		e.slots.end(r.ID, last.Ends())
	case slices.ContainsFunc(asked, func(a store.Asked) bool { return a.Halted }):
		if err := run.job.Signal(syscall.SIGCONT); err != nil {
			e.Log.Error("let run go on", "run", r.ID, "err", err)
		}
	}
	go e.await(r.ID, run)
}

func lastOf(asked []store.Asked) (last store.Asked) {
	if len(asked) > 0 {
		last = asked[len(asked)-1]
	}
	return last
}
