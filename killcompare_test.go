package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// compare holds a run to what it is in a store in which nothing was killed, and
// returns how many steps were done again.
func (k *killing) compare(want store.Record) (again int) {
	k.Helper()
	got, err := k.store.Look(want.ID)
	if err != nil {
		k.Fatal(err)
	}
	if got.Status != store.Done || want.Status != store.Done {
		k.Errorf("run %s is %s, and %s where nothing was killed; want both done", want.ID, got.Status, want.Status)
	}
	if diff := cmp.Diff(want.Metrics, got.Metrics); diff != "" || got.SHA256 != want.SHA256 || got.SHA256 == "" {
		k.Errorf("run %s has weights %s, want %s, and metrics (-want +got):\n%s", want.ID, got.SHA256, want.SHA256, diff)
	}
	wantLoss, _ := losses(k, pointFiles(want.Dir))
	gotLoss, steps := losses(k, pointFiles(got.Dir))
	if diff := cmp.Diff(wantLoss, gotLoss); diff != "" {
		k.Errorf("losses of run %s by step (-want +got):\n%s", want.ID, diff)
	}
	k.once(got)
	return steps - killSteps
}

// losses are those of the steps in some files, and how many were written. A step
// that was done again had the same one.
func losses(t testing.TB, files []string) (byStep map[int64]float64, steps int) {
	t.Helper()
	byStep = map[int64]float64{}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			var p store.Point
			if json.Unmarshal(line, &p) != nil {
				continue // a torn one
			}
			loss, ok := p.M["train/loss"]
			if !ok {
				continue
			}
			if before, again := byStep[p.Step]; again && before != loss {
				t.Errorf("%s has loss %v at step %d, another attempt had %v", path, loss, p.Step, before)
			}
			byStep[p.Step], steps = loss, steps+1
		}
	}
	return byStep, steps
}

// once makes sure that one attempt of a run is done and none follows it, and that
// each began when everything of the one before had ended.
func (k *killing) once(r store.Record) {
	k.Helper()
	ended := 0.0
	k.attempts += r.Attempt
	for n := 1; n <= r.Attempt; n++ {
		dir := store.AttemptDir(r.Dir, n)
		var start store.Start
		var exit store.Exit
		begun := store.ReadJSON(filepath.Join(dir, "start.json"), &start) == nil
		if begun && start.Time < ended {
			k.Errorf("attempt %d of %s began at %f, the one before lived at %f", n, r.ID, start.Time, ended)
		}
		recorded := store.ReadJSON(filepath.Join(dir, "exit.json"), &exit) == nil
		_, err := os.Stat(filepath.Join(dir, "result.json"))
		if finished := err == nil; finished != (n == r.Attempt) {
			k.Errorf("attempt %d of %d of %s has a result: %v", n, r.Attempt, r.ID, finished)
		}
		if done := recorded && exit.Code == 0; done != (n == r.Attempt) {
			k.Errorf("attempt %d of %d of %s is done: %v; exit.json is %+v", n, r.Attempt, r.ID, done, exit)
		}
		ended = max(ended, exit.Time, lastPoint(filepath.Join(dir, "metrics.jsonl")))
	}
}

// lastPoint is the time of the last point in a file.
func lastPoint(path string) (at float64) {
	b, _ := os.ReadFile(path) // an attempt may end before there is one
	for line := range bytes.Lines(b) {
		var p store.Point
		if json.Unmarshal(line, &p) == nil {
			at = p.Time
		}
	}
	return at
}
