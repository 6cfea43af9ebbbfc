package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Clear makes the room that may go, and returns the bytes that it freed. Runs and
// stages are locked for the time, and looked at once more.
func (s *Store) Clear(r Room) (freed int64, err error) {
	if !r.Goes() {
		return 0, nil
	}
	dir := s.RunDir(r.Run)
	switch r.Rule {
	case RoomPack:
		inside := dir + string(filepath.Separator) // also if a link leads there
		_, before, err := usage(inside)
		if err == nil {
			err = Pack(dir)
		}
		_, after, failed := usage(inside)
		return max(before-after, 0), errors.Join(err, failed)
	case RoomCheckpoints:
		err = s.clearCheckpoints(&r)
	case RoomStages:
		err = clearStage(dir, &r)
	case RoomTemporary:
		err = removeAll(r.goes)
	}
	if err != nil {
		return 0, fmt.Errorf("make room in %s: %w", r.Run, err)
	}
	return r.Frees, nil
}

// clearCheckpoints removes what may go of a run's checkpoints now that nothing
// can begin in it.
func (s *Store) clearCheckpoints(r *Room) error {
	dir := s.RunDir(r.Run)
	lock, err := Lock(LockFile(dir), probes)
	if err != nil {
		return err
	}
	defer release(lock)
	record, facts, err := s.look(r.Run)
	if err != nil {
		return err
	}
	facts.Alive = false // the lock is ours
	if why := held(facts); why != "" {
		return fmt.Errorf("%w: %s", ErrLive, why)
	}
	all, drop, err := spentCheckpoints(record, facts)
	if err != nil {
		return err
	}
	if *r, err = measure(Room{Run: r.Run, Rule: r.Rule}, all, drop); err != nil {
		return err
	}
	return removeAll(drop)
}

// clearStage removes what may go of a stage while nobody trains it. Its folder
// and its lock stay: who waits for the lock must find the same one as who comes
// later.
func clearStage(dir string, r *Room) error {
	lock, err := Lock(LockFile(dir), probes)
	if err != nil {
		return err
	}
	defer release(lock)
	drop, err := spentStage(dir)
	if err != nil {
		return err
	}
	if *r, err = measure(Room{Run: r.Run, Rule: r.Rule}, drop, drop); err != nil {
		return err
	}
	if err := removeAll(drop); err != nil {
		return err
	}
	var folders []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != dir {
			folders = append(folders, path)
		}
		return err
	})
	for _, folder := range slices.Backward(folders) {
		_ = os.Remove(folder) // only what is empty goes
	}
	return err
}

func removeAll(paths []string) error {
	var errs []error
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}
