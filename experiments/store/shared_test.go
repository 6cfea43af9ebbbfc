package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"ablate/experiments/store"
)

// What is made in a store has the modes of a private one, and those of its folder
// where a group shares that.
func TestSharedFolders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		mode         fs.FileMode
		folder, file fs.FileMode
		secret       fs.FileMode
		shared       bool
	}{
		{"private", 0o755, 0o755, 0o644, 0o600, false},
		{"setgid alone", 0o755 | fs.ModeSetgid, 0o755 | fs.ModeSetgid, 0o644, 0o600, false},
		{"group-writable alone", 0o775, 0o755, 0o644, 0o600, false},
		{"everybody's", 0o777 | fs.ModeSetgid, 0o755 | fs.ModeSetgid, 0o644, 0o600, false},
		{"a group's", 0o770 | fs.ModeSetgid, 0o770 | fs.ModeSetgid, 0o664, 0o660, true},
		{"a group's, for all to read", 0o775 | fs.ModeSetgid, 0o775 | fs.ModeSetgid, 0o664, 0o660, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(s.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(s.Dir, tt.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(s.Dir, -1, otherGroup(t)); err != nil {
				t.Fatal(err)
			}
			if tt.mode&fs.ModeSetgid != 0 { // a change of owner takes it away
				if err := os.Chmod(s.Dir, tt.mode); err != nil {
					t.Fatal(err)
				}
			}
			deep := filepath.Join(s.Dir, "a", "b")
			if err := store.MkdirAll(deep); err != nil {
				t.Fatal(err)
			}
			lines, err := store.AppendTo(filepath.Join(deep, "lines"))
			if err != nil {
				t.Fatal(err)
			}
			lines.Close()
			if err := store.WriteJSON(filepath.Join(deep, "json"), 1); err != nil {
				t.Fatal(err)
			}
			if err := store.WriteSecret(filepath.Join(deep, "secret"), 1); err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]fs.FileMode{
				"a": tt.folder | fs.ModeDir, "a/b": tt.folder | fs.ModeDir, "a/b/lines": tt.file, "a/b/json": tt.file, "a/b/secret": tt.secret,
			} {
				info, err := os.Stat(filepath.Join(s.Dir, name))
				if err != nil || info.Mode() != want {
					t.Errorf("%s has mode %v, %v; want %v", name, info.Mode(), err, want)
				}
			}
			if got := s.Group() != 0; got != tt.shared {
				t.Errorf("the store is shared: %v, want %v", got, tt.shared)
			}
		})
	}
}

// sharedFolder is a folder that a group shares.
func sharedFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.Chown(dir, -1, otherGroup(t)), os.Chmod(dir, 0o775|fs.ModeSetgid)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Many runs of a cell are made at a time, whose folder none of them has made yet.
func TestSharedFoldersAtOnce(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t)
	for i := range 100 {
		var making sync.WaitGroup
		cell := filepath.Join(dir, strconv.Itoa(i))
		for seed := range 4 {
			making.Go(func() {
				if err := store.MkdirAll(filepath.Join(cell, strconv.Itoa(seed))); err != nil {
					t.Error(err)
				}
			})
		}
		making.Wait()
		for seed := range 4 {
			info, err := os.Stat(filepath.Join(cell, strconv.Itoa(seed)))
			if err != nil || info.Mode().Perm() != 0o775 {
				t.Fatalf("folder %d of cell %d is %v, %v; want one that is shared", seed, i, info.Mode(), err)
			}
		}
	}
}

// What a run is packed into is the group's as the run was.
func TestSharedPack(t *testing.T) {
	t.Parallel()
	dir := endedRun(t).RunDir("e/" + cell + "/s1")
	if err := errors.Join(os.Chown(dir, -1, otherGroup(t)), os.Chmod(dir, 0o775|fs.ModeSetgid)); err != nil {
		t.Fatal(err)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"points.pack", "files.tar.zst"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != 0o664 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// otherGroup is a group that the process may give files to: not root's, which
// shares nothing.
func otherGroup(t *testing.T) int {
	t.Helper()
	if os.Getuid() == 0 {
		return 71100
	}
	return os.Getgid()
}
