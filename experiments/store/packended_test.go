package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// lostRun makes a store with a run of which nothing was heard for so long.
func lostRun(t *testing.T, ago time.Duration, begun store.Start) *store.Store {
	t.Helper()
	s := endedRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	a2 := filepath.Join(s.RunDir(runID), "a2")
	for _, name := range []string{"exit.json", "result.json"} {
		if err := os.Remove(filepath.Join(a2, name)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(a2, "result.json"), []string{"another trainer's"})
	age(t, a2, time.Now().Add(-ago).Truncate(time.Second))
	begun.Time = store.Now() - ago.Seconds() - 1000
	put(t, filepath.Join(a2, "start.json"), begun)
	return s
}

// A run that has been lost for more than a day is packed like any other, and
// stays lost, with its last words.
func TestPackLostRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		ago   time.Duration
		start store.Start
		holds bool
		want  int
	}{
		{"long ago", 25 * time.Hour, store.Start{}, false, 1},
		{"of today", 23 * time.Hour, store.Start{}, false, 0},
		{"its runner lives", 25 * time.Hour, store.Start{Runner: store.Self()}, false, 0},
		{"its trainer lives", 25 * time.Hour, store.Start{Trainer: store.Self()}, false, 0},
		{"its lock is held", 25 * time.Hour, store.Start{}, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := lostRun(t, tt.ago, tt.start)
			before := look(t, s)
			if tt.holds {
				hold(t, store.LockFile(s.RunDir(runID)))
			} else if before.Record.Status != store.Lost {
				t.Fatalf("the run is %s", before.Record.Status)
			}
			n, err := store.PackEnded(t.Context(), s, time.Now().Add(-24*time.Hour))
			if n != tt.want || err != nil {
				t.Fatalf("packed %d, %v; want %d", n, err, tt.want)
			}
			if packed := store.Pack(s.RunDir(runID)) == nil; packed != (tt.want == 1) {
				t.Errorf("asked for, it was packed: %v", packed)
			}
			if tt.want == 1 {
				samePicture(t, "packed", before, look(t, s))
			}
		})
	}
}

// It can be tried again, and then both attempts are packed.
func TestPackedLostRunIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := lostRun(t, 48*time.Hour, store.Start{})
	dir := s.RunDir(runID)
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	writeAttempt(t, dir, 3)
	before := look(t, s)
	if before.Record.Status != store.Done || before.Record.Attempt != 3 {
		t.Fatalf("the run is %s in attempt %d", before.Record.Status, before.Record.Attempt)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	samePicture(t, "packed again", before, look(t, s))
}
