package launch_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/experiments/store"
)

// asks appends a whole line to asked.jsonl.
func (s site) asks(a store.Asked) {
	s.Helper()
	l, err := store.AppendTo(filepath.Join(s.run, "asked.jsonl"))
	if err != nil {
		s.Fatal(err)
	}
	defer l.Close()
	if err := l.Append(a); err != nil {
		s.Fatal(err)
	}
}

// A run that is paused ends as that, or stands still until it is let go on.
func TestPause(t *testing.T) {
	t.Parallel()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := launch.Local{Program: program.Path}
	const begin = `touch "$1/begun"; await "$1/go"`
	t.Run("with a checkpoint", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, l, begin)
		job := s.launch()
		s.begun()
		s.ask("pause")
		s.signal(job, syscall.SIGTERM)
		s.wait(job)
		if e := s.exit(); e.Reason != "paused" {
			t.Errorf("exit.json is %+v, want that it was paused", e)
		}
		s.sees(store.Paused, "paused by the user")
	})
	t.Run("before it began", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, l, begin)
		s.ask("run")
		s.ask("pause")
		if _, err := s.launcher.Launch(t.Context(), spec(s.dir)); err == nil || !strings.Contains(err.Error(), "the run was paused before") {
			t.Errorf("launch: %v, want that it was paused before", err)
		}
		s.sees(store.Paused, "paused by the user")
	})
	t.Run("halted", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, l, begin)
		s.asks(store.Asked{Verb: "run", Attempt: 1})
		s.asks(store.Asked{Verb: "pause", Halted: true}) // before it began: it begins all the same
		job := s.launch()
		start := s.begun()
		s.signal(job, syscall.SIGSTOP)
		s.eventually("the trainer is not halted", func() bool {
			out, err := exec.Command("ps", "-o", "state=", "-p", fmt.Sprint(start.Trainer.PID)).Output()
			// D: it waits for a child that stands still between its vfork and exec.
			return err == nil && strings.ContainsAny(string(out), "TD")
		})
		s.sees(store.Paused, "halted")
		s.asks(store.Asked{Verb: "resume", By: store.ByEngine, Attempt: 1})
		s.signal(job, syscall.SIGCONT)
		s.touch("go")
		s.wait(job)
		s.sees(store.Done, "")
	})
}
