package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// pins are the GPUs that were asked for a run, wish by wish.
func (h *house) pins(id string) (pins []string) {
	h.t.Helper()
	asked, err := store.ReadAsked(h.store.RunDir(id))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range asked {
		if a.Wish() {
			pins = append(pins, a.Verb+" "+a.By+" "+a.GPUs)
		}
	}
	return pins
}

// The GPUs that somebody asked for stay a run's through retries by the engine and
// through a pause, until somebody asks for it without.
func TestPinsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", By: "ada", Plan: commands(plan("e", 1, 1), experiments.PauseCheckpoint), GPUs: "0-1"})
		synctest.Wait()
		h.ask(e, Request{Verb: "run", Key: "1b", Plan: commands(plan("f", 1, 1), experiments.PauseCheckpoint), GPUs: "2"})
		if s := h.ask(e, Request{Verb: "status"}).State; s.Runs[0].Pinned != "0-1" || s.Queue[0].Pinned != "2" {
			t.Errorf("status is %+v, want what they were asked for with", s)
		}
		h.ask(e, Request{Verb: "stop", Key: "1c", Runs: []string{"f/c0/s1"}})
		h.lose("e/c0/s1/a1")
		time.Sleep(11 * time.Second)
		h.ask(e, Request{Verb: "pause", Key: "2", By: "ada", Runs: []string{"e/c0/s1"}})
		synctest.Wait()
		h.ask(e, Request{Verb: "resume", Key: "3", By: "ada", Runs: []string{"e/c0/s1"}})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a3").end(store.Exit{Code: 1})
		synctest.Wait()
		h.ask(e, Request{Verb: "retry", Key: "4", By: "ada", Runs: []string{"e/c0/s1"}, GPUs: "GPU-1a"})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a4").end(store.Exit{Code: 1})
		synctest.Wait()
		h.ask(e, Request{Verb: "retry", Key: "5", By: "ada", Runs: []string{"e/c0/s1"}})
		want := []string{"run ada 0-1", "retry engine 0-1", "resume ada 0-1", "retry ada GPU-1a", "retry ada "}
		if diff := cmp.Diff(want, h.pins("e/c0/s1")); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		journal, err := os.ReadFile(filepath.Join(h.store.EngineDir(), "journal.jsonl"))
		if err != nil || strings.Count(string(journal), `"gpus":"0-1"`) != 1 || strings.Count(string(journal), `"gpus":"GPU-1a"`) != 1 {
			t.Errorf("the journal does not say it: %s, %v", journal, err)
		}
	})
}

// What cannot be is refused before anything is written down.
func TestPinsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, _ := h.engine()
		held := func(n int, off ...string) *experiments.Plan {
			p := commands(plan("e", 1, 1), "")
			p.GPUs, p.Placement = n, &experiments.Placement{KeepOff: off}
			return p
		}
		for _, tt := range []struct {
			name string
			r    Request
			want string
		}{
			{"no list", Request{Verb: "run", Plan: held(1), GPUs: "3-1"}, "3-1 runs backwards"},
			{"too few", Request{Verb: "run", Plan: held(3), GPUs: "0-1"}, "each run holds 3, and 0-1 are 2"},
			{"kept off", Request{Verb: "run", Plan: held(1, "1"), GPUs: "0-1"}, "GPU 1 is in keep_off"},
			{"a recipe of ours", Request{Verb: "run", Plan: plan("e", 1, 1), GPUs: "0"}, "recipe sft uses none"},
		} {
			if reply := e.put(tt.r); !strings.Contains(reply.Error, tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, reply.Error, tt.want)
			}
		}
		if _, err := os.Stat(h.store.PlanFile("e")); err == nil {
			t.Error("what was refused has written the plan")
		}
		h.ask(e, Request{Verb: "run", Key: "1", Plan: held(2)})
		synctest.Wait()
		h.launcher.job("e/c0/s1/a1").end(store.Exit{Code: 1})
		synctest.Wait()
		runs := []string{"e/c0/s1"}
		for _, tt := range []struct {
			r    Request
			want string
		}{
			{Request{Verb: "retry", Runs: runs, GPUs: "0"}, "each run holds 2, and 0 are 1"},
			{Request{Verb: "retry", Runs: runs, GPUs: "x"}, `"x" is no GPU`},
			{Request{Verb: "resume", Runs: runs, GPUs: "0-1"}, "`ablate retry --gpus LIST` begins anew on others"},
		} {
			if reply := e.put(tt.r); !strings.Contains(reply.Error, tt.want) {
				t.Errorf("%s %s: %q, want %q", tt.r.Verb, tt.r.GPUs, reply.Error, tt.want)
			}
		}
		if got := h.pins("e/c0/s1"); len(got) != 1 {
			t.Errorf("what was refused was written down: %q", got)
		}
		h.ask(e, Request{Verb: "retry", Key: "2", Runs: runs})
		reply := h.ask(e, Request{Verb: "retry", Key: "3", Runs: runs, GPUs: "0-1"})
		if !strings.Contains(reply.Warning, "1 runs go on or wait as they were asked for before, and not for the GPUs 0-1") {
			t.Errorf("warning %q", reply.Warning)
		}
	})
}

// Runs of one experiment that were asked for on GPUs that are in use do not hold up
// those that were asked for on others.
func TestPinsWaitApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		busy := fmt.Errorf("%w: GPU 0: ada's python 7 has 40 GB on it", ErrBusy)
		h.launcher.fails = map[string]error{"e/c0/s1": busy, "e/c1/s1": busy}
		e, _ := h.engine()
		p := untried(commands(plan("e", 4, 1), ""))
		h.ask(e, Request{Verb: "run", Key: "1", Plan: p, GPUs: "0"})
		h.ask(e, Request{Verb: "stop", Key: "2", Runs: []string{"e/c2/s1", "e/c3/s1"}})
		h.ask(e, Request{Verb: "retry", Key: "3", Runs: []string{"e/c2/s1", "e/c3/s1"}, GPUs: "1"})
		synctest.Wait()
		h.sees("e/c0/s1", store.Queued, "")
		h.sees("e/c2/s1", store.Running, "")
		before := h.launcher.launches()
		time.Sleep(time.Minute)
		if n := h.launcher.launches() - before; n != 0 {
			t.Errorf("%d launches beside the run that has the slot", n)
		}
		h.launcher.job("e/c2/s1/a1").end(store.Exit{})
		synctest.Wait()
		h.sees("e/c3/s1", store.Running, "")
		for _, w := range h.ask(e, Request{Verb: "status"}).State.Queue {
			if want := "GPU 0: ada's python 7 has 40 GB on it"; w.Lacks != want {
				t.Errorf("%s lacks %q, want %q", w.ID, w.Lacks, want)
			}
		}
	})
}
