package store_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ablate/experiments/store"
)

// Both kinds of locks are held to the same rules.
func TestLocks(t *testing.T) {
	t.Parallel()
	rules := map[string]func(*testing.T, lockTest){
		"free and taken":         testLockTaken,
		"one taker wins":         testLockOneWins,
		"one at a time":          testLockOneAtATime,
		"its holder is killed":   testLockKilled,
		"handed on":              testLockHandedOn,
		"probes do not disturb":  testLockProbes,
		"the store is moved":     testLockMoved,
		"a folder in its place":  testLockFolder,
		"whatever stands there":  testLockLeftover,
		"nothing is left beside": testLockLeavesNothing,
	}
	for _, kind := range store.LockKinds {
		for name, rule := range rules {
			t.Run(kind.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				rule(t, lockTest{kind, filepath.Join(t.TempDir(), "lock")})
			})
		}
	}
}

// lockTest is a lock to try things on.
type lockTest struct {
	store.LockKind
	path string
}

// take takes the lock; whoever looked at it may be in the way for an instant.
func (l lockTest) take(t *testing.T) *store.Held {
	t.Helper()
	h, err := l.Lock(l.path, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// sees waits until the lock is held, or not: a child that another test starts may
// have a copy of it for an instant.
func (l lockTest) sees(t *testing.T, want bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		held, err := l.Locked(l.path)
		if err == nil && held == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("held is %v, %v; want %v", held, err, want)
		}
	}
}

// silence makes the last beat look a minute old; the kernel needs no beats.
func (l lockTest) silence(t *testing.T) {
	t.Helper()
	old := time.Now().Add(-61 * time.Second)
	if err := os.Chtimes(l.path, old, old); err != nil {
		t.Fatal(err)
	}
}

// child starts this program in a part that has to do with the lock.
func (l lockTest) child(part string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], l.path)
	cmd.Env = append(os.Environ(), play+"="+part, "ABLATE_LOCKS="+l.Name)
	return cmd
}

func testLockTaken(t *testing.T, l lockTest) {
	l.sees(t, false)
	if err := l.Await(l.path); err != nil {
		t.Error(err)
	}
	if err := l.Await(filepath.Join(l.path, "no", "folder")); err != nil {
		t.Error(err)
	}
	for range 2 {
		h := l.take(t)
		l.sees(t, true)
		if h.Name() != l.path {
			t.Errorf("its file is %s, want %s", h.Name(), l.path)
		}
		if _, err := l.Lock(l.path, 30*time.Millisecond); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), l.path) {
			t.Errorf("a second taker: %v", err)
		}
		free := make(chan error)
		go func() { free <- l.Await(l.path) }()
		select {
		case err := <-free:
			t.Fatalf("it was free while it is held: %v", err)
		case <-time.After(30 * time.Millisecond):
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := <-free; err != nil {
			t.Error(err)
		}
		l.sees(t, false)
	}
	if _, err := l.Lock(filepath.Join(l.path, "lock"), 0); err == nil || errors.Is(err, store.ErrLocked) {
		t.Errorf("a lock under a file: %v", err)
	}
}

// Processes that want the lock at one moment: when it was never made, when it is
// free, and when its holder was killed.
func testLockOneWins(t *testing.T, l lockTest) {
	for range 3 {
		const takers = 6
		var winners []io.Closer
		var waits sync.WaitGroup
		var mu sync.Mutex
		for range takers {
			cmd := l.child("holder")
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
			t.Cleanup(func() {
				in.Close()
				_ = cmd.Wait()
			})
			waits.Go(func() {
				said, err := bufio.NewReader(out).ReadString('\n')
				if err != nil {
					t.Error(err)
				}
				if said == "held\n" {
					mu.Lock()
					defer mu.Unlock()
					winners = append(winners, closer{func() error { return errors.Join(cmd.Process.Kill(), in.Close()) }})
				}
			})
		}
		waits.Wait()
		if len(winners) != 1 {
			t.Fatalf("%d of %d have the lock", len(winners), takers)
		}
		l.sees(t, true)
		if err := winners[0].Close(); err != nil {
			t.Fatal(err)
		}
		if l.Name == "lease" {
			eventually(t, func() bool { l.silence(t); held, err := l.Locked(l.path); return err == nil && !held })
		}
		l.sees(t, false)
	}
}

type closer struct{ do func() error }

func (c closer) Close() error { return c.do() }

// eventually waits until it holds.
func eventually(t testing.TB, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to hold")
		}
	}
}

// A number that many raise by one, each reading and writing it under the lock.
func testLockOneAtATime(t *testing.T, l lockTest) {
	number := filepath.Join(filepath.Dir(l.path), "number")
	add(t, number, "0")
	var raising sync.WaitGroup
	const each, all = 4, 5
	for range all {
		raising.Go(func() {
			for range each {
				h, err := l.Lock(l.path, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				n, err := strconv.Atoi(read(t, number))
				if err == nil {
					err = os.WriteFile(number, []byte(strconv.Itoa(n+1)), 0o644)
				}
				if err := errors.Join(err, h.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	raising.Wait()
	if got := read(t, number); got != strconv.Itoa(each*all) {
		t.Errorf("the number is %s, want %d", got, each*all)
	}
}

// The kernel tells at once of a death, and a lease once no beat came for a minute.
func testLockKilled(t *testing.T, l lockTest) {
	cmd := l.child("holder")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil || said != "held\n" {
		t.Fatalf("the child said %q, %v", said, err)
	}
	l.silence(t)
	if l.Name == "lease" {
		eventually(t, func() bool { held, err := l.Locked(l.path); return err == nil && held }) // its next beat
	}
	l.sees(t, true)
	free := make(chan error)
	go func() { free <- l.Await(l.path) }()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if l.Name == "lease" {
		l.sees(t, true)
		if _, err := l.Lock(l.path, 0); !errors.Is(err, store.ErrLocked) {
			t.Errorf("a lease was taken before it expired: %v", err)
		}
		l.silence(t)
	}
	if err := <-free; err != nil {
		t.Error(err)
	}
	l.sees(t, false)
	if err := l.take(t).Close(); err != nil {
		t.Error(err)
	}
}

// A runner takes the lock, hands it to a trainer and dies: it is held until the
// trainer ends, and a lease for a minute more.
func testLockHandedOn(t *testing.T, l lockTest) {
	input, alive, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	cmd := l.child("runner")
	cmd.Stdin = input
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	input.Close()
	l.silence(t)
	l.sees(t, true) // by the trainer's beat
	free := make(chan error)
	go func() { free <- l.Await(l.path) }()
	select {
	case err := <-free:
		t.Fatalf("it was free while the trainer lives: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	alive.Close()
	if l.Name == "lease" {
		eventually(t, func() bool { l.silence(t); held, err := l.Locked(l.path); return err == nil && !held })
	}
	if err := <-free; err != nil {
		t.Error(err)
	}
	l.sees(t, false)
}

func modified(t *testing.T, path string) time.Time {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

// Any number may look while one takes it and gives it back.
func testLockProbes(t *testing.T, l lockTest) {
	var looking sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		looking.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
				if _, err := l.Locked(l.path); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 10 {
		h := l.take(t)
		if held, err := l.Locked(l.path); err != nil || !held {
			t.Errorf("held is %v, %v while it is", held, err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	looking.Wait()
}

// What holds the lock, and what waits for it, is of the folder and not of its
// path.
func testLockMoved(t *testing.T, l lockTest) {
	h := l.take(t)
	free, was := make(chan error), l
	go func() { free <- was.Await(was.path) }()
	<-time.After(200 * time.Millisecond) // by then it has begun to wait
	moved := filepath.Dir(l.path) + "-moved"
	if err := os.Rename(filepath.Dir(l.path), moved); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(moved) })
	l.path = filepath.Join(moved, "lock")
	was.sees(t, false)
	l.sees(t, true)
	if before := modified(t, l.path); l.Name == "lease" {
		eventually(t, func() bool { return modified(t, l.path).After(before) }) // it beats on
	}
	if _, err := l.Lock(l.path, 0); !errors.Is(err, store.ErrLocked) {
		t.Errorf("it was taken in its new place: %v", err)
	}
	select {
	case err := <-free:
		t.Fatalf("the move counts as the end: %v", err)
	default:
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := <-free; err != nil {
		t.Error(err)
	}
	l.sees(t, false)
}

func testLockFolder(t *testing.T, l lockTest) {
	mkdir(t, l.path)
	if _, err := l.Lock(l.path, 0); err == nil || errors.Is(err, store.ErrLocked) {
		t.Errorf("a folder was taken for a lock: %v", err)
	}
}

// A file that the other kind left, as in a store that was copied to another disk,
// and one that a power cut filled with zeros.
func testLockLeftover(t *testing.T, l lockTest) {
	for _, text := range []string{"", `{"host":"other"}`, "\x00\x00\x00\x00"} {
		if err := os.WriteFile(l.path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		l.silence(t)
		l.sees(t, false)
		if err := l.take(t).Close(); err != nil {
			t.Error(err)
		}
	}
}

func testLockLeavesNothing(t *testing.T, l lockTest) {
	h := l.take(t)
	l.sees(t, true)
	_, _ = l.Lock(l.path, 0)
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := l.take(t).Close(); err != nil {
		t.Error(err)
	}
	if got := names(t, filepath.Dir(l.path)); len(got) != 1 || got[0] != "lock" {
		t.Errorf("beside the lock there is %q", got)
	}
}

func TestLocksAsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for kind, lease := range map[string]bool{"lease": true, "flock": false} {
		t.Setenv("ABLATE_LOCKS", kind)
		h, err := store.Lock(path, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, path) != ""; got != lease || store.Locked(path) != true || (h.Lost() != nil) != lease {
			t.Errorf("ABLATE_LOCKS=%s: a lease is %v", kind, got)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Setenv("ABLATE_LOCKS", "fcntl")
	if _, err := store.Lock(path, 0); err == nil || !strings.Contains(err.Error(), `"fcntl"`) {
		t.Errorf("an unknown kind: %v", err)
	}
	if err := store.AwaitUnlock(path); err == nil {
		t.Error("an unknown kind is free")
	}
}

// Only the server's clock counts, whatever the hosts' own say.
func TestLeaseByTheServersClock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	beat := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	add(t, path, "somebody's")
	if err := os.Chtimes(path, beat, beat); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]bool{0: true, 59 * time.Second: true, 61 * time.Second: false, -time.Hour: true} {
		if held, err := store.LeaseHeldAt(path, beat.Add(after)); err != nil || held != want {
			t.Errorf("%v after the last beat: held is %v, %v; want %v", after, held, err, want)
		}
	}
}

// Whoever takes a lease over does so for good: its old holder hears of it, and
// gives back nothing that is not its own any more.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	l := lockTest{store.LockKinds[1], filepath.Join(t.TempDir(), "lock")}
	first := l.take(t)
	aside := l.path + "-aside"
	if err := os.Rename(l.path, aside); err != nil { // as if it had slept for a minute and somebody came
		t.Fatal(err)
	}
	second := l.take(t)
	<-first.Lost()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	l.sees(t, true)
	select {
	case <-second.Lost():
		t.Error("the new holder lost it too")
	case <-time.After(100 * time.Millisecond):
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	l.sees(t, false)
}

// A claim is in the way while it is young, and not when its maker died.
func TestLeaseClaim(t *testing.T) {
	t.Parallel()
	l := lockTest{store.LockKinds[1], filepath.Join(t.TempDir(), "lock")}
	claim := l.path + ".claim"
	add(t, claim, "somebody's")
	if _, err := l.Lock(l.path, 0); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a lock that somebody is taking was taken: %v", err)
	}
	old := time.Now().Add(-2 * time.Minute)
	if err := os.Chtimes(claim, old, old); err != nil {
		t.Fatal(err)
	}
	l.take(t)
	if got := names(t, filepath.Dir(l.path)); len(got) != 1 {
		t.Errorf("beside the lock there is %q", got)
	}
}

// A trainer whose runner was killed holds the run, whether or not it knows of the
// lease: on its own host by its processes, seen from another by what it says.
func TestLeaseOfATrainerThatLives(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), play+"=trainer")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		in.Close()
		_ = cmd.Wait()
	})
	t.Cleanup(end)
	trainer, ok := store.ProcessOf(cmd.Process.Pid)
	if !ok {
		t.Fatal("the trainer is not there")
	}
	later, elsewhere := trainer, trainer
	later.Ticks--
	elsewhere.Boot = "another"
	_, _, dir := newRun(t)
	attempt := store.AttemptDir(dir, 1)
	mkdir(t, attempt)
	l := lockTest{store.LockKinds[1], store.LockFile(dir)}
	add(t, l.path, "its runner's")
	events := filepath.Join(attempt, "events.jsonl")
	add(t, events, "{}\n")
	says := func(name string, p store.Process, want bool) {
		t.Helper()
		put(t, filepath.Join(attempt, "start.json"), store.Start{Trainer: p, Group: p.PID})
		l.silence(t)
		if held, err := l.Locked(l.path); err != nil || held != want {
			t.Errorf("%s: held is %v, %v; want %v", name, held, err, want)
		}
	}
	says("it lives here", trainer, true)
	says("a later process has its number", later, false)
	says("it is elsewhere and its runner beat just now", elsewhere, true)
	age(t, events, time.Now().Add(-2*time.Minute))
	says("it is elsewhere and nobody heard of it", elsewhere, false)
	end()
	says("it died", trainer, false)
	put(t, filepath.Join(attempt, "exit.json"), store.Exit{})
	says("it ended", store.Self(), false)
}
