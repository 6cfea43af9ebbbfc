//go:build (linux || darwin) && !nonvml

package alert

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ablate/gpu"
	"ablate/gpu/gputest"
	"ablate/gpu/nvml"
)

// healthyGPUs is the scenario of a machine of two H20s on which a run trains.
const healthyGPUs = `gpu
name NVIDIA H20
uuid GPU-0
busy 97
memory_busy 41
total 97871
used 74000
reserved 620
power 388000
limit 400000
temperature 64
sm_clock 1830
sm_clock_max 1980
throttle 0
ecc_corrected 3
ecc_uncorrected 0
remapped 0
remap_pending 0
remap_failed 0
gpu
name NVIDIA H20
uuid GPU-1
busy 96
memory_busy 40
total 97871
used 74000
reserved 620
power 391000
limit 400000
temperature 66
sm_clock 1815
sm_clock_max 1980
throttle 0
ecc_corrected 0
ecc_uncorrected 0
remapped 0
remap_pending 0
remap_failed 0
`

// injected is one fault of GPU 1 and what has to be said of it.
type injected struct {
	name     string
	scenario string // that takes the place of the healthy one
	alert    string // "" for what only a column says as soon
	column   string
}

var injections = []injected{
	{"power cap", healthyGPUs + "throttle 4\nsm_clock 1410\n", "GPU 1: held at 1410 of 1980 MHz: power cap of 400 W", "power cap"},
	{"thermal", healthyGPUs + "throttle 32\nsm_clock 1230\ntemperature 84\n", "GPU 1: held at 1230 of 1980 MHz: too hot (84 °C); check its cooling", "too hot"},
	{"thermal, by hardware", healthyGPUs + "throttle 72\nsm_clock 345\ntemperature 93\n", "GPU 1: held at 345 of 1980 MHz: far too hot (93 °C), the hardware protects itself; check its cooling now", "too hot (hardware)"},
	{"XID", healthyGPUs + "event 8 79\n", "GPU 1: XID 79, fallen off the bus; restart the machine", "XID 79"},
	{"idle while held", healthyGPUs + "busy 0\nmemory_busy 0\n", "", "idle, held"},
	{"lost", healthyGPUs + "fail * 15\n", "GPU 1: lost, it fell off the bus; restart the machine", "lost"},
	{"memory full", healthyGPUs + "used 97100\n", "GPU 1: memory nearly full: 94.8 of 95.6 GB; the next allocation may fail", "memory full"},
	{"reset required", healthyGPUs + "fail * 16\n", "GPU 1: needs a reset; stop what runs on it, then nvidia-smi --gpu-reset -i 1", "needs a reset"},
	{"listed no more", healthyGPUs[:strings.LastIndex(healthyGPUs, "gpu\n")], "GPU 1: lost, the driver lists it no more; restart the machine", ""},
}

// A fault of the driver's library, read as any program reads it, is named by the fifth
// sample at 1 Hz. Samples are taken at once and told to be a second apart.
func TestInjectedFaultsAreNamedWithin5s(t *testing.T) {
	t.Parallel()
	for _, f := range injections {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			library := gputest.Driver(t, "NEW", healthyGPUs)
			var w Watch
			s, now := open(t, library), seconds(time.Now())
			for range 10 {
				now++
				if got := w.Look(now, gpu.Node{Name: gpu.Local, Devices: gputest.Sample(t, s)}, all8); got != nil {
					t.Fatalf("of healthy GPUs: %v", got)
				}
			}
			gputest.Put(t, library, f.scenario)
			var alerts, column string
			for range 5 {
				now++
				devices := gputest.Sample(t, s)
				for _, a := range w.Look(now, gpu.Node{Name: gpu.Local, Devices: devices}, all8) {
					alerts += a.Text() + "\n"
				}
				if len(devices) > 1 {
					column, _ = Condition(devices[1], now, true)
				}
				if other, _ := Condition(devices[0], now, true); other != "" {
					t.Errorf("of the healthy one: %q", other)
				}
			}
			if strings.TrimSuffix(alerts, "\n") != f.alert || column != f.column {
				t.Errorf("told:\n%s\nwant:\n%s\ncolumn: %q, want %q", alerts, f.alert, column, f.column)
			}
		})
	}
}

// Errors of the memory are read every 4 s, by a clock that is not this test's.
func TestInjectedECCErrorIsNamedWithin5s(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", healthyGPUs)
	var w Watch
	s := open(t, library)
	pace := time.NewTicker(time.Second)
	defer pace.Stop()
	look := func() []Alert {
		return w.Look(seconds(<-pace.C), gpu.Node{Name: gpu.Local, Devices: gputest.Sample(t, s)}, all8)
	}
	if got := look(); got != nil {
		t.Fatalf("of healthy GPUs: %v", got)
	}
	gputest.Put(t, library, healthyGPUs+"ecc_uncorrected 1\n")
	pace.Reset(time.Second) // the first look may have been late, and the next ones are not to be nearer
	for sample := 1; ; sample++ {
		got := look()
		if len(got) == 0 && sample < 5 {
			continue
		}
		want := "GPU 1: memory errors that ECC could not correct (1 since the driver was loaded); results may be wrong, restart the run, reset the GPU"
		if len(got) != 1 || got[0].Text() != want || !got[0].Grave {
			t.Fatalf("at sample %d: %v, want %s", sample, got, want)
		}
		return
	}
}

// A driver in which a call hangs, and one that does not start, are told of the node.
func TestInjectedFaultsOfTheDriver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scenario, want string
		blocks               bool
	}{
		{"hung", "block GetPowerUsage\n" + healthyGPUs, "driver: it does not answer; some GPU hangs, look for XIDs in the kernel's log, restart the machine", true},
		{"driver mismatch", "init 18\n" + healthyGPUs, "driver: it and its library differ in version; reload the driver or restart the machine", false},
		{"driver not loaded", "init 9\n" + healthyGPUs, "driver: it is not loaded; load it (modprobe nvidia) or restart the machine", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			library := gputest.Driver(t, "NEW", c.scenario)
			ctx, cancel := context.WithCancel(t.Context())
			latest := gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return nvml.Open(library) })
			defer func() {
				cancel()
				gputest.Release(t, library)
				<-latest.Done()
			}()
			var w Watch
			for deadline := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
				devices, age, err := latest.Latest()
				if got := w.Look(seconds(time.Now()), gpu.Node{Name: gpu.Local, Devices: devices, Age: age, Err: err}, all8); len(got) > 0 {
					if len(got) != 1 || got[0].Text() != c.want || !got[0].Grave || c.blocks != errors.Is(err, gpu.ErrNotAnswering) {
						t.Errorf("told %v with %v, want %s", got, err, c.want)
					}
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("never told; %v", err)
				}
			}
		})
	}
}

func open(t *testing.T, library string) gpu.Sampler {
	t.Helper()
	s, err := nvml.Open(library)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
