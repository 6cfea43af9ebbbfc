package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

// A real engine tells a real program, in the words that its host gives it, and
// one that was killed leaves nothing for the next to repeat.
func TestNotifyByProcess(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	dir := t.TempDir()
	heard := func() string {
		b, _ := os.ReadFile(filepath.Join(dir, "heard")) // not there yet: nothing
		return string(b)
	}
	notify := &experiments.Notify{On: []string{"done", "failed", "verdict"}, Argv: []string{"sh", "-c", "cat >>heard"}}
	p := plan("true", "exit 3")
	p.Cells = p.Cells[:1]
	l.do(engine.Request{Verb: "run", Plan: p, Workdir: dir, Notify: notify})
	ledger := filepath.Join(l.store.EngineDir(), "notified.jsonl")
	known := func(n int) func() bool {
		return func() bool {
			b, _ := os.ReadFile(ledger)
			return strings.Count(string(b), "\n") == n
		}
	}
	eventually(t, known(2), func() string { return "two notices are not known to be heard: " + heard() })
	if got := heard(); !strings.Contains(got, `"text":"e is done: 1 of 1 runs"`) || !strings.Contains(got, `"text":"e: the runs of e agree"`) {
		t.Errorf("heard %s", got)
	}
	if err := syscall.Kill(l.do(engine.Request{Verb: "hello"}).PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	l.do(engine.Request{Verb: "run", Plan: plan("true", "exit 3"), Workdir: dir, Notify: notify})
	l.sees("e/c1/s1", store.Failed, "")
	eventually(t, known(3), func() string { return "the failure is not known to be heard: " + heard() })
	if got := strings.Count(heard(), "\n"); got != 3 {
		t.Errorf("%d notices were heard, want 3:\n%s", got, heard())
	}
}
