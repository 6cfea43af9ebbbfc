package launch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/engine/runner"
	"ablate/experiments/store"
	"ablate/gpu"
)

// machineFile, beside a store, names the folder of claims and the GPUs of the
// machine that its runners are to be on.
const machineFile = "machine"

// onMachine puts a runner on the machine that its store is on, if a test made one.
func onMachine(attempt string, r runner.Runner) runner.Runner {
	b, err := os.ReadFile(filepath.Join(attempt, "..", "..", "..", "..", "..", machineFile))
	if err != nil {
		return r
	}
	lines := strings.Fields(string(b))
	r.Claims, r.GPUs = lines[0], func() (gpu.Sampler, error) { return fakeGPUs(lines[1:]), nil }
	return r
}

// fakeGPUs are UUIDs; one that ends in "!" has somebody's process on it.
type fakeGPUs []string

func (f fakeGPUs) Sample(context.Context) ([]gpu.Device, error) {
	var all []gpu.Device
	for i, uuid := range f {
		uuid, taken := strings.CutSuffix(uuid, "!")
		d := gpu.Device{Index: i, UUID: gpu.Text(uuid), Name: "NVIDIA H20", Processes: []gpu.Process{}}
		if taken {
			d.Processes = append(d.Processes, gpu.Process{PID: 1234, User: "ada", Command: "python", MemoryUsedBytes: new(uint64(40 << 30))})
		}
		all = append(all, d)
	}
	return all, nil
}

func (fakeGPUs) Close() error { return nil }

// gpuSite is a site whose runs hold so many GPUs of a machine.
func gpuSite(t *testing.T, claims string, gpus int, argv ...string) site {
	t.Helper()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, launch.Local{Program: program.Path}, argv...)
	s.write(s.store.PlanFile("e"), map[string]any{"experiment": "e", "gpus": gpus})
	file := filepath.Join(s.store.Dir, "..", machineFile)
	if err := os.WriteFile(file, []byte(claims+" GPU-a GPU-b"), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

const holdGPUs = `echo "$CUDA_VISIBLE_DEVICES" > "$1/visible"; touch "$1/begun"; await "$1/go"`

// Two stores and too few GPUs for both: one runs at a time, the other leaves no
// trace and may try again.
func TestTwoStoresOneMachine(t *testing.T) {
	t.Parallel()
	claims := filepath.Join(t.TempDir(), "claims")
	one, two := gpuSite(t, claims, 2, holdGPUs), gpuSite(t, claims, 1, holdGPUs)
	job := one.launch()
	start := one.begun()
	if want := []string{"GPU-a", "GPU-b"}; !slices.Equal(start.Held, want) || one.file("visible") != "GPU-a,GPU-b" {
		t.Errorf("it holds %q and sees %q, want %q", start.Held, one.file("visible"), want)
	}
	busy := func() {
		t.Helper()
		_, err := two.launcher.Launch(t.Context(), spec(two.dir))
		if !errors.Is(err, engine.ErrBusy) || !strings.Contains(err.Error(), `held by run "e/c0/s1" of "`+one.store.Dir+`"`) {
			t.Errorf("the second store: %v, want ErrBusy with who has them", err)
		}
		if store.Locked(store.LockFile(two.run)) {
			t.Error("the run that did not begin is locked")
		}
		for _, name := range []string{"start.json", "exit.json"} {
			if _, err := os.Stat(filepath.Join(two.dir, name)); err == nil {
				t.Errorf("the run that did not begin has %s", name)
			}
		}
	}
	busy()
	one.killRunner()
	busy() // the trainer goes on with them
	if err := syscall.Kill(-start.Group, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	one.wait(job)
	second := two.launch()
	if start := two.begun(); !slices.Equal(start.Held, []string{"GPU-a"}) {
		t.Errorf("the second store holds %q, want GPU-a", start.Held)
	}
	two.touch("go")
	two.wait(second)
	two.sees(store.Done, "")
}

// Somebody's process keeps a GPU, and its run in the queue, which says whose it is;
// who asks for another GPU gets that.
func TestOtherPeoplesGPU(t *testing.T) {
	t.Parallel()
	s := gpuSite(t, filepath.Join(t.TempDir(), "claims"), 2, holdGPUs)
	machine := filepath.Join(s.store.Dir, "..", machineFile)
	b, err := os.ReadFile(machine)
	if err == nil {
		err = os.WriteFile(machine, []byte(strings.Replace(string(b), "GPU-a", "GPU-a!", 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.launcher.Launch(t.Context(), spec(s.dir))
	const why = "what the run needs cannot be had now: claim GPUs: too few GPUs are free of processes, 1 of 2 wanted; GPU 0: ada's python 1234 has 40 GB on it"
	if !errors.Is(err, engine.ErrBusy) || err.Error() != why {
		t.Fatalf("error %v, want %s", err, why)
	}
	s.write(s.store.PlanFile("e"), map[string]any{"experiment": "e", "gpus": 1, "placement": map[string]any{"only": []string{"0"}}})
	s.asks(store.Asked{Verb: "run", GPUs: "GPU-b"})
	job := s.launch()
	if start := s.begun(); !slices.Equal(start.Held, []string{"GPU-b"}) || s.file("visible") != "GPU-b" {
		t.Errorf("it holds %q and sees %q, want GPU-b", start.Held, s.file("visible"))
	}
	s.touch("go")
	s.wait(job)
}

// A run that holds none sees what there is, and one that wants more than there is
// fails and says so.
func TestOtherNumbersOfGPUs(t *testing.T) {
	t.Parallel()
	claims := filepath.Join(t.TempDir(), "claims")
	none := gpuSite(t, claims, 0, `echo "${CUDA_VISIBLE_DEVICES-unset}" > "$1/visible"`)
	none.wait(none.launch())
	if got := none.file("visible"); got != "unset" {
		t.Errorf("CUDA_VISIBLE_DEVICES is %s, and nobody set it", got)
	}
	many := gpuSite(t, claims, 3, holdGPUs)
	if _, err := many.launcher.Launch(t.Context(), spec(many.dir)); err == nil || errors.Is(err, engine.ErrBusy) {
		t.Errorf("three of two GPUs: %v, want an error that is not ErrBusy", err)
	}
	many.sees(store.Failed, "3 are wanted and 2 can be had here")
}
