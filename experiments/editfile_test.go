package experiments_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// onDisk is a source of a file with a text.
func onDisk(t *testing.T, text string) *experiments.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "experiments.toml")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return source(t, path)
}

func source(t *testing.T, path string) *experiments.Source {
	t.Helper()
	s, err := experiments.ReadSource(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holds compares a file, and sees to it that nothing else is in its folder.
func holds(t *testing.T, path, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".experiments*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	s := onDisk(t, "old")
	if err := s.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, s.Path, "new")
	info, err := os.Stat(s.Path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want that of before", info.Mode(), err)
	}
	if err := s.Write([]byte("newer")); err != nil { // what it wrote it knows
		t.Fatal(err)
	}
	holds(t, s.Path, "newer")
}

func TestWriteKeepsALink(t *testing.T) {
	t.Parallel()
	s := onDisk(t, "old")
	link := filepath.Join(t.TempDir(), "link.toml")
	if err := os.Symlink(s.Path, link); err != nil {
		t.Fatal(err)
	}
	if err := source(t, link).Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, s.Path, "new")
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is none now: %v", err)
	}
	if err := os.Remove(s.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := experiments.ReadSource(link); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("a link to nothing: %v", err)
	}
}

func TestWriteRefusesWhatChanged(t *testing.T) {
	t.Parallel()
	s := onDisk(t, "old")
	if err := os.WriteFile(s.Path, []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]byte("mine")); err == nil || !strings.HasPrefix(err.Error(), "experiments.toml changed on disk: ") {
		t.Errorf("got %v", err)
	}
	holds(t, s.Path, "theirs")

	fresh := source(t, filepath.Join(t.TempDir(), "experiments.toml"))
	if err := os.WriteFile(fresh.Path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := fresh.Write([]byte("mine")); err == nil || !strings.Contains(err.Error(), "changed on disk") {
		t.Errorf("a file that came meanwhile: %v", err)
	}

	gone := onDisk(t, "old")
	if err := os.Remove(gone.Path); err != nil {
		t.Fatal(err)
	}
	if err := gone.Write([]byte("mine")); err == nil {
		t.Error("a file that went meanwhile was written")
	}
}

func TestWriteWhereNothingMayBeWritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	s := onDisk(t, "old")
	if err := os.Chmod(s.Path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]byte("new")); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("a read-only file: %v", err)
	}
	if err := os.Chmod(s.Path, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(s.Path)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // or it could not be removed
	if err := s.Write([]byte("new")); err == nil || !strings.Contains(err.Error(), "folder "+dir+" takes no new file: permission denied") {
		t.Errorf("a read-only folder: %v", err)
	}
	holds(t, s.Path, "old")
}

func TestWriteWithoutAFolder(t *testing.T) {
	t.Parallel()
	s := source(t, filepath.Join(t.TempDir(), "none", "experiments.toml"))
	if err := s.Write([]byte("new")); err == nil || !strings.HasSuffix(err.Error(), "none takes no new file: no such file or directory") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// Of many that write at once one wins, and the others say so.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	path := onDisk(t, "old").Path
	var won sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		s := source(t, path)
		all.Go(func() {
			if s.Write([]byte{byte('a' + i)}) == nil {
				won.Store(string(byte('a'+i)), true)
			}
		})
	}
	all.Wait()
	n, winner := 0, ""
	for name := range won.Range {
		n, winner = n+1, name.(string)
	}
	if n != 1 {
		t.Fatalf("%d of 8 say that they wrote", n)
	}
	holds(t, path, winner)
}

func TestDiff(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, text, want string }{
		{"equal", "a\nb\n", "a\nb\n", ""},
		{"from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"to nothing", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
		{"in the middle", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n", "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"},
		{"two places", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "2\n3\n4\n5\n6\n7\n8\n9\nx\n",
			"@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -7,3 +6,4 @@\n 7\n 8\n 9\n+x\n"},
		{"no newline", "a", "a\nb\n", "@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n"},
		{"CRLF", "a\r\n", "a\r\nb\r\n", "@@ -1,1 +1,2 @@\n a\n+b\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := tt.want
			if want != "" {
				want = "--- f\n+++ f\n" + want
			}
			if diff := cmp.Diff(want, experiments.Unified("f", []byte(tt.old), []byte(tt.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
