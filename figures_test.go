package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu/gputest"
)

// liveFile is a run that writes 40 points a second, at once, and a line of its log.
const liveFile = `schema = 1
project = "test"
[experiment.live]
recipe = "command"
axes = { n = [1] }
seeds = 1
argv = ["sh", "train.sh", "{run_dir}", "{n}"]
`

const liveTrainer = `s=0
echo '{"m":{"train/total_steps":8000,"eval/pass@1":0}}' >> "$1/metrics.jsonl"
while true; do
	seq $((s + 1)) $((s + 40)) | awk -v t=$(date +%s) '{ printf "{\"step\":%d,\"time\":%d,\"m\":{\"train/loss\":%.4f,\"eval/pass@1\":%.4f}}\n", $1, t, 5/(1+$1/100)+rand()/20, $1/($1+500) }' >> "$1/metrics.jsonl"
	s=$((s + 40))
	echo "step $s"
	sleep 1
done
`

// shown is the program on a terminal, and what it wrote there.
type shown struct {
	cmd   *exec.Cmd
	keys  *os.File
	count atomic.Int64
	until []byte        // in the screens, when it is waited for
	came  chan struct{} // closed when that was drawn
}

func (h home) shows(until string, args ...string) *shown {
	h.Helper()
	s := &shown{cmd: h.command(args...), until: []byte(until), came: make(chan struct{})}
	s.cmd.Env = append(s.cmd.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	keys, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 45, Cols: 160})
	if err != nil {
		h.Fatal(err)
	}
	s.keys = keys
	go s.read()
	return s
}

func (s *shown) read() {
	var last []byte
	buf := make([]byte, 1<<16)
	for came := false; ; {
		n, err := s.keys.Read(buf)
		if err != nil {
			return
		}
		s.count.Add(int64(n))
		if last = append(last, buf[:n]...); !came && bytes.Contains(last, s.until) {
			came = true
			close(s.came)
		}
		last = last[max(len(last)-1000, 0):]
	}
}

// ends leaves nothing of it, and returns what it took.
func (s *shown) ends() *syscall.Rusage {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it was killed
	_ = s.keys.Close()
	usage, _ := s.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return usage
}

// BenchmarkLive is what the program takes of a core, and what it sends, while it
// shows a run that goes on, and also the child that reads eight GPUs where there are
// some; the engine and the trainer are not counted.
func BenchmarkLive(b *testing.B) {
	program := built(b)
	for _, page := range []struct {
		name, keys string
		gpus       int
		args       []string
	}{
		{name: "experiment"},
		{name: "run", keys: "\r"},
		{name: "slow", args: []string{"--slow"}},
		{name: "experiment-gpus", gpus: 8},
		{name: "run-gpus", gpus: 8, keys: "\r"},
		{name: "gpus", gpus: 8, keys: "D"},
		{name: "gpus-slow", gpus: 8, keys: "D", args: []string{"--slow"}},
	} {
		b.Run(page.name, func(b *testing.B) {
			h := newHome(b, liveFile)
			h.program = program
			if page.gpus > 0 {
				h.env = append(h.env, "ABLATE_NVML="+quiet(b, gputest.Driver(b, "NEW", gputest.H20(page.gpus))))
			}
			if err := os.WriteFile(filepath.Join(h.dir, "train.sh"), []byte(liveTrainer), 0o644); err != nil {
				b.Fatal(err)
			}
			h.ablate("run", "live", "--detach")
			s := h.shows("running", page.args...)
			<-s.came
			<-time.After(3 * time.Second)
			_, _ = io.WriteString(s.keys, page.keys)
			<-time.After(7 * time.Second) // its axes have their first size
			share, child, sent := 1.0, 1.0, 0.0
			for b.Loop() {
				began, used, bytes := time.Now(), s.taken(b), s.count.Load()
				<-time.After(20 * time.Second)
				seconds, now := time.Since(began).Seconds(), s.taken(b)
				share = min(share, (now[0]-used[0])/seconds)
				child = min(child, (now[1]-used[1])/seconds)
				sent = max(sent, float64(s.count.Load()-bytes)/seconds)
			}
			s.ends()
			b.ReportMetric(100*share, "%core")
			b.ReportMetric(sent, "B/s")
			if page.gpus > 0 {
				b.ReportMetric(100*child, "%core-child")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// quiet has a library keep no list of its calls, which would be most of its work.
func quiet(b *testing.B, library string) string {
	b.Helper()
	if err := os.Remove(filepath.Join(filepath.Dir(library), "calls")); err != nil {
		b.Fatal(err)
	}
	return library
}

// taken is the CPU time in seconds that the program took, and its children.
func (s *shown) taken(b *testing.B) (of [2]float64) {
	b.Helper()
	of[0] = taken(b, s.cmd.Process.Pid)
	for _, pid := range childrenOf(b, s.cmd.Process.Pid) {
		of[1] += taken(b, pid)
	}
	return of
}

// childrenOf are the processes that a process has started and that are still there.
func childrenOf(b testing.TB, parent int) (pids []int) {
	b.Helper()
	out, err := exec.Command("ps", "-ax", "-o", "pid=,ppid=").Output()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var pid, of int
		if _, err := fmt.Sscan(line, &pid, &of); err == nil && of == parent {
			pids = append(pids, pid)
		}
	}
	return pids
}

// taken is the CPU time in seconds that a process took.
func taken(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skipf("only Linux tells: %v", err)
	}
	_, fields, _ := strings.Cut(string(text), ") ")
	var user, system float64
	words := strings.Fields(fields)
	_, err = fmt.Sscan(words[11]+" "+words[12], &user, &system)
	if err != nil {
		b.Fatal(err)
	}
	return (user + system) / 100
}

// BenchmarkOpenMillion starts the program on a run of a million steps, 56 MB of
// points and no index, until its last point is on the terminal; the best of all
// times, since other programs run too, and the most memory.
func BenchmarkOpenMillion(b *testing.B) {
	h := newHome(b, strings.Replace(liveFile, "seeds = 1", `objective = { metric = "train/loss", goal = "min" }`+"\nseeds = 1", 1))
	h.program = built(b)
	millionSteps(b, h)
	best, cpu, memory := time.Hour, time.Hour, 0.0
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(h.dir, "cache")); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		s := h.shows("77.2")
		select {
		case <-s.came:
			best = min(best, time.Since(began))
		case <-time.After(patience):
			b.Fatal("its last point never came")
		}
		if u := s.ends(); u != nil {
			cpu = min(cpu, time.Duration(u.Utime.Nano()+u.Stime.Nano()))
			memory = max(memory, float64(u.Maxrss)/1024)
		}
	}
	b.ReportMetric(float64(best.Milliseconds()), "ms/whole")
	b.ReportMetric(float64(cpu.Milliseconds()), "ms-cpu")
	b.ReportMetric(memory, "MB")
	b.ReportMetric(0, "ns/op")
}

// millionSteps writes a run that is done, whose last point is like no other.
func millionSteps(b *testing.B, h home) {
	b.Helper()
	f, err := experiments.Parse("experiments.toml", []byte(strings.Replace(liveFile, "seeds = 1", `objective = { metric = "train/loss", goal = "min" }`+"\nseeds = 1", 1)), nil)
	if err != nil {
		b.Fatal(err)
	}
	plan := f.Experiments[0].Plan()
	if err := h.store.WritePlan(plan); err != nil {
		b.Fatal(err)
	}
	run := plan.Runs()[0]
	dir := h.store.RunDir(run.ID)
	a1 := store.AttemptDir(dir, 1)
	if err := os.MkdirAll(a1, 0o755); err != nil {
		b.Fatal(err)
	}
	for path, v := range map[string]any{
		filepath.Join(dir, "run.json"): run, filepath.Join(a1, "start.json"): store.Start{Time: 1.7e9},
		filepath.Join(a1, "exit.json"): store.Exit{Seconds: 142860, Outcome: store.Outcome{Time: 1.7e9 + 142860}},
	} {
		if err := store.WriteJSON(path, v); err != nil {
			b.Fatal(err)
		}
	}
	points, err := os.Create(filepath.Join(a1, "metrics.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(points, 1<<20)
	for i := range 1_000_000 {
		loss := 3/math.Sqrt(float64(i+1)) + 0.1*float64(i%97)/97
		if i == 999_999 {
			loss = 77.2
		}
		fmt.Fprintf(w, `{"step":%d,"time":%.2f,"m":{"train/loss":%.6f}}`+"\n", i+1, 1.7e9+float64(i)/7, loss)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := points.Close(); err != nil {
		b.Fatal(err)
	}
}
