package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/notify"
	"ablate/experiments"
	"ablate/experiments/store"
)

// ear is a program that keeps what it hears, once a file "open" is beside it.
type ear struct {
	t   *testing.T
	dir string
}

func newEar(t *testing.T) ear {
	t.Helper()
	e := ear{t, t.TempDir()}
	script := "#!/bin/sh\n[ -e open ] || { echo not open >&2; exit 1; }\ncat >>heard\n"
	if err := os.WriteFile(filepath.Join(e.dir, "ear.sh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e ear) open() ear {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, "open"), nil, 0o644); err != nil {
		e.t.Fatal(err)
	}
	return e
}

// asks is the request to run a plan and to hear of it.
func (e ear) asks(key string, p *experiments.Plan, on ...string) Request {
	return Request{Verb: "run", Key: key, Plan: p, Workdir: e.dir, Notify: &experiments.Notify{On: on, Argv: []string{"./ear.sh"}}}
}

// heard waits for everything that is on its way and compares the events with
// their texts.
func (e ear) heard(want ...string) {
	e.t.Helper()
	time.Sleep(time.Second)
	synctest.Wait()
	b, err := os.ReadFile(filepath.Join(e.dir, "heard"))
	if err != nil && len(want) > 0 {
		e.t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(b)) {
		n := decode[notify.Notice](e.t, line)
		if n.Time == 0 || n.Store == "" || n.Experiment != "e" && n.Experiment != "f" {
			e.t.Errorf("notice %+v says nothing of its place and time", n)
		}
		got = append(got, n.Event+": "+n.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestNotifyDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 1), newEar(t).open()
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		h.ask(e, ear.asks("1", plan("e", 2, 1), "done", "verdict", "failed", "stalled"))
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("quiet", 1, 1)})
		time.Sleep(90 * time.Second) // one is done
		ear.heard()
		time.Sleep(time.Minute)
		want := []string{"done: e is done: 2 of 2 runs", "verdict: e: all agree"}
		ear.heard(want...)
		leave()
		e, leave = h.engine()
		time.Sleep(time.Hour - time.Minute)
		ear.heard(want...)
		// What is done is no news; what is added is.
		h.ask(e, ear.asks("3", plan("e", 2, 1), "done", "verdict", "failed", "stalled"))
		time.Sleep(time.Minute)
		ear.heard(want...)
		h.ask(e, ear.asks("4", plan("e", 3, 1), "done"))
		time.Sleep(3 * time.Minute)
		ear.heard(append(want, "done: e is done: 3 of 3 runs")...)
		leave()
	})
}

func TestNotifyFailedOncePerAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 2), newEar(t).open()
		e, leave := h.engine()
		h.ask(e, ear.asks("1", plan("e", 2, 1), "failed", "stalled"))
		synctest.Wait()
		h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 3, Reason: "CUDA\nerror"})
		first := "failed: e/c0/s1 failed (attempt 1): CUDA error"
		ear.heard(first)
		h.ask(e, Request{Verb: "retry", Key: "2", Runs: []string{"e/c0/s1"}})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a2").end(store.Exit{Code: 4})
		second := "failed: e/c0/s1 failed (attempt 2): exit code 4"
		ear.heard(first, second)
		time.Sleep(5 * time.Minute) // the other says nothing
		stalled := "stalled: e/c1/s1 is stalled (attempt 1): no sign of life for 180 s"
		ear.heard(first, second, stalled)
		leave()
		e, _ = h.engine()
		time.Sleep(5 * time.Minute)
		h.ask(e, Request{Verb: "stop", Key: "3", Runs: []string{"e/c1/s1"}}) // is no failure
		time.Sleep(time.Minute)
		ear.heard(first, second, stalled)
	})
}

// That a budget is used up is told once, whether runs were ended by it or only not
// begun, by whichever engine; and again once a raised one is.
func TestNotifyBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 1), newEar(t).open()
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		h.ask(e, ear.asks("1", limited(plan("e", 4, 1), experiments.Limits{Runs: 1}), "failed"))
		time.Sleep(2 * time.Minute)
		want := []string{"failed: e: budget runs 1 is used up; 1 of 4 runs are done"}
		ear.heard(want...)
		leave()
		e, _ = h.engine()
		h.ask(e, ear.asks("2", limited(plan("e", 4, 1), experiments.Limits{Runs: 1}), "failed"))
		time.Sleep(time.Minute)
		ear.heard(want...)
		h.ask(e, ear.asks("3", limited(plan("e", 4, 1), experiments.Limits{Wall: 150}), "failed"))
		time.Sleep(time.Hour)
		ear.heard(append(want, "failed: e: budget wall 2m30s is used up; 2 of 4 runs are done")...)
		h.sees("e/c2/s1", store.Stopped, "budget wall")
	})
}

// An engine that was killed over a notification has not forgotten it.
func TestNotifyAfterKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 2), newEar(t)
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		h.ask(e, ear.asks("1", plan("e", 2, 1), "done"))
		time.Sleep(62 * time.Second)
		synctest.Wait()
		if r := h.ask(e, Request{Verb: "hello"}); r.Unsent != "e done: exit status 1: not open" {
			t.Errorf("the engine does not say that a program fails: %+v", r)
		}
		leave()
		ear.open()
		e, _ = h.engine()
		ear.heard("done: e is done: 2 of 2 runs")
		if r := h.ask(e, Request{Verb: "hello"}); r.Unsent != "" {
			t.Errorf("the engine still says %q", r.Unsent)
		}
	})
}

// A program that always fails is given up after a while, and the engine does not
// leave before that; nor does the next one try again.
func TestNotifyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 2), newEar(t)
		h.launcher.lives = time.Second
		h.idle = time.Minute
		e, _ := h.engine()
		h.ask(e, ear.asks("1", plan("e", 1, 1), "done"))
		time.Sleep(2*time.Minute + 30*time.Second) // tries after 0 s, 5 s, 35 s and 155 s
		select {
		case <-e.gone:
			t.Fatal("the engine left before it had told")
		default:
		}
		time.Sleep(3 * time.Minute)
		select {
		case <-e.gone:
		default:
			t.Fatal("the engine does not leave after it has given up")
		}
		told := decode[struct{ Key, Error string }](t, string(read(t, filepath.Join(h.store.EngineDir(), "notified.jsonl"))))
		if want := "done e 0123456789ab 1"; told.Key != want || !strings.Contains(told.Error, "exit status 1") {
			t.Errorf("written down is %+v, want %s given up", told, want)
		}
		ear.open()
		h.engine()
		time.Sleep(time.Minute)
		ear.heard()
	})
}

// The arguments may hold secrets, and who is not asked to hear does not.
func TestNotifyFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ear := newHouse(t, 2), newEar(t).open()
		h.launcher.lives = time.Second
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "0", Plan: plan("e", 1, 1)})
		time.Sleep(time.Minute)
		h.ask(e, ear.asks("1", plan("f", 1, 1), "done"))
		info, err := os.Stat(filepath.Join(h.store.EngineDir(), "notify.json"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("notify.json has mode %v, %v; want 0600", info.Mode(), err)
		}
		ear.heard("done: f is done: 1 of 1 runs")
		h.ask(e, ear.asks("2", plan("e", 1, 1), "done")) // it was done before
		h.ask(e, Request{Verb: "run", Key: "3", Plan: plan("f", 2, 1)})
		time.Sleep(time.Minute)
		leave()
		h.engine()
		ear.heard("done: f is done: 1 of 1 runs")
	})
}
