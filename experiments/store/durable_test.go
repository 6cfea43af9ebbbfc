package store_test

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t testing.TB, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "exit.json")
	put(t, path, 1)
	put(t, path, 2)
	info, err := os.Stat(path)
	if read(t, path) != "2\n" || err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("file is %q, %v, %v", read(t, path), info.Mode(), err)
	}
	if err := store.WriteJSON(path, math.NaN()); err == nil {
		t.Error("a value that JSON has not was written")
	}
	// A folder in the file's place stands for a rename that fails.
	taken := filepath.Join(dir, "taken", "exit.json")
	add(t, filepath.Join(taken, "old"), "old")
	if err := store.WriteJSON(taken, 3); err == nil {
		t.Error("a folder was replaced")
	}
	if err := store.WriteJSON(filepath.Join(dir, "gone", "exit.json"), 3); err == nil {
		t.Error("written into a folder that is not there")
	}
	if read(t, path) != "2\n" || read(t, filepath.Join(taken, "old")) != "old" {
		t.Error("what was there is gone")
	}
	if diff := cmp.Diff([]string{"exit.json", "taken", "exit.json"}, append(names(t, dir), names(t, filepath.Dir(taken))...)); diff != "" {
		t.Error(diff)
	}
}

func TestWriteJSONUnwritable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "exit.json")
	put(t, path, 1)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	if err := store.WriteJSON(path, 2); !errors.Is(err, os.ErrPermission) || read(t, path) != "1\n" {
		t.Errorf("error %v, file %q", err, read(t, path))
	}
}

func TestAppendTo(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, want string }{
		{"new file", "", "1\n\"a\\nb\"\n"},
		{"whole last line", "0\n", "0\n1\n\"a\\nb\"\n"},
		{"torn last line", "0\n{\"st", "0\n{\"st\n1\n\"a\\nb\"\n"},
		{"NUL bytes after a power cut", "0\n\x00\x00", "0\n\x00\x00\n1\n\"a\\nb\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "f.jsonl")
			if tt.old != "" {
				add(t, path, tt.old)
			}
			l, err := store.AppendTo(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Append(math.Inf(1)); err == nil {
				t.Error("a value that JSON has not was written")
			}
			if err := errors.Join(l.Append(1), l.Append("a\nb"), l.Sync(), l.Close()); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != tt.want {
				t.Errorf("file is %q, want %q", got, tt.want)
			}
			if err := l.Append(2); err == nil {
				t.Error("appended to a closed file")
			}
		})
	}
	if _, err := store.AppendTo(t.TempDir()); err == nil {
		t.Error("a folder was opened")
	}
}

// TestAppendToFullDisk tears a line for want of space: the first one after that
// is whole and nothing is left of the torn one.
func TestAppendToFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f.jsonl")
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), play+"=full disk")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := "\"line of 13\"\n\"room again\"\n"
	if got := read(t, path); got != want {
		t.Errorf("file is %q, want %q", got, want)
	}
}

func TestAttempt(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	a1 := store.AttemptDir(dir, 1)
	if _, err := store.OpenAttempt(a1); err == nil {
		t.Error("an attempt without a folder was opened")
	}
	mkdir(t, a1)
	a, err := store.OpenAttempt(a1)
	if err != nil {
		t.Fatal(err)
	}
	items := []store.Item{{ID: "x", N: 1, C: 1, Stratum: "depth3"}, {ID: "y", N: 1, Verdict: "WA"}}
	err = errors.Join(
		a.Point(1, store.Values{"a": 1}), a.Point(2, store.Values{"a": math.NaN()}),
		a.Sample(store.Sample{Step: 2, Task: "x", Program: "def f():\n\tpass", Verdict: "AC", Reward: new(5.0), Advantage: 0.5}),
		a.Items("main", 2, append(items, items...)), a.Items("main", 2, items),
		a.Finish(store.Values{"a": 2}, "ab"), a.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if a.Close() == nil {
		t.Error("closed twice without an error")
	}
	h, err := store.ReadHistory(dir)
	if err != nil || h.Last != 2 || len(h.Series["a"].Values) != 2 || h.Time < 1.7e9 {
		t.Errorf("history is %+v, %v", h, err)
	}
	want := `{"id":"x","n":1,"c":1,"stratum":"depth3"}` + "\n" + `{"id":"y","n":1,"c":0,"stratum":"","verdict":"WA"}` + "\n"
	if got := read(t, filepath.Join(a1, "items", "main@2.jsonl")); got != want {
		t.Errorf("items are %s", got)
	}
	if diff := cmp.Diff([]string{"main@2.jsonl"}, names(t, filepath.Join(a1, "items"))); diff != "" {
		t.Error(diff)
	}
	if got := read(t, filepath.Join(a1, "samples.jsonl")); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"verdict":"AC"`) {
		t.Errorf("samples are %s", got)
	}
	if r, err := s.Look(id); err != nil || r.Status != store.Done || r.SHA256 != "ab" || r.Metrics["a"] != 2 {
		t.Errorf("run is %+v, %v", r, err)
	}
}
