//go:build linux && !nonvml

package driver

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ablate/gpu/gputest"
)

// BenchmarkChildSample is one sample of eight GPUs through the pipe, and what the child
// took for it: processor time, and as a share of a core at one sample a second.
func BenchmarkChildSample(b *testing.B) {
	library, env := fake(b, strings.Repeat(gputest.TwoH20s, 4))
	if err := os.Remove(filepath.Join(filepath.Dir(library), "calls")); err != nil {
		b.Fatal(err)
	}
	c := openTest(b, env)
	gputest.Sample(b, c)
	pid := c.process.cmd.Process.Pid
	before := processorTime(b, pid)
	for b.Loop() {
		if _, err := c.Sample(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	each := (processorTime(b, pid) - before) / time.Duration(b.N)
	b.ReportMetric(float64(each.Microseconds()), "child-µs/op")
	b.ReportMetric(100*each.Seconds(), "%core@1Hz")
	b.ReportMetric(float64(residentBytes(b, pid))/(1<<20), "child-MiB")
}

// processorTime is what a process has used, which Linux counts in hundredths of a
// second.
func processorTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// residentBytes is the memory that a process has in use.
func residentBytes(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
