package runner

import (
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// What a run lacks is told without a launch: processes, claims, a driver that hangs. What
// waiting does not mend is no reason to wait, and the GPUs are read while somebody asks.
func TestOutlook(t *testing.T) {
	allVisible(t)
	dir := claimant(t, `{"gpus":2,"placement":{"only":["0-1"],"keep_off":["3"]}}`, `{"verb":"run","gpus":"1-2"}`+"\n")
	runDir := filepath.Dir(dir.Dir)
	write := func(r experiments.Run) {
		if err := store.WriteJSON(filepath.Join(runDir, "run.json"), r); err != nil {
			t.Fatal(err)
		}
	}
	write(dir.run)
	synctest.Test(t, func(t *testing.T) {
		sees := &fakeGPUs{calls: [][]gpu.Device{four(taken(2)), four()}}
		var opened, closed atomic.Int32
		o := &outlook{ctx: t.Context(), claims: dir.Claims, open: func() (gpu.Sampler, error) {
			opened.Add(1)
			time.Sleep(time.Second)
			return closer{sees, &closed}, nil
		}}
		lacks := o.of(runDir)
		if err := lacks(); errors.Is(err, engine.ErrBusy) || err == nil {
			t.Errorf("before the first reading: %v, want that nobody can tell", err)
		}
		time.Sleep(1500 * time.Millisecond)
		const why = "what the run needs cannot be had now: claim GPUs: too few GPUs are free of processes, 1 of 2 wanted; GPU 2: ada's python 1234 has 40 GB on it"
		if err := lacks(); !errors.Is(err, engine.ErrBusy) || err.Error() != why {
			t.Errorf("occupied: %v, want %s", err, why)
		}
		time.Sleep(time.Second)
		if err := lacks(); err != nil {
			t.Errorf("free: %v", err)
		}
		c, err := gpu.Take(dir.Claims, []string{"GPU-b"}, 1, gpu.Holder{Run: "other"})
		if err != nil {
			t.Fatal(err)
		}
		if err := lacks(); !errors.Is(err, engine.ErrBusy) || !strings.Contains(err.Error(), `GPU 1: held by run "other"`) {
			t.Errorf("claimed: %v, want ErrBusy and who has it", err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := lacks(); err != nil || opened.Load() != 1 || closed.Load() != 0 {
			t.Errorf("let go: %v; opened %d times, closed %d", err, opened.Load(), closed.Load())
		}
		time.Sleep(2 * askedFor)
		if closed.Load() != 1 {
			t.Errorf("closed %d times once nobody asks, want 1", closed.Load())
		}
		sees.become(nil, four()[:2]) // GPU 2 is gone
		_ = lacks()
		time.Sleep(1500 * time.Millisecond)
		if err := lacks(); err != nil || opened.Load() != 2 {
			t.Errorf("a GPU that is not there: %v, want a launch that says so", err)
		}
		sees.become(gpu.ErrNotAnswering, four()[:2])
		time.Sleep(1500 * time.Millisecond)
		if err := lacks(); !errors.Is(err, engine.ErrBusy) {
			t.Errorf("a driver that hangs: %v, want ErrBusy", err)
		}
	})
	write(experiments.Run{ID: "e/c/s1", Experiment: "e"})
	if (&outlook{}).of(runDir) != nil || (&outlook{}).of(t.TempDir()) != nil {
		t.Error("a run of ours or none at all is told of")
	}
}

// closer counts how often a sampler is closed.
type closer struct {
	gpu.Sampler
	closed *atomic.Int32
}

func (c closer) Close() error {
	c.closed.Add(1)
	return c.Sampler.Close()
}
