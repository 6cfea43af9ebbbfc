package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments/store"
)

const noopFile = `schema = 1
project = "test"
[experiment.warm]
recipe = "command"
argv = ["true", "{n}"]
axes = { n = [1] }
[experiment.noop]
recipe = "command"
argv = ["true", "{n}"]
axes = { n = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }
`

// BenchmarkLaunch is how many runs a second go the ordinary way, through engine and
// runner with every record synced, 2 at a time, where a run does nothing; and what
// GNU parallel does on the same cores, which records nothing.
func BenchmarkLaunch(b *testing.B) {
	b.Run("ablate", func(b *testing.B) {
		h := newHome(b, noopFile)
		h.program = built(b)
		h.env = append(h.env, "GOMAXPROCS=2")
		h.ablate("run", "warm", "--wait")
		b.ResetTimer()
		began := time.Now()
		h.ablate("run", "noop", "--detach", "--seeds", strconv.Itoa((b.N+9)/10))
		h.drained()
		took := time.Since(began)
		records := h.records("noop")
		for _, r := range records {
			if r.Status != store.Done {
				b.Fatalf("run %s is %s (%s)", r.ID, r.Status, r.Reason)
			}
		}
		b.ReportMetric(float64(len(records))/took.Seconds(), "runs/s")
		b.Logf("the store is on %s", fileSystem(h.dir))
	})
	b.Run("parallel", func(b *testing.B) {
		path, err := exec.LookPath("parallel")
		if err != nil {
			b.Skipf("there is nothing to compare with: %v (Debian: apt-get install parallel)", err)
		}
		var numbers strings.Builder
		for n := range b.N {
			fmt.Fprintln(&numbers, n)
		}
		cmd := exec.Command(path, "-j2", "true")
		cmd.Stdin = strings.NewReader(numbers.String())
		cmd.Env = append(cmd.Environ(), "HOME="+b.TempDir())
		b.ResetTimer()
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "runs/s")
	})
}

// built is the program as users have it: the test binary has more to do at each
// start.
func built(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "ablate")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, ".")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Skipf("the program is not built: %v\n%s", err, out)
	}
	return path
}

// drained waits until the engine has nothing to do any more.
func (h home) drained() {
	h.Helper()
	client := engine.NewClient(h.store)
	h.eventually("nothing lives or waits", func() bool {
		reply, err := client.Hello(context.Background())
		return err == nil && reply.Live+reply.Waiting == 0
	})
}
