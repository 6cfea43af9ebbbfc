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

// The name of a store's folder is no pattern: a run that ends leaves other stores
// alone, and what it kept is found.
func TestNamesAreNoPatterns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	mine, other := filepath.Join(root, "runs[12]", "e", "c", "s1"), filepath.Join(root, "runs1", "e", "c", "s1")
	for _, dir := range []string{mine, other} {
		for _, name := range []string{"a1/checkpoint", "a2/checkpoint.old", "a2/kept/30", "a10/kept/30"} {
			mkdir(t, filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	a, err := store.OpenAttempt(store.AttemptDir(mine, 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Finish(nil, ""), a.Close()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		filepath.Join(mine, "a1", "checkpoint"): false, filepath.Join(mine, "a2", "checkpoint.old"): false,
		filepath.Join(other, "a1", "checkpoint"): true, filepath.Join(other, "a2", "checkpoint.old"): true,
	} {
		if _, err := os.Stat(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := []string{filepath.Join(mine, "a2", "kept", "30"), filepath.Join(mine, "a10", "kept", "30")}
	if got, err := store.Kept(mine); err != nil || !cmp.Equal(got, want) {
		t.Errorf("kept are %v, %v; want %v", got, err, want)
	}
}

// What a packer that was killed left goes when the next one comes.
func TestPackClearsUp(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	for _, name := range []string{".points.pack-1", ".files.tar.zst-22"} {
		add(t, filepath.Join(dir, name), "half")
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".points.pack-1", ".files.tar.zst-22"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
