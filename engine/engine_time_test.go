package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestThousandRunsInEightSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 8)
		h.launcher.lives = time.Second
		e, leave := h.engine()
		p := plan("e", 250, 4)
		asked := time.Now()
		if r := h.ask(e, Request{Verb: "run", Key: "k", Plan: p}); r.Queued != 1000 || r.Going != 0 || r.Done != 0 {
			t.Errorf("reply is %+v, want 1000 queued", r)
		}
		time.Sleep(125*time.Second - time.Since(asked) - time.Millisecond)
		if r := h.ask(e, Request{Verb: "hello"}); r.Live != 8 || r.Waiting != 0 {
			t.Errorf("just before 125 s there are %d live and %d waiting, want 8 and 0", r.Live, r.Waiting)
		}
		time.Sleep(2 * time.Millisecond)
		if r := h.ask(e, Request{Verb: "hello"}); r.Live != 0 {
			t.Errorf("after 1000 runs of 1 s in 8 slots there are %d live", r.Live)
		}
		leave()
		if h.launcher.most != 8 {
			t.Errorf("%d runs at a time, want 8", h.launcher.most)
		}
		seen := map[string]bool{}
		for _, attempt := range h.launcher.order {
			seen[attempt] = true
		}
		if len(h.launcher.order) != 1000 || len(seen) != 1000 {
			t.Errorf("%d launches of %d attempts, want 1000 of 1000", len(h.launcher.order), len(seen))
		}
	})
}

func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Second
		e, leave := h.engine()
		deep := plan("deep", 2, 2)
		deep.Order = "depth"
		for _, p := range []string{"b", "a"} { // by the time of asking, not by name
			h.ask(e, Request{Verb: "run", Key: p, Plan: plan(p, 3, 2)})
			time.Sleep(time.Millisecond)
		}
		h.ask(e, Request{Verb: "run", Key: "deep", Plan: deep})
		time.Sleep(time.Minute)
		leave()
		want := []string{
			"b/c0/s1/a1", "b/c1/s1/a1", "b/c2/s1/a1", "b/c0/s2/a1", "b/c1/s2/a1", "b/c2/s2/a1",
			"a/c0/s1/a1", "a/c1/s1/a1", "a/c2/s1/a1", "a/c0/s2/a1", "a/c1/s2/a1", "a/c2/s2/a1",
			"deep/c0/s1/a1", "deep/c0/s2/a1", "deep/c1/s1/a1", "deep/c1/s2/a1",
		}
		if diff := cmp.Diff(want, h.launcher.order); diff != "" {
			t.Errorf("order of launches (-want +got):\n%s", diff)
		}
	})
}

func TestRunSkipsDoneAndLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 4, 1)})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a1").end(store.Exit{})
		h.launcher.job("e/c1/s1/a1").end(store.Exit{Code: 3})
		synctest.Wait()
		// c0 done, c1 failed, c2 and c3 live; c4 is new.
		got := h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 5, 1)})
		want := Reply{Build: "b1", PID: got.PID, Slots: 2, Live: 2, Waiting: 2, Queued: 2, Going: 2, Done: 1, Reused: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("reply (-want +got):\n%s", diff)
		}
		if n := h.attempts("e/c0/s1"); n != 1 {
			t.Errorf("the done run has %d attempts, want 1", n)
		}
		h.sees("e/c1/s1", store.Queued, "")
	})
}

func TestStop(t *testing.T) {
	term := "terminated after 1s"
	tests := []struct {
		name     string
		took     time.Duration
		stubborn bool
		stop     string
		signals  []string // of the run in the slot
		reason   string
	}{
		{name: "running", stop: "e/c0/s1", signals: []string{term}, reason: "stopped by the user"},
		{name: "running and deaf", stop: "e/c0/s1", stubborn: true, signals: []string{term, "killed after 11s"}, reason: "stopped by the user"},
		{name: "launching", stop: "e/c0/s1", took: 3 * time.Second, signals: []string{"terminated after 0s"}, reason: "stopped by the user"},
		{name: "queued", stop: "e/c1/s1", reason: "cancelled before it started"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 1)
				h.launcher.took, h.launcher.stubborn = tt.took, tt.stubborn
				e, _ := h.engine()
				h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
				time.Sleep(time.Second)
				for _, key := range []string{"2", "3"} { // a second time changes nothing
					if r := h.ask(e, Request{Verb: "stop", Key: key, Runs: []string{tt.stop}}); key == "2" && r.Stopped != 1 {
						t.Errorf("reply is %+v, want 1 stopped", r)
					}
				}
				time.Sleep(time.Minute)
				h.sees(tt.stop, store.Stopped, tt.reason)
				if diff := cmp.Diff(tt.signals, h.launcher.job("e/c0/s1/a1").signals); diff != "" {
					t.Errorf("signals (-want +got):\n%s", diff)
				}
				if r := h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{tt.stop}}); r.Stopped != 1 {
					t.Errorf("the same key again: %+v, want the same answer", r)
				}
				if r := h.ask(e, Request{Verb: "stop", Key: "4", Runs: []string{tt.stop}}); r.Stopped != 0 || r.Done != 1 {
					t.Errorf("stop of a stopped run: %+v, want 1 that needed nothing", r)
				}
			})
		})
	}
}

// A stop whose engine left goes on in the next engine.
func TestStopOutlivesEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.stubborn = true
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c0/s1"}})
		time.Sleep(time.Second)
		leave()
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Running, "")
		h.engine()
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Stopped, "")
		want := []string{"terminated after 1s", "terminated after 1m2s", "killed after 1m12s"}
		if diff := cmp.Diff(want, h.launcher.job("e/c0/s1/a1").signals); diff != "" {
			t.Errorf("signals (-want +got):\n%s", diff)
		}
	})
}

// Resume is another word for retry.
func TestRetry(t *testing.T) {
	for _, verb := range []string{"retry", "resume"} {
		t.Run(verb, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { testRetry(t, verb) }) })
	}
}

func testRetry(t *testing.T, verb string) {
	h := newHouse(t, 5)
	e, _ := h.engine()
	h.ask(e, Request{Verb: "run", Key: "1", Plan: untried(plan("e", 5, 1))})
	synctest.Wait()
	h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 3})
	h.launcher.job("e/c1/s1/a1").end(store.Exit{})
	lost := h.launcher.job("e/c3/s1/a1")
	lost.once.Do(lost.vanish)
	h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c4/s1"}})
	synctest.Wait()
	h.sees("e/c3/s1", store.Lost, "")
	h.sees("e/c4/s1", store.Stopped, "")
	r := h.ask(e, Request{Verb: verb, Key: "3", Runs: ids(plan("e", 5, 1))})
	if r.Queued != 3 || r.Done != 1 || r.Going != 1 {
		t.Errorf("reply is %+v, want three queued (failed, lost, stopped), one done and one going", r)
	}
	synctest.Wait()
	for id, want := range map[string]int{"e/c0/s1": 2, "e/c1/s1": 1, "e/c2/s1": 1, "e/c3/s1": 2, "e/c4/s1": 2} {
		if n := h.attempts(id); n != want {
			t.Errorf("run %s has %d attempts, want %d", id, n, want)
		}
	}
	h.sees("e/c0/s1", store.Running, "")
	if r := h.ask(e, Request{Verb: verb, Key: "4", Runs: ids(plan("e", 5, 1))}); r.Queued != 0 || r.Done != 1 || r.Going != 4 {
		t.Errorf("reply to the second time is %+v, want none queued", r)
	}
	h.launcher.job("e/c0/s1/a2").end(store.Exit{})
	synctest.Wait()
	h.sees("e/c0/s1", store.Done, "")
	if reply := e.put(Request{Verb: verb, Key: "5", Runs: []string{"e/c9/s1"}}); !strings.HasPrefix(reply.Error, verb+" run e/c9/s1: ") {
		t.Errorf("error is %q for a run that is not there", reply.Error)
	}
}

// The next engine takes a run that was to be resumed up at the place in the queue
// that it got then.
func TestResumeOutlivesEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Minute
		h.launcher.fails = map[string]error{"e/c0/s1": errNoProgram}
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.sees("e/c0/s1", store.Failed, "")
		h.launcher.heal()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("f", 2, 1)})
		time.Sleep(time.Second)
		h.ask(e, Request{Verb: "resume", Key: "3", Runs: []string{"e/c0/s1"}})
		leave()
		_, leave = h.engine()
		time.Sleep(time.Hour)
		leave()
		if diff := cmp.Diff([]string{"f/c0/s1/a1", "f/c1/s1/a1", "e/c0/s1/a2"}, h.launcher.order); diff != "" {
			t.Errorf("launches (-want +got):\n%s", diff)
		}
	})
}

func TestFailedLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = time.Second
		h.launcher.fails = map[string]error{"e/c0/s1": errNoProgram}
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Failed, errNoProgram.Error())
		h.sees("e/c1/s1", store.Done, "") // the slot is free again
		h.launcher.heal()
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 2, 1)})
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Done, "")
	})
}

// A runner that dies before it can say that its trainer lives does not make a
// failed run of it.
func TestRunnerDiesAtLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = 5 * time.Second
		h.launcher.dies = map[string]error{"e/c0/s1": errNoProgram}
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.sees("e/c0/s1", store.Running, "")
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Done, "")
		if n := h.attempts("e/c0/s1"); n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
	})
}

// A run whose attempt cannot even be written down stays queued and is tried
// again, and can be stopped meanwhile; one that can be told says why it failed.
func TestLaunchThatLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 4, 1)})
		synctest.Wait()
		block := func(id, name string) (path string) { // before its turn comes
			path = filepath.Join(h.store.RunDir(id), name)
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
		inTheWay := block("e/c1/s1", "a1")
		block("e/c2/s1", "a1")
		if err := os.Mkdir(store.LockFile(h.store.RunDir("e/c3/s1")), 0o755); err != nil {
			t.Fatal(err)
		}
		h.launcher.job("e/c0/s1/a1").end(store.Exit{})
		time.Sleep(time.Minute)
		h.sees("e/c1/s1", store.Queued, "")
		h.sees("e/c3/s1", store.Failed, "take lock")
		if r := h.ask(e, Request{Verb: "hello"}); r.Waiting != 2 || !strings.Contains(r.Trouble, "file exists") {
			t.Errorf("reply is %+v, want 2 waiting and the trouble", r)
		}
		if r := h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c2/s1"}}); r.Stopped != 1 {
			t.Errorf("reply is %+v, want 1 stopped", r)
		}
		h.sees("e/c2/s1", store.Stopped, "")
		if err := os.Remove(inTheWay); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		h.sees("e/c1/s1", store.Running, "")
		h.sees("e/c2/s1", store.Stopped, "")
		if n := h.attempts("e/c1/s1"); n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
		if r := h.ask(e, Request{Verb: "hello"}); r.Trouble != "" {
			t.Errorf("trouble is still %q", r.Trouble)
		}
	})
}

// A run whose record is damaged is left out and named; the others go on.
func TestRunLeavesOutDamagedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 4)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 1})
		synctest.Wait()
		if err := os.WriteFile(filepath.Join(h.store.RunDir("e/c0/s1"), "run.json"), []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
		r := h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 3, 1)})
		if r.Queued != 2 || !strings.Contains(r.Warning, "e/c0/s1") || !strings.Contains(r.Warning, "move its folder away") {
			t.Errorf("reply is %+v, want 2 queued and a warning that names the third", r)
		}
		synctest.Wait() // the launches
	})
}

// A run whose folder was deleted while it was going and that is asked for again
// begins anew once the old trainer has ended, and not beside it.
func TestFolderMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 2)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		old := h.launcher.job("e/c0/s1/a1")
		if err := os.RemoveAll(h.store.RunDir("e/c0/s1")); err != nil {
			t.Fatal(err)
		}
		h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 1, 1)})
		time.Sleep(time.Second)
		h.sees("e/c0/s1", store.Queued, "")
		if len(h.launcher.order) != 1 || len(old.signals) > 0 {
			t.Errorf("launches %v, signals %v; want one and none", h.launcher.order, old.signals)
		}
		old.once.Do(old.vanish)
		synctest.Wait()
		h.sees("e/c0/s1", store.Running, "")
	})
}

// What a trainer left behind holds the lock: the end of its attempt stands, and
// a new attempt fails with the reason.
func TestLeftoversBlockOnlyANewAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 3})
		synctest.Wait()
		daemon, err := store.Lock(store.LockFile(h.store.RunDir("e/c0/s1")), 0)
		if err != nil {
			t.Fatal(err)
		}
		h.sees("e/c0/s1", store.Failed, "exit code 3")
		h.ask(e, Request{Verb: "retry", Key: "2", Runs: []string{"e/c0/s1"}})
		time.Sleep(time.Minute)
		h.sees("e/c0/s1", store.Failed, "left behind")
		daemon.Close()
		h.ask(e, Request{Verb: "retry", Key: "3", Runs: []string{"e/c0/s1"}})
		synctest.Wait()
		h.sees("e/c0/s1", store.Running, "")
		if n := h.attempts("e/c0/s1"); n != 3 {
			t.Errorf("%d attempts, want 3", n)
		}
	})
}

func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		h.launcher.lives = 90 * time.Minute
		e, _ := h.engine()
		began := time.Now()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		time.Sleep(5 * time.Minute)
		h.ask(e, Request{Verb: "hello"})
		<-e.gone
		if got, want := time.Since(began), 3*time.Hour+time.Hour; got != want {
			t.Errorf("the engine left after %v, want %v: two runs and an hour of nothing", got, want)
		}
		if r := e.put(Request{Verb: "hello"}); !r.Leaving || r.Error == "" {
			t.Errorf("an engine that has left replies %+v, want leaving and an error", r)
		}
	})
}

func TestBadRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		tests := []struct {
			name    string
			request Request
			want    string
		}{
			{"unknown verb", Request{Verb: "dance"}, `answer request: unknown verb "dance"`},
			{"no verb", Request{}, `answer request: unknown verb ""`},
			{"no plan", Request{Verb: "run"}, "run experiment: the request has no plan"},
		}
		for _, tt := range tests {
			if got := e.put(tt.request).Error; got != tt.want {
				t.Errorf("%s: error is %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}
