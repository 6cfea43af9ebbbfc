package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// The engine is killed again and again over a wish that it carries out: whoever
// asked is answered by the next one, and every run is run once.
func TestEngineKilledOverAWish(t *testing.T) {
	t.Parallel()
	h := newHome(t, `schema = 1
project = "test"
[experiment.e]
recipe = "command"
argv = ["sh", "-c", "echo $0 >> $1/../ran", "{n}", "{run_dir}"]
axes = { n = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }
`)
	const wishes = 6
	for n := range wishes {
		var said bytes.Buffer
		cmd := h.command("run", "e", "--detach", "--seeds", strconv.Itoa(n+1))
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		begun := filepath.Join(h.store.Dir, "e", "plan.json")
		h.eventually("the engine is at it", func() bool { _, err := os.Stat(begun); return err == nil })
		<-time.After(time.Duration(rand.IntN(40)) * time.Millisecond)
		signalProcesses(h.dir, "engine", syscall.SIGKILL) // it may have answered by now
		if err := cmd.Wait(); err != nil {
			t.Errorf("wish %d: %v: %s", n, err, said.String())
		}
	}
	h.ablate("run", "e", "--wait", "--seeds", strconv.Itoa(wishes))
	for _, r := range h.records("e") {
		if b, err := os.ReadFile(filepath.Join(r.Dir, "ran")); err != nil || strings.Count(string(b), "\n") != 1 || r.Status != store.Done {
			t.Errorf("run %s is %s and ran %q, %v; want once", r.ID, r.Status, b, err)
		}
	}
	if diff := cmp.Diff(map[store.Status]int{store.Done: 10 * wishes}, h.count("e")); diff != "" {
		t.Errorf("runs by status (-want +got):\n%s", diff)
	}
}

// Five thousand runs wait: the engine still answers, is no giant, and lets go of
// all of them when it is told to.
func TestFiveThousandQueuedRuns(t *testing.T) {
	t.Parallel()
	h := newHome(t, `schema = 1
project = "test"
[experiment.e]
recipe = "command"
argv = ["sleep", "1000", "{n}"]
axes = { n = [1, 2, 3, 4, 5] }
seeds = 1000
`)
	h.env = append(h.env, "GOMAXPROCS=2") // and so many slots
	if _, said := h.ablate("run", "e", "--detach"); !strings.Contains(said, "5000 queued, 0 going, 0 ") {
		t.Errorf("run says %q, want 5000 queued", said)
	}
	said, _ := h.ablate("engine", "status", "--json")
	var status struct{ PID, Live, Waiting int }
	if err := json.Unmarshal([]byte(said), &status); err != nil {
		t.Fatal(err)
	}
	if status.Live != 2 || status.Waiting != 4998 {
		t.Errorf("status is %s, want 2 live and 4998 waiting", said)
	}
	if said, _ := h.ablate("stop", "e"); !strings.Contains(said, "5000 stopping") {
		t.Errorf("stop says %q, want 5000 stopping", said)
	}
	h.drained()
	if diff := cmp.Diff(map[store.Status]int{store.Stopped: 5000}, h.count("e")); diff != "" {
		t.Errorf("runs by status (-want +got):\n%s", diff)
	}
	most, ok := memory(status.PID, "VmHWM")
	if !ok {
		t.Skip("what a process takes is not known here")
	}
	t.Logf("the engine took %d MB at most", most>>20)
	if most > 128<<20 {
		t.Errorf("the engine took %d MB, want at most 128", most>>20)
	}
}

// memory is a figure of /proc/PID/status in bytes.
func memory(pid int, key string) (bytes int64, ok bool) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // not every system has it
	_, rest, _ := strings.Cut(string(b), key+":")
	var kilobytes int64
	_, err := fmt.Sscan(rest, &kilobytes)
	return kilobytes << 10, err == nil
}
