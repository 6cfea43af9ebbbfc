package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ablate/engine"
)

// An engine whose runs are all done takes next to no memory. What it takes of the
// processor is told: a few hundredths of a second in a minute are its looks
// whether its store is still there.
func TestEngineAtRest(t *testing.T) {
	t.Parallel()
	h := newHome(t, strings.Replace(waitFile, "seeds = 1", "seeds = 3", 1))
	h.put("train.sh", "")
	h.ablate("run", "e", "--wait")
	reply, err := engine.NewClient(h.store).Hello(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	took, began := processorTime(t, reply.PID), time.Now()
	<-time.After(3 * time.Second)
	took = processorTime(t, reply.PID) - took
	rss, ok := memory(reply.PID, "VmRSS")
	if !ok || rss > 30<<20 {
		t.Errorf("the engine at rest takes %d MB, want at most 30", rss>>20)
	}
	t.Logf("the engine at rest takes %d MB, and took %v of the processor in %v", rss>>20, took, time.Since(began).Round(time.Second))
}

// processorTime is what a process has taken of the processor, in steps of 10 ms.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	var user, system int64
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
