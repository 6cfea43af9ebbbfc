package store_test

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ablate/experiments/store"
)

// shell starts a script in a session of its own and returns the leader and the
// pids that it wrote in a line. All of it ends with the test.
func shell(t *testing.T, script string) (leader store.Process, pids []int) {
	t.Helper()
	cmd := exec.Command("bash", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("this machine has no bash: %v", err)
	}
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(line[:n])) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it is killed
	})
	leader, ok := store.ProcessOf(cmd.Process.Pid)
	if !ok {
		t.Fatal("the shell is gone")
	}
	return leader, pids
}

// Whoever is in the trainer's group or elsewhere in the session is left, the
// runner's own helpers are not, and numbers that were given anew name nobody.
func TestLeft(t *testing.T) {
	t.Parallel()
	// A helper in the leader's group; then a trainer and a child in groups of their own.
	runner, pids := shell(t, "sleep 1000 & a=$!; set -m; sleep 1000 & b=$!; sleep 1000 & echo $a $b $!; wait")
	trainer, ok := store.ProcessOf(pids[1])
	if !ok {
		t.Fatal("the trainer is gone")
	}
	child := pids[2]
	other := trainer
	other.Ticks--
	earlier := runner
	earlier.Ticks--
	booted := runner
	booted.Boot = "another"
	tests := []struct {
		name  string
		start store.Start
		want  []int
	}{
		{"group and session", store.Start{Runner: runner, Trainer: trainer, Group: trainer.PID, Session: runner.PID}, []int{trainer.PID, child}},
		{"group", store.Start{Runner: runner, Trainer: trainer, Group: trainer.PID}, []int{trainer.PID}},
		{"another group of that number", store.Start{Runner: runner, Trainer: other, Group: trainer.PID, Session: runner.PID}, []int{trainer.PID, child}},
		{"only another group", store.Start{Runner: runner, Trainer: other, Group: trainer.PID}, nil},
		{"another session of that number", store.Start{Runner: earlier, Trainer: trainer, Session: runner.PID}, nil},
		{"another boot", store.Start{Runner: booted, Trainer: trainer, Group: trainer.PID, Session: runner.PID}, nil},
		{"nothing known", store.Start{}, nil},
	}
	for _, tt := range tests {
		got := tt.start.Left()
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v is left, want %v", tt.name, got, tt.want)
		}
	}
}
