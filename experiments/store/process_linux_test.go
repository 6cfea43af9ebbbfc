package store_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"ablate/experiments/store"
)

// A shell that waits for a child that has not come to its exec (vfork) cannot be
// stopped by the kernel before that; it is halted all the same.
func TestHaltedInVfork(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "while :; do /bin/true; done")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	shell, ok := store.ProcessOf(cmd.Process.Pid)
	if !ok {
		t.Fatal("no process")
	}
	for i := range 200 {
		if err := syscall.Kill(-shell.PID, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(5 * time.Second); !shell.Halted(); {
			if time.Now().After(deadline) {
				t.Fatalf("stopped for the %dth time, it is not halted", i+1)
			}
		}
		if err := syscall.Kill(-shell.PID, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if i == 0 && shell.Halted() {
			t.Fatal("told to go on, it is halted")
		}
	}
}
