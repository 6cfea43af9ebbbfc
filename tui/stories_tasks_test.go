package tui

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
)

// The recorded runs that the stories speak of.
const (
	grid512x1, grid512x2   = "grid/tasks=512,solutions=1~130d43", "grid/tasks=512,solutions=2~c4feea"
	grid2048x1, grid2048x2 = "grid/tasks=2048,solutions=1~c64fb8", "grid/tasks=2048,solutions=2~46f385"
	mineStopped            = "mine/lr=0.003~8c4473/s1"
	mineTwice              = "mine/lr=0.01~d65229/s1"
	mineFailed             = "mine/lr=0.1~a7b193/s1"
	mineRuled              = "mine/lr=1~9a8772/s1"
)

// exitOf is how the only attempt of a recorded run ended, read by hand.
func exitOf(t *testing.T, id string) (e struct {
	Reason  string
	Metrics map[string]any
}) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/recorded/runs", id, "a1/exit.json"))
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// resultOf is the mean of a metric that the seeds of a recorded cell ended with.
func resultOf(t *testing.T, metric, cell string, seeds ...int) float64 {
	t.Helper()
	sum := 0.0
	for _, seed := range seeds {
		v, ok := exitOf(t, fmt.Sprintf("%s/s%d", cell, seed)).Metrics[metric].(float64)
		if !ok {
			t.Fatalf("%s s%d has no %s", cell, seed, metric)
		}
		sum += v
	}
	return sum / float64(len(seeds))
}

// solved is how often each task was solved by the programs of a recorded run.
func solved(t *testing.T, run string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/recorded/runs", run, "a1/items/*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no outcomes: %v", run, err)
	}
	f, err := os.Open(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var x struct {
			ID string
			C  int
		}
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		all[x.ID] = x.C
	}
	return all
}

// Ten tasks of somebody who has not read anything: from the screen that the bare
// command opens, each key stands on the screen before it is pressed, and eight are
// enough. A text that is typed counts as one; arrows need no words.
func TestTasksOfANewcomer(t *testing.T) {
	t.Parallel()
	const most = 8
	for _, task := range []struct {
		name string
		does func(*testing.T, *person)
	}{
		{"make and start an ablation", makeAblation}, {"why did it fail", whyFailed}, {"best cell", bestCell}, {"against last week's", lastWeeks},
		{"which tasks flipped", whichFlipped}, {"free a GPU", freeGPU}, {"retry the failed", retryFailed}, {"stop one", stopOne},
		{"copy a result", copyResult}, {"find a line of the log", findLine},
	} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s %dx%d", task.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				p := sit(t, size[0], size[1])
				task.does(t, p)
				p.within(most)
			})
		}
	}
}

func makeAblation(t *testing.T, p *person) {
	p.reads("esc back").to("grid").reads("c clone").sees("grid-2").does("set lr=0.02").reads("r save and run").did("run grid-2")
	text, err := os.ReadFile(filepath.Join(p.home, "experiments.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, clone, _ := strings.Cut(string(text), "[experiment.grid-2]")
	if !strings.Contains(clone, "lr = 0.02\n") && !strings.Contains(clone, "lr         = 0.02\n") {
		t.Errorf("the file has no experiment grid-2 with lr 0.02:\n%s", clone)
	}
	if !strings.Contains(string(text), "# A grid of two axes, asked twice") {
		t.Error("the file has lost its comments")
	}
}

func whyFailed(t *testing.T, p *person) {
	reason := exitOf(t, mineFailed).Reason
	p.to("0.1 s1").reads("enter open").sees("✗ failed at step 13 of 24", reason)
}

func bestCell(t *testing.T, p *person) {
	best, mean := "", 0.0
	for _, cell := range []string{grid512x1, grid512x2, grid2048x1, grid2048x2} {
		if m := resultOf(t, "eval/pass@1", cell, 1, 2); m > mean {
			best, mean = cell, m
		}
	}
	if best != grid512x1 || mean != 0.175 {
		t.Fatalf("the best cell is %s with %v", best, mean)
	}
	p.reads("esc back").to("grid").reads("enter open").does("copy matrix")
	if !strings.Contains(p.clip, "| 1 | ▲.17 ±.26 2/2 |") {
		t.Errorf("the matrix has no ▲.17 at 512 tasks:\n%s", p.clip)
	}
}

func lastWeeks(t *testing.T, p *person) {
	p.reads("esc back").to("grid").reads("v compare").types("@").sees("grid@ce98bf68c420", "design of").reads("enter compare")
	for _, cell := range []struct{ label, name string }{{"512×1", grid512x1}, {"512×2", grid512x2}, {"2048×1", grid2048x1}, {"2048×2", grid2048x2}} {
		now, then := resultOf(t, "eval/pass@1", cell.name, 1, 2), resultOf(t, "eval/pass@1", cell.name, 1)
		p.row(cell.label, fmt.Sprintf("%.3f", now), fmt.Sprintf("%.3f", then))
	}
}

func whichFlipped(t *testing.T, p *person) {
	p.reads("esc back").to("grid").reads("enter open").does("compare").sees("A 512×1", "B 2048×1").reads("enter flips")
	gained, lost := 0, 0
	var ids []string
	a1, a2, b1, b2 := solved(t, grid512x1+"/s1"), solved(t, grid512x1+"/s2"), solved(t, grid2048x1+"/s1"), solved(t, grid2048x1+"/s2")
	for id := range a1 {
		switch a, b := a1[id]+a2[id], b1[id]+b2[id]; {
		case b > a:
			gained++
			ids = append(ids, id)
		case b < a:
			lost++
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Fatal("no task flipped in the files")
	}
	p.sees(fmt.Sprintf("%d gained by B, %d lost", gained, lost))
	for _, id := range ids {
		p.sees(id[:min(len(id), 12)])
	}
}

func freeGPU(_ *testing.T, p *person) {
	p.serve("GPU-1234").gpuOf(mineStopped)
	p.does("gpus").eventually("the GPU has its run", func() bool { return strings.Contains(p.text(), mineStopped) })
	p.reads("s free it").sees("stop "+mineStopped).reads("y yes").did("resume "+mineStopped, "stop "+mineStopped)
	p.eventually("the run is stopped", func() bool { return p.status(mineStopped) == store.Stopped })
	idle := card(0, "GPU-1234") // what is still at work on a GPU has it
	idle.BusyPct, idle.MemoryUsedBytes = new(0.0), new(uint64(0))
	p.gpus.Nodes = []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{idle}}}
	p.eventually("the GPU is free", func() bool { return strings.Contains(p.text(), "– free") })
}

// gpuOf has a run hold the only GPU of the machine.
func (p *person) gpuOf(run string) {
	p.t.Helper()
	p.gpus.Nodes = []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{card(0, "GPU-1234")}}}
	p.goesOn(run)
}

// goesOn has somebody else ask for a run.
func (p *person) goesOn(run string) *person {
	p.t.Helper()
	p.carry(p.m.site.Do(engine.Request{Verb: "resume", Runs: []string{run}}))
	return p.eventually("the run is going", func() bool { return p.status(run) == store.Running })
}

func retryFailed(t *testing.T, p *person) {
	t.Helper()
	p.sees("2 failed").reads("t retry").sees("retry the 2 runs that did?").reads("y yes").did("retry " + mineFailed + " " + mineRuled)
}

func stopOne(_ *testing.T, p *person) {
	p.serve("").goesOn(mineStopped).second()
	p.sees("● 1 running").reads("s stop").sees("stop 0.003 s1?").reads("y yes").did("resume "+mineStopped, "stop "+mineStopped)
	p.eventually("the run is stopped", func() bool {
		return p.status(mineStopped) == store.Stopped && !strings.Contains(p.text(), "● 1 running")
	})
	p.sees("0.003 s1  – stopped")
}

func copyResult(t *testing.T, p *person) {
	p.does("copy table")
	for _, cell := range []string{"0.001", "0.003", "0.1"} {
		v := map[string]float64{"0.001": 0.24, "0.003": 0.162, "0.1": 0.13}[cell]
		line := slices.IndexFunc(strings.Split(p.clip, "\n"), func(l string) bool { return strings.HasPrefix(l, "| "+cell+" s1 ") })
		if line < 0 || !strings.Contains(strings.Split(p.clip, "\n")[line], fmt.Sprintf("| %.3f |", v)) {
			t.Errorf("the table has no %s with %.3f:\n%s", cell, v, p.clip)
		}
	}
}

func findLine(t *testing.T, p *person) {
	p.to("0.1 s1").reads("enter open").reads("L ").reads("/ search").types("gradient").press("enter").sees("▸OverflowError: the gradient of step 13 is too large; lower lr")
	text, err := os.ReadFile(filepath.Join("testdata/recorded/runs", mineFailed, "a1/out.log"))
	if err != nil || !strings.Contains(string(text), "\nOverflowError: the gradient of step 13 is too large; lower lr\n") {
		t.Errorf("the line is not in the file: %v", err)
	}
}

// row holds that a row of a table has these values in this order.
func (p *person) row(begins string, values ...string) *person {
	p.t.Helper()
	for line := range strings.SplitSeq(p.text(), "\n") {
		if fields := strings.Fields(strings.TrimLeft(line, "› *★!")); len(fields) > 0 && fields[0] == begins {
			at := 0
			for _, f := range fields[1:] {
				if at < len(values) && f == values[at] {
					at++
				}
			}
			if at == len(values) {
				return p
			}
			p.t.Fatalf("the row of %s does not have %v: %q", begins, values, line)
		}
	}
	p.t.Fatalf("there is no row of %s:\n%s", begins, p.text())
	return p
}
