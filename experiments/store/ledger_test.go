package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Of many runs that have ended some are looked at each time: a change is seen
// within five looks, a run that is new or gone at once.
func TestManyRunsTakeTurns(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	jot(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	id := func(i int) string { return fmt.Sprintf("e/tasks=%03d~0a1b2c/s1", i) }
	make1 := func(i int) {
		jot(t, filepath.Join(s.RunDir(id(i)), "run.json"), experiments.Run{ID: id(i)})
		jot(t, filepath.Join(s.RunDir(id(i)), "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1})
		add(t, filepath.Join(s.RunDir(id(i)), "asked.jsonl"), "\n")
	}
	const n = 300
	for i := range n {
		make1(i)
	}
	age(t, s.Dir, time.Now().Add(-time.Hour))
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e"})
	count := func() (all, stopped int) {
		u, _ := feed.Read()
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		for _, r := range u.Records {
			if r.Status == store.Stopped {
				stopped++
			}
		}
		return len(u.Records), stopped
	}
	for range 3 {
		if all, stopped := count(); all != n || stopped != 0 {
			t.Fatalf("%d runs, %d stopped", all, stopped)
		}
	}
	for i := range n {
		add(t, filepath.Join(s.RunDir(id(i)), "asked.jsonl"), `{"verb":"stop"}`+"\n")
	}
	make1(n)
	if err := os.RemoveAll(s.RunDir(id(0))); err != nil {
		t.Fatal(err)
	}
	last := 0
	for look := range 5 {
		all, stopped := count()
		if all != n || stopped <= last || look == 0 && stopped > n/4 {
			t.Errorf("look %d: %d runs, %d stopped", look, all, stopped)
		}
		last = stopped
	}
	if last != n-1 {
		t.Errorf("%d runs are seen as stopped after five looks, want %d", last, n-1)
	}
}

// BenchmarkLookAtMany is one look at 1,000 runs that have ended.
func BenchmarkLookAtMany(b *testing.B) {
	s, err := store.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	jot(b, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	for i := range 1000 {
		dir := s.RunDir(fmt.Sprintf("e/tasks=%03d~0a1b2c/s%d", i/5, i%5))
		jot(b, filepath.Join(dir, "run.json"), experiments.Run{})
		jot(b, filepath.Join(dir, "a1", "exit.json"), store.Exit{})
	}
	age(b, s.Dir, time.Now().Add(-time.Hour))
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e"})
	feed.Read()
	for b.Loop() {
		if _, news := feed.Read(); news {
			b.Fatal("nothing changed and it was news")
		}
	}
}
