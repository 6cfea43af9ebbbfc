package driver

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestMain lets the test binary be the child, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "sample" {
		if err := Main(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Stderr.WriteString("ablate: " + err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	if marks := os.Getenv("TEST_PARENT"); marks != "" { // it samples once, which may take for ever
		c := newChild(os.Args[0])
		c.marks = marks
		_, _ = c.Sample(context.Background())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openTest opens a sampler whose child has these variables; it is closed with the test.
func openTest(t testing.TB, env ...string) *child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := newChild(program)
	c.leave = time.Minute // a busy machine is no reason to kill it
	c.env, c.marks = env, filepath.Join(t.TempDir(), "readers", "marks")
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// until waits for something outside this process's clock.
func until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); !fact(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("waited a minute for: ", what)
		}
	}
}
