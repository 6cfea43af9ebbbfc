package driver

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ablate/gpu"
)

// appsEvery is the time between two looks at processes: each starts an nvidia-smi.
const appsEvery = 10 * time.Second

// smiApps knows the processes that hold memory of GPUs, as of a while ago.
type smiApps struct {
	path  string
	every time.Duration
	mark  *mark

	mu     sync.Mutex
	asking bool
	asked  time.Time
	known  bool
	of     map[string][]gpu.Process // by UUID
}

// fill puts processes into devices, and asks anew in the background when it is time;
// while one call hangs there is no second one.
func (a *smiApps) fill(ctx context.Context, devices []gpu.Device) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.asking && time.Since(a.asked) >= a.every {
		a.asking, a.asked = true, time.Now()
		go a.ask(ctx)
	}
	if !a.known {
		return
	}
	for i := range devices {
		devices[i].Processes = append([]gpu.Process{}, a.of[string(devices[i].UUID)]...)
	}
}

func (a *smiApps) ask(ctx context.Context) {
	cmd := exec.CommandContext(ctx, a.path, "--query-compute-apps=gpu_uuid,pid,used_memory", "--format=csv,noheader,nounits")
	out := head{most: longestAnswer}
	cmd.Stdout, cmd.WaitDelay, cmd.ExtraFiles, cmd.SysProcAttr = &out, time.Second, a.mark.kept(), inherited()
	err := cmd.Run()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asking, a.known = false, err == nil
	if err == nil {
		a.of = parseApps(out.String())
	}
}

// parseApps reads lines such as "GPU-1, 4711, 3072", in MiB.
func parseApps(text string) map[string][]gpu.Process {
	of := map[string][]gpu.Process{}
	for line := range strings.Lines(text) {
		words := strings.Split(strings.TrimSpace(line), ", ")
		if len(words) != 3 {
			continue
		}
		pid, err := strconv.Atoi(words[1])
		if err != nil {
			continue
		}
		p := gpu.Process{PID: pid}
		if used, err := strconv.ParseUint(words[2], 10, 64); err == nil {
			p.MemoryUsedBytes = new(used * mib)
		}
		of[words[0]] = append(of[words[0]], p)
	}
	for _, processes := range of {
		slices.SortFunc(processes, func(a, b gpu.Process) int { return a.PID - b.PID })
	}
	return of
}
