package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
)

// limited is a plan with budgets.
func limited(p *experiments.Plan, l experiments.Limits) *experiments.Plan {
	p.Limits = l
	return p
}

// hold writes down that GPUs were claimed for an attempt, as its runner does
// before the launch returns.
func (f *fakeLauncher) hold(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds = n
}

func (h *house) budget(e *Engine) Budget {
	h.t.Helper()
	all := h.ask(e, Request{Verb: "status"}).State.Budgets
	if len(all) != 1 {
		h.t.Fatalf("there are %d budgets, want 1", len(all))
	}
	return all[0]
}

// The attempts that began are counted, over engines, retries among them; what
// waits beyond the budget is cancelled with the reason, and goes on when it is
// raised.
func TestBudgetOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: limited(plan("e", 5, 1), experiments.Limits{Runs: 3})})
		time.Sleep(30 * time.Second)
		h.lose("e/c0/s1/a1") // its retry comes behind the others
		time.Sleep(30 * time.Second)
		leave()
		e, _ = h.engine()
		if diff := cmp.Diff(Budget{Experiment: "e", Runs: &Used{2, 3}}, h.budget(e)); diff != "" {
			t.Errorf("budget (-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour)
		h.sees("e/c1/s1", store.Done, "")
		h.sees("e/c2/s1", store.Done, "")
		for _, id := range []string{"e/c0/s1", "e/c3/s1", "e/c4/s1"} {
			h.sees(id, store.Stopped, "budget runs 3 is used up")
		}
		r := h.ask(e, Request{Verb: "run", Key: "2", Plan: limited(plan("e", 5, 1), experiments.Limits{Runs: 3})})
		want := "budget runs 3 is used up: raise it in the experiment file, then `ablate run e`"
		if r.Warning != want {
			t.Errorf("warning is %q, want %q", r.Warning, want)
		}
		synctest.Wait()
		if r := h.ask(e, Request{Verb: "resume", Key: "2b", Runs: ids(plan("e", 5, 1))}); r.Warning != want {
			t.Errorf("resume warns of %q, want %q", r.Warning, want)
		}
		synctest.Wait()
		h.sees("e/c3/s1", store.Stopped, "budget runs 3 is used up")
		h.ask(e, Request{Verb: "run", Key: "3", Plan: limited(plan("e", 5, 1), experiments.Limits{Runs: 6})})
		time.Sleep(time.Hour)
		for _, id := range ids(plan("e", 5, 1)) {
			h.sees(id, store.Done, "")
		}
		if len(h.launcher.order) != 6 {
			t.Errorf("%d attempts were launched, want 6", len(h.launcher.order))
		}
	})
}

// When the time is up, what runs is ended, with the reason.
func TestBudgetOfTime(t *testing.T) {
	tests := []struct {
		name   string
		limits experiments.Limits
		gpus   int
		ends   time.Duration // of the two runs
		reason string
	}{
		{"wall", experiments.Limits{Wall: 7200}, 0, 2 * time.Hour, "budget wall 2h is used up"},
		{"GPU-hours of two runs with four GPUs", experiments.Limits{GPUHours: 8}, 4, time.Hour, "budget gpu_hours 8 is used up"},
		{"whichever is first", experiments.Limits{GPUHours: 8, Wall: 1800}, 4, 30 * time.Minute, "budget wall 30m is used up"},
		{"GPU-hours without a GPU", experiments.Limits{GPUHours: 8}, 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 2)
				h.launcher.hold(tt.gpus)
				e, _ := h.engine()
				h.ask(e, Request{Verb: "run", Key: "1", Plan: limited(plan("e", 3, 1), tt.limits)})
				if tt.ends == 0 {
					time.Sleep(1000 * time.Hour)
					h.sees("e/c0/s1", store.Stalled, "")
					return
				}
				time.Sleep(tt.ends - time.Second)
				if n := h.ask(e, Request{Verb: "hello"}).Live; n != 2 {
					t.Errorf("a second before the end %d runs are live, want 2", n)
				}
				time.Sleep(2 * time.Second)
				for _, id := range ids(plan("e", 3, 1)) {
					h.sees(id, store.Stopped, tt.reason)
				}
				asked, err := store.LastAsked(h.store.RunDir("e/c0/s1"))
				if err != nil || asked.Verb != "stop" || asked.By != "engine" || asked.Text != tt.reason {
					t.Errorf("asked is %+v, %v; want a stop by the engine for that reason", asked, err)
				}
				more := tt.limits
				more.Wall, more.GPUHours = more.Wall*2, more.GPUHours*2
				h.ask(e, Request{Verb: "run", Key: "2", Plan: limited(plan("e", 3, 1), more)})
				time.Sleep(time.Minute)
				h.sees("e/c0/s1", store.Running, "")
			})
		})
	}
}

// Runs beside each other take their time once; time between them and time in
// which they are halted is not counted, but GPUs are held all the same. The next
// engine counts the same from the folders.
func TestBudgetIsMetered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		h.launcher.hold(1)
		e, leave := h.engine()
		const hour = time.Hour
		p := limited(commands(plan("e", 3, 1), ""), experiments.Limits{Wall: 1e6, GPUHours: 1000, Runs: 10})
		h.ask(e, Request{Verb: "run", Key: "1", Plan: p}) // c0 and c1 from 0
		time.Sleep(1 * hour)
		h.launcher.job("e/c1/s1/a1").end(store.Exit{}) // c1 until 1, c2 from 1
		time.Sleep(1 * hour)
		h.launcher.job("e/c2/s1/a1").end(store.Exit{}) // c2 until 2
		synctest.Wait()
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}}) // c0 halted from 2
		time.Sleep(hour / 2)
		h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}}) // to 2.5
		time.Sleep(1 * hour)
		want := Budget{Experiment: "e", Runs: &Used{3, 10}, Wall: &Used{3 * 3600, 1e6}, GPUHours: &Used{3.5 + 1 + 1, 1000}}
		near := cmpopts.EquateApprox(0, 1e-3)
		if diff := cmp.Diff(want, h.budget(e), near); diff != "" {
			t.Errorf("budget (-want +got):\n%s", diff)
		}
		leave()
		e, leave = h.engine()
		if diff := cmp.Diff(want, h.budget(e), near); diff != "" {
			t.Errorf("budget of the next engine (-want +got):\n%s", diff)
		}
		h.launcher.job("e/c0/s1/a1").end(store.Exit{})
		time.Sleep(hour / 2)
		h.ask(e, Request{Verb: "run", Key: "4", Plan: p})
		if diff := cmp.Diff(want, h.budget(e), near); diff != "" {
			t.Errorf("budget when all have ended (-want +got):\n%s", diff)
		}
		leave()
		e, _ = h.engine()
		h.ask(e, Request{Verb: "run", Key: "5", Plan: p})
		if diff := cmp.Diff(want, h.budget(e), near); diff != "" {
			t.Errorf("budget of the third engine (-want +got):\n%s", diff)
		}
	})
}

// Limits that come while runs are on their way count those too.
func TestLimitsThatComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 3)
		h.launcher.took = time.Second
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		h.ask(e, Request{Verb: "run", Key: "2", Plan: limited(plan("e", 3, 1), experiments.Limits{Runs: 2, Wall: 60})})
		time.Sleep(10 * time.Second)
		if diff := cmp.Diff(Budget{Experiment: "e", Runs: &Used{2, 2}, Wall: &Used{9, 60}}, h.budget(e), cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("budget (-want +got):\n%s", diff)
		}
		h.sees("e/c2/s1", store.Stopped, "budget runs 2 is used up")
	})
}

// So do those that began this instant, of which no time is to be read yet.
func TestLimitsThatComeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 3)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		synctest.Wait()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: limited(plan("e", 2, 1), experiments.Limits{Wall: 60})})
		time.Sleep(10 * time.Second)
		if diff := cmp.Diff(Budget{Experiment: "e", Wall: &Used{10, 60}}, h.budget(e), cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("budget (-want +got):\n%s", diff)
		}
	})
}

// A halted run that waits to go on stays halted when the time is up.
func TestBudgetKeepsHaltedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: limited(commands(plan("e", 2, 1), ""), experiments.Limits{Wall: 60})})
		time.Sleep(30 * time.Second)
		h.ask(e, Request{Verb: "pause", Key: "2", Runs: []string{"e/c0/s1"}})
		h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
		time.Sleep(time.Minute)
		h.sees("e/c1/s1", store.Stopped, "budget wall 1m is used up")
		h.sees("e/c0/s1", store.Paused, "budget wall 1m is used up")
	})
}
