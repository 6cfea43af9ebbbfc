package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestSameKeyIsAnsweredOnce(t *testing.T) {
	for _, next := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			e, leave := h.engine()
			request := Request{Verb: "run", Key: "k", Plan: plan("e", 1, 1)}
			first := h.ask(e, request)
			synctest.Wait()
			h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 3})
			synctest.Wait()
			if next {
				leave()
				e, _ = h.engine()
			}
			again := h.ask(e, request)
			synctest.Wait()
			if first.Queued != 1 || again.Queued != 1 || again.Build != "b1" {
				t.Errorf("replies are %+v and %+v, want both 1 queued", first, again)
			}
			if n := h.attempts("e/c0/s1"); n != 1 {
				t.Errorf("next engine %v: %d attempts, want 1", next, n)
			}
		})
	}
}

// An engine that wrote a wish down and died before the folder was a run's leaves it
// to the next one, which is asked by the same key.
func TestSameKeyOfHalfMadeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, leave := h.engine()
		request := Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)}
		h.ask(e, request)
		synctest.Wait()
		leave()
		if err := os.Remove(filepath.Join(h.store.RunDir("e/c1/s1"), "run.json")); err != nil {
			t.Fatal(err)
		}
		e, _ = h.engine()
		h.ask(e, request)
		h.launcher.job("e/c0/s1/a1").end(store.Exit{})
		synctest.Wait()
		h.sees("e/c1/s1", store.Running, "")
		if asked, err := store.ReadAsked(h.store.RunDir("e/c1/s1")); err != nil || len(asked) != 1 {
			t.Errorf("it was asked %d times, %v; want once", len(asked), err)
		}
	})
}

// A stop or a pause that an engine carried out and could not answer any more is not
// carried out again by the next one, whatever was asked since.
func TestSameKeyOfNextEngine(t *testing.T) {
	for _, verb := range []string{"stop", "pause"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, 1)
			e, leave := h.engine()
			h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
			synctest.Wait()
			h.ask(e, Request{Verb: verb, Key: "2", Runs: []string{"e/c0/s1"}})
			synctest.Wait()
			h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
			synctest.Wait()
			leave()
			e, _ = h.engine()
			if r := h.ask(e, Request{Verb: verb, Key: "2", Runs: []string{"e/c0/s1"}}); r.Done != 1 || r.Stopped+r.Paused != 0 {
				t.Errorf("%s: reply is %+v, want that nothing was needed", verb, r)
			}
			synctest.Wait()
			h.sees("e/c0/s1", store.Running, "")
		})
	}
}

func TestTakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Minute
		e, leave := h.engine()
		late, early := plan("a", 3, 2), plan("b", 3, 1)
		h.ask(e, Request{Verb: "run", Key: "1", Plan: early})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "run", Key: "2", Plan: late})
		synctest.Wait()
		leave() // one live, eight queued
		e, leave = h.engine()
		if r := h.ask(e, Request{Verb: "hello"}); r.Live != 1 || r.Waiting != 8 {
			t.Errorf("the next engine has %d live and %d waiting, want 1 and 8", r.Live, r.Waiting)
		}
		time.Sleep(151 * time.Second)
		leave()
		_, leave = h.engine()
		time.Sleep(time.Hour)
		leave()
		if diff := cmp.Diff(firstAttempts(ids(early), ids(late)), h.launcher.order); diff != "" {
			t.Errorf("launches over three engines (-want +got):\n%s", diff)
		}
		if h.launcher.most != 1 {
			t.Errorf("%d runs at a time, want 1", h.launcher.most)
		}
		for _, id := range slices.Concat(ids(early), ids(late)) {
			h.sees(id, store.Done, "")
		}
	})
}

// The first engine died after it made the attempt's folder and before a runner
// held the lock: such an attempt never begins, and the run does.
func TestTakeUpLaunching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.took = time.Minute
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.sees("e/c0/s1", store.Queued, "")
		leave()
		if n := h.attempts("e/c0/s1"); n != 1 {
			t.Fatalf("%d attempts, want the folder of one", n)
		}
		h.launcher.heal()
		h.engine()
		synctest.Wait()
		h.sees("e/c0/s1", store.Running, "")
		if diff := cmp.Diff([]string{"e/c0/s1/a2"}, h.launcher.order); diff != "" {
			t.Errorf("launches (-want +got):\n%s", diff)
		}
	})
}

// A run that is stopped while it is launched is not stopped before its runner has
// seen that, or is known never to come.
func TestStopWhileLaunching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.took = time.Minute
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c0/s1"}})
		h.sees("e/c0/s1", store.Queued, "being stopped")
		leave()
		h.launcher.heal()
		h.engine()
		synctest.Wait()
		h.sees("e/c0/s1", store.Stopped, "stopped by the user")
		if len(h.launcher.order) > 0 {
			t.Errorf("launched %v", h.launcher.order)
		}
	})
}

// A runner that a dead engine launched takes the lock after the next engine
// looked: that engine joins it.
func TestJoinLateRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.took = time.Minute
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		synctest.Wait()
		leave()
		h.launcher.heal()
		if _, err := h.launcher.Launch(t.Context(), Spec{Dir: filepath.Join(h.store.RunDir("e/c0/s1"), "a1")}); err != nil {
			t.Fatal(err)
		}
		job, err := starter{folders: e.folders, launcher: e.Launcher, log: e.Log, workers: 1}.launch(t.Context(), "e/c0/s1") // as if the look had come before
		if err != nil {
			t.Fatal(err)
		}
		if n := h.attempts("e/c0/s1"); n != 1 || job != Job(h.launcher.job("e/c0/s1/a1")) {
			t.Errorf("the late runner was not joined; %d attempts, want 1", n)
		}
	})
}

// Runner and trainer are killed, or the runner only: what is left says what came
// of the run.
func TestRunnerKilled(t *testing.T) {
	tests := []struct {
		name   string
		stop   bool
		result bool
		want   store.Status
	}{
		{name: "nothing left", want: store.Lost},
		{name: "trainer finished", result: true, want: store.Done},
		{name: "asked to stop", stop: true, want: store.Stopped},
		{name: "finished though asked to stop", stop: true, result: true, want: store.Done},
	}
	for _, tt := range tests {
		for _, seen := range []bool{true, false} { // by an engine, or by the next one
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, 1)
					h.launcher.stubborn = true
					e, leave := h.engine()
					h.ask(e, Request{Verb: "run", Key: "1", Plan: untried(plan("e", 1, 1))})
					synctest.Wait()
					if tt.stop {
						h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c0/s1"}})
					}
					if !seen {
						leave()
					}
					job := h.launcher.job("e/c0/s1/a1")
					if tt.result {
						put(filepath.Join(job.dir, "result.json"), store.Outcome{Metrics: store.Values{"eval/pass@1": 0.5}})
					}
					job.once.Do(job.vanish)
					synctest.Wait()
					if !seen {
						h.engine()
					}
					synctest.Wait()
					h.sees("e/c0/s1", tt.want, "")
					_, err := os.Stat(filepath.Join(job.dir, "exit.json"))
					if written := err == nil; written != (tt.want != store.Lost) {
						t.Errorf("exit.json is there: %v", written)
					}
				})
			})
		}
	}
}

func TestDamagedFolderIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, leave := h.engine()
		h.launcher.took = time.Minute
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		synctest.Wait()
		leave()
		if err := os.WriteFile(filepath.Join(h.store.RunDir("e/c0/s1"), "run.json"), []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
		h.launcher.heal()
		h.engine()
		synctest.Wait()
		h.sees("e/c1/s1", store.Running, "")
	})
}
