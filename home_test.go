package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/experiments/store"
)

// home is a folder with an experiment file and a store, and what it takes to run
// the command line there as a user does.
type home struct {
	testing.TB
	dir     string
	program string
	env     []string
	store   *store.Store
}

// patience is how long a test waits for what must come.
const patience = time.Minute

func newHome(t testing.TB, file string) home {
	t.Helper()
	dir := t.TempDir()
	h := home{TB: t, dir: dir, program: "ablate"}
	for _, sub := range []string{"r", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	h.env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
		"XDG_RUNTIME_DIR="+filepath.Join(dir, "r"), "TMPDIR="+filepath.Join(dir, "tmp"))
	h.write(file)
	var err error
	if h.store, err = store.Open(filepath.Join(dir, "runs")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.end)
	return h
}

// end leaves no process behind. Who waits for runs starts another engine, and an
// engine runners, so it looks until there is none of them.
func (h home) end() {
	for range 100 {
		left := signalProcesses(h.dir, "", syscall.SIGKILL)
		for _, path := range startFiles(h.store.Dir) { // of commands that do not name their folder
			var start store.Start
			if store.ReadJSON(path, &start) == nil && start.Trainer.Alive() && syscall.Kill(-start.Group, syscall.SIGKILL) == nil {
				left++
			}
		}
		if left == 0 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	h.Error("processes of the test stay")
}

// startFiles are those of the runs that began.
func startFiles(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*", "s*", "a1", "start.json")) // only a bad pattern is an error
	return files
}

// write puts the experiment file down.
func (h home) write(file string) {
	h.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "experiments.toml"), []byte(file), 0o644); err != nil {
		h.Fatal(err)
	}
}

// command is `ablate ...` in the home, not yet started. Its arguments name the
// store, so that it is found among processes like those it starts.
func (h home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.program, append(args, "--store", h.store.Dir)...)
	cmd.Dir, cmd.Env = h.dir, h.env
	return cmd
}

// ablate runs a command to its end, which must be good, and returns what it says.
func (h home) ablate(args ...string) (stdout, stderr string) {
	h.Helper()
	stdout, stderr, err := h.try(args...)
	if err != nil {
		h.Fatalf("ablate %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout, stderr
}

func (h home) try(args ...string) (stdout, stderr string, err error) {
	var out, complaint bytes.Buffer
	cmd := h.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err = cmd.Run()
	return out.String(), complaint.String(), err
}

// records are those of an experiment, one that is not there yet has none.
func (h home) records(experiment string) []store.Record {
	h.Helper()
	records, err := h.store.Records(experiment)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		h.Fatal(err)
	}
	return records
}

// eventually waits until something holds.
func (h home) eventually(what string, holds func() bool) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			h.Fatalf("it never came that %s\n%s", what, h.state())
		case <-tick.C:
		}
	}
}

// state is what a failure needs to be understood.
func (h home) state() string {
	var text strings.Builder
	experiments, _ := h.store.Experiments()
	for _, e := range experiments {
		for _, r := range h.records(e) {
			fmt.Fprintf(&text, "%s a%d %s %s\n", r.ID, r.Attempt, r.Status, r.Reason)
		}
	}
	log, _ := store.LastLines(filepath.Join(h.store.EngineDir(), "engine.log"), 40)
	for _, role := range []string{"engine", "runner", "train", "run"} {
		fmt.Fprintf(&text, "%s: processes %v\n", role, processes(h.dir, role))
	}
	return text.String() + strings.Join(log, "\n")
}

// settles waits until no run of an experiment is live, and returns them.
func (h home) settles(experiment string) (records []store.Record) {
	h.Helper()
	h.eventually("all runs of "+experiment+" ended", func() bool {
		records = h.records(experiment)
		for _, r := range records {
			if r.Status.Live() {
				return false
			}
		}
		return true
	})
	return records
}
