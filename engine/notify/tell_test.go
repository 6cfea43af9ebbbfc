package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/experiments"
)

// What a program started that took too long goes with it.
func TestTellKillsWhatHangs(t *testing.T) {
	t.Parallel()
	pidFile := filepath.Join(t.TempDir(), "pid")
	h := hearer{Notify: experiments.Notify{Argv: []string{"sh", "-c", "sleep 600 & echo hanging; echo $! >" + pidFile + "; wait"}}}
	said, err := tell(t.Context(), h, Notice{}, 300*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "killed") || said != "hanging" {
		t.Errorf("a program that hangs: %q, %v", said, err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil && !zombie(pid); {
		if time.Now().After(deadline) {
			t.Fatalf("its child %d lives", pid)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// zombie reports whether a killed process waits for somebody to ask how it ended.
func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(b), ") Z ")
}
