package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// workers are those of the trainers that were launched, in their order, as
// start.json has them.
func (h *house) workers() []int {
	h.t.Helper()
	h.launcher.mu.Lock()
	defer h.launcher.mu.Unlock()
	var all []int
	for _, attempt := range h.launcher.order {
		var start store.Start
		if err := store.ReadJSON(filepath.Join(h.store.Dir, attempt, "start.json"), &start); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, start.Workers)
	}
	return all
}

// The runs of one wish share the cores: as many as can have a slot, or as there
// are if they are fewer.
func TestWorkersShareTheCores(t *testing.T) {
	tests := []struct {
		cores, slots, runs int
		want               []int
	}{
		{8, 8, 1, []int{8}},
		{8, 8, 2, []int{4, 4}},
		{8, 8, 3, []int{2, 2, 2}},
		{8, 8, 8, []int{1, 1, 1, 1, 1, 1, 1, 1}},
		{8, 2, 3, []int{4, 4, 4}}, // the third has a neighbour still
		{64, 8, 1, []int{64}},
		{64, 8, 9, []int{8, 8, 8, 8, 8, 8, 8, 8, 8}},
		{1, 1, 2, []int{1, 1}},
		{2, 4, 4, []int{1, 1, 1, 1}}, // never none
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d runs in %d slots on %d cores", tt.runs, tt.slots, tt.cores), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, tt.slots)
				h.cores = tt.cores
				e, _ := h.engine()
				h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", tt.runs, 1)})
				synctest.Wait()
				if tt.runs > tt.slots {
					h.launcher.job("e/c0/s1/a1").end(store.Exit{})
					synctest.Wait()
				}
				if diff := cmp.Diff(tt.want, h.workers()); diff != "" {
					t.Errorf("workers (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A run whose launch waits to be tried again counts like any that waits.
func TestWorkersBesideFailedLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 8)
		h.cores = 8
		dir := h.store.RunDir("e/c1/s1")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a1"), nil, 0o644); err != nil { // where the attempt's folder should be
			t.Fatal(err)
		}
		e, _ := h.engine()
		for i, key := range []string{"1", "2", "3"} {
			h.ask(e, Request{Verb: "run", Key: key, Plan: plan("e", i+1, 1)})
			synctest.Wait()
		}
		if diff := cmp.Diff([]int{8, 2}, h.workers()); diff != "" {
			t.Errorf("workers of the first and the third run (-want +got):\n%s", diff)
		}
	})
}

// A trainer keeps the workers it began with, whoever comes or goes, and a new
// attempt gets what there is by then: also from the next engine, which knows the
// runs of the one before.
func TestWorkersAreFixedAtLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 8)
		h.cores = 8
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		synctest.Wait()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 2, 1)})
		synctest.Wait()
		leave()
		e, _ = h.engine()
		h.ask(e, Request{Verb: "run", Key: "3", Plan: plan("e", 4, 1)})
		synctest.Wait()
		if diff := cmp.Diff([]int{8, 4, 2, 2}, h.workers()); diff != "" {
			t.Errorf("workers of one, two and four runs (-want +got):\n%s", diff)
		}
		for i := range 4 {
			h.launcher.job(fmt.Sprintf("e/c%d/s1/a1", i)).end(store.Exit{Code: 1})
		}
		synctest.Wait()
		h.ask(e, Request{Verb: "retry", Key: "4", Runs: []string{"e/c3/s1"}})
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]int{8, 4, 2, 2, 8}, h.workers()); diff != "" {
			t.Errorf("workers of the attempt that is alone (-want +got):\n%s", diff)
		}
	})
}
