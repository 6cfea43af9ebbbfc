package launch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

const runID = "e/c0/s1"

// site is a store with one run, whose trainer is a shell script that has the
// folder of its attempt as $1 and may "await FILE".
type site struct {
	*testing.T
	launcher engine.Launcher
	store    *store.Store
	run      string // its folder
	dir      string // of its first attempt
}

const prelude = `await() { until [ -e "$1" ]; do sleep 0.02; done; }
`

func newSite(t *testing.T, l engine.Launcher, argv ...string) site {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	run := s.RunDir(runID)
	st := site{T: t, launcher: l, store: s, run: run, dir: store.AttemptDir(run, 1)}
	if err := os.MkdirAll(st.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if len(argv) == 1 {
		script := strings.ReplaceAll(prelude+argv[0], "{", "{{")
		argv = []string{"sh", "-c", script, "sh", "{run_dir}"}
	}
	st.write(filepath.Join(run, "run.json"), experiments.Run{ID: runID, Experiment: "e", Cell: "c0", Seed: 1, Recipe: experiments.Command, Argv: argv})
	st.ask("run")
	t.Cleanup(func() {
		if start, err := st.start(); err == nil && start.Trainer.Alive() {
			_ = syscall.Kill(-start.Group, syscall.SIGKILL)
		}
	})
	return st
}

func (s site) write(path string, v any) {
	s.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// ask appends to asked.jsonl, as the engine does before it does anything.
func (s site) ask(verb string) {
	s.Helper()
	l, err := store.AppendTo(filepath.Join(s.run, "asked.jsonl"))
	if err != nil {
		s.Fatal(err)
	}
	defer l.Close()
	if err := l.Append(store.Asked{Verb: verb, Attempt: 1}); err != nil {
		s.Fatal(err)
	}
}

// spec is that of an attempt's folder, with a number of workers that is nobody's
// default.
func spec(dir string) engine.Spec { return engine.Spec{Dir: dir, Workers: 3} }

func (s site) launch() engine.Job {
	s.Helper()
	job, err := s.launcher.Launch(s.Context(), spec(s.dir))
	if err != nil {
		s.Fatal(err)
	}
	return job
}

func (s site) wait(job engine.Job) {
	s.Helper()
	ended := make(chan error, 1)
	go func() { ended <- job.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			s.Fatal(err)
		}
	case <-time.After(15 * time.Second):
		s.Fatal("the run does not end")
	}
}

func (s site) signal(job engine.Job, sig syscall.Signal) {
	s.Helper()
	if err := job.Signal(sig); err != nil {
		s.Fatal(err)
	}
}

func (s site) start() (start store.Start, err error) {
	return start, store.ReadJSON(filepath.Join(s.dir, "start.json"), &start)
}

// begun is start.json of a trainer that has come so far as to say so.
func (s site) begun() store.Start {
	s.Helper()
	s.awaits("begun")
	s.awaits("start.json")
	start, err := s.start()
	if err != nil {
		s.Fatal(err)
	}
	return start
}

// awaits waits for a file in the attempt's folder.
func (s site) awaits(name string) {
	s.Helper()
	s.eventually("no file "+name, func() bool {
		_, err := os.Stat(filepath.Join(s.dir, name))
		return err == nil
	})
}

// touch makes a file in the attempt's folder that the trainer awaits.
func (s site) touch(name string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o644); err != nil {
		s.Fatal(err)
	}
}

func (s site) exit() (e store.Exit) {
	s.Helper()
	if err := store.ReadJSON(filepath.Join(s.dir, "exit.json"), &e); err != nil {
		s.Fatal(err)
	}
	return e
}

func (s site) sees(want store.Status, reason string) store.Record {
	s.Helper()
	r, err := s.store.Look(runID)
	if err != nil {
		s.Fatal(err)
	}
	if r.Status != want || !strings.Contains(r.Reason, reason) {
		s.Errorf("the run is %s (%s), want %s (%s)", r.Status, r.Reason, want, reason)
	}
	return r
}

func (s site) file(name string) string {
	s.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// events are the runner's, as "kind text", but for its beats.
func (s site) events() []string {
	s.Helper()
	events, err := store.ReadEvents(store.Record{Dir: s.run, Attempt: 1})
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if e.Kind != "beat" {
			out = append(out, strings.TrimSpace(e.Kind+" "+e.Text))
		}
	}
	return out
}

func (s site) eventually(otherwise string, holds func() bool) {
	s.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(15 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			s.Fatal(otherwise)
		}
	}
}

// killRunner kills the runner and only it.
func (s site) killRunner() {
	s.Helper()
	start, err := s.start()
	if err != nil {
		s.Fatal(err)
	}
	if err := syscall.Kill(start.Runner.PID, syscall.SIGKILL); err != nil {
		s.Fatal(err)
	}
	s.eventually(fmt.Sprintf("runner %d does not die", start.Runner.PID), func() bool { return !start.Runner.Alive() })
}
