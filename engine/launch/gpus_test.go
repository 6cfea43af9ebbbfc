package launch_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/engine/runner"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
)

// driverFile, beside a store, says how the driver of its runners does: "hangs" or "works".
const driverFile = "driver"

// onDriver gives a runner the driver that a test made for its store.
func onDriver(attempt string, r runner.Runner) runner.Runner {
	b, err := os.ReadFile(filepath.Join(attempt, "..", "..", "..", "..", "..", driverFile))
	if err != nil {
		return r
	}
	if string(b) == "hangs" {
		r.GPUs = func() (gpu.Sampler, error) { return hung{}, nil }
		return r
	}
	uuids, began := r.GPUs, time.Now()
	r.GPUs = func() (gpu.Sampler, error) {
		s, err := uuids()
		return &working{s, began, false}, err
	}
	return r
}

// hung is a driver whose calls do not return.
type hung struct{}

func (hung) Sample(context.Context) ([]gpu.Device, error) { select {} }
func (hung) Close() error                                 { return nil }

// working are GPUs that draw 300 W, and have work once they were claimed.
type working struct {
	gpu.Sampler
	began time.Time
	used  bool
}

func (w *working) Sample(ctx context.Context) ([]gpu.Device, error) {
	devices, err := w.Sampler.Sample(ctx)
	for i := range devices {
		devices[i].Name = "NVIDIA H20"
		devices[i].EnergyJ = new(300 * time.Since(w.began).Seconds())
		if w.used {
			devices[i].BusyPct, devices[i].MemoryUsedBytes = new(90.0), new(uint64(7<<30))
		}
	}
	w.used = true
	return devices, err
}

// What a run made of the GPUs that it held is in the record of its end, also if it was
// told to end, and can be had from gpu.jsonl while it lives.
func TestUseOfGPUs(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"done":    `touch "$1/begun"; await "$1/go"`,
		"stopped": `touch "$1/begun"; await "$1/never"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gpuSite(t, filepath.Join(t.TempDir(), "claims"), 1, script)
			if err := os.WriteFile(filepath.Join(s.store.Dir, "..", driverFile), []byte("works"), 0o644); err != nil {
				t.Fatal(err)
			}
			job := s.launch()
			s.begun()
			s.eventually("gpu.jsonl does not tell of 1 s", func() bool {
				f, err := os.Open(filepath.Join(s.dir, "gpu.jsonl"))
				if err != nil {
					return false
				}
				defer f.Close()
				var m gpu.Meter
				for r := record.NewReader(f); ; {
					s, err := r.Next()
					if err != nil {
						break
					}
					m.Add(s.Time, s.Devices)
				}
				u := m.Use()
				return u.Seconds > 0.9 && slices.Equal(u.UUIDs, []string{"GPU-a"})
			})
			if name == "stopped" {
				s.ask("stop")
				s.signal(job, syscall.SIGTERM)
			}
			s.touch("go")
			s.wait(job)
			u := s.exit().GPU
			if u == nil || !slices.Equal(u.UUIDs, []string{"GPU-a"}) || !slices.Equal(u.Names, []string{"NVIDIA H20"}) || *u.BusyPct != 90 || *u.PeakMemoryBytes != 7<<30 {
				t.Fatalf("exit.json says of GPUs %+v", u)
			}
			if watts := *u.EnergyJ / u.Seconds; watts < 30 || watts > 3000 { // a busy machine reads late
				t.Errorf("%v J in %v s, want about 300 W", *u.EnergyJ, u.Seconds)
			}
			if text := s.file("gpu.jsonl"); strings.Contains(text, "GPU-b") || !strings.Contains(text, "GPU-a") {
				t.Errorf("gpu.jsonl has other GPUs than its own:\n%s", text)
			}
		})
	}
}

// A driver that does not answer delays neither start, nor signals, nor end of a run that
// holds no GPU, and what it would have told is not there.
func TestHungDriver(t *testing.T) {
	t.Parallel()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, launch.Local{Program: program.Path}, `touch "$1/begun"; await "$1/never"`)
	if err := os.WriteFile(filepath.Join(s.store.Dir, "..", driverFile), []byte("hangs"), 0o644); err != nil {
		t.Fatal(err)
	}
	job := s.launch()
	s.begun()
	s.ask("stop")
	s.signal(job, syscall.SIGTERM)
	s.wait(job)
	s.sees(store.Stopped, "stopped")
	if e := s.exit(); e.GPU != nil {
		t.Errorf("it used the GPUs %+v", e.GPU)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "gpu.jsonl")); err == nil {
		t.Error("there is a gpu.jsonl")
	}
}
