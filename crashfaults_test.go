//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/experiments/store"
)

// After a power cut damaged a record of every kind, the engine starts, says what
// cannot be read, and runs what can.
func TestPowerCutThenRun(t *testing.T) {
	t.Parallel()
	s := newSite(t, `
[experiment.old]
recipe = "command"
seeds = 4
axes = { width = [1] }
argv = ["true", "{width}{seed}"]
`, uint32(os.Getuid()))
	s.does(0, "4/4", "run", "old", "--wait")
	s.does(0, "no engine serves", "engine", "stop")
	zeros := strings.Repeat("\x00", 100)
	for pattern, text := range map[string]string{
		"old/*/s1/run.json":        zeros,
		"old/*/s2/a1/exit.json":    zeros,
		"old/*/s3/asked.jsonl":     `{"time":17` + zeros,
		"old/*/s3/a1/start.json":   "",
		"old/*/s4/a1/events.jsonl": zeros,
		"old/plan.json":            `{"experiment":"ol`,
		"engine/engine.json":       zeros,
		"engine/journal.jsonl":     `{"time":17` + zeros,
	} {
		files, err := filepath.Glob(filepath.Join(s.dir, "runs", pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s is %q, %v", pattern, files, err)
		}
		s.write(strings.TrimPrefix(files[0], s.dir), text)
	}
	code, out := s.ablate("ls", "old")
	for _, words := range []string{"s1/run.json", "a1/exit.json", "done"} {
		if !strings.Contains(out, words) {
			t.Errorf("ls (exit code %d) does not say %q:\n%s", code, words, out)
		}
	}
	s.does(0, "move its folder away", "run", "old", "--detach", "--seeds", "5")
	for run, attempt := range map[string]int{"/s2": 2, "/s3": 1, "/s4": 1, "/s5": 1} {
		s.eventually(fmt.Sprintf("old%s is done in attempt %d", run, attempt), func() bool {
			r := s.seed("old", run)
			return r.Status == store.Done && r.Attempt == attempt
		})
	}
	if text := s.read("runs/engine/journal.jsonl"); !strings.Contains(text, zeros+"\n{") || !strings.HasSuffix(text, "}\n") {
		t.Errorf("the journal goes on as %q", text)
	}
}

// seed looks at the run of an experiment of one cell that has this seed.
func (s *site) seed(experiment, seed string) store.Record {
	s.Helper()
	cells, err := filepath.Glob(filepath.Join(s.store.Dir, experiment, "*", "s1"))
	if err != nil || len(cells) != 1 {
		s.Fatalf("cells of %s: %q, %v", experiment, cells, err)
	}
	r, err := s.store.Look(experiment + "/" + filepath.Base(filepath.Dir(cells[0])) + seed)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}
	return r
}

// A store whose locks are leases: runs end, a run whose runner was killed is not
// taken from its trainer, and the next engine comes when the lease of a killed one
// has expired.
func TestLeases(t *testing.T) {
	t.Parallel()
	s := newSite(t, `
[experiment.mine]
recipe = "command"
seeds = 2
axes = { width = [1] }
argv = ["sh", "-c", "echo go > {run_dir}/begun; while [ -d {run_dir} ] && [ ! -e go{seed} ]; do sleep 0.05; done; echo '{{\"metrics\":{{\"m\":{width}}}' > {run_dir}/result.json"]
`, uint32(os.Getuid()))
	s.locks = "lease"
	s.does(0, "2 queued", "run", "mine", "--detach")
	for _, seed := range []string{"s1", "s2"} {
		s.eventually("a trainer begins", func() bool {
			files, _ := filepath.Glob(filepath.Join(s.dir, "runs/mine/*", seed, "a1/begun"))
			return len(files) == 1
		})
	}
	if text := s.read("runs/mine/*/s1/lock"); !strings.Contains(text, "start_ticks") {
		t.Errorf("the lock says %q, want who has it", text)
	}
	s.does(1, "it is locked", "engine")
	silent := func(pattern string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(s.dir, "runs", pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s is %q, %v", pattern, files, err)
		}
		old := time.Now().Add(-2 * time.Minute)
		if err := os.Chtimes(files[0], old, old); err != nil {
			t.Fatal(err)
		}
	}
	kill := func(role, part string) {
		t.Helper()
		if signalProcesses(part, role, syscall.SIGKILL) != 1 {
			t.Fatalf("there is not one %s of %s", role, part)
		}
	}
	// The first run's runner dies: the run lives on, and no other begins.
	first := filepath.Dir(s.glob("runs/mine/*/s1/run.json"))
	kill("runner", first)
	silent("mine/*/s1/lock")
	s.does(0, "2 needed nothing", "retry", "mine")
	s.does(0, "running", "ls", "mine")
	// The engine dies: the next one cannot serve yet, and then takes both up.
	kill("engine", s.dir)
	silent("engine/lock")
	s.write("go1", "")
	s.eventually("the trainer ends", func() bool {
		_, err := os.Stat(filepath.Join(first, "a1", "result.json"))
		return err == nil
	})
	s.eventually("the run that outlived its runner is done", func() bool {
		silent("mine/*/s1/lock")
		code, _ := s.ablate("retry", "mine")
		_, err := os.Stat(filepath.Join(first, "a1", "exit.json"))
		return code == 0 && err == nil
	})
	s.write("go2", "")
	s.eventually("both are done", func() bool {
		_, out := s.ablate("ls", "mine")
		return strings.Count(out, "done") == 2
	})
	if attempts, _ := filepath.Glob(filepath.Join(s.dir, "runs/mine/*/s*/a[0-9]*")); len(attempts) != 2 {
		t.Errorf("attempts are %q, want one each", attempts)
	}
	s.does(0, "no engine serves", "engine", "stop")
}
