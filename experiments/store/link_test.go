package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// elsewhere moves a folder to another place, and leaves a link to it.
func elsewhere(t *testing.T, path string) (place string) {
	t.Helper()
	place = filepath.Join(t.TempDir(), "big")
	if err := errors.Join(os.Rename(path, place), os.Symlink(place, path)); err != nil {
		t.Fatal(err)
	}
	return place
}

// What was moved to a larger disk is there as before.
func TestLinkedFolders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"e", "e/" + cell, runID} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			s := endedRun(t)
			put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
			elsewhere(t, filepath.Join(s.Dir, name))
			if err := os.Symlink("nowhere", filepath.Join(s.Dir, "gone")); err != nil {
				t.Fatal(err)
			}
			if ids, err := s.Find("e"); err != nil || !cmp.Equal(ids, []string{runID}) {
				t.Fatalf("the runs are %v, %v", ids, err)
			}
			freed := int64(0)
			rooms, err := s.Rooms(nil, noStage)
			for _, r := range rooms {
				n, failed := s.Clear(r)
				freed, err = freed+n, errors.Join(err, failed)
			}
			if err != nil || freed == 0 {
				t.Errorf("room was made of %d bytes, %v", freed, err)
			}
			if r, err := s.Look(runID); err != nil || r.Attempt != 2 {
				t.Errorf("the run is %+v, %v", r, err)
			}
		})
	}
}

// A folder that a trainer only has a link to is not the run's to pack.
func TestLinkedItemsStay(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	items := filepath.Join(s.RunDir(runID), "a1", "items")
	if err := os.RemoveAll(items); err != nil {
		t.Fatal(err)
	}
	add(t, filepath.Join(items, "shared.jsonl"), `{"id":"x","n":1,"c":1}`+"\n")
	place := elsewhere(t, items)
	if err := store.Pack(s.RunDir(runID)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(place, "shared.jsonl")); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(items); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
}
