package remote

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ablate/gpu"
)

// sixteen are fifteen hosts beside one that accepts connections and never speaks, once
// the others are read.
func sixteen(t testing.TB) (*farm, *Fleet) {
	t.Helper()
	port, _ := blackhole(t)
	f := newFarm(t, 16, func(h *host) {
		if h.name == "node7" {
			h.ssh = []string{fmt.Sprint("  Port ", port)}
		}
	})
	f.ssh = nil
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	for _, h := range f.hosts {
		if h.name != "node7" {
			f.node(fleet, h.name, "reads", reads)
		}
	}
	return f, fleet
}

func TestSixteenHosts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped: sixteen sshds")
	}
	f, fleet := sixteen(t)
	f.node(fleet, "node7", "fails", func(n gpu.Node) bool { return n.Err != nil && strings.Contains(n.Err.Error(), "does not answer") })
	for _, h := range f.hosts {
		if h.name != "node7" {
			f.node(fleet, h.name, "is read meanwhile", func(n gpu.Node) bool { return reads(n) && n.Age < 3*time.Second })
		}
	}
}

// BenchmarkSixteen is how old the oldest reading of a live host gets beside a dead one,
// how long whoever draws waits for all of them, and what they take of a core here.
func BenchmarkSixteen(b *testing.B) {
	f, fleet := sixteen(b)
	var oldest, longest time.Duration
	var calls []time.Duration
	own, children, seconds := 0.0, 0.0, 0.0
	for b.Loop() {
		ownBefore, childrenBefore := processorTime(os.Getpid()), f.processorTime()
		began := time.Now()
		for time.Since(began) < 10*time.Second {
			before := time.Now()
			nodes := fleet.Nodes()
			calls = append(calls, time.Since(before))
			for _, n := range nodes[1:] {
				if n.Name != "node7" {
					oldest = max(oldest, n.Age)
				}
			}
			<-time.After(20 * time.Millisecond)
		}
		seconds += time.Since(began).Seconds()
		own += processorTime(os.Getpid()) - ownBefore
		children += f.processorTime() - childrenBefore
	}
	slices.Sort(calls)
	longest = calls[len(calls)-1]
	b.ReportMetric(oldest.Seconds(), "s-oldest")
	b.ReportMetric(float64(calls[len(calls)/2].Microseconds()), "µs-Nodes")
	b.ReportMetric(float64(longest.Microseconds()), "µs-Nodes-max")
	b.ReportMetric(100*own/seconds, "%core")
	b.ReportMetric(100*children/seconds, "%core-ssh")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what the ssh processes have used, in seconds.
func (f *farm) processorTime() (sum float64) {
	for _, line := range f.processes() {
		var pid int
		if _, err := fmt.Sscan(line, &pid); err == nil && strings.Contains(line, "ssh -F") {
			sum += processorTime(pid)
		}
	}
	return sum
}

// processorTime is what a process has used, in seconds; 0 where /proc is not there.
func processorTime(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	var user, system float64
	if len(fields) < 13 {
		return 0
	}
	_, _ = fmt.Sscan(fields[11], &user)
	_, _ = fmt.Sscan(fields[12], &system)
	const ticks = 100 // a second, on every Linux
	return (user + system) / ticks
}
