package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/engine/runner"
	"ablate/experiments"
	"ablate/experiments/store"
)

// mark is in the environment of every process that the tests start.
const mark = "ABLATE_ENGINE_TEST"

// grace is that of the runners here: longer than a trainer needs that heeds TERM.
const grace = 3 * time.Second

// TestMain is also the program under test: its copy is started as the engine and
// as the runner.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "engine":
			leave(serve(os.Args[3]))
		case "runner":
			workers, err := strconv.Atoi(os.Args[4]) // runner DIR --workers N
			if err == nil {
				err = runner.Main(os.Args[2:3], runner.Runner{Launcher: "local", Grace: grace, Workers: workers})
			}
			leave(err)
		case "ask":
			leave(askAs(os.Args[2], os.Args[3])) // ask STORE REQUEST
		case "look":
			leave(lookAs(os.Args[2])) // look STORE
		}
	}
	os.Exit(tests(m))
}

func leave(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(dir string) error {
	signal.Ignore(syscall.SIGHUP)
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	program, err := engine.Install(filepath.Join(s.EngineDir(), "bin"))
	if err != nil {
		return err
	}
	return engine.Serve(context.Background(), s, launch.Local{Program: program.Path}, program.Build, verdict)
}

// verdict is what the engine under test has to say of every experiment.
func verdict(experiment string) string { return "the runs of " + experiment + " agree" }

// tests runs them with folders of their own and sees to it that no process stays.
func tests(m *testing.M) int {
	root, err := os.MkdirTemp("", "ablate-engine-test-*")
	if err != nil {
		leave(err)
	}
	defer os.RemoveAll(root)
	for name, value := range map[string]string{
		mark: root, "XDG_CACHE_HOME": filepath.Join(root, "cache"), "XDG_RUNTIME_DIR": root,
	} {
		if err := os.Setenv(name, value); err != nil {
			leave(err)
		}
	}
	code := m.Run()
	left := marked(root)
	for tick, n := time.NewTicker(20*time.Millisecond), 0; len(left) > 0 && n < 250; n++ {
		<-tick.C
		left = marked(root)
	}
	if len(left) == 0 {
		return code
	}
	for _, pid := range left {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may end meanwhile
		fmt.Printf("left over: process %d: %q\n", pid, b)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return 1
}

// marked finds the processes that the tests started, where there is a /proc.
func marked(root string) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		b, err := os.ReadFile(file)
		if err == nil && pid != os.Getpid() && bytes.Contains(b, []byte(mark+"="+root)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// lab is a store with a client, and with whatever engine serves it.
type lab struct {
	*testing.T
	store  *store.Store
	client *engine.Client
}

func newLab(t *testing.T) lab {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	l := lab{t, s, engine.NewClient(s)}
	t.Cleanup(func() {
		ids, _ := s.RunIDs("e")
		for _, id := range ids {
			l.kill(id)
		}
		if err := l.client.Quit(context.Background()); err != nil && !errors.Is(err, engine.ErrUnreachable) {
			t.Error(err)
		}
	})
	return l
}

// kill ends what lives of a run.
func (l lab) kill(id string) {
	var start store.Start
	if store.ReadJSON(filepath.Join(l.store.RunDir(id), "a1", "start.json"), &start) == nil && start.Trainer.Alive() {
		_ = syscall.Kill(-start.Group, syscall.SIGKILL)
	}
}

// plan is an experiment of commands, one a cell: shell scripts whose $1 is the
// folder of the attempt.
func plan(scripts ...string) *experiments.Plan {
	p := &experiments.Plan{Experiment: "e", Recipe: experiments.Command, Hash: "0123456789ab", Seeds: []int64{1},
		Argv: []string{"sh", "-c", "{script}", "sh", "{run_dir}"}}
	for i, script := range scripts {
		p.Cells = append(p.Cells, experiments.Cell{Name: fmt.Sprintf("c%d", i), Params: experiments.Params{"script": script}})
	}
	return p
}

func (l lab) do(r engine.Request) engine.Reply {
	l.Helper()
	reply, err := l.client.Do(l.Context(), r)
	if err != nil {
		l.Fatal(err)
	}
	return reply
}

// sees waits until a run has a status, and its reason contains a text.
func (l lab) sees(id string, want store.Status, reason string) store.Record {
	l.Helper()
	var r store.Record
	var err error
	eventually(l.T, func() bool {
		r, err = l.store.Look(id)
		return err == nil && r.Status == want
	}, func() string {
		return fmt.Sprintf("run %s is %s (%s), err %v; want %s", id, r.Status, r.Reason, err, want)
	})
	if !strings.Contains(r.Reason, reason) {
		l.Errorf("run %s is %s with reason %q, want %q", id, r.Status, r.Reason, reason)
	}
	return r
}

// begins waits until a run's trainer lives.
func (l lab) begins(id string) {
	l.Helper()
	eventually(l.T, func() bool {
		r, err := l.store.Look(id)
		return err == nil && r.Status == store.Running && r.Started > 0
	}, func() string { return "run " + id + " does not begin" })
}

func eventually(t *testing.T, holds func() bool, otherwise func() string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(15 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(otherwise())
		}
	}
}
