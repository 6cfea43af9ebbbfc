package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

// An engine that leaves packs runs that ended a day ago, and no later ones.
func TestLeavingEnginePacks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	yesterday := store.Now() - 25*time.Hour.Seconds()
	for id, ended := range map[string]float64{"old/c~000000/s1": yesterday, "old/c~000000/s2": store.Now()} {
		dir := l.store.RunDir(id)
		if err := os.MkdirAll(filepath.Join(dir, "a1"), 0o755); err != nil {
			t.Fatal(err)
		}
		err := errors.Join(
			store.WriteJSON(l.store.PlanFile("old"), experiments.Plan{Experiment: "old"}),
			store.WriteJSON(filepath.Join(dir, "run.json"), experiments.Run{ID: id}),
			store.WriteJSON(filepath.Join(dir, "a1", "env.json"), 1),
			store.WriteJSON(filepath.Join(dir, "a1", "exit.json"), store.Exit{Outcome: store.Outcome{Time: ended}}))
		if err != nil {
			t.Fatal(err)
		}
	}
	l.do(engine.Request{Verb: "hello"})
	served := l.presence()
	if err := l.client.Quit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); served.Alive(); {
		if time.Now().After(deadline) {
			t.Fatal("the engine does not leave")
		}
		<-time.After(10 * time.Millisecond)
	}
	if _, err := os.Stat(filepath.Join(l.store.RunDir("old/c~000000/s1"), "points.pack")); err != nil {
		t.Errorf("a run of yesterday: %v", err)
	}
	if _, err := os.Stat(filepath.Join(l.store.RunDir("old/c~000000/s2"), "a1", "env.json")); err != nil {
		t.Errorf("a run of today: %v", err)
	}
}
