package engine

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// signals are those that a run's first attempt got, with the time since its
// launch.
func (h *house) signals(id string) []string {
	h.t.Helper()
	h.launcher.mu.Lock()
	defer h.launcher.mu.Unlock()
	return slices.Clone(h.launcher.jobs[h.store.RunDir(id)+"/a1"].signals)
}

func TestPause(t *testing.T) {
	const halted = "stopped (signal) after 1s"
	tests := []struct {
		name    string
		plan    *experiments.Plan
		took    time.Duration
		id      string
		signals []string // of the run in the slot
		reason  string
		live    int // a second later: the other run
	}{
		{name: "built-in", plan: plan("e", 2, 1), id: "e/c0/s1", signals: []string{"terminated after 1s"}, reason: "paused by the user", live: 1},
		{name: "command", plan: commands(plan("e", 2, 1), ""), id: "e/c0/s1", signals: []string{halted}, reason: "halted", live: 1},
		{name: "command to be halted", plan: commands(plan("e", 2, 1), experiments.PauseHalt), id: "e/c0/s1", signals: []string{halted}, reason: "halted", live: 1},
		{name: "command with checkpoints", plan: commands(plan("e", 2, 1), experiments.PauseCheckpoint), id: "e/c0/s1", signals: []string{"terminated after 1s"}, reason: "paused by the user", live: 1},
		{name: "built-in while it is launched", plan: plan("e", 2, 1), took: 3 * time.Second, id: "e/c0/s1", signals: []string{"terminated after 0s"}, reason: "paused by the user", live: 1},
		{name: "command while it is launched", plan: commands(plan("e", 2, 1), ""), took: 3 * time.Second, id: "e/c0/s1", signals: []string{"stopped (signal) after 0s"}, reason: "halted", live: 1},
		{name: "queued", plan: commands(plan("e", 2, 1), ""), id: "e/c1/s1", reason: "paused before it started", live: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 1)
				h.launcher.took = tt.took
				e, _ := h.engine()
				h.ask(e, Request{Verb: "run", Key: "1", Plan: tt.plan})
				time.Sleep(time.Second)
				if r := h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{tt.id}}); r.Paused != 1 || r.Done != 0 {
					t.Errorf("reply is %+v, want 1 paused", r)
				}
				time.Sleep(10 * time.Minute)
				h.sees(tt.id, store.Paused, tt.reason)
				if diff := cmp.Diff(tt.signals, h.signals("e/c0/s1")); diff != "" {
					t.Errorf("signals (-want +got):\n%s", diff)
				}
				if r := h.ask(e, Request{Verb: "hello"}); r.Live != tt.live || r.Waiting != 0 {
					t.Errorf("%d live and %d waiting, want %d and 0", r.Live, r.Waiting, tt.live)
				}
				for key, id := range map[string]string{"3": tt.id, "4": "e/c9/s1"} {
					if r := h.ask(e, Request{Verb: "pause", Key: key, Runs: []string{id}}); r.Paused != 0 || r.Done != 1 {
						t.Errorf("pause of %s: %+v, want 1 that needed nothing", id, r)
					}
				}
				if r := h.ask(e, Request{Verb: "run", Key: "5", Plan: tt.plan}); r.Paused != 1 || r.Queued != 0 {
					t.Errorf("run: %+v, want 1 paused and none queued", r)
				}
				if r := h.ask(e, Request{Verb: "retry", Key: "6", Runs: []string{tt.id}}); r.Paused != 1 || r.Queued != 0 {
					t.Errorf("retry: %+v, want 1 paused and none queued", r)
				}
				h.sees(tt.id, store.Paused, tt.reason)
			})
		})
	}
}

// A halted run waits for a slot like any other, and then goes on in the attempt
// that it has; one that ended with a checkpoint gets a new one.
func TestResume(t *testing.T) {
	tests := []struct {
		plan     *experiments.Plan
		attempts int
		reason   string // while it waits
		signals  []string
	}{
		{commands(plan("e", 2, 1), ""), 1, "halted; it goes on when a slot is free", []string{"stopped (signal) after 1s", "continued after 3s"}},
		{plan("e", 2, 1), 2, "", []string{"terminated after 1s"}},
	}
	for _, tt := range tests {
		for _, next := range []bool{false, true} { // engine, while it waits
			t.Run(fmt.Sprint(tt.plan.Recipe, next), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, 1)
					e, leave := h.engine()
					h.ask(e, Request{Verb: "run", Key: "1", Plan: tt.plan})
					time.Sleep(time.Second)
					h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
					time.Sleep(time.Second)
					h.sees("e/c1/s1", store.Running, "")
					for _, key := range []string{"3", "4"} {
						r := h.ask(e, Request{Verb: "resume", Key: key, Runs: []string{"e/c0/s1"}})
						if want := key == "3"; (r.Queued == 1) != want || (r.Going == 1) == want || r.Waiting != 1 {
							t.Errorf("reply %s is %+v, want it queued once", key, r)
						}
					}
					h.sees("e/c0/s1", store.Queued, tt.reason)
					if next {
						leave()
						e, _ = h.engine()
						if r := h.ask(e, Request{Verb: "hello"}); r.Live != 1 || r.Waiting != 1 {
							t.Errorf("the next engine has %d live and %d waiting, want 1 and 1", r.Live, r.Waiting)
						}
						h.sees("e/c0/s1", store.Queued, tt.reason)
					}
					time.Sleep(time.Second)
					h.launcher.job("e/c1/s1/a1").end(store.Exit{})
					synctest.Wait()
					h.sees("e/c0/s1", store.Running, "")
					if n := h.attempts("e/c0/s1"); n != tt.attempts {
						t.Errorf("%d attempts, want %d", n, tt.attempts)
					}
					if diff := cmp.Diff(tt.signals, h.signals("e/c0/s1")); diff != "" {
						t.Errorf("signals (-want +got):\n%s", diff)
					}
					h.launcher.job(fmt.Sprintf("e/c0/s1/a%d", tt.attempts)).end(store.Exit{})
					synctest.Wait()
					h.sees("e/c0/s1", store.Done, "")
				})
			})
		}
	}
}

// The next engine takes halted runs up as halted: they take no slot, and can be
// resumed, stopped, or end.
func TestTakeUpHalted(t *testing.T) {
	tests := []struct {
		name    string
		then    func(h *house, e *Engine)
		want    store.Status
		signals []string // after the first engine's
	}{
		{"nothing", func(*house, *Engine) {}, store.Paused, nil},
		{"resumed", func(h *house, e *Engine) {
			h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
		}, store.Running, []string{"continued after 3s"}},
		{"stopped", func(h *house, e *Engine) {
			h.ask(e, Request{Verb: "stop", Key: "3", Runs: []string{"e/c0/s1"}})
		}, store.Stopped, []string{"terminated after 3s"}},
		{"killed", func(h *house, _ *Engine) {
			j := h.launcher.job("e/c0/s1/a1")
			j.once.Do(j.vanish)
		}, store.Paused, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 2)
				e, leave := h.engine()
				h.ask(e, Request{Verb: "run", Key: "1", Plan: commands(plan("e", 1, 1), "")})
				time.Sleep(time.Second)
				h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
				time.Sleep(time.Second)
				leave()
				e, _ = h.engine()
				time.Sleep(time.Second)
				h.sees("e/c0/s1", store.Paused, "halted")
				if r := h.ask(e, Request{Verb: "hello"}); r.Live != 0 || r.Waiting != 0 {
					t.Errorf("%d live and %d waiting, want none", r.Live, r.Waiting)
				}
				if r := h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}}); r.Done != 1 {
					t.Errorf("the same key again: %+v, want that nothing is done", r)
				}
				tt.then(h, e)
				time.Sleep(time.Second) // also the first engine settles the run: one of them waits for its lock
				h.sees("e/c0/s1", tt.want, "")
				want := append([]string{"stopped (signal) after 1s", "stopped (signal) after 2s"}, tt.signals...)
				if diff := cmp.Diff(want, h.signals("e/c0/s1")); diff != "" {
					t.Errorf("signals (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// An engine that wrote down that a run goes on and died before it said so to the
// run leaves that to the next one.
func TestTakeUpGoingOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: commands(plan("e", 1, 1), "")})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
		leave()
		if err := e.folders.tell("e/c0/s1", store.Asked{Time: store.Now(), Verb: "resume", By: store.ByEngine, Attempt: 1}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		h.engine()
		synctest.Wait()
		h.sees("e/c0/s1", store.Running, "")
		if diff := cmp.Diff([]string{"stopped (signal) after 1s", "continued after 2s"}, h.signals("e/c0/s1")); diff != "" {
			t.Errorf("signals (-want +got):\n%s", diff)
		}
	})
}

// A stop of a run that is being paused makes a stopped one of it, without a second
// TERM; a run that was paused and killed is paused still.
func TestPauseThenStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.stubborn = true
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
		h.sees("e/c0/s1", store.Running, "being paused")
		time.Sleep(time.Second)
		if r := h.ask(e, Request{Verb: "stop", Key: "3", Runs: []string{"e/c0/s1"}}); r.Stopped != 1 {
			t.Errorf("reply is %+v, want 1 stopped", r)
		}
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Stopped, "stopped by the user")
		if diff := cmp.Diff([]string{"terminated after 1s", "killed after 11s"}, h.signals("e/c0/s1")); diff != "" {
			t.Errorf("signals (-want +got):\n%s", diff)
		}
	})
}

// A halted run keeps no engine.
func TestIdleBesideHaltedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: commands(plan("e", 1, 1), "")})
		time.Sleep(time.Minute)
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
		began := time.Now()
		<-e.gone
		if took := time.Since(began); took != time.Hour {
			t.Errorf("the engine left after %v, want an hour of nothing", took)
		}
		h.sees("e/c0/s1", store.Paused, "halted")
	})
}

// A run that is to be halted as soon as it is launched and is resumed before that
// just goes on, also if its launch leaves nothing at first.
func TestResumeWhileLaunching(t *testing.T) {
	for _, next := range []bool{false, true} { // engine, before it was launched
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			h.launcher.took = time.Minute
			e, leave := h.engine()
			h.ask(e, Request{Verb: "run", Key: "1", Plan: commands(plan("e", 1, 1), "")})
			time.Sleep(time.Second)
			h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
			h.sees("e/c0/s1", store.Queued, "being paused")
			h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
			synctest.Wait()
			h.sees("e/c0/s1", store.Queued, "")
			if next {
				leave()
				h.launcher.heal()
				h.engine()
			}
			time.Sleep(2 * time.Minute)
			h.sees("e/c0/s1", store.Running, "")
			last := h.launcher.order[len(h.launcher.order)-1]
			h.launcher.job(last).end(store.Exit{})
			synctest.Wait()
			h.sees("e/c0/s1", store.Done, "")
			if len(h.launcher.order) != 1 || len(h.launcher.job(last).signals) > 0 {
				t.Errorf("next engine %v: launches %v, signals %v; want one and none", next, h.launcher.order, h.launcher.job(last).signals)
			}
		})
	}
}

// A halted run that waits to go on can be paused again.
func TestPauseAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: commands(plan("e", 2, 1), "")})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
		synctest.Wait()
		h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
		if r := h.ask(e, Request{Verb: "pause", Key: "4", Runs: []string{"e/c0/s1"}}); r.Paused != 1 || r.Waiting != 0 {
			t.Errorf("reply is %+v, want 1 paused and none waiting", r)
		}
		synctest.Wait()
		h.launcher.job("e/c1/s1/a1").end(store.Exit{})
		time.Sleep(time.Second)
		h.sees("e/c0/s1", store.Paused, "halted")
	})
}
