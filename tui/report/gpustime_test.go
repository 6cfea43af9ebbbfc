package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/gpu"
	recordings "ablate/gpu/record"
	"ablate/tui/report"
)

// fleet is what a script says of nodes, by the time since the first look.
type fleet struct {
	nodes func(at time.Duration) []gpu.Node
	began time.Time
	shown []string
	ended int
}

func (f *fleet) Close() { f.ended++ }

func (f *fleet) Nodes() []gpu.Node {
	if f.began.IsZero() {
		f.began = time.Now()
	}
	return f.nodes(time.Since(f.began))
}

func (f *fleet) Ask(io.Writer) {}

func (f *fleet) Show(hosts []experiments.Host) {
	for _, h := range hosts {
		f.shown = append(f.shown, h.Name)
	}
}

// looked is the GPUs command in virtual time: what it wrote, what it said beside, how
// long it took.
func looked(t *testing.T, f *fleet, o report.GPUFlags, asJSON bool) (out, said string, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var w, progress bytes.Buffer
		began := time.Now()
		err = report.GPUs(t.Context(), &w, &progress, f, hostsOf, o, asJSON)
		out, said, took = w.String(), progress.String(), time.Since(began)
	})
	return out, said, took, err
}

// hostsOf is an experiment file with three hosts.
func hostsOf() (*experiments.File, error) {
	return &experiments.File{Hosts: []experiments.Host{
		{Name: "h200-1", Kind: "ssh"}, {Name: "h20-1", Kind: "ssh"}, {Name: "slurm-1", Kind: "slurm"}, {Name: "here", Kind: "local"},
	}}, nil
}

// h20 is a GPU with all that the table shows.
func h20(index int) gpu.Device {
	return gpu.Device{
		Index: index, UUID: gpu.Text("GPU-" + string(rune('0'+index))), Name: "NVIDIA H20", BusyPct: new(98.0), SMActivePct: new(91.0), TensorActivePct: new(74.4),
		DRAMActivePct: new(37.6), MemoryUsedBytes: new(uint64(71 << 30)), MemoryTotalBytes: new(uint64(96 << 30)), PowerW: new(388.2), PowerLimitW: new(400.0),
		TemperatureC: new(64.0), SMClockMHz: new(1200.0), SMClockMaxMHz: new(1980.0), Throttle: []string{}, Processes: []gpu.Process{},
	}
}

// always are nodes that stay as they are.
func always(nodes ...gpu.Node) *fleet {
	return &fleet{nodes: func(time.Duration) []gpu.Node { return nodes }}
}

var noDriver = gpu.Node{Name: gpu.Local, Err: gpu.ErrNoDriver}

func TestGPUTable(t *testing.T) {
	t.Parallel()
	capped, claimed, lost, idle := h20(0), h20(1), gpu.Device{Index: 2, Name: "NVIDIA H200", Error: "open GPU: the GPU is lost (NVML error 15)"}, h20(3)
	idle.BusyPct, idle.MemoryUsedBytes = new(0.0), new(uint64(1<<29))
	split := h20(5)
	capped.Throttle = []string{"power cap"}
	capped.Processes = []gpu.Process{{PID: 7, User: "bob", MemoryUsedBytes: new(uint64(1))}, {PID: 8, User: "ada", Command: "torchrun train.py", MemoryUsedBytes: new(uint64(9))}}
	claimed.ClaimedBy = &gpu.Holder{PID: 9, User: "eve", Store: "/s", Run: "grpo/kl=0/s2"}
	claimed.Repair = "a reset: rows wait to be remapped"
	slice := gpu.Device{Index: 5, Slice: new(5), Name: "NVIDIA H20 MIG 1g.12gb", MemoryUsedBytes: new(uint64(1 << 29)), MemoryTotalBytes: new(uint64(12 << 30)), Processes: []gpu.Process{{PID: 4711}}}
	got, said, _, err := looked(t, always(gpu.Node{Name: gpu.Local, Devices: []gpu.Device{capped, claimed, lost, idle, h20(4), split, slice}}), report.GPUFlags{}, false)
	want := `
gpu  device               busy   SM  tensor  HBM  memory GB  power W  °C        MHz  held by                   state
    0  H20                   98%  91%     74%  38%    71.0/96  388/400  64  1200/1980  ada: torchrun train.py +1  power cap
    1  H20                   98%  91%     74%  38%    71.0/96  388/400  64  1200/1980  run grpo/kl=0/s2 of eve    needs a reset: rows wait to be remapped
    2  H200                    –    –       –    –          –        –   –          –  –                          open GPU: the GPU is lost (NVML error 15)
    3  H20                    0%  91%     74%  38%     0.5/96  388/400  64  1200/1980  free
    4  H20                   98%  91%     74%  38%    71.0/96  388/400  64  1200/1980  in use, unseen
    5  H20                   98%  91%     74%  38%    71.0/96  388/400  64  1200/1980  in slices
5 MIG  H20 MIG 1g.12gb        –    –       –    –     0.5/12        –   –          –  process 4711
`
	if diff := cmp.Diff(squeezed(want), squeezed(got)); diff != "" || err != nil || said != "" {
		t.Errorf("error %v, said %q, table (-want +got):\n%s\n%s", err, said, diff, got)
	}
	lines := strings.Split(got, "\n")
	if strings.Index(lines[0], "°C") != strings.Index(lines[1], "64") { // set right, two wide
		t.Errorf("columns are not straight:\n%s", got)
	}
}

// squeezed is a table without the room between its columns.
func squeezed(text string) (lines [][]string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.Fields(line))
	}
	return lines
}

// Columns that no GPU has are left out; what is only there with the second sample is
// waited for, and no longer.
func TestGPUTableOfAnOldGPU(t *testing.T) {
	t.Parallel()
	old := gpu.Device{Name: "NVIDIA A100-SXM4-80GB", BusyPct: new(1.0)}
	f := &fleet{nodes: func(at time.Duration) []gpu.Node {
		return []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{old}, Age: at % time.Second}}
	}}
	got, _, took, err := looked(t, f, report.GPUFlags{}, false)
	if want := [][]string{{"gpu", "device", "busy", "memory", "GB", "power", "W", "°C", "held", "by"}, {"0", "A100", "1%", "–", "–", "–", "–"}}; !cmp.Equal(want, squeezed(got)) || err != nil {
		t.Errorf("%v\n%s", err, got)
	}
	if took < time.Second || took > 1100*time.Millisecond {
		t.Errorf("took %v, want the time of a second sample", took)
	}
	hopper := &fleet{nodes: func(at time.Duration) []gpu.Node {
		n := gpu.Node{Name: gpu.Local, Devices: []gpu.Device{old}, Age: at}
		if at >= time.Second {
			n.Devices, n.Age = []gpu.Device{h20(0)}, 0
		}
		return []gpu.Node{n}
	}}
	if got, _, _, _ := looked(t, hopper, report.GPUFlags{}, false); !strings.Contains(got, "91%") {
		t.Errorf("the shares of time are not waited for:\n%s", got)
	}
}

// What is wrong is said, and is the error where the command failed.
func TestGPUsInTrouble(t *testing.T) {
	t.Parallel()
	unreachable := errors.New("ssh: connect: timed out")
	good := gpu.Node{Name: "h20-1", Devices: []gpu.Device{h20(0)}}
	for _, c := range []struct {
		name      string
		nodes     *fleet
		hosts     []string
		out, json string // what is in it
		err       string
		took      time.Duration // at most
	}{
		{"no driver", always(noDriver), nil, "no NVIDIA driver on this machine\n", "[]\n", "", 0},
		{"no GPU", always(gpu.Node{Name: gpu.Local}), nil, "no GPU\n", "[]\n", "", 0},
		{"the driver hangs", always(gpu.Node{Name: gpu.Local, Err: gpu.ErrNotAnswering}), nil, "", "[]\n", "read GPUs: the NVIDIA driver does not answer", 0},
		{"nothing comes", always(gpu.Node{Name: gpu.Local, Err: gpu.ErrNotYet}), nil, "", "[]\n", "read GPUs: no GPU has been read yet", 13 * time.Second},
		{"an old sample", always(gpu.Node{Name: gpu.Local, Devices: []gpu.Device{h20(0)}, Age: 43 * time.Second, Err: gpu.ErrNotAnswering}), nil, "read 43s ago, at 23:59:17\n", `"index": 0`, "read GPUs: the NVIDIA driver does not answer", 2 * time.Second},
		{"a host is not reached", always(noDriver, good, gpu.Node{Name: "h200-1", Err: unreachable}), []string{"all"}, "h20-1", `"index": 0`, "read GPUs of h200-1: ssh: connect: timed out", 2 * time.Second},
		{"a host is slow", always(noDriver, gpu.Node{Name: "h20-1", Err: gpu.ErrNotYet, Doing: "connecting"}), []string{"h20-1"}, "", "[]\n", "read GPUs of h20-1: no GPU has been read yet (connecting)", 601 * time.Second},
		{"a host without a driver", always(noDriver, gpu.Node{Name: "h20-1", Err: gpu.ErrNoDriver}), []string{"h20-1"}, "h20-1: no NVIDIA driver on this machine\n", "[]\n", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for asJSON, want := range map[bool]string{false: c.out, true: c.json} {
				out, said, took, err := looked(t, c.nodes, report.GPUFlags{Names: c.hosts}, asJSON)
				text := ""
				if err != nil {
					text = err.Error()
				}
				if text != c.err || !strings.Contains(out, want) || (want == "") != (out == "") || said != "" {
					t.Errorf("error %q, want %q; said %q; printed\n%swant %q", text, c.err, said, out, want)
				}
				if c.nodes.ended == 0 {
					t.Error("the nodes were not let go of")
				}
				if took > c.took+100*time.Millisecond {
					t.Errorf("took %v", took)
				}
				if strings.Contains(c.err, "ssh") && !errors.Is(err, unreachable) {
					t.Error("the error is not that of the host")
				}
			}
		})
	}
}

// Which nodes are shown: this machine, or those that are named.
func TestGPUHosts(t *testing.T) {
	t.Parallel()
	local := gpu.Node{Name: gpu.Local, Devices: []gpu.Device{h20(0)}}
	for _, c := range []struct {
		names string
		shown []string
		local bool
		err   string
	}{
		{"", nil, true, ""},
		{"local", nil, true, ""},
		{"here", nil, true, ""},
		{"h20-1", []string{"h20-1"}, false, ""},
		{"h20-1,h200-1 h20-1", []string{"h20-1", "h200-1"}, false, ""},
		{"all", []string{"h200-1", "h20-1"}, true, ""},
		{"h20_1", nil, false, `show GPUs of host "h20_1": the experiment file has no [host.h20_1], did you mean "h20-1"?; there are local, all, h200-1, h20-1, slurm-1, here`},
		{"slurm-1", nil, false, `show GPUs of host "slurm-1": it is of kind "slurm", and only hosts of kind "ssh" can be asked`},
	} {
		f := &fleet{}
		f.nodes = func(time.Duration) []gpu.Node {
			nodes := []gpu.Node{local}
			for _, name := range f.shown {
				nodes = append(nodes, gpu.Node{Name: name, Devices: []gpu.Device{h20(1)}})
			}
			return nodes
		}
		var o report.GPUFlags
		if c.names != "" {
			o = flags(t, "--host", c.names)
		}
		out, _, _, err := looked(t, f, o, true)
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: error %v, want %v", c.names, err, c.err)
			}
			continue
		}
		var devices []gpu.Device
		if err := json.Unmarshal([]byte(out), &devices); err != nil {
			t.Fatal(err)
		}
		want := len(c.shown)
		if c.local {
			want++
		}
		if !cmp.Equal(c.shown, f.shown) || len(devices) != want || (devices[0].Index == 0) != c.local {
			t.Errorf("%q: shown %v, %d devices; want %v, %d", c.names, f.shown, len(devices), c.shown, want)
		}
	}
}

// In a pipe one table or array follows another, until the time is over.
func TestWatchGPUs(t *testing.T) {
	t.Parallel()
	f := always(gpu.Node{Name: gpu.Local, Devices: []gpu.Device{h20(0)}, Err: gpu.ErrNotAnswering})
	o := report.GPUFlags{Watch: true, For: 2500 * time.Millisecond}
	out, _, took, err := looked(t, f, o, false)
	if n := strings.Count(out, "gpu  device"); n != 3 || took != o.For || err != nil || strings.Count(out, "the NVIDIA driver does not answer") != 3 {
		t.Errorf("%d tables in %v, error %v:\n%s", n, took, err, out)
	}
	out, said, _, err := looked(t, f, o, true)
	for line := range strings.Lines(out) {
		var devices []gpu.Device
		if err := json.Unmarshal([]byte(line), &devices); err != nil || len(devices) != 1 {
			t.Errorf("%q: %v", line, err)
		}
	}
	if strings.Count(out, "\n") != 3 || said != "read GPUs: the NVIDIA driver does not answer\n" || err != nil {
		t.Errorf("error %v, said %q, wrote\n%s", err, said, out)
	}
	for asJSON, want := range map[bool]string{false: "no NVIDIA driver on this machine\n", true: "[]\n"} {
		if out, _, took, err := looked(t, always(noDriver), report.GPUFlags{Watch: true}, asJSON); out != want || took > 0 || err != nil {
			t.Errorf("no driver: %q in %v, error %v", out, took, err)
		}
	}
}

// A recording has each reading once, and none of a node that does not answer.
func TestRecordGPUs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gpus.jsonl")
	f := &fleet{nodes: func(at time.Duration) []gpu.Node {
		local := gpu.Node{Name: gpu.Local, Devices: []gpu.Device{h20(0)}, Age: at % time.Second}
		if at >= 10*time.Second {
			local.Age = at - 9*time.Second
		}
		return []gpu.Node{local}
	}}
	out, said, took, err := looked(t, f, report.GPUFlags{Record: path, For: time.Minute}, false)
	if err != nil || took != time.Minute || out != "" {
		t.Errorf("error %v after %v, printed %q", err, took, out)
	}
	if !strings.HasPrefix(said, "recording 1 GPU to "+path+"; ctrl-c ends it\n"+path+": 10 samples of 1 GPU in 1m00s recorded, ") {
		t.Errorf("said %q", said)
	}
	times := []float64{}
	for _, s := range samplesOf(t, path) {
		times = append(times, s.Time)
	}
	for i := range times {
		if got, want := times[i]-times[0], float64(i); got < want-0.01 || got > want+0.01 {
			t.Errorf("sample %d is of %v s", i, got)
		}
	}
	if len(times) != 10 {
		t.Errorf("%d samples, want 10", len(times))
	}
	if _, _, _, err := looked(t, f, report.GPUFlags{Record: path, For: time.Minute}, false); !errors.Is(err, os.ErrExist) {
		t.Errorf("over another recording: %v", err)
	}
	beside := filepath.Join(t.TempDir(), "two.jsonl")
	both := &fleet{nodes: func(at time.Duration) []gpu.Node {
		other := h20(1)
		other.UUID = "GPU-other"
		return append(f.nodes(at), gpu.Node{Name: "h20-1", Devices: []gpu.Device{other, {Index: 0, Slice: new(0), UUID: "MIG-0", Name: "NVIDIA H20 MIG 1g.12gb"}}, Age: at % time.Second})
	}}
	if _, said, _, err := looked(t, both, report.GPUFlags{Record: beside, For: 19500 * time.Millisecond, Names: []string{"local", "h20-1"}}, false); err != nil || !strings.Contains(said, "20 samples of 2 GPUs") {
		t.Errorf("error %v, said %q", err, said)
	}
	counts := map[int]int{} // samples, by how many GPUs are in them beside the slice
	for _, s := range samplesOf(t, beside) {
		counts[len(s.Devices)-1]++
	}
	if counts[2] < 10 || counts[2] > 14 || counts[1]+counts[2] != 20 {
		t.Errorf("samples by GPUs: %v, want 2 until the first node is 4 s silent", counts)
	}
	nowhere := filepath.Join(t.TempDir(), "none.jsonl")
	if _, _, _, err := looked(t, always(noDriver), report.GPUFlags{Record: nowhere}, false); !errors.Is(err, gpu.ErrNoDriver) {
		t.Errorf("no driver: %v", err)
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a file was made for nothing")
	}
	if _, _, _, err := looked(t, f, report.GPUFlags{For: time.Minute}, false); err == nil || !strings.Contains(err.Error(), "--for") {
		t.Errorf("--for alone: %v", err)
	}
}

// samplesOf reads a whole recording.
func samplesOf(t *testing.T, path string) (samples []recordings.Sample) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for r := recordings.NewReader(file); ; {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return samples
		}
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, s)
	}
}

// An interrupt while nothing has come ends the wait.
func TestGPUsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f := always(gpu.Node{Name: gpu.Local, Err: gpu.ErrNotYet})
		if err := report.GPUs(ctx, io.Discard, io.Discard, f, hostsOf, report.GPUFlags{}, false); !errors.Is(err, report.ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
}
