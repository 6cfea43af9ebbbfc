package notify

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// failed is a store with a run that failed.
func failed(t *testing.T) (s *store.Store, id string) {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &experiments.Plan{Experiment: "e", Recipe: experiments.Command, Cells: []experiments.Cell{{Name: "c", Params: experiments.Params{}}}, Seeds: []int64{1}}
	run := p.Runs()[0]
	for path, v := range map[string]any{
		s.PlanFile("e"): p,
		filepath.Join(s.RunDir(run.ID), "run.json"):         run,
		filepath.Join(s.RunDir(run.ID), "a1", "start.json"): store.Start{Time: 1},
		filepath.Join(s.RunDir(run.ID), "a1", "exit.json"):  store.Exit{Code: 3, Outcome: store.Outcome{Time: store.Now()}},
		filepath.Join(s.EngineDir(), "notify.json"):         hearers{},
	} {
		if err := store.MkdirAll(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
		if err := store.WriteJSON(path, v); err != nil {
			t.Fatal(err)
		}
	}
	return s, run.ID
}

// News that found no room are told with the next look at the store.
func TestMissedNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, id := failed(t)
		heard := filepath.Join(t.TempDir(), "heard")
		n := New(Config{Store: s, Log: slog.New(slog.DiscardHandler), Lives: func(string) bool { return false }})
		if err := n.Heed("e", &experiments.Notify{On: []string{"failed"}, Argv: []string{"sh", "-c", "cat >>" + heard}}, ""); err != nil {
			t.Fatal(err)
		}
		for range newsRoom - 1 { // beside what Heed had to say
			n.Look("other/c/s1")
		}
		n.Look(id)
		if !n.missed.Load() || n.busy.Load() != newsRoom {
			t.Errorf("of %d news %d are kept, missed is %v", newsRoom+1, n.busy.Load(), n.missed.Load())
		}
		go n.serve(t.Context())
		time.Sleep(time.Second)
		synctest.Wait()
		if b, err := os.ReadFile(heard); err == nil {
			t.Errorf("heard before anybody looked again: %s", b)
		}
		n.Look("other/c/s1")
		time.Sleep(time.Second)
		b, err := os.ReadFile(heard)
		if err != nil {
			t.Fatal(err)
		}
		if want := `"text":"` + id + ` failed (attempt 1): exit code 3"`; !strings.Contains(string(b), want) || strings.Count(string(b), "\n") != 1 {
			t.Errorf("heard %swant one notice with %s", b, want)
		}
	})
}

// An engine that leaves begins no further try: one that hangs would keep it again
// and again, and hear the same each time.
func TestNotifyLeavesAtOnce(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // which of two things is looked at first is left to chance
		n := New(Config{Store: s, Log: slog.New(slog.DiscardHandler)})
		n.waiting = []outgoing{{key: "overdue", due: time.Now().Add(-time.Minute)}}
		n.serve(gone)
		if len(n.waiting) != 1 {
			t.Fatal("a notice was tried after the engine's end")
		}
	}
}
