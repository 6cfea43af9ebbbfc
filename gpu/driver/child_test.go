//go:build (linux || darwin) && !nonvml

package driver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// fake is a driver's library, and the variable that names it to a child.
func fake(t testing.TB, scenario string) (library, env string) {
	t.Helper()
	library = gputest.Driver(t, "NEW", scenario)
	return library, libraryPath + "=" + library
}

func TestChildIsASampler(t *testing.T) {
	t.Parallel()
	gputest.Sampler(t, func(t *testing.T) gpu.Sampler {
		_, env := fake(t, gputest.TwoH20s)
		return openTest(t, env)
	})
}

// The child opens the driver once, reads it at each question alone, and ends with its
// parent's interest in it.
func TestChildKeepsTheDriver(t *testing.T) {
	t.Parallel()
	library, env := fake(t, gputest.TwoH20s)
	c := openTest(t, env)
	for range 5 {
		gputest.Sample(t, c)
	}
	pid := c.process.cmd.Process.Pid
	if session, err := unix.Getsid(pid); err != nil || session != pid {
		t.Errorf("the child is in session %d, %v: it counts to somebody's run", session, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for function, want := range map[string]int{"Init": 1, "GetCount": 5, "Shutdown": 1} {
		if n := gputest.Calls(t, library, function); n != want {
			t.Errorf("%d calls of %s, want %d", n, function, want)
		}
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("child %d is still there: %v", pid, err)
	}
}

// What is wrong with the driver crosses the pipe in its words and as itself.
func TestChildTellsErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scenario, missing string
		is                      error
		want                    string
	}{
		{"versions differ", "init 18\n", "", nil, "start NVML: the NVIDIA driver and its library differ in version"},
		{"not loaded", "init 9\n", "", nil, "start NVML: the NVIDIA driver is not loaded (NVML error 9)"},
		{"no library", "", "/nowhere/libnvidia-ml.so.1", gpu.ErrNoDriver, "load /nowhere/libnvidia-ml.so.1: no NVIDIA driver on this machine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			env := libraryPath + "=" + c.missing
			if c.missing == "" {
				_, env = fake(t, c.scenario)
			}
			s := openTest(t, env)
			for range 2 { // the second time without a process
				_, err := s.Sample(t.Context())
				if err == nil || !strings.HasPrefix(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				if s.process != nil {
					t.Error("a process is kept that is of no use")
				}
			}
			if wait := time.Until(s.next); c.is != nil && wait < 30*time.Second || wait > time.Minute {
				t.Errorf("looks for a driver again in %v", wait)
			}
		})
	}
}

// A driver that is there again is read again, by another child: the first one has the
// library of before.
func TestChildSeesTheDriverComeBack(t *testing.T) {
	t.Parallel()
	library, env := fake(t, "init 18\n")
	c := openTest(t, env)
	c.firstWait, c.lastWait = time.Millisecond, time.Millisecond
	if _, err := c.Sample(t.Context()); err == nil {
		t.Fatal("no error")
	}
	gputest.Put(t, library, gputest.TwoH20s)
	until(t, "the driver is read", func() bool {
		devices, err := c.Sample(t.Context())
		return err == nil && len(devices) == 2
	})
	gputest.Put(t, library, "fail GetCount 18\n")
	pid := c.process.cmd.Process.Pid
	for i := range maxFailures {
		if _, err := c.Sample(t.Context()); err == nil || !strings.Contains(err.Error(), "differ in version") {
			t.Fatalf("failure %d: %v", i, err)
		}
	}
	gputest.Put(t, library, gputest.TwoH20s)
	until(t, "another child reads it", func() bool {
		devices, err := c.Sample(t.Context())
		return err == nil && len(devices) == 2 && c.process.cmd.Process.Pid != pid
	})
}

// A child that is killed, or that a library took down with it, is started again; until
// then the error says what happened.
func TestChildIsStartedAgain(t *testing.T) {
	t.Parallel()
	for signal, want := range map[syscall.Signal]string{
		syscall.SIGKILL: "the reader of GPUs ended: signal: killed",
		syscall.SIGSEGV: "SIGSEGV",
	} {
		_, env := fake(t, gputest.TwoH20s)
		c := openTest(t, env)
		gputest.Sample(t, c)
		c.firstWait = time.Hour
		if err := syscall.Kill(c.process.cmd.Process.Pid, signal); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := c.Sample(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("after %v: error %v, want %q", signal, err, want)
			}
		}
		c.next = time.Time{}
		if devices := gputest.Sample(t, c); len(devices) != 2 || c.wait != 0 {
			t.Errorf("after %v and a new start: %v, next wait %v", signal, devices, c.wait)
		}
	}
}

// A call that never returns: whoever waits may turn away, there is never a second
// child beside it, and what it answers to an old question is not taken for news.
func TestChildHangs(t *testing.T) {
	t.Parallel()
	library, env := fake(t, gputest.TwoH20s)
	c := openTest(t, env)
	gputest.Sample(t, c)
	pid := c.process.cmd.Process.Pid
	gputest.Put(t, library, strings.Replace(gputest.TwoH20s, "busy 92", "busy 1\nblock GetPowerUsage", 1))
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			until(t, "the call is in the library", func() bool { return gputest.Calls(t, library, "GetPowerUsage") == 3 })
		}()
		if _, err := c.Sample(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("during the hang: %v", err)
		}
	}
	if c.process.cmd.Process.Pid != pid {
		t.Error("a second child was started")
	}
	gputest.Put(t, library, strings.Replace(gputest.TwoH20s, "busy 92", "busy 2", 1))
	gputest.Release(t, library)
	if devices := gputest.Sample(t, c); *devices[0].BusyPct != 2 {
		t.Errorf("busy %v %%: that is of the question before", *devices[0].BusyPct)
	}
	if n := gputest.Calls(t, library, "GetCount"); n != 3 {
		t.Errorf("%d samples were taken, want 3: the first, the one that hung, and a new one", n)
	}
}

// Each failure makes the wait before the next start longer, up to a minute; a driver that
// is not there is looked for that seldom.
func TestChildWaits(t *testing.T) {
	t.Parallel()
	c := newChild("")
	for _, want := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
		earliest := time.Now().Add(time.Duration(want) * time.Second)
		_ = c.lost(errors.New("x"))
		if latest := time.Now().Add(c.wait); c.wait != time.Duration(want)*time.Second || c.next.Before(earliest) || c.next.After(latest) {
			t.Errorf("next wait %v, start at %v, want %d s and %v to %v", c.wait, c.next, want, earliest, latest)
		}
	}
	c = newChild("")
	if _ = c.lost(gpu.ErrNoDriver); c.wait != time.Minute {
		t.Errorf("without a driver: %v", c.wait)
	}
}

// A program that cannot be started, or that is another, is an error in words.
func TestChildIsAnotherProgram(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"/nowhere/ablate": "start the reader of GPUs: fork/exec /nowhere/ablate: no such file or directory",
		"/bin/echo":       "the reader of GPUs ended",
		"/bin/false":      "the reader of GPUs ended: exit status 1",
	} {
		c := newChild(program)
		if _, err := c.Sample(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", program, err, want)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// One that hangs for too long is killed, which is told as what it is, and another
// takes its place.
func TestChildIsKilledWhenStuck(t *testing.T) {
	t.Parallel()
	library, env := fake(t, gputest.TwoH20s+"block GetPowerUsage\n")
	c := openTest(t, env)
	c.stuck, c.firstWait = 300*time.Millisecond, time.Millisecond
	_, err := c.Sample(t.Context())
	if !errors.Is(err, gpu.ErrNotAnswering) || c.process != nil {
		t.Errorf("error %v, process %v", err, c.process)
	}
	c.stuck = time.Minute
	gputest.Put(t, library, gputest.TwoH20s)
	until(t, "the driver is read", func() bool {
		devices, err := c.Sample(t.Context())
		return err == nil && len(devices) == 2
	})
}

// A child ends with its input even during a call that hangs, and so does not outlive a
// parent that was killed.
func TestCloseDuringAHang(t *testing.T) {
	t.Parallel()
	library, env := fake(t, gputest.TwoH20s+"block GetPowerUsage\n")
	c := openTest(t, env)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		until(t, "the call is in the library", func() bool { return gputest.Calls(t, library, "GetPowerUsage") == 2 })
	}()
	if _, err := c.Sample(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	p := c.process
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(p.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("child %d is still there: %v", p.cmd.Process.Pid, err)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it did not end by itself: %v", p.ended)
	}
}

// A reader of a Watch never waits: it has the last sample with its age, and hears that
// the driver does not answer.
func TestWatchOverAHungChild(t *testing.T) {
	t.Parallel()
	library, env := fake(t, gputest.TwoH20s)
	c := openTest(t, env)
	ctx, cancel := context.WithCancel(t.Context())
	w := gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return c, nil })
	defer func() { cancel(); <-w.Done() }()
	until(t, "a sample", func() bool { d, _, err := w.Latest(); return err == nil && len(d) == 2 })
	gputest.Put(t, library, gputest.TwoH20s+"block GetPowerUsage\n")
	until(t, "the driver does not answer", func() bool {
		began := time.Now()
		d, age, err := w.Latest()
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Logf("a look took %v", took) // a busy machine; the figure is below a microsecond
		}
		return errors.Is(err, gpu.ErrNotAnswering) && len(d) == 2 && age > 3*time.Second && d[0].AgeS > 3
	})
	gputest.Release(t, library)
	until(t, "it answers again", func() bool { _, age, err := w.Latest(); return err == nil && age < 2*time.Second })
}

// A child has its standard files, and no lock or other file of its parent.
func TestChildInheritsNothing(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("only Linux tells of files: ", err)
	}
	lock, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	_, env := fake(t, gputest.TwoH20s)
	c := openTest(t, env)
	gputest.Sample(t, c)
	files, err := filepath.Glob("/proc/" + strconv.Itoa(c.process.cmd.Process.Pid) + "/fd/*")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil && target == lock.Name() {
			t.Errorf("%s is %s", f, target)
		}
	}
}
