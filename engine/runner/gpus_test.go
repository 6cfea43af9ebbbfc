package runner

import (
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/alert"
)

var ofCommand = experiments.Run{ID: "e/c/s1", Argv: []string{"sh"}}

func TestMerged(t *testing.T) {
	t.Parallel()
	told := []alert.Alert{
		{Index: 4, Name: "GPU 4", Words: "hot"}, {Index: -1, Name: "driver", Words: "gone"}, {Index: 0, Name: "GPU 0", Words: "lost"},
		{Index: 3, Name: "GPU 3", Words: "hot"}, {Index: 3, Name: "GPU 3 slice 1", Words: "hot"}, {Index: 0, Name: "GPU 0", Words: "hot"},
		{Index: 3, Name: "GPU 3", Words: "hot"},
	}
	want := []string{"driver: gone", "GPU 3 slice 1: hot", "GPU 0,3-4: hot", "GPU 0: lost"}
	if got := merged(told); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A process is the run's by its parents, or by its group where those are not known.
func TestOurs(t *testing.T) {
	t.Parallel()
	start := func(group int) *exec.Cmd {
		cmd := exec.Command("sleep", "60")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: group}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		return cmd
	}
	trainer := start(0).Process.Pid
	child, other := start(trainer).Process.Pid, start(0).Process.Pid
	is := ours(trainer)
	for _, c := range []struct {
		name string
		p    gpu.Process
		want bool
	}{
		{"the trainer", gpu.Process{PID: trainer}, true},
		{"one of its group", gpu.Process{PID: child}, true},
		{"a grandchild", gpu.Process{PID: other, Parents: []int{1 << 30, trainer, 1}}, true},
		{"one it left to the runner", gpu.Process{PID: other, Parents: []int{os.Getpid()}}, true},
		{"another's", gpu.Process{PID: other, Parents: []int{1}}, false},
		{"one that is gone", gpu.Process{PID: 1 << 30}, false},
		{"none", gpu.Process{}, false},
	} {
		if got := is(c.p); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
