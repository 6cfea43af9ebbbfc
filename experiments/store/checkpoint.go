package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// An attempt keeps its newest checkpoint and the one before it, in case the
// newest turns out damaged.
const (
	checkpointName = "checkpoint"
	keptName       = "kept"
	oldSuffix      = ".old"
	partSuffix     = ".part"
)

// Of a checkpoint of a built-in recipe, what only training goes on from: a run that
// is done has no use for it.
const (
	StateName = "state"
	BestName  = "best" // the best model so far on the development set
)

// Checkpoints lists the folders in which checkpoints of the run in dir may be,
// of its newest attempt first and in each the newest first. Whether one is whole
// only who reads it can tell.
func Checkpoints(dir string) ([]string, error) {
	attempts, err := attemptNumbers(dir)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, n := range slices.Backward(attempts) {
		newest := filepath.Join(AttemptDir(dir, int(n)), checkpointName)
		for _, place := range []string{newest, newest + oldSuffix} {
			if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) {
				places = append(places, place)
			}
		}
	}
	return places, nil
}

// Kept lists the folders of what the run in dir kept of steps on the way, by the
// names of the steps, of its oldest attempt first.
func Kept(dir string) (places []string, err error) {
	folders, err := foldersOf(dir, keptName)
	for _, folder := range folders {
		names, failed := subfolders(folder)
		for _, name := range names {
			places = append(places, filepath.Join(folder, name))
		}
		err = errors.Join(err, failed)
	}
	return places, err
}

// Checkpoint fills a folder beside checkpoint/ by write and puts it in its
// place, so that nobody ever sees a torn one; the one that was there becomes
// checkpoint.old/. If it fails, both stand. Points and samples so far are made
// durable first: a checkpoint says that everything up to it is on the disk.
func (a *Attempt) Checkpoint(write func(dir string) error) error {
	place := filepath.Join(a.Dir, checkpointName)
	part := place + partSuffix
	err := errors.Join(a.sync(), os.RemoveAll(part)) // of a trainer that was killed
	if err == nil {
		err = MkdirAll(part)
	}
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err = write(part); err == nil {
		err = syncTree(part)
	}
	if err == nil {
		err = rotate(part, place)
	}
	if err == nil {
		err = SyncDir(a.Dir)
	}
	// What is in part now is the oldest of three checkpoints, or a new one that
	// failed, perhaps for want of the space that it takes.
	if err := errors.Join(err, os.RemoveAll(part)); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// rotate puts the folder part in place and what was there in place.old. Wherever
// it is cut short, place or place.old is whole. What part names afterwards is of
// no use any more.
func rotate(part, place string) error {
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(part, place)
	}
	if exchange(part, place) != nil {
		return rotateByRenames(part, place)
	}
	if exchange(part, place+oldSuffix) == nil {
		return nil
	}
	return os.Rename(part, place+oldSuffix) // there was none yet
}

// rotateByRenames is for disks that cannot exchange names, network disks mostly:
// for an instant there is only place.old.
func rotateByRenames(part, place string) error {
	old := place + oldSuffix
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil {
		return err
	}
	if err := os.Rename(part, place); err != nil {
		return errors.Join(err, os.Rename(old, place))
	}
	return nil
}
