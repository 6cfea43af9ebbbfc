package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// openRun makes a run with one attempt that is being written.
func openRun(t testing.TB) (a *store.Attempt, runDir string) {
	t.Helper()
	_, _, dir := newRun(t)
	mkdir(t, store.AttemptDir(dir, 1))
	a, err := store.OpenAttempt(store.AttemptDir(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a, dir
}

// checkpoints tells what is in the checkpoint folders of an attempt: "place=text"
// with the text that all files of it have, or "torn".
func checkpoints(t testing.TB, attempt string) (all []string) {
	t.Helper()
	for _, name := range names(t, attempt) {
		if !strings.HasPrefix(name, "checkpoint") {
			continue
		}
		text := "torn"
		a, errA := os.ReadFile(filepath.Join(attempt, name, "weights"))
		b, errB := os.ReadFile(filepath.Join(attempt, name, "more", "tokens"))
		if errA == nil && errB == nil && string(a) == string(b) {
			text = string(a)
		}
		all = append(all, name+"="+text)
	}
	return all
}

// fill writes a file, a folder and a file in it.
func fill(t testing.TB, dir, text string) {
	t.Helper()
	add(t, filepath.Join(dir, "weights"), text)
	add(t, filepath.Join(dir, "more", "tokens"), text)
}

// TestCheckpoint fails a writer after each of its writes: until a new one is
// whole the two before it stand.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	a, _ := openRun(t)
	errKilled := errors.New("killed")
	save := func(text string, writes int) error {
		return a.Checkpoint(func(dir string) error {
			for i, name := range []string{"weights", "more/tokens"} {
				if i == writes {
					return errKilled
				}
				add(t, filepath.Join(dir, name), text)
			}
			if writes == 2 {
				return errKilled
			}
			return nil
		})
	}
	stands := func(want []string) {
		t.Helper()
		if diff := cmp.Diff(want, checkpoints(t, a.Dir)); diff != "" {
			t.Error(diff)
		}
		for writes := range 3 {
			if err := save("never", writes); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, checkpoints(t, a.Dir)); diff != "" {
				t.Errorf("failed after %d writes:\n%s", writes, diff)
			}
		}
	}
	stands(nil)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"1", []string{"checkpoint=1"}},
		{"2", []string{"checkpoint=2", "checkpoint.old=1"}},
		{"3", []string{"checkpoint=3", "checkpoint.old=2"}},
		{"4", []string{"checkpoint=4", "checkpoint.old=3"}},
	} {
		add(t, filepath.Join(a.Dir, "checkpoint.part", "weights"), "torn") // of a trainer that was killed
		if err := save(c.text, -1); err != nil {
			t.Fatal(err)
		}
		stands(c.want)
	}
	earlier := filepath.Join(filepath.Dir(a.Dir), "a0")
	for _, name := range []string{"checkpoint", "checkpoint.old", "checkpoint.part"} {
		add(t, filepath.Join(earlier, name, "weights"), "of an earlier attempt")
	}
	if err := a.Finish(nil, "", "more/tokens", "nosuch"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(earlier); err != nil || len(left) > 0 {
		t.Errorf("an earlier attempt of a done run keeps %v, %v", left, err)
	}
	if diff := cmp.Diff([]string{"checkpoint=torn"}, checkpoints(t, a.Dir)); diff != "" {
		t.Errorf("a done attempt keeps the newest only, without what was to be dropped:\n%s", diff)
	}
}

// Every state in which a kill can leave the folders while the third checkpoint
// is written, and while the second: a whole one is in its place, and the
// next checkpoint finds its way.
func TestCheckpointCutShort(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left  []string // place=text, in the order of names
		found []string // what Checkpoints lists that is whole
		after []string // once another was written
	}{
		"first, while it is filled":   {[]string{"checkpoint.part=torn"}, nil, []string{"checkpoint=new"}},
		"first, before its rename":    {[]string{"checkpoint.part=1"}, nil, []string{"checkpoint=new"}},
		"second, while it is filled":  {[]string{"checkpoint=1", "checkpoint.part=torn"}, []string{"1"}, []string{"checkpoint=new", "checkpoint.old=1"}},
		"second, after the exchange":  {[]string{"checkpoint=2", "checkpoint.part=1"}, []string{"2"}, []string{"checkpoint=new", "checkpoint.old=2"}},
		"second, between two renames": {[]string{"checkpoint.old=1", "checkpoint.part=2"}, []string{"1"}, []string{"checkpoint=new", "checkpoint.old=1"}},
		"third, while it is filled": {[]string{"checkpoint=2", "checkpoint.old=1", "checkpoint.part=torn"}, []string{"2", "1"},
			[]string{"checkpoint=new", "checkpoint.old=2"}},
		"third, after one exchange": {[]string{"checkpoint=3", "checkpoint.old=1", "checkpoint.part=2"}, []string{"3", "1"},
			[]string{"checkpoint=new", "checkpoint.old=3"}},
		"third, after both": {[]string{"checkpoint=3", "checkpoint.old=2", "checkpoint.part=1"}, []string{"3", "2"},
			[]string{"checkpoint=new", "checkpoint.old=3"}},
		"third, while the oldest goes away": {[]string{"checkpoint=3", "checkpoint.old=2", "checkpoint.part=torn"}, []string{"3", "2"},
			[]string{"checkpoint=new", "checkpoint.old=3"}},
		"third by renames, while the oldest goes away": {[]string{"checkpoint=2", "checkpoint.old=torn", "checkpoint.part=3"}, []string{"2"},
			[]string{"checkpoint=new", "checkpoint.old=2"}},
		"third by renames, between the two": {[]string{"checkpoint.old=2", "checkpoint.part=3"}, []string{"2"},
			[]string{"checkpoint=new", "checkpoint.old=2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, dir := openRun(t)
			for _, left := range c.left {
				place, text, _ := strings.Cut(left, "=")
				fill(t, filepath.Join(a.Dir, place), text)
				if text == "torn" {
					if err := os.Remove(filepath.Join(a.Dir, place, "weights")); err != nil {
						t.Fatal(err)
					}
				}
			}
			if diff := cmp.Diff(c.left, checkpoints(t, a.Dir)); diff != "" {
				t.Fatal(diff)
			}
			places, err := store.Checkpoints(dir)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, place := range places {
				if text, err := os.ReadFile(filepath.Join(place, "weights")); err == nil {
					found = append(found, string(text))
				}
			}
			if diff := cmp.Diff(c.found, found); diff != "" {
				t.Errorf("whole ones:\n%s", diff)
			}
			if err := a.Checkpoint(func(dir string) error { fill(t, dir, "new"); return nil }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.after, checkpoints(t, a.Dir)); diff != "" {
				t.Errorf("after the next one:\n%s", diff)
			}
		})
	}
}

// TestCheckpointIsAlwaysThere looks for a whole checkpoint while they are
// replaced.
func TestCheckpointIsAlwaysThere(t *testing.T) {
	t.Parallel()
	a, _ := openRun(t)
	x, y := filepath.Join(a.Dir, "x"), filepath.Join(a.Dir, "y")
	mkdir(t, x)
	mkdir(t, y)
	if err := store.Exchange(x, y); err != nil {
		t.Skipf("the disk of %s cannot exchange folders: %v", a.Dir, err)
	}
	save := func() {
		if err := a.Checkpoint(func(dir string) error { fill(t, dir, "w"); return nil }); err != nil {
			t.Error(err)
		}
	}
	save()
	stop, seen := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				seen <- nil
				return
			default:
			}
			if _, err := os.Stat(filepath.Join(a.Dir, "checkpoint", "weights")); err != nil {
				seen <- err
				return
			}
		}
	}()
	for range 50 {
		save()
	}
	close(stop)
	if err := <-seen; err != nil {
		t.Error(err)
	}
}

func TestRotateByRenames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	part, place := filepath.Join(dir, "checkpoint.part"), filepath.Join(dir, "checkpoint")
	fill(t, place, "2")
	fill(t, place+".old", "1")
	if err := store.RotateByRenames(part, place); err == nil {
		t.Error("rotated without a new one")
	}
	if diff := cmp.Diff([]string{"checkpoint=2"}, checkpoints(t, dir)); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"3", []string{"checkpoint=3", "checkpoint.old=2"}},
		{"4", []string{"checkpoint=4", "checkpoint.old=3"}},
	} {
		fill(t, part, c.text)
		if err := store.RotateByRenames(part, place); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, checkpoints(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
}

// The newest attempt's come first, whatever its number has for digits.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	for _, place := range []string{"a2/checkpoint", "a2/checkpoint.old", "a10/checkpoint.old", "a9/checkpoint.part", "a11/items", "other/checkpoint"} {
		mkdir(t, filepath.Join(dir, place))
	}
	places, err := store.Checkpoints(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range places {
		places[i] = strings.TrimPrefix(places[i], dir+"/")
	}
	if diff := cmp.Diff([]string{"a10/checkpoint.old", "a2/checkpoint", "a2/checkpoint.old"}, places); diff != "" {
		t.Error(diff)
	}
	if places, err := store.Checkpoints(filepath.Join(dir, "nosuch")); places != nil || err != nil {
		t.Errorf("no folder: %v, %v", places, err)
	}
}
