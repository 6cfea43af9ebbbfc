package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments"
	"ablate/gpu"
)

// fakeGPUs reads what it is told, call by call; the last stays.
type fakeGPUs struct {
	mu    sync.Mutex // of a watch's goroutine and the test's
	calls [][]gpu.Device
	err   error
}

func (f *fakeGPUs) Sample(context.Context) ([]gpu.Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	devices := f.calls[0]
	if len(f.calls) > 1 {
		f.calls = f.calls[1:]
	}
	return devices, f.err
}

// become changes what is read while a watch may read it.
func (f *fakeGPUs) become(err error, calls ...[]gpu.Device) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.calls = err, calls
}

func (*fakeGPUs) Close() error { return nil }

// four are GPUs of two types without processes.
func four(change ...func(d []gpu.Device)) []gpu.Device {
	devices := make([]gpu.Device, 4)
	for i := range devices {
		devices[i] = gpu.Device{Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%c", 'a'+i)), Name: "NVIDIA H20", Processes: []gpu.Process{}}
	}
	devices[3].Name = "NVIDIA H200"
	for _, c := range change {
		c(devices)
	}
	return devices
}

func taken(i int) func(d []gpu.Device) {
	return func(d []gpu.Device) {
		d[i].Processes = []gpu.Process{{PID: 1234, User: "ada", Command: "python", MemoryUsedBytes: new(uint64(40 << 30))}}
	}
}

// claimant is a runner of a command that is about to claim, on a machine whose
// readings are these, one after the other.
func claimant(t *testing.T, design, asked string, calls ...[]gpu.Device) *Runner {
	t.Helper()
	root := t.TempDir()
	r := &Runner{Dir: filepath.Join(root, "runs", "e", "c", "s1", "a1"), Claims: filepath.Join(root, "claims"), run: experiments.Run{ID: "e/c/s1", Experiment: "e", Argv: []string{"sh"}}}
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string, parts ...string) {
		if err := os.WriteFile(filepath.Join(append([]string{root, "runs", "e"}, parts...)...), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(design, "plan.json")
	write(asked, "c", "s1", "asked.jsonl")
	var err error
	if r.design, err = r.readDesign(); err != nil {
		t.Fatal(err)
	}
	if len(calls) > 0 {
		r.gpus = gpu.NewWatch(t.Context(), func() (gpu.Sampler, error) { return &fakeGPUs{calls: calls}, nil })
	}
	return r
}

// allVisible takes the variable away that says which GPUs are visible, so that the
// test is not parallel.
func allVisible(t *testing.T) {
	t.Helper()
	t.Setenv(visible, "") // puts it back in the end
	if err := os.Unsetenv(visible); err != nil {
		t.Fatal(err)
	}
}

func TestClaim(t *testing.T) {
	const design = `{"gpus":2,"placement":{"type":"H20","keep_off":["0"]}}`
	wish := func(gpus string) string { return `{"verb":"run","gpus":"` + gpus + `"}` + "\n" }
	tests := []struct {
		name, visible, design, asked string
		devices                      []gpu.Device
		want                         []string
		words                        string // of the error
		busy                         bool
	}{
		{"none", "", `{"experiment":"e"}`, "", four(), nil, "", false},
		{"any two", "", `{"gpus":2}`, "", four(taken(0)), []string{"GPU-b", "GPU-c"}, "", false},
		{"of a type, not the first", "", design, "", four(), []string{"GPU-b", "GPU-c"}, "", false},
		{"some of them in use", "", design, "", four(taken(2)), nil,
			"what the run needs cannot be had now: claim GPUs of type H20: too few GPUs are free of processes, 1 of 2 wanted; GPU 0: kept off; GPU 2: ada's python 1234 has 40 GB on it; GPU 3: of type H200", true},
		{"never so many", "", `{"gpus":2,"placement":{"type":"H200"}}`, "", four(), nil,
			"start trainer: claim GPUs of type H200: 2 are wanted and 1 can be had here; GPUs 0-2: of type H20", false},
		{"a list", "", `{"gpus":2,"placement":{"only":["3","GPU-a"]}}`, "", four(), []string{"GPU-d", "GPU-a"}, "", false},
		{"asked for others", "", `{"gpus":2,"placement":{"only":["3","GPU-a"]}}`, wish("1-2"), four(), []string{"GPU-b", "GPU-c"}, "", false},
		{"asked for some of which so many", "", design, wish("0-2"), four(), []string{"GPU-b", "GPU-c"}, "", false},
		{"a command that holds none", "", `{"experiment":"e"}`, wish("1,3"), four(), []string{"GPU-b", "GPU-d"}, "", false},
		{"but what is kept off", "", `{"placement":{"keep_off":["1"]}}`, wish("1,3"), four(), nil, "2 are wanted and 1 can be had here; GPU 1: kept off", false},
		{"the newest wish counts", "", `{"gpus":1}`, wish("1") + wish("2"), four(), []string{"GPU-c"}, "", false},
		{"also one without", "", `{"gpus":1}`, wish("1") + wish(""), four(), []string{"GPU-a"}, "", false},
		{"a stop is none", "", `{"gpus":1}`, wish("1") + `{"verb":"stop"}` + "\n", four(), []string{"GPU-b"}, "", false},
		{"not there", "", `{"gpus":1}`, wish("7"), four(), nil, "start trainer: claim GPUs: this machine has no GPU 7; it has GPUs 0-3", false},
		{"damaged", "", `{"gpus":1}`, wish("x"), four(), nil, `start trainer: read list of GPUs "x"`, false},
		{"what is visible", "2,0", `{"gpus":2}`, "", four(), []string{"GPU-a", "GPU-c"}, "", false},
		{"what is not", "2,0", `{"gpus":3}`, "", four(), nil, "GPUs 1, 3: CUDA_VISIBLE_DEVICES leaves it out", false},
		{"a GPU that waits to be reset", "", `{"gpus":4}`, "", four(func(d []gpu.Device) { d[1].Error = "the GPU needs a reset" }), nil, "GPU 1: the GPU needs a reset", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			allVisible(t)
			if tt.visible != "" {
				t.Setenv(visible, tt.visible)
			}
			r := claimant(t, tt.design, tt.asked, tt.devices)
			c, err := r.claim()
			if tt.words != "" {
				if err == nil || !strings.Contains(err.Error(), tt.words) || errors.Is(err, engine.ErrBusy) != tt.busy {
					t.Errorf("error %v, want %s, busy %v", err, tt.words, tt.busy)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, c.UUIDs); diff != "" {
				t.Errorf("held (-want +got):\n%s", diff)
			}
			last := environ(c)[len(environ(c))-1]
			if want := visible + "=" + strings.Join(tt.want, ","); len(tt.want) > 0 && last != want {
				t.Errorf("the trainer finds %s, want %s", last, want)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Memory of a run that has just ended is free in a moment: the next one looks once
// more and need not wait for its turn.
func TestClaimLooksOnceMore(t *testing.T) {
	allVisible(t)
	r := claimant(t, `{"gpus":4}`, "", four(taken(1)), four())
	if c, err := r.claim(); err != nil || len(c.UUIDs) != 4 {
		t.Errorf("%+v, %v; want all four", c, err)
	}
}

// A run does not start where the driver says nothing.
func TestClaimWithoutReadings(t *testing.T) {
	t.Parallel()
	mismatch := errors.New("start NVML: driver and library have different versions")
	for name, tt := range map[string]struct {
		open  func() (gpu.Sampler, error)
		want  string
		waits bool
	}{
		"no driver":           {func() (gpu.Sampler, error) { return nil, gpu.ErrNoDriver }, "start trainer: no NVIDIA driver on this machine", false},
		"a broken one":        {func() (gpu.Sampler, error) { return nil, mismatch }, "driver and library have different versions", true},
		"a sample that fails": {func() (gpu.Sampler, error) { return &fakeGPUs{calls: [][]gpu.Device{nil}, err: mismatch}, nil }, "different versions", true},
	} {
		r := claimant(t, `{"gpus":1}`, "")
		r.gpus = gpu.NewWatch(t.Context(), tt.open)
		if _, err := r.claim(); err == nil || errors.Is(err, engine.ErrBusy) != tt.waits || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	// What holds none asks no driver, whatever was asked for a trainer of ours.
	none, ours := claimant(t, `{"experiment":"e"}`, `{"verb":"run"}`), claimant(t, `{"experiment":"e"}`, `{"verb":"run","gpus":"0"}`+"\n")
	ours.run.Argv = nil
	for _, r := range []*Runner{none, ours} {
		if c, err := r.claim(); err != nil || len(c.UUIDs) > 0 {
			t.Errorf("%+v, %v", c, err)
		}
	}
}
