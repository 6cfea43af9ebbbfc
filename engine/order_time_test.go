package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// waits are the runs that an engine says wait, in their order.
func (h *house) waits(e *Engine) []string {
	h.t.Helper()
	var all []string
	for _, w := range h.ask(e, Request{Verb: "status"}).State.Queue {
		all = append(all, w.ID)
	}
	return all
}

// The order of the queue can be changed, and the next engine has it too, whatever
// began or came meanwhile.
func TestMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 5, 1)}) // c0 is launched
		time.Sleep(time.Second)
		move := func(key, place string, order ...string) Reply {
			return e.put(Request{Verb: "move", Key: key, Order: order, Place: place})
		}
		if r := move("2", First, "e/c4/s1", "e/c0/s1", "e/none/s1"); r.Error != "" || r.Moved != 1 || r.Done != 2 {
			t.Errorf("reply is %+v, want 1 moved and 2 that do not wait", r)
		}
		move("3", "e/c2/s1", "e/c3/s1")
		move("4", Last, "e/c1/s1")
		if r := move("5", "e/c0/s1", "e/c3/s1"); !strings.Contains(r.Error, "e/c0/s1\" does not wait") {
			t.Errorf("error is %q for a place that is not in the queue", r.Error)
		}
		want := []string{"e/c4/s1", "e/c3/s1", "e/c2/s1", "e/c1/s1"}
		if diff := cmp.Diff(want, h.waits(e)); diff != "" {
			t.Errorf("queue (-want +got):\n%s", diff)
		}
		leave()
		time.Sleep(time.Minute) // c0 ends
		e, leave = h.engine()
		h.ask(e, Request{Verb: "run", Key: "6", Plan: plan("f", 2, 1)})
		if r := move("4", Last, "e/c3/s1"); r.Error != "" || r.Moved != 0 {
			t.Errorf("a key of before: %+v, want that nothing is moved", r)
		}
		if diff := cmp.Diff(append(want[1:], "f/c0/s1", "f/c1/s1"), h.waits(e)); diff != "" {
			t.Errorf("queue of the next engine (-want +got):\n%s", diff)
		}
		move("7", First, "f/c1/s1")
		synctest.Wait()
		leave()
		_, leave = h.engine()
		time.Sleep(time.Hour)
		leave()
		order := []string{"e/c0/s1/a1", "e/c4/s1/a1", "f/c1/s1/a1", "e/c3/s1/a1", "e/c2/s1/a1", "e/c1/s1/a1", "f/c0/s1/a1"}
		if diff := cmp.Diff(order, h.launcher.order); diff != "" {
			t.Errorf("launches (-want +got):\n%s", diff)
		}
	})
}

// Who resumes an experiment gets its runs in the order of its design, and not in
// that of their names.
func TestResumeInOrderOfDesign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		p := plan("e", 2, 2)
		p.Cells[0].Name = "z"
		h.ask(e, Request{Verb: "run", Key: "1", Plan: p})
		time.Sleep(time.Second)
		byName, err := h.store.RunIDs("e")
		if err != nil {
			t.Fatal(err)
		}
		h.ask(e, Request{Verb: "stop", Key: "2", Runs: byName})
		synctest.Wait()
		h.ask(e, Request{Verb: "run", Key: "3", Plan: plan("f", 1, 1)})
		h.ask(e, Request{Verb: "resume", Key: "4", Runs: append(byName, byName...)})
		if diff := cmp.Diff([]string{"e/z/s1", "e/c1/s1", "e/z/s2", "e/c1/s2"}, h.waits(e)); diff != "" {
			t.Errorf("queue (-want +got):\n%s", diff)
		}
		synctest.Wait()
	})
}

// More slots are filled at once, fewer as runs end, and the number outlives the
// engine.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, leave := h.engine()
		live := func(want int) {
			t.Helper()
			synctest.Wait()
			if r := h.ask(e, Request{Verb: "hello"}); r.Live != want {
				t.Errorf("%d live, want %d", r.Live, want)
			}
		}
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 9, 1)})
		live(1)
		if r := h.ask(e, Request{Verb: "slots", Key: "2", Slots: 4}); r.Slots != 4 {
			t.Errorf("reply is %+v, want 4 slots", r)
		}
		if set, err := h.store.Settings(); err != nil || set.Slots != 4 || set.Program != "ablate (build b1)" {
			t.Errorf("settings are %+v, %v; want 4 slots, by this program", set, err)
		}
		live(4)
		h.ask(e, Request{Verb: "slots", Key: "3", Slots: 2})
		live(4)
		for i, want := range []int{3, 2, 2} {
			h.launcher.job("e/c" + string(rune('0'+i)) + "/s1/a1").end(store.Exit{})
			live(want)
		}
		leave()
		if h.slots = SlotsOf(h.store); h.slots != 2 {
			t.Errorf("the next engine has %d slots, want 2", h.slots)
		}
		e, _ = h.engine()
		if r := h.ask(e, Request{Verb: "slots", Key: "2", Slots: 4}); r.Slots != 2 {
			t.Errorf("a key of before gives %d slots, want 2", r.Slots)
		}
		live(2)
		if r := e.put(Request{Verb: "slots", Key: "4"}); r.Error != "change slots: want 1 or more, got 0" {
			t.Errorf("error is %q for no slots", r.Error)
		}
	})
}

// Runs that a new design does not have any more go on, which is told.
func TestRunTellsOfEarlierDesigns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Minute
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "0", Plan: plan("f", 2, 1)})
		if r := h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 4, 1)}); r.Warning != "" {
			t.Errorf("the first design warns of %q", r.Warning)
		}
		time.Sleep(150 * time.Second) // the first of e lives
		r := h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 0, 1)})
		if want := "4 runs of earlier designs still wait or go on, such as e/c0/s1: `ablate stop RUN` ends them"; r.Warning != want {
			t.Errorf("warning is %q, want %q", r.Warning, want)
		}
		h.ask(e, Request{Verb: "stop", Key: "3", Runs: ids(plan("e", 4, 1))})
		if r := h.ask(e, Request{Verb: "run", Key: "4", Plan: plan("e", 0, 1)}); r.Warning != "" {
			t.Errorf("after their stop: %q", r.Warning)
		}
	})
}
