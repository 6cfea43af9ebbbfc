// Package launch starts runners: on this machine here, and in time through SSH
// and Slurm, one file each, held to one conformance test.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ablate/engine"
	"ablate/experiments/store"
)

// Local launches runners on this machine, each in a session of its own.
type Local struct {
	Program string // the program's copy that stays

	// Lacks makes what Foresee returns of a run's folder; nil: nobody can tell.
	Lacks func(runDir string) func() error
}

// Launch starts `ablate runner DIR --workers N` and returns when the runner says
// that it holds the lock and its trainer lives, or why not.
func (l Local) Launch(ctx context.Context, s engine.Spec) (engine.Job, error) {
	ready, tell, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("launch runner: %w", err)
	}
	defer ready.Close()
	log, err := os.OpenFile(filepath.Join(s.Dir, "out.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		tell.Close()
		return nil, fmt.Errorf("launch runner: %w", err)
	}
	cmd := exec.Command(l.Program, "runner", s.Dir, "--workers", strconv.Itoa(s.Workers)) //nolint:noctx // it outlives its starter
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{tell}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	log.Close()
	tell.Close()
	if err != nil {
		return nil, fmt.Errorf("launch runner: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // only to reap it: how it ended stands in exit.json
		close(ended)
	}()
	stop := context.AfterFunc(ctx, func() { ready.Close() })
	defer stop()
	said, err := io.ReadAll(ready)
	switch {
	case err != nil:
		return nil, fmt.Errorf("launch runner: %w", errors.Join(err, ctx.Err()))
	case string(said) == "ok":
		return localJob{s.Dir, ended}, nil
	case len(said) == 0:
		return nil, errors.New("launch runner: it ended before its trainer began, see out.log")
	default:
		why := strings.TrimSpace(string(said))
		if rest, ok := strings.CutPrefix(why, engine.ErrBusy.Error()); ok {
			return nil, fmt.Errorf("%w%s", engine.ErrBusy, rest)
		}
		return nil, errors.New(why)
	}
}

// Attach returns the job of an attempt's folder, whoever launched it.
func (Local) Attach(dir string) engine.Job { return localJob{dir: dir} }

// Foresee tells what Lacks does.
func (l Local) Foresee(runDir string) func() error {
	if l.Lacks == nil {
		return nil
	}
	return l.Lacks(runDir)
}

type localJob struct {
	dir    string
	runner <-chan struct{} // closed when the runner has ended; nil: another engine started it
}

// look is how often a wait looks for exit.json while the lock is held.
const look = 100 * time.Millisecond

// Wait ends with the lock, or with exit.json where a process that the trainer
// left behind keeps the lock: a daemon must not keep a slot. The wait for such a
// lock goes on in the background, since it cannot be called off.
func (j localJob) Wait() error {
	unlocked := make(chan error, 1)
	go func() { unlocked <- store.AwaitUnlock(store.LockFile(filepath.Dir(j.dir))) }()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case err := <-unlocked:
			if j.runner != nil {
				<-j.runner // a folder that was moved has taken the lock along
			}
			return err
		case <-tick.C:
		}
		if _, err := os.Stat(filepath.Join(j.dir, "exit.json")); err == nil {
			return nil
		}
	}
}

// Signal reaches the runner or the trainer's whole process group, but never a
// later process that was given the same number.
func (j localJob) Signal(s syscall.Signal) error {
	var start store.Start
	err := store.ReadJSON(filepath.Join(j.dir, "start.json"), &start)
	if errors.Is(err, os.ErrNotExist) {
		return nil // its runner looks at what was asked as soon as it has begun
	}
	if err != nil {
		return fmt.Errorf("signal run: %w", err)
	}
	if !start.Trainer.Alive() {
		return j.signalLeft(start, s)
	}
	if s == syscall.SIGTERM && start.Runner.Alive() {
		return signal(start.Runner.PID, s)
	}
	err = signal(-start.Group, s)
	if err == nil && s == syscall.SIGKILL {
		err = j.verify()
	}
	return err
}

// signalLeft signals what a trainer left behind that is gone itself, where no
// runner is there any more to record how the trainer ended.
func (j localJob) signalLeft(start store.Start, s syscall.Signal) error {
	if start.Runner.Alive() || !j.lives() {
		return nil // it ended by itself
	}
	for _, pid := range start.Left() {
		if err := signal(pid, s); err != nil {
			return err
		}
	}
	if s == syscall.SIGKILL {
		return j.verify()
	}
	return nil
}

// lives reports whether something holds the run's lock and no exit.json is there.
func (j localJob) lives() bool {
	_, err := os.Stat(filepath.Join(j.dir, "exit.json"))
	return err != nil && store.Locked(store.LockFile(filepath.Dir(j.dir)))
}

// afterKill is how long what was killed may take to be gone.
const afterKill = 5 * time.Second

// verify asks the lock whether a KILL reached everything.
func (j localJob) verify() error {
	deadline := time.Now().Add(afterKill)
	for j.lives() {
		if time.Now().After(deadline) {
			return fmt.Errorf("signal run: after KILL processes %v still hold its lock: end them by hand",
				store.Holders(store.LockFile(filepath.Dir(j.dir))))
		}
		<-time.After(look / 10)
	}
	return nil
}

// signal signals a process or, by a negative number, a group. One that was halted
// goes on, or it would not hear it.
func signal(pid int, s syscall.Signal) error {
	signals := []syscall.Signal{s, syscall.SIGCONT}
	if s == syscall.SIGSTOP {
		signals = signals[:1]
	}
	for _, s := range signals {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal process %d: %w", pid, err)
		}
	}
	return nil
}
