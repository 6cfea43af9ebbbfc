package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments/store"
)

// Who waits for an experiment hears that the runs of another one have the slots,
// and when its turn comes, once.
func TestKeepTellsOfQueue(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.do(engine.Request{Verb: "slots", Slots: 1})
	open := filepath.Join(t.TempDir(), "open")
	first := plan("true", "until [ -e "+open+" ]; do sleep 0.02; done", "true")
	l.do(engine.Request{Verb: "run", Plan: first})
	ids := []string{first.Runs()[0].ID, first.Runs()[1].ID}
	l.sees(ids[0], store.Done, "")
	l.begins(ids[1])
	second := plan("true")
	second.Experiment = "later"
	l.do(engine.Request{Verb: "run", Plan: second})
	ctx, leave := context.WithCancel(t.Context())
	told := make(chan string, 10)
	kept := make(chan bool)
	go func() {
		l.client.Keep(ctx, "later", func(why string) { told <- why })
		close(kept)
	}()
	want := regexp.MustCompile(`^1/1 slots taken, 1 before it, from ~\d\d:\d\d$`)
	select {
	case why := <-told:
		if !want.MatchString(why) {
			t.Errorf("told %q", why)
		}
	case <-time.After(15 * time.Second):
		t.Error("nothing is told")
	}
	if k, err := l.client.Wake(ctx, "e"); err != nil || k != (engine.Kept{}) {
		t.Errorf("of the experiment that goes is told %+v, %v", k, err)
	}
	if err := os.WriteFile(open, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l.sees(second.Runs()[0].ID, store.Done, "")
	leave()
	<-kept
	next := regexp.MustCompile(`^1/1 slots taken, from ~`) // it was looked at when it was the next one
	for len(told) > 0 {
		if why := <-told; !next.MatchString(why) {
			t.Errorf("told again: %q", why)
		}
	}
}
