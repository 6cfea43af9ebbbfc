package engine

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"ablate/experiments"
	"ablate/experiments/store"
)

// folders are those of the runs, and what the engine writes there.
type folders struct{ *store.Store }

// each does something for many runs at a time: a disk syncs sixteen files about
// as fast as one.
func each[T any](runs []T, do func(i int, run T) error) error {
	errs := make([]error, len(runs))
	var making sync.WaitGroup
	free := make(chan struct{}, 16)
	for i, run := range runs {
		free <- struct{}{}
		making.Go(func() {
			errs[i] = do(i, run)
			<-free
		})
	}
	making.Wait()
	return cmp.Or(errs...)
}

func (f folders) makeFolder(_ int, run experiments.Run) error {
	if err := store.MkdirAll(f.RunDir(run.ID)); err != nil {
		return fmt.Errorf("make run folder: %w", err)
	}
	return nil
}

// made reports whether a folder is a run's: whether it has its run.json.
func (f folders) made(id string) bool {
	_, err := os.Stat(filepath.Join(f.RunDir(id), "run.json"))
	return err == nil
}

// makeRun writes run.json, once.
func (f folders) makeRun(_ int, run experiments.Run) error {
	if f.made(run.ID) {
		return nil
	}
	return store.WriteJSON(filepath.Join(f.RunDir(run.ID), "run.json"), run)
}

// tell appends to a run's asked.jsonl and syncs it before anything is done.
func (f folders) tell(id string, a store.Asked) error {
	l, err := store.AppendTo(filepath.Join(f.RunDir(id), "asked.jsonl"))
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Append(a); err != nil {
		return err
	}
	return l.Sync()
}

// tellOnce is tell, unless an engine that could not answer any more has told the
// run the same, by its key; then it is not new.
func (f folders) tellOnce(id string, a store.Asked) (isNew bool, err error) {
	if a.Key != "" {
		asked, err := store.ReadAsked(f.RunDir(id))
		if err != nil || slices.ContainsFunc(asked, func(before store.Asked) bool { return before.Key == a.Key }) {
			return false, err
		}
	}
	err = f.tell(id, a)
	return err == nil, err
}

// settle records the end of a run whose runner was killed before it could: done
// if the trainer finished, stopped or paused if it was asked to end so, and
// nothing if there is nothing to know: such a run is lost.
func (f folders) settle(id string) error {
	dir := f.RunDir(id)
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
	asked, err := store.LastAsked(dir)
	if err != nil || asked.Ends() == "" {
		return err
	}
	return store.RecordEnd(attempt, string(asked.Ends()))
}
