package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// recorded is a copy of the store in tui/testdata.
func recorded(t *testing.T) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../tui/testdata/recorded/runs")); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordedStore(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	got := map[string]string{}
	runs := map[string]store.Record{}
	for _, experiment := range []string{"grid", "mine", "reward"} {
		ids, err := s.RunIDs(experiment)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			r, err := s.Look(id)
			if err != nil {
				t.Fatal(err)
			}
			runs[id] = r
			cell, _, _ := strings.Cut(r.Cell, "~")
			got[fmt.Sprintf("%s %s %d", experiment, cell, r.Seed)] = fmt.Sprintf("%s a%d", r.Status, r.Attempt)
		}
	}
	want := map[string]string{
		"grid tasks=512,solutions=1 1": "done a1", "grid tasks=512,solutions=1 2": "done a1",
		"grid tasks=512,solutions=2 1": "done a1", "grid tasks=512,solutions=2 2": "done a1",
		"grid tasks=2048,solutions=1 1": "done a1", "grid tasks=2048,solutions=1 2": "done a1",
		"grid tasks=2048,solutions=2 1": "done a1", "grid tasks=2048,solutions=2 2": "done a1",
		"mine lr=0.001 1": "done a1", "mine lr=0.003 1": "stopped a1", "mine lr=0.01 1": "done a2", "mine lr=0.1 1": "failed a1", "mine lr=1 1": "failed a1",
		"reward reward=all 1": "done a1", "reward reward=partial 1": "done a1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	byName := func(name string) store.Record {
		for id, r := range runs {
			if strings.HasPrefix(id, name+"~") {
				return r
			}
		}
		t.Fatalf("there is no %s", name)
		return store.Record{}
	}
	k := take(byName("mine/lr=0.01").Dir, "train/loss")
	k.read(t, 1)
	if l := k.all["train/loss"]; len(l.Steps) != 24 || len(l.Ghosts) != 1 || len(l.Ghosts[0].Steps) != 18 {
		t.Errorf("the run that was tried again has %d points and the ghosts %v", len(l.Steps), l.Ghosts)
	}
	lines, _, err := store.OutLog(byName("mine/lr=0.1").Dir, 1).Forward(0, 9)
	if err != nil || len(lines) != 5 || lines[0].Text != "reading data ... ok (训练集 512)" || lines[1].Text != "step 13 of 24, loss 0.8967" {
		t.Errorf("the log of the failed run is %+v, %v", lines, err)
	}
	samples := store.NewSampleIndex(byName("reward/reward=partial").Dir, 1)
	_, err = samples.Next(0)
	rollouts, steps := 0, map[int64]bool{}
	for i := range samples.Len() {
		steps[samples.Mark(i).Step] = true
		if samples.Mark(i).Rollout {
			rollouts++
		}
	}
	if err != nil || samples.Damaged > 0 || len(steps) != 2 || rollouts != 4 {
		t.Errorf("%d samples at the steps %v, %v", samples.Len(), steps, err)
	}
	run := byName("grid/tasks=2048,solutions=2")
	evaluations, err := store.ItemFiles(run, "current")
	if err != nil || len(evaluations) == 0 {
		t.Fatal(evaluations, err)
	}
	if items, err := store.ReadItems(run, evaluations[0]); err != nil || len(items) != 20 {
		t.Errorf("the outcomes of %d tasks, %v", len(items), err)
	}
	designs, err := s.Designs("grid")
	if err != nil || len(designs) != 2 || designs[0].Runs != 8 || designs[1].Runs != 4 || designs[0].Asked-designs[1].Asked < 10 {
		t.Errorf("the designs are %+v, %v", designs, err)
	}
}

// The record is small, and says nothing of where it was made.
func TestRecordedStoreIsNobodys(t *testing.T) {
	t.Parallel()
	total := 0
	err := filepath.WalkDir("../../tui/testdata/recorded", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		total += len(text)
		if d.Name() == "README.md" {
			return err
		}
		for _, field := range []string{`"boot_id":`, `"kernel":`, `"host":`, `"workdir":`, `"by":`, `"HOME":`} {
			for rest := string(text); err == nil; {
				_, after, found := strings.Cut(rest, field)
				if !found {
					break
				}
				value, _, _ := strings.Cut(after[1:], `"`)
				switch value {
				case "00000000-0000-4000-8000-000000000000", "6.12.0", "local", "lab", "/tmp/lab", "ada@lab":
				default:
					t.Errorf("%s has %s%q", path, field, value)
				}
				rest = after
			}
		}
		return err
	})
	if err != nil || total > 300_000 {
		t.Errorf("%d bytes, %v", total, err)
	}
}
