package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An experiment of which nothing goes has a place in the queue.
func TestPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		h.launcher.lives = time.Minute
		e, _ := h.engine()
		place := func(of string, want *Place) {
			t.Helper()
			if diff := cmp.Diff(want, h.ask(e, Request{Verb: "hello", Of: of}).Place); diff != "" {
				t.Errorf("place of %q (-want +got):\n%s", of, diff)
			}
		}
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("f", 5, 1)})
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 2, 1)})
		synctest.Wait()
		place("e", &Place{Before: 3})
		place("f", nil)
		place("none", nil)
		place("", nil)
		time.Sleep(61 * time.Second)
		place("e", &Place{Before: 1})
		time.Sleep(time.Minute)
		place("e", nil)
	})
}

// Runs that lack what others have in use have none: that is told as what it is.
func TestPlaceOfBusyRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		h.launcher.holds, h.launcher.gpus = 1, 1
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("f", 1, 1)})
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 2, 1)})
		synctest.Wait()
		r := h.ask(e, Request{Verb: "hello", Of: "e"})
		if r.Place != nil || r.Trouble == "" {
			t.Errorf("reply is %+v, want trouble and no place", r)
		}
		for _, w := range h.ask(e, Request{Verb: "status"}).State.Queue {
			if w.Lacks != "what the run needs cannot be had now: GPU-0 is held" {
				t.Errorf("%s lacks %q", w.ID, w.Lacks)
			}
		}
	})
}
