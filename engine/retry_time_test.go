package engine

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// lose kills runner and trainer of an attempt.
func (h *house) lose(attempt string) {
	h.t.Helper()
	synctest.Wait()
	j := h.launcher.job(attempt)
	j.once.Do(j.vanish)
	synctest.Wait()
}

// A lost run is tried again by itself, each time after twice the wait, and then is
// lost; it says so while it waits. The next engine goes on counting.
func TestLostIsTriedAgain(t *testing.T) {
	for _, next := range []bool{false, true} { // engine, after each loss
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			e, leave := h.engine()
			h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1), Workdir: "/work"})
			began := time.Now()
			var waits []string
			for _, attempt := range []string{"a1", "a2", "a3", "a4"} {
				h.lose("e/c0/s1/" + attempt)
				if next {
					leave()
					e, leave = h.engine()
				}
				synctest.Wait()
				r, err := h.store.Look("e/c0/s1")
				if err != nil {
					t.Fatal(err)
				}
				waits = append(waits, string(r.Status)+": "+r.Reason)
				for ; r.Status == store.Queued; r, _ = h.store.Look("e/c0/s1") {
					time.Sleep(time.Second)
				}
			}
			want := []string{
				"queued: retry 1 of 3 in 10 s: lost", "queued: retry 2 of 3 in 20 s: lost", "queued: retry 3 of 3 in 40 s: lost",
				"lost: nothing of it is alive and it left no exit record",
			}
			if diff := cmp.Diff(want, waits); diff != "" {
				t.Errorf("next engine %v: status after each loss (-want +got):\n%s", next, diff)
			}
			if took := time.Since(began).Round(time.Second); took < 70*time.Second || took > 73*time.Second {
				t.Errorf("next engine %v: it took %v, want 70 s", next, took)
			}
			asked, err := store.ReadAsked(h.store.RunDir("e/c0/s1"))
			if err != nil || len(asked) != 4 {
				t.Fatalf("asked.jsonl has %d lines, %v; want 4", len(asked), err)
			}
			for i, a := range asked[1:] {
				if a.Verb != "retry" || a.By != "engine" || a.Text != "lost" || a.Attempt != i+2 || a.Retry != i+1 || a.Of != 3 {
					t.Errorf("asked is %+v, want retry %d by the engine", a, i+1)
				}
			}
			// Somebody asks: counting begins anew.
			h.ask(e, Request{Verb: "retry", Key: "2", Runs: []string{"e/c0/s1"}})
			h.lose("e/c0/s1/a5")
			h.sees("e/c0/s1", store.Queued, "retry 1 of 3 in 10 s: lost")
		})
	}
}

// Whoever asks for a run that waits for its retry need not wait; whoever stops it
// calls the retry off.
func TestAskForRetryToCome(t *testing.T) {
	for verb, want := range map[string]store.Status{
		"retry": store.Running, "resume": store.Running, "run": store.Running, "stop": store.Stopped, "pause": store.Paused,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			e, _ := h.engine()
			h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
			h.lose("e/c0/s1/a1")
			h.sees("e/c0/s1", store.Queued, "retry 1 of 3 in 10 s")
			h.ask(e, Request{Verb: verb, Key: "2", Plan: plan("e", 1, 1), Runs: []string{"e/c0/s1"}})
			synctest.Wait()
			h.sees("e/c0/s1", want, "")
			time.Sleep(time.Minute)
			h.sees("e/c0/s1", want, "")
			if n := h.attempts("e/c0/s1"); (n == 2) != (want == store.Running) {
				t.Errorf("%s: %d attempts", verb, n)
			}
		})
	}
}

// What is tried again is decided by the reason of the end and by the experiment.
func TestRetryByReason(t *testing.T) {
	all := &experiments.Retry{Max: 1, Backoff: 5, On: []string{experiments.RetryLost, experiments.RetryNode, experiments.RetryPreempted, experiments.RetryFailed}}
	failed := store.Exit{Code: 3}
	tests := []struct {
		name  string
		retry *experiments.Retry
		exit  *store.Exit // nil: runner and trainer are killed
		boot  string      // of the machine at its start
		want  store.Status
		why   string
	}{
		{"lost", nil, nil, "", store.Queued, "retry 1 of 3 in 10 s: lost"},
		{"lost, not wanted", &experiments.Retry{Max: 3, On: []string{experiments.RetryFailed}}, nil, "", store.Lost, ""},
		{"lost, never wanted", &experiments.Retry{On: []string{experiments.RetryLost}}, nil, "", store.Lost, ""},
		{"lost, at once", &experiments.Retry{Max: 2, On: []string{experiments.RetryLost}}, nil, "", store.Running, ""},
		{"the machine started anew", nil, nil, "another boot", store.Queued, "retry 1 of 3 in 10 s: node_fail"},
		{"the machine started anew, not wanted", &experiments.Retry{Max: 3, On: []string{experiments.RetryLost}}, nil, "another boot", store.Lost, ""},
		{"on a machine that is not this one", nil, nil, "elsewhere", store.Lost, ""},
		{"failed", nil, &failed, "", store.Failed, "exit code 3"},
		{"failed, wanted", all, &failed, "", store.Queued, "retry 1 of 1 in 5 s: failed"},
		{"killed", all, &store.Exit{Code: -1, Signal: "SIGKILL", Reason: "ended by signal 9 (SIGKILL)"}, "", store.Failed, "signal 9"},
		{"terminated", all, &store.Exit{Code: -1, Signal: "SIGTERM"}, "", store.Failed, "SIGTERM"},
		{"crashed", all, &store.Exit{Code: -1, Signal: "SIGSEGV"}, "", store.Queued, "retry 1 of 1 in 5 s: failed"},
		{"no number", all, &store.Exit{Code: 1, Reason: "rule nan: train/loss is NaN"}, "", store.Failed, "rule nan"},
		{"done", all, &store.Exit{}, "", store.Done, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 1)
				e, _ := h.engine()
				p := plan("e", 1, 1)
				p.Retry = tt.retry
				h.ask(e, Request{Verb: "run", Key: "1", Plan: p})
				synctest.Wait()
				j := h.launcher.job("e/c0/s1/a1")
				switch tt.boot {
				case "":
				case "elsewhere":
					put(filepath.Join(j.dir, "start.json"), store.Start{Launcher: "local", Host: "no such host"})
				default:
					put(filepath.Join(j.dir, "start.json"), store.Start{Launcher: "local", Host: hostName(), Trainer: store.Process{PID: 1, Boot: tt.boot}})
				}
				if tt.exit != nil {
					j.end(*tt.exit)
				} else {
					j.once.Do(j.vanish)
				}
				synctest.Wait()
				h.sees("e/c0/s1", tt.want, tt.why)
			})
		})
	}
}

// A trainer that let go of the lock and lives gets no other beside it, and the
// engine does not leave before it is tried again.
func TestTrainerWithoutLockIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.idle = time.Minute
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		synctest.Wait()
		start := filepath.Join(h.launcher.job("e/c0/s1/a1").dir, "start.json")
		put(start, store.Start{Launcher: "local", Host: hostName(), Trainer: store.Self()})
		h.lose("e/c0/s1/a1")
		time.Sleep(time.Hour / 2)
		h.sees("e/c0/s1", store.Lost, "")
		gone := store.Self()
		gone.Ticks++
		put(start, store.Start{Launcher: "local", Host: hostName(), Trainer: gone})
		time.Sleep(e.Retry)
		h.sees("e/c0/s1", store.Queued, "retry 1 of 3")
	})
}

// Runs of an earlier design stay lost.
func TestEarlierDesignIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		synctest.Wait()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 1, 1)})
		h.lose("e/c0/s1/a1")
		h.lose("e/c1/s1/a1")
		h.sees("e/c0/s1", store.Queued, "retry 1 of 3")
		h.sees("e/c1/s1", store.Lost, "")
	})
}

// A run that a stop rule ended would end by it again, and needs force.
func TestRuledOutNeedsForce(t *testing.T) {
	reasons := map[string]string{"run": "rule nan: train/loss is NaN at step 3", "retry": "rule plateau: no better", "resume": "rule diverge: above 9"}
	for verb, reason := range reasons {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			e, _ := h.engine()
			p := plan("e", 1, 1)
			h.ask(e, Request{Verb: "run", Key: "1", Plan: p})
			synctest.Wait()
			h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 1, Reason: reason})
			synctest.Wait()
			r := h.ask(e, Request{Verb: verb, Key: "2", Plan: p, Runs: ids(p)})
			if r.Ruled != 1 || r.Queued != 0 {
				t.Errorf("%s: reply is %+v, want 1 that needs force", verb, r)
			}
			var b strings.Builder
			r.tell(&b, verb)
			if want := "`ablate " + verb + " --force`"; !strings.Contains(b.String(), want) {
				t.Errorf("%s says %q, want it to name %s", verb, b.String(), want)
			}
			if r := h.ask(e, Request{Verb: verb, Key: "3", Plan: p, Runs: ids(p), Force: true}); r.Ruled != 0 || r.Queued != 1 {
				t.Errorf("%s with force: reply is %+v, want 1 queued", verb, r)
			}
			synctest.Wait()
			h.sees("e/c0/s1", store.Running, "")
		})
	}
}

// What is done is reused and not run again, unless by force: as another attempt of
// the same run.
func TestForce(t *testing.T) {
	for _, verb := range []string{"run", "retry", "resume"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 3)
			e, _ := h.engine()
			p := plan("e", 3, 1)
			h.ask(e, Request{Verb: "run", Key: "1", Plan: p})
			synctest.Wait()
			h.launcher.job("e/c0/s1/a1").end(store.Exit{})
			h.launcher.job("e/c1/s1/a1").end(store.Exit{})
			synctest.Wait()
			if r := h.ask(e, Request{Verb: verb, Key: "2", Plan: p, Runs: ids(p)}); r.Reused != 2 || r.Done != 2 || r.Going != 1 || r.Queued != 0 {
				t.Errorf("%s: reply is %+v, want 2 reused and 1 going", verb, r)
			}
			if r := h.ask(e, Request{Verb: verb, Key: "3", Plan: p, Runs: ids(p), Force: true}); r.Reused != 0 || r.Going != 1 || r.Queued != 2 {
				t.Errorf("%s with force: reply is %+v, want 2 queued and 1 going", verb, r)
			}
			synctest.Wait()
			h.sees("e/c0/s1", store.Running, "")
			if n := h.attempts("e/c0/s1"); n != 2 {
				t.Errorf("%s with force: %d attempts, want 2", verb, n)
			}
		})
	}
}
