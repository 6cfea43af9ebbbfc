package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ablate/gpu/gputest"
)

// cost is what a process and its children took since it was looked at first.
type cost struct {
	pids  []int // itself first
	began time.Time
	used  []float64 // seconds of each, by then
}

func costOf(b *testing.B, pid int) *cost {
	b.Helper()
	c := &cost{pids: append([]int{pid}, childrenOf(b, pid)...), began: time.Now()}
	for _, pid := range c.pids {
		c.used = append(c.used, scheduled(b, pid))
	}
	return c
}

// report tells the share of a core and the memory of the process, and those of its i-th
// child.
func (c *cost) report(b *testing.B, i int, name string) {
	b.Helper()
	if i >= len(c.pids) {
		b.Fatalf("it has %d children", len(c.pids)-1)
	}
	share := (scheduled(b, c.pids[i]) - c.used[i]) / time.Since(c.began).Seconds()
	b.ReportMetric(100*share, "%core-"+name)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.pids[i]))
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(pages*os.Getpagesize())/(1<<20), "MiB-"+name)
}

// scheduled is the CPU time in seconds that the threads of a process took, more exactly
// than in the hundredths that taken has.
func scheduled(b *testing.B, pid int) (seconds float64) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		b.Skipf("only Linux tells: %v", err)
	}
	for _, path := range threads {
		var ns float64
		text, _ := os.ReadFile(path) // a thread that has ended has none
		_, _ = fmt.Sscan(string(text), &ns)
		seconds += ns / 1e9
	}
	return seconds
}

// eightFree are eight H20s at work on which no process is found, so that they can be
// claimed; their UUIDs are nobody else's.
func eightFree() string {
	var lines []string
	for line := range strings.Lines(gputest.H20(8)) {
		switch {
		case strings.HasPrefix(line, "process "):
			continue
		case strings.HasPrefix(line, "used "):
			line = "used 900\n"
		case strings.HasPrefix(line, "busy "):
			line = "busy 0\n"
		}
		lines = append(lines, line)
	}
	return strings.ReplaceAll(strings.Join(lines, ""), "GPU-H20", fmt.Sprintf("GPU-bench-%d", os.Getpid()))
}

const holdFile = `schema = 1
project = "test"
[experiment.hold]
recipe = "command"
axes = { n = [1] }
seeds = 1
gpus = 8
argv = ["sh", "-c", "sleep 3600", "{run_dir}", "{n}"]
`

// BenchmarkRunOfGPUs is what a run that holds eight GPUs costs beside its trainer: the
// runner, the child that reads the GPUs, and what gpu.jsonl grows by in a day of a sample
// each 5 s and a header each 10 minutes.
func BenchmarkRunOfGPUs(b *testing.B) {
	program := built(b)
	h := newHome(b, holdFile)
	h.program, h.env = program, append(h.env, "ABLATE_NVML="+quiet(b, gputest.Driver(b, "NEW", eightFree())))
	h.ablate("run", "hold", "--detach")
	record := filepath.Join(h.dir, "runs", "hold", "*", "s1", "a1", "gpu.jsonl")
	h.eventually("samples come", func() bool { return len(rowsOf(record)) > 4 })
	runners := processes(h.dir, "runner")
	if len(runners) != 1 {
		b.Fatalf("%d runners", len(runners))
	}
	for b.Loop() {
		c := costOf(b, runners[0])
		<-time.After(time.Minute)
		c.report(b, 0, "runner")
		c.report(b, 1, "child")
	}
	rows := rowsOf(record)
	row := float64(len(bytes.Join(rows[1:], nil))) / float64(len(rows)-1)
	b.ReportMetric((86400/5*row+86400/600*float64(len(rows[0])))/1e6, "MB/day")
	b.ReportMetric(0, "ns/op")
}

// rowsOf are the lines of the file of a pattern, the first of which is a header.
func rowsOf(pattern string) [][]byte {
	files, _ := filepath.Glob(pattern) // only a bad pattern is an error
	if len(files) != 1 {
		return nil
	}
	text, _ := os.ReadFile(files[0]) // it comes later
	return bytes.SplitAfter(bytes.TrimSpace(text), []byte("\n"))
}

// BenchmarkAgent is what a host of eight GPUs pays for being watched, and what a second
// of it sends.
func BenchmarkAgent(b *testing.B) {
	library := quiet(b, gputest.Driver(b, "NEW", gputest.H20(8)))
	h := newHome(b, killFile)
	h.program = built(b)
	cmd := h.command("agent")
	cmd.Args = cmd.Args[:2]
	cmd.Env = append(cmd.Env, "ABLATE_NVML="+library)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var sent atomic.Int64
	go func() {
		buf := make([]byte, 1<<16)
		for n, err := out.Read(buf); err == nil; n, err = out.Read(buf) {
			sent.Add(int64(n))
			_, _ = in.Write([]byte("\n")) // it ends when nobody is there for a minute
		}
	}()
	h.eventually("readings come", func() bool { return sent.Load() > 10000 })
	for b.Loop() {
		c, before := costOf(b, cmd.Process.Pid), sent.Load()
		<-time.After(time.Minute)
		c.report(b, 0, "agent")
		c.report(b, 1, "child")
		b.ReportMetric(float64(sent.Load()-before)/60, "B/s")
	}
	b.ReportMetric(0, "ns/op")
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		b.Error(err)
	}
}

// BenchmarkShowGPUs is how long `ablate gpu` takes: for eight GPUs, whose shares of time
// need two samples a second apart, for a recording, and where no driver is.
func BenchmarkShowGPUs(b *testing.B) {
	program := built(b)
	for _, of := range []struct{ name, scenario, replay string }{
		{"driver", gputest.H20(8), ""}, {"replay", "", "tui/nodes/testdata/h20.jsonl"}, {"none", "", ""},
	} {
		b.Run(of.name, func(b *testing.B) {
			h := newHome(b, killFile)
			h.program = program
			if of.scenario != "" {
				h.env = append(h.env, "ABLATE_NVML="+quiet(b, gputest.Driver(b, "NEW", of.scenario)))
			}
			if of.replay != "" {
				path, err := filepath.Abs(of.replay)
				if err != nil {
					b.Fatal(err)
				}
				h.env = append(h.env, "ABLATE_GPU_REPLAY="+path)
			}
			best := time.Hour
			for b.Loop() {
				cmd := h.command("gpu")
				cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
				began := time.Now()
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(began))
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}
