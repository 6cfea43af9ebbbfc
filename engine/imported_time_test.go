package engine

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Nothing runs results that were imported, whatever is asked for, and no design takes
// their name.
func TestImportedIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		p, cell := experiments.NewImports("e", experiments.Objective{}).WithModel("m", nil, 1)
		if err := h.store.WritePlan(p); err != nil {
			t.Fatal(err)
		}
		run := p.Runs()[0]
		attempt := store.AttemptDir(h.store.RunDir(run.ID), 1)
		if err := store.MkdirAll(attempt); err != nil {
			t.Fatal(err)
		}
		put(filepath.Join(attempt, "exit.json"), store.Exit{})
		put(filepath.Join(h.store.RunDir(run.ID), "run.json"), run)
		e, _ := h.engine()
		for _, r := range []Request{
			{Verb: "run", Key: "1", Plan: plan("e", 1, 1), Force: true}, {Verb: "retry", Key: "2", Runs: []string{run.ID}},
			{Verb: "retry", Key: "3", Runs: []string{run.ID}, Force: true}, {Verb: "resume", Key: "4", Runs: []string{run.ID}},
		} {
			if reply := e.put(r); !strings.Contains(reply.Error, "imported") {
				t.Errorf("%s: %q", r.Verb, reply.Error)
			}
		}
		synctest.Wait()
		h.sees(run.ID, store.Done, "")
		if n := h.launcher.launches(); n != 0 || h.attempts(run.ID) != 1 {
			t.Errorf("%d launches, %d attempts", n, h.attempts(run.ID))
		}
		if now, err := h.store.ReadPlan("e"); err != nil || now.Recipe != experiments.Imported || now.Cells[0].Name != cell.Name {
			t.Errorf("the design is %+v, %v", now, err)
		}
	})
}
