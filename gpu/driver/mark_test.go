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

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// backdate lets the calls under way have begun so long ago.
func backdate(t *testing.T, marks string, by time.Duration) {
	t.Helper()
	files, _ := filepath.Glob(marks + "-*")
	then := time.Now().Add(-by)
	for _, f := range files {
		if err := os.Chtimes(f, then, then); err != nil {
			t.Fatal(err)
		}
	}
}

// While a child of one program hangs in the driver, others start none, until it is let
// go or is gone.
func TestNoSecondChildOfAHungDriver(t *testing.T) {
	t.Parallel()
	for name, freed := range map[string]func(t *testing.T, library string, pid int){
		"it returns": func(t *testing.T, library string, _ int) { gputest.Release(t, library) },
		"it is gone": func(t *testing.T, _ string, pid int) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			library, env := fake(t, gputest.TwoH20s+"block GetPowerUsage\n")
			first, second := openTest(t, env), openTest(t, env)
			second.marks = first.marks
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer cancel()
				until(t, "the call is in the library", func() bool { return gputest.Calls(t, library, "GetPowerUsage") == 2 })
			}()
			if _, err := first.Sample(ctx); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			pid := first.process.cmd.Process.Pid
			if got := stuck(first.marks); got != 0 {
				t.Errorf("a call that has just begun counts as stuck: process %d", got)
			}
			backdate(t, first.marks, longCall+time.Second)
			for range 2 {
				_, err := second.Sample(t.Context())
				if !errors.Is(err, gpu.ErrNotAnswering) || !strings.Contains(err.Error(), "process "+strconv.Itoa(pid)+",") || second.process != nil {
					t.Errorf("error %v, process %v", err, second.process)
				}
			}
			if n := gputest.Calls(t, library, "Init"); n != 1 {
				t.Errorf("%d children are in the driver", n)
			}
			gputest.Put(t, library, gputest.TwoH20s)
			freed(t, library, pid)
			until(t, "the second reads", func() bool {
				devices, err := second.Sample(t.Context())
				return err == nil && len(devices) == 2
			})
		})
	}
}

// A child that is well leaves nothing behind, and one that was killed nothing for long.
func TestMarksAreRemoved(t *testing.T) {
	t.Parallel()
	_, env := fake(t, gputest.TwoH20s)
	c := openTest(t, env)
	marks := func() int {
		files, _ := filepath.Glob(c.marks + "-*")
		return len(files)
	}
	gputest.Sample(t, c)
	if n := marks(); n != 1 {
		t.Errorf("%d marks of one child", n)
	}
	backdate(t, c.marks, time.Hour)
	if pid := stuck(c.marks); pid != 0 {
		t.Errorf("a child between two calls counts as stuck: %d", pid)
	}
	if err := c.Close(); err != nil || marks() != 0 {
		t.Errorf("%v; %d marks are left", err, marks())
	}
	killed := openTest(t, env)
	killed.marks = c.marks
	gputest.Sample(t, killed)
	killed.process.kill()
	<-killed.process.gone
	if pid := stuck(c.marks); pid != 0 || marks() != 0 {
		t.Errorf("process %d; %d marks are left", pid, marks())
	}
}

// A folder that others can write to, or that is none, is not used.
func TestMarksArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link, open := filepath.Join(dir, "link"), filepath.Join(dir, "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o770), os.Symlink(t.TempDir(), link)); err != nil {
		t.Fatal(err)
	}
	for _, marks := range []string{"", "1", filepath.Join(open, "x"), filepath.Join(link, "x"), "/nowhere/at/all/x"} {
		m := newMark(marks)
		m.begin()
		m.end()
		m.remove()
		if m != nil || stuck(marks) != 0 || len(m.kept()) != 0 {
			t.Errorf("marks in %q are used", marks)
		}
	}
}

// An nvidia-smi that outlives its child in the driver counts as that child.
func TestMarkOfNvidiaSMI(t *testing.T) {
	t.Parallel()
	m := newMark(filepath.Join(t.TempDir(), "readers", "marks"))
	if m == nil {
		t.Fatal("no mark")
	}
	s, err := openSMI(t.Context(), smiIn(t, h20s), m)
	if err != nil {
		t.Fatal(err)
	}
	m.begin()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, busy := callOf(m.Name()); !busy {
		t.Error("nvidia-smi does not count")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "nothing counts any more", func() bool { _, busy := callOf(m.Name()); return !busy })
}
