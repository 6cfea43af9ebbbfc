package engine

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments/store"
)

// A run whose GPUs others have stays queued without an attempt, lets the next one
// go, and gets its turn later; stopped meanwhile, it does not.
func TestBusyRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		busy := fmt.Errorf("%w: GPU-0 is held", ErrBusy)
		h.launcher.fails = map[string]error{"e/c0/s1": busy, "e/c2/s1": busy}
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 3, 1)})
		synctest.Wait()
		h.sees("e/c0/s1", store.Queued, "")
		h.sees("e/c1/s1", store.Running, "")
		h.launcher.job("e/c1/s1/a1").end(store.Exit{})
		time.Sleep(time.Minute)
		if r := h.ask(e, Request{Verb: "hello"}); r.Waiting+r.Live != 2 || !strings.Contains(r.Trouble, "GPU-0 is held") {
			t.Errorf("reply is %+v, want 2 waiting and who has the GPU", r)
		}
		if n := h.attempts("e/c0/s1"); n != 0 {
			t.Errorf("%d attempts, want none", n)
		}
		h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c2/s1"}})
		h.launcher.heal()
		time.Sleep(10 * time.Second)
		h.sees("e/c0/s1", store.Running, "")
		h.sees("e/c2/s1", store.Stopped, "")
		if n := h.attempts("e/c0/s1"); n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
	})
}
