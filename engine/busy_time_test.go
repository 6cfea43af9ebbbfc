package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments/store"
)

// A run whose GPUs others have stays queued without an attempt, lets the next
// experiment go, and gets its turn later; stopped meanwhile, it does not.
func TestBusyRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		busy := fmt.Errorf("%w: GPU-0 is held", ErrBusy)
		h.launcher.fails = map[string]error{"e/c0/s1": busy, "e/c1/s1": busy, "e/c2/s1": busy}
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 3, 1)})
		h.ask(e, Request{Verb: "run", Key: "3", Plan: plan("f", 1, 1)})
		synctest.Wait()
		h.sees("e/c0/s1", store.Queued, "")
		h.sees("f/c0/s1", store.Running, "")
		h.launcher.job("f/c0/s1/a1").end(store.Exit{})
		time.Sleep(time.Minute)
		if r := h.ask(e, Request{Verb: "hello"}); r.Waiting+r.Live != 3 || !strings.Contains(r.Trouble, "GPU-0 is held") {
			t.Errorf("reply is %+v, want 3 waiting and who has the GPU", r)
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

// Runs that wait for GPUs wait together: one of them looks, and those that want
// none pass.
func TestManyWaitForGPUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 4)
		h.launcher.holds, h.launcher.gpus, h.launcher.without = 1, 1, "cpu"
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("gpu", 50, 1)})
		synctest.Wait()
		if n := h.launcher.launches(); n > h.slots {
			t.Errorf("%d launches at once, want at most one a slot", n)
		}
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("cpu", 2, 1)})
		synctest.Wait()
		h.sees("cpu/c1/s1", store.Running, "")
		before := h.launcher.launches()
		time.Sleep(time.Minute)
		if n := h.launcher.launches() - before; n < 1 || n > 9 {
			t.Errorf("%d launches in a minute, want one in 7 s", n)
		}
		if r := h.ask(e, Request{Verb: "hello"}); !strings.Contains(r.Trouble, "GPU-0 is held") || r.Waiting != 49 {
			t.Errorf("reply is %+v, want 49 waiting and who has the GPU", r)
		}
		h.launcher.heal() // another store let its GPUs go
		time.Sleep(7 * time.Second)
		if r := h.ask(e, Request{Verb: "hello"}); r.Live != 4 || r.Trouble != "" {
			t.Errorf("reply is %+v, want every slot busy", r)
		}
	})
}

// GPUs that a run of the store lets go have the next one at once, and in order.
func TestFreedGPUIsTakenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 3)
		h.launcher.holds, h.launcher.gpus, h.launcher.without = 1, 2, "cpu"
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("gpu", 8, 1)})
		synctest.Wait()
		began := time.Now()
		for i := range 3 {
			waits := h.waits(e)
			if !slices.IsSorted(waits) || len(waits) != 6-i {
				t.Fatalf("%v wait, want %d in their order", waits, 6-i)
			}
			h.launcher.job(h.launcher.order[i]).end(store.Exit{})
			synctest.Wait()
			h.sees(waits[0], store.Running, "")
		}
		if d := time.Since(began); d > 0 {
			t.Errorf("it took %v", d)
		}
		before := h.launcher.launches()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("cpu", 1, 1)})
		synctest.Wait()
		h.launcher.job("cpu/c0/s1/a1").end(store.Exit{})
		synctest.Wait()
		if n := h.launcher.launches() - before; n != 1 {
			t.Errorf("%d launches, want 1: what ended had no GPU", n)
		}
	})
}

// Where it can be seen that what runs lack is still in use none is launched to find
// out, so that they take no slot, but for one a minute; the first begins within a
// second of its being free.
func TestLacksAreForeseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		h.launcher.holds, h.launcher.gpus, h.launcher.taken, h.launcher.foresees = 1, 1, 1, true
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("gpu", 5, 1)})
		time.Sleep(50 * time.Second)
		if n := h.launcher.launches(); n != h.slots {
			t.Errorf("%d launches in 50 s, want one a slot", n)
		}
		if r := h.ask(e, Request{Verb: "hello"}); !strings.Contains(r.Trouble, "GPU-0 is held") || r.Waiting != 5 {
			t.Errorf("reply is %+v, want 5 waiting and who has the GPU", r)
		}
		time.Sleep(time.Minute)
		if n := h.launcher.launches() - h.slots; n != 1 {
			t.Errorf("%d launches in the next minute, want 1", n)
		}
		h.launcher.free(1)
		time.Sleep(1100 * time.Millisecond)
		h.sees("gpu/c0/s1", store.Running, "")
		if n := h.launcher.launches() - h.slots; n != 2 {
			t.Errorf("%d launches, want none for the second: it has nothing to look for", n)
		}
	})
}

// Looks that are wrong do not make launches follow each other without a rest.
func TestForeseenWrongly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		h.launcher.holds, h.launcher.gpus, h.launcher.taken, h.launcher.foresees, h.launcher.blind = 1, 1, 1, true, true
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("gpu", 5, 1)})
		time.Sleep(10 * time.Minute)
		if n := h.launcher.launches(); n > 100 {
			t.Errorf("%d launches in 10 minutes, want about one in 7 s", n)
		}
	})
}

// What becomes free goes to the first in the queue, whoever began to wait first.
func TestForeseenInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.holds, h.launcher.gpus, h.launcher.taken, h.launcher.foresees = 1, 1, 1, true
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("a", 1, 1)})
		time.Sleep(300 * time.Millisecond)
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("b", 1, 1)})
		time.Sleep(300 * time.Millisecond)
		h.ask(e, Request{Verb: "move", Key: "3", Order: []string{"b/c0/s1"}, Place: First})
		time.Sleep(3100 * time.Millisecond) // the next look is that for a
		h.launcher.free(1)
		time.Sleep(time.Second)
		h.sees("b/c0/s1", store.Running, "")
		h.sees("a/c0/s1", store.Queued, "")
	})
}
