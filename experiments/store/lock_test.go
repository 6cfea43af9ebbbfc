package store_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ablate/experiments/store"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	if store.Locked(path) {
		t.Error("a lock that was never made is held")
	}
	if err := store.AwaitUnlock(path); err != nil {
		t.Error(err)
	}
	lock := hold(t, path)
	if !store.Locked(path) {
		t.Error("the lock is not held")
	}
	if _, err := store.Lock(path, 0); !errors.Is(err, store.ErrLocked) {
		t.Errorf("second lock: %v", err)
	}
	began := time.Now()
	if _, err := store.Lock(path, 30*time.Millisecond); !errors.Is(err, store.ErrLocked) || time.Since(began) < 30*time.Millisecond {
		t.Errorf("second lock with patience: %v after %v", err, time.Since(began))
	}
	taken := make(chan error)
	go func() {
		f, err := store.Lock(path, time.Minute)
		if err == nil {
			err = f.Close()
		}
		taken <- err
	}()
	lock.Close()
	if err := <-taken; err != nil {
		t.Error(err)
	}
	if store.Locked(path) {
		t.Error("the lock is still held")
	}
	if _, err := store.Lock(filepath.Join(path, "lock"), 0); err == nil || errors.Is(err, store.ErrLocked) {
		t.Errorf("a lock under a file: %v", err)
	}
}

// TestLockInherited lets a runner take the lock, hand it to a trainer and die: the
// lock is held until the trainer ends.
func TestLockInherited(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	input, alive, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), play+"=runner")
	cmd.Stdin = input
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	input.Close()
	if !store.Locked(path) {
		t.Error("the lock died with the runner")
	}
	free := make(chan error)
	go func() { free <- store.AwaitUnlock(path) }()
	select {
	case err := <-free:
		t.Fatalf("it was free while the trainer lives: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	alive.Close()
	if err := <-free; err != nil {
		t.Error(err)
	}
	if store.Locked(path) {
		t.Error("the lock outlives the trainer")
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	self := store.Self()
	if self.PID != os.Getpid() || self.Ticks == 0 || self.Boot == "" || !self.Alive() {
		t.Errorf("this process is %+v, alive %v", self, self.Alive())
	}
	for name, change := range map[string]func(*store.Process){
		"an earlier process of that number": func(p *store.Process) { p.Ticks-- },
		"one before the machine started":    func(p *store.Process) { p.Boot += "x" },
		"nobody":                            func(p *store.Process) { *p = store.Process{} },
		"a negative number":                 func(p *store.Process) { p.PID = -p.PID },
	} {
		p := self
		change(&p)
		if p.Alive() {
			t.Errorf("%s is alive", name)
		}
	}

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), play+"=trainer")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child, ok := store.ProcessOf(cmd.Process.Pid)
	if !ok || !child.Alive() {
		t.Errorf("child is %+v, alive %v", child, child.Alive())
	}
	in.Close()
	_, _ = io.Copy(io.Discard, out) // ends when the child has
	deadline := time.After(10 * time.Second)
	for child.Alive() { // not waited for, it becomes a zombie
		select {
		case <-deadline:
			t.Fatal("a zombie counts as alive")
		case <-time.After(time.Millisecond):
		}
	}
	_ = cmd.Wait()
	if child.Alive() {
		t.Error("a dead process is alive")
	}
}
