package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// few are points that make a small file with a bit of everything.
func few() []store.Batch {
	return []store.Batch{
		{Attempt: 1, Points: []store.Point{{Step: 1, Time: 1.5, M: store.Values{"a": 1, "b": 0.1}}, {Step: 2, Time: 2.5, M: store.Values{"a": 2}}}},
		{Attempt: 2, Points: []store.Point{{Step: 2, Time: 9, M: store.Values{"a": 3}}, {Step: 3, Time: 9.5, M: store.Values{}}}},
	}
}

// readPoints reads everything in a points.pack.
func readPoints(dir string) ([]store.Batch, error) {
	p, err := store.OpenPoints(dir)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	batches, err := p.Batches()
	if err == nil {
		_, err = p.History()
	}
	return batches, err
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// damaged calls do with a file in all states of one flipped byte or a missing end.
func damaged(t *testing.T, path string, do func(what string)) {
	t.Helper()
	whole := readFile(t, path)
	for i := range whole {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x10
		writeFile(t, path, b)
		do(fmt.Sprintf("byte %d of %d flipped", i, len(whole)))
		writeFile(t, path, whole[:i])
		do(fmt.Sprintf("cut short to %d of %d", i, len(whole)))
	}
	writeFile(t, path, whole)
}

func TestDamagedPoints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "points.pack")
	if err := store.WritePoints(path, few()); err != nil {
		t.Fatal(err)
	}
	damaged(t, path, func(what string) {
		if _, err := readPoints(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := store.ReadHistory(dir); err != nil {
			t.Errorf("%s: a run without attempts reads its pack: %v", what, err)
		}
	})
	if got, err := readPoints(dir); err != nil || !cmp.Equal(few(), got) {
		t.Errorf("whole again: %v, %v", got, err)
	}
}

// Of files, what is read is right, or an error says where it is not.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := map[string]string{"a1/out.log": "printed\n", "a1/items/current@5.jsonl": "{}\n", "a2/out.log": ""}
	path := filepath.Join(dir, "files.tar.zst")
	if err := store.WriteFiles(path, want); err != nil {
		t.Fatal(err)
	}
	errs := 0
	damaged(t, path, func(what string) {
		for name, text := range want {
			got, err := readRunFile(dir, name)
			switch {
			case err != nil && !strings.Contains(err.Error(), path):
				t.Errorf("%s: the error does not name the file: %v", what, err)
			case err != nil:
				errs++
			case got != text:
				t.Errorf("%s: %s is %q", what, name, got)
			}
		}
	})
	if errs == 0 {
		t.Error("no damage was seen")
	}
}

// A damaged pack is told by every reader of points, and by who packs again.
func TestDamagedPackIsTold(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	writeAttempt(t, dir, 3)
	for _, name := range []string{"points.pack", "files.tar.zst"} {
		path := filepath.Join(dir, name)
		whole := readFile(t, path)
		b := append([]byte(nil), whole...)
		for i := range b[:len(b)/2] { // among what the first attempt has
			b[i] ^= 1
		}
		writeFile(t, path, b)
		_, errPoints := store.ReadHistory(dir)
		_, errFile := readRunFile(dir, "a1/env.json")
		err := map[string]error{"points.pack": errPoints, "files.tar.zst": errFile}[name]
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("read a damaged %s: %v", name, err)
		}
		before := filesOf(t, dir)
		if err := store.Pack(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("pack over a damaged %s: %v", name, err)
		}
		if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
			t.Errorf("a damaged %s: packing changed files:\n%s", name, diff)
		}
		writeFile(t, path, whole)
	}
}

// What is in the place of a file and is none holds nobody up.
func TestPackIrregular(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	pipe := filepath.Join(dir, "a2", "gpu.jsonl")
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
		t.Errorf("the pipe is %v, %v", info, err)
	}
	if _, err := readRunFile(dir, "a2/gpu.jsonl"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("read a pipe: %v", err)
	}
}

func FuzzOpenPoints(f *testing.F) {
	path := filepath.Join(f.TempDir(), "points.pack")
	if err := store.WritePoints(path, few()); err != nil {
		f.Fatal(err)
	}
	whole := readFile(f, path)
	body, footer, err := store.SplitPoints(whole)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, body, footer)
	f.Add([]byte(nil), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, whole, body, footer []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "points.pack")
		writeFile(t, path, whole)
		_, _ = readPoints(dir)
		// Behind its checksum no footer is tried: here it has the right one.
		sealed, err := store.SealPoints(body, footer)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, sealed)
		batches, err := readPoints(dir)
		if err != nil {
			return
		}
		// What can be read can be packed, and is the same then.
		if err := store.WritePoints(path, batches); err != nil {
			t.Fatal(err)
		}
		again, err := readPoints(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(batches, again, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("packed again (-want +got):\n%s", diff)
		}
	})
}

// Every number comes back, to the last bit.
func FuzzPackFloats(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint8(0))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F}, uint8(0)) // -0 and 1
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F}, uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, places uint8) {
		if err := store.RoundTrip(b, int(places%12)); err != nil {
			t.Error(err)
		}
	})
}
