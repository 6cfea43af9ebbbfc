package remote

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ablate/gpu"
)

// Fifteen hosts are read beside one that accepts connections and never speaks. The
// figures are those of the log (-v, alone).
func TestSixteenHosts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped: sixteen sshds")
	}
	port, _ := blackhole(t)
	f := newFarm(t, 16, func(h *host) {
		if h.name == "node7" {
			h.ssh = []string{fmt.Sprint("  Port ", port)}
		}
	})
	fleet, _ := f.fleet()
	began := time.Now()
	fleet.Show(f.table())
	for _, h := range f.hosts {
		if h.name != "node7" {
			f.node(fleet, h.name, "reads", reads)
		}
	}
	all := time.Since(began)
	f.node(fleet, "node7", "fails", func(n gpu.Node) bool { return n.Err != nil && !errors.Is(n.Err, gpu.ErrNotYet) })
	own, children := processorTime(os.Getpid()), f.processorTime()
	began = time.Now()
	var oldest time.Duration
	var calls []time.Duration
	for time.Since(began) < 10*time.Second {
		before := time.Now()
		nodes := fleet.Nodes()
		calls = append(calls, time.Since(before))
		if len(nodes) != 17 {
			t.Fatalf("%d nodes", len(nodes))
		}
		for _, n := range nodes[1:] {
			switch {
			case n.Name == "node7" && n.Err == nil:
				t.Error("the dead host is read")
			case n.Name != "node7" && !reads(n):
				t.Errorf("%s: %v, %q", n.Name, n.Err, n.Doing)
			case n.Name != "node7":
				oldest = max(oldest, n.Age)
			}
		}
		<-time.After(20 * time.Millisecond)
	}
	seconds := time.Since(began).Seconds()
	slices.Sort(calls)
	t.Logf("all live hosts are read after %v", all.Round(time.Millisecond))
	t.Logf("oldest sample of a live host within %.0f s: %v", seconds, oldest.Round(time.Millisecond))
	t.Logf("Nodes(): median %v, 99 %% %v, longest %v", calls[len(calls)/2], calls[len(calls)*99/100], calls[len(calls)-1])
	t.Logf("this process %.2f %% of a core, its ssh children %.2f %%", 100*(processorTime(os.Getpid())-own)/seconds, 100*(f.processorTime()-children)/seconds)
	if oldest > time.Minute {
		t.Errorf("a live host's sample is %v old", oldest)
	}
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

// The scripts are plain POSIX, and can be handed over by any shell.
func TestScriptsAreForAnyShell(t *testing.T) {
	t.Parallel()
	p := program{build: "0123456789ab", size: 5}
	for _, script := range []string{startScript(p, "Linux x86_64"), copyScript(p)} {
		if strings.ContainsAny(script, "'\\\n!") {
			t.Errorf("a login shell may change this: %s", script)
		}
	}
	shells := 0
	for _, shell := range [][]string{{"dash"}, {"bash"}, {"bash", "--posix"}, {"busybox", "sh"}, {"ksh"}, {"mksh"}, {"zsh"}, {"yash"}} {
		if _, err := exec.LookPath(shell[0]); err != nil {
			continue
		}
		shells++
		cache := t.TempDir()
		run := func(script, in string) string {
			c := exec.Command(shell[0], append(shell[1:], "-c", script)...)
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + cache}
			c.Stdin = strings.NewReader(in)
			out, _ := c.CombinedOutput()
			return string(out)
		}
		here := system("linux", "amd64")
		if uname, err := exec.Command("uname", "-sm").Output(); err == nil {
			here = strings.TrimSpace(string(uname))
		}
		absent := "\n" + saysHost + here + "\n" + saysAbsent + "\n"
		const file = "#!/bin/sh\necho $1 is started\n"
		p.size = int64(len(file))
		for _, step := range []struct{ script, in, want string }{
			{startScript(p, here), "", absent},
			{copyScript(p), file[:20], fmt.Sprintf("\n%d bytes of %d came\n", 20, len(file))},
			{startScript(p, here), "", absent},
			{copyScript(p), file, "\n" + saysCopied + "\n"},
			{startScript(p, "Darwin arm64e"), "", absent},
			{startScript(p, here), "", "\n" + saysHost + here + "\nagent is started\n"},
		} {
			if got := run(step.script, step.in); got != step.want {
				t.Errorf("%v says %q, want %q, to: %s", shell, got, step.want, step.script)
			}
		}
		if err := os.Truncate(filepath.Join(cache, "ablate/agents", p.build, "ablate"), 10); err != nil {
			t.Fatal(err)
		}
		if got := run(startScript(p, here), ""); got != absent {
			t.Errorf("%v says %q of a part of a program, want %q", shell, got, absent)
		}
	}
	if shells == 0 {
		t.Skip("skipped: no shell of those that are known here")
	}
}
