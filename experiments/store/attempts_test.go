package store_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// The attempts of a run: one that failed, one without a record, one that never
// began, and one that is done; packed or not they are the same.
func TestReadAttempts(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	mkdir(t, filepath.Join(dir, "a3"))
	writeAttempt(t, dir, 4)
	for _, name := range []string{"exit.json", "result.json"} {
		if err := os.Remove(filepath.Join(dir, "a2", name)); err != nil {
			t.Fatal(err)
		}
	}
	age(t, filepath.Join(dir, "a2"), time.Unix(290, 0))
	add(t, filepath.Join(dir, "asked.jsonl"), `{"time":3,"verb":"retry","attempt":4,"by":"engine","text":"lost"}`+"\n")
	want := []store.Tried{
		{Attempt: 1, Asked: store.Asked{Time: 1, Verb: "run", Attempt: 1}, Status: store.Failed, Reason: "diverged", Started: 100, Ended: 110, Seconds: 10,
			Points: 51, First: 0, Last: 99, Metrics: store.Values{"train/loss": math.NaN()}},
		{Attempt: 2, Asked: store.Asked{Time: 2, Verb: "retry", Attempt: 2}, Status: store.Lost, Reason: "it left no exit record", Started: 200, Ended: 290, Seconds: 90,
			Points: 50, First: 20, Last: 69, Metrics: store.Values{"train/loss": 49.5}},
		{Attempt: 4, Asked: store.Asked{Time: 3, Verb: "retry", Attempt: 4, By: "engine", Text: "lost"}, Status: store.Done, Started: 400, Ended: 440, Seconds: 40,
			Points: 50, First: 60, Last: 109, Metrics: store.Values{"train/loss": 49.5}},
	}
	read := func() []store.Tried {
		t.Helper()
		r, err := s.Look(runID)
		if err != nil {
			t.Fatal(err)
		}
		all, err := store.ReadAttempts(r)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	got := read()
	if diff := cmp.Diff(want, got, equal...); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, read(), equal...); diff != "" {
		t.Errorf("packed (-before +after):\n%s", diff)
	}
}
