package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// waitFile is an experiment of commands that say what they were given and wait for
// a file named go.
const waitFile = `schema = 1
project = "test"
[experiment.e]
recipe = "command"
argv = ["sh", "train.sh", "{run_dir}", "{n}", "{v}"]
axes = { n = [1, 2, 3, 4] }
seeds = 1
[experiment.e.params]
v = 1
`

const waitScript = `echo "$2 $3" > "$1/given"
until [ -e go ]; do sleep 0.02; done
`

func newWaiting(t *testing.T) home {
	t.Helper()
	h := newHome(t, waitFile)
	h.env = append(h.env, "GOMAXPROCS=2") // and so many slots
	h.put("train.sh", waitScript)
	return h
}

// put writes a file into the home.
func (h home) put(name, text string) {
	h.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o644); err != nil {
		h.Fatal(err)
	}
}

// count is how many runs of an experiment have each status.
func (h home) count(experiment string) map[store.Status]int {
	h.Helper()
	n := map[store.Status]int{}
	for _, r := range h.records(experiment) {
		n[r.Status]++
	}
	return n
}

func (h home) becomes(experiment string, want map[store.Status]int) {
	h.Helper()
	h.eventually(fmt.Sprintf("%s has %v", experiment, want), func() bool { return cmp.Equal(want, h.count(experiment)) })
}

// given is how many trainers of runs were given what.
func (h home) given(records []store.Record) map[string]int {
	h.Helper()
	all := map[string]int{}
	for _, r := range records {
		b, err := os.ReadFile(filepath.Join(store.AttemptDir(r.Dir, r.Attempt), "given"))
		if err != nil {
			h.Error(err)
		}
		all[strings.TrimSpace(string(b))]++
	}
	return all
}

// The file of an experiment changes while its runs live and wait: they go on as
// they were asked for, what the new file asks for comes beside them, and what is
// done stays done.
func TestFileChangesUnderASweep(t *testing.T) {
	t.Parallel()
	h := newWaiting(t)
	h.ablate("run", "e", "--detach")
	h.becomes("e", map[store.Status]int{store.Running: 2, store.Queued: 2})
	h.write("no TOML at all")
	if _, _, err := h.try("run", "e", "--detach"); err == nil {
		t.Error("a file that cannot be read was run")
	}
	h.write(strings.Replace(waitFile, "3, 4]", "3, 4, 5]", 1)) // a value more
	if _, said := h.ablate("run", "e", "--detach"); !strings.Contains(said, "1 queued, 4 going, 0 ") {
		t.Errorf("with a value more: %s, want 1 queued and 4 going", said)
	}
	h.write(strings.Replace(waitFile, "v = 1", "v = 2", 1)) // other runs
	if _, said := h.ablate("run", "e", "--detach"); !strings.Contains(said, "4 queued, 0 going, 0 ") {
		t.Errorf("with another parameter: %s, want 4 queued", said)
	}
	h.put("go", "")
	records := h.settles("e")
	if diff := cmp.Diff(map[store.Status]int{store.Done: 9}, h.count("e")); diff != "" {
		t.Errorf("runs by status (-want +got):\n%s", diff)
	}
	want := map[string]int{"1 1": 1, "2 1": 1, "3 1": 1, "4 1": 1, "5 1": 1, "1 2": 1, "2 2": 1, "3 2": 1, "4 2": 1}
	if diff := cmp.Diff(want, h.given(records)); diff != "" {
		t.Errorf("what trainers were given (-want +got):\n%s", diff)
	}
	if _, said := h.ablate("run", "e", "--detach"); !strings.Contains(said, "0 queued, 0 going, 4 ") {
		t.Errorf("again: %s, want 4 done already", said)
	}
	h.write(waitFile)
	if _, said := h.ablate("run", "e", "--detach"); !strings.Contains(said, "0 queued, 0 going, 4 ") {
		t.Errorf("with the first file again: %s, want 4 done already", said)
	}
	if out, _ := h.ablate("ls", "e"); strings.Count(out, "done") != 9 {
		t.Errorf("ls shows\n%s\nwant the 9 runs of all designs", out)
	}
}

// A run's folder is moved or deleted while its trainer lives. Nobody can write
// down any more what becomes of it, and what is made in its place must not find
// its trainer at work: the runner ends it. The engine, those who look and the
// other runs go on, and the run can be asked for again.
func TestRunFolderTakenAway(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(dir string) error{
		"deleted": os.RemoveAll,
		"moved":   func(dir string) error { return os.Rename(dir, filepath.Join(filepath.Dir(dir), "elsewhere")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newWaiting(t)
			h.ablate("run", "e", "--detach")
			h.becomes("e", map[store.Status]int{store.Running: 2, store.Queued: 2})
			taken := h.records("e")[0]
			var start store.Start
			h.eventually("the trainer begins", func() bool {
				return store.ReadJSON(filepath.Join(taken.Dir, "a1", "start.json"), &start) == nil
			})
			said, err := os.Create(filepath.Join(h.dir, "said"))
			if err != nil {
				t.Fatal(err)
			}
			defer said.Close()
			watch := h.command("run", "e", "--wait")
			watch.Stderr = said
			if err := watch.Start(); err != nil {
				t.Fatal(err)
			}
			h.eventually("who waits was answered", func() bool {
				b, err := os.ReadFile(said.Name())
				return err == nil && strings.Contains(string(b), "going")
			})
			// Its runner may put another file there while the rest is being deleted.
			h.eventually("the folder is gone", func() bool { return take(taken.Dir) == nil })
			if out, _ := h.ablate("ls", "e"); strings.Contains(out, "n=1") {
				t.Errorf("ls shows the run that is gone:\n%s", out)
			}
			h.ablate("run", "e", "--detach") // at once: it begins when the old trainer is gone
			h.eventually("the trainer of the run that is gone ends", func() bool { return !start.Trainer.Alive() })
			h.becomes("e", map[store.Status]int{store.Running: 2, store.Queued: 2})
			h.put("go", "")
			h.becomes("e", map[store.Status]int{store.Done: 4})
			if again, err := h.store.Look(taken.ID); err != nil || again.Attempt != 1 {
				t.Errorf("the run that was asked for again has %d attempts, %v; want 1\n%s", again.Attempt, err, h.state())
			}
			if err := watch.Wait(); err != nil {
				b, _ := os.ReadFile(said.Name()) // as far as it is there
				t.Errorf("who waited ended with %v: %s", err, b)
			}
		})
	}
}

// The machine was rebooted while a run lived, and what has its trainer's number
// now is another process: the run is lost, whoever looks, until it is asked for
// again, and that process lives on.
func TestRunOfAnotherBoot(t *testing.T) {
	t.Parallel()
	h := newWaiting(t)
	h.put("go", "")
	h.ablate("run", "e", "--wait")
	h.ablate("engine", "stop")
	other := exec.Command("sleep", "1000")
	other.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Wait() }() // it is killed
	defer func() { _ = other.Process.Kill() }()
	p, ok := store.ProcessOf(other.Process.Pid)
	if !ok {
		t.Fatal("the other process is not there")
	}
	p.Boot = "of another boot"
	r := h.records("e")[0]
	start := store.Start{Runner: p, Trainer: p, Group: p.PID, Time: store.Now() - 3600}
	if err := store.WriteJSON(filepath.Join(r.Dir, "a1", "start.json"), start); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(r.Dir, "a1", "exit.json")); err != nil {
		t.Fatal(err)
	}
	if out, _ := h.ablate("ls", "e"); strings.Count(out, "lost") != 1 || strings.Count(out, "done") != 3 {
		t.Errorf("ls shows\n%s\nwant one lost and three done", out)
	}
	h.ablate("retry", r.ID) // an engine may have done so by itself before it answers
	h.becomes("e", map[store.Status]int{store.Done: 4})
	again, err := h.store.Look(r.ID)
	if err != nil || again.Attempt != 2 {
		t.Errorf("the lost run has %d attempts, %v; want 2", again.Attempt, err)
	}
	h.ablate("stop", "e")
	if now, ok := store.ProcessOf(other.Process.Pid); !ok || now.Ticks != p.Ticks {
		t.Error("the other process was ended")
	}
}

// The clock is set back while a run lives: what was written before is of a later
// time than what comes after. No time that it took is negative or of that clock,
// and it is neither lost nor stalled for it.
func TestClockJumpsBack(t *testing.T) {
	t.Parallel()
	for _, recorder := range []string{"runner", "engine"} {
		t.Run("recorded by the "+recorder, func(t *testing.T) {
			t.Parallel()
			h := newWaiting(t)
			h.write(strings.Replace(waitFile, "2, 3, 4]", "2]", 1))
			h.put("train.sh", `point() { echo "{\"step\":$1,\"time\":$2,\"m\":{\"train/loss\":$1}}" >> "$out/metrics.jsonl"; }
out=$1
point 1 4000000000; point 2 1700000000; point 3 1600000000
until [ -e go ]; do sleep 0.02; done
point 4 1500000000
echo '{"metrics":{"train/loss":4},"time":1500000000}' > "$out/result.json"
`)
			h.ablate("run", "e", "--detach")
			h.becomes("e", map[store.Status]int{store.Running: 2})
			id := h.records("e")[0].ID
			at := filepath.Join(h.store.RunDir(id), "a1", "start.json")
			var start store.Start
			h.eventually("the trainer begins", func() bool { return store.ReadJSON(at, &start) == nil })
			start.Time += 3600
			if err := store.WriteJSON(at, start); err != nil {
				t.Fatal(err)
			}
			if r, err := h.store.Look(id); err != nil || r.Status != store.Running || r.Seconds < 0 {
				t.Errorf("the run is %s for %v s, %v; want running and no time below 0", r.Status, r.Seconds, err)
			}
			if recorder == "engine" {
				if err := syscall.Kill(start.Runner.PID, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				h.eventually("the runner dies", func() bool { return !start.Runner.Alive() })
			}
			h.put("go", "")
			h.becomes("e", map[store.Status]int{store.Done: 2})
			r, err := h.store.Look(id)
			if err != nil || r.Seconds < 0 || r.Seconds > 600 || r.Metrics["train/loss"] != 4 {
				t.Errorf("the run took %v s and ended with %v, %v; want some seconds and a loss of 4", r.Seconds, r.Metrics, err)
			}
			for _, args := range [][]string{{"ls", "e"}, {"ls", "--json"}, {"show", id}, {"run", "e", "--wait"}} {
				h.ablate(args...)
			}
		})
	}
}
