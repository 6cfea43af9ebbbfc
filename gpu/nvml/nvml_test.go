//go:build (linux || darwin) && !nonvml

package nvml

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// The machine that most tests look at: two H20s.
const twoGPUs = `gpu
name NVIDIA H20
uuid GPU-0
busy 92
total 97871
used 60000
reserved 620
power 355250
limit 500000
temperature 61
gpu
name NVIDIA H20
uuid GPU-1
busy 0
total 97871
used 0
reserved 620
power 71400
limit 500000
temperature 38
`

func openFake(t testing.TB, library string) gpu.Sampler {
	t.Helper()
	s, err := Open(library)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestNVMLIsASampler(t *testing.T) {
	t.Parallel()
	gputest.Sampler(t, func(t *testing.T) gpu.Sampler { return openFake(t, gputest.Driver(t, "NEW", twoGPUs)) })
}

func TestNVMLReads(t *testing.T) {
	t.Parallel()
	full := gpu.Device{
		UUID: "GPU-0", Name: "NVIDIA H20", BusyPct: new(92.0),
		MemoryUsedBytes: new(uint64(60000 << 20)), MemoryTotalBytes: new(uint64(97871 << 20)),
		PowerW: new(355.25), PowerLimitW: new(500.0), TemperatureC: new(61.0),
	}
	idle := gpu.Device{
		Index: 1, UUID: "GPU-1", Name: "NVIDIA H20", BusyPct: new(0.0),
		MemoryUsedBytes: new(uint64(0)), MemoryTotalBytes: new(uint64(97871 << 20)),
		PowerW: new(71.4), PowerLimitW: new(500.0), TemperatureC: new(38.0),
	}
	with := func(d gpu.Device, changes ...func(*gpu.Device)) gpu.Device {
		for _, change := range changes {
			change(&d)
		}
		return d
	}
	noBusy := func(d *gpu.Device) { d.BusyPct = nil }
	noPower := func(d *gpu.Device) { d.PowerW = nil }
	noTemperature := func(d *gpu.Device) { d.TemperatureC = nil }
	fails := func(text gpu.Text) func(*gpu.Device) { return func(d *gpu.Device) { d.Error = text } }
	reservedIsUsed := func(mib uint64) func(*gpu.Device) {
		return func(d *gpu.Device) { d.MemoryUsedBytes = new(mib << 20) }
	}
	for _, c := range []struct {
		name, define, scenario string
		want                   []gpu.Device
	}{
		{"no GPU", "NEW", "", []gpu.Device{}},
		{"two GPUs", "NEW", twoGPUs, []gpu.Device{full, idle}},
		{
			"an old driver lacks calls", "OLD_DRIVER", twoGPUs,
			[]gpu.Device{with(full, noTemperature, reservedIsUsed(60620)), with(idle, noTemperature, reservedIsUsed(620))},
		},
		{"a driver lacks every call", "BARE", twoGPUs, []gpu.Device{{}, {Index: 1}}},
		{"a GPU lacks calls", "NEW", twoGPUs + "fail GetUtilizationRates 3\n", []gpu.Device{full, with(idle, noBusy)}},
		{"a bare GPU", "NEW", "gpu\nuuid GPU-0\n", []gpu.Device{{UUID: "GPU-0"}}},
		{
			"the newer call for memory fails", "NEW", twoGPUs + "fail GetMemoryInfo_v2 25\n",
			[]gpu.Device{full, with(idle, reservedIsUsed(620))},
		},
		{
			"the first failure is told, the rest is read", "NEW", twoGPUs + "fail GetUtilizationRates 4\nfail GetPowerUsage 999\n",
			[]gpu.Device{full, with(idle, noBusy, noPower, fails("read busy share: no permission (NVML error 4)"))},
		},
		{
			"a GPU is lost", "NEW", twoGPUs + "fail GetUtilizationRates 15\n",
			[]gpu.Device{full, {
				Index: 1, UUID: "GPU-1", Name: "NVIDIA H20",
				Error: "read busy share: the GPU is lost (it fell off the bus) (NVML error 15)",
			}},
		},
		{
			"a GPU needs a reset", "NEW", twoGPUs + "fail GetHandleByIndex 16\n",
			[]gpu.Device{full, {Index: 1, Error: "open GPU: the GPU needs a reset (NVML error 16)"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := gputest.Sample(t, openFake(t, gputest.Driver(t, c.define, c.scenario)))
			for i := range got {
				if got[i].Host == "" {
					t.Errorf("GPU %d has no host", i)
				}
				got[i].Host = ""
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A GPU that goes away between two samples keeps its name, is asked nothing
// more, and comes back.
func TestNVMLLosesAGPU(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", twoGPUs)
	s := openFake(t, library)
	gputest.Sample(t, s)
	for _, function := range []string{"GetHandleByIndex", "GetUUID"} {
		gputest.Put(t, library, twoGPUs+"fail "+function+" 15\n")
		before := gputest.Calls(t, library, "GetPowerUsage")
		d := gputest.Sample(t, s)[1]
		if d.UUID != "GPU-1" || d.Name != "NVIDIA H20" || d.Error == "" || d.BusyPct != nil || d.PowerW != nil {
			t.Errorf("%s says lost: %+v", function, d)
		}
		if n := gputest.Calls(t, library, "GetPowerUsage") - before; n != 1 {
			t.Errorf("%s says lost: %d GPUs were asked for their power, want 1", function, n)
		}
	}
	gputest.Put(t, library, twoGPUs)
	if d := gputest.Sample(t, s)[1]; d.Error != "" || *d.PowerW != 71.4 {
		t.Errorf("back again: %+v", d)
	}
	gputest.Put(t, library, "fail GetCount 15\n")
	if _, err := s.Sample(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "count GPUs: the GPU is lost") {
		t.Errorf("count fails: %v", err)
	}
}

func TestNVMLStartsOnce(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", twoGPUs)
	s := openFake(t, library)
	for range 5 {
		gputest.Sample(t, s)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for function, want := range map[string]int{"Init": 1, "GetCount": 5, "Shutdown": 1} {
		if n := gputest.Calls(t, library, function); n != want {
			t.Errorf("%d calls of %s, want %d", n, function, want)
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.so")
	if err := os.WriteFile(broken, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		library  func(t *testing.T) string
		noDriver bool
		want     string
	}{
		{"not there", func(*testing.T) string { return "/nowhere/libnvidia-ml.so.1" }, true, "no NVIDIA driver on this machine"},
		{"not a library", func(*testing.T) string { return broken }, runtime.GOOS == "darwin", "broken.so"},
		{"not loaded", func(t *testing.T) string { return gputest.Driver(t, "NEW", "init 9\n") }, false, "start NVML: the NVIDIA driver is not loaded (NVML error 9)"},
		{"versions differ", func(t *testing.T) string { return gputest.Driver(t, "NEW", "init 18\n") }, false, "start NVML: the NVIDIA driver and its library differ in version"},
		{"unknown number", func(t *testing.T) string { return gputest.Driver(t, "NEW", "init 777\n") }, false, "start NVML: NVML failed (NVML error 777)"},
		{"another library", func(t *testing.T) string { return gputest.Driver(t, "FOREIGN", "") }, false, "has no nvmlInit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(c.library(t))
			if err == nil || errors.Is(err, gpu.ErrNoDriver) != c.noDriver || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q (no driver: %v)", err, c.want, c.noDriver)
			}
		})
	}
}

// TestOpen runs on machines with and without GPUs: either there is a gpu.Sampler,
// or words that can be shown.
func TestOpen(t *testing.T) {
	t.Parallel()
	s, err := Open("")
	if err != nil {
		if errors.Is(err, gpu.ErrNoDriver) && err.Error() != "no NVIDIA driver on this machine" {
			t.Errorf("error %q", err)
		}
		t.Logf("here: %v", err)
		return
	}
	defer s.Close()
	t.Logf("here: %s", gpu.Summary(gputest.Sample(t, s)))
}

// A call that hangs in C holds its own goroutine only.
func TestWatchOverAHangInC(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", twoGPUs+"block GetPowerUsage\n")
	ctx, cancel := context.WithCancel(t.Context())
	w := gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return Open(library) }, time.Second)
	defer func() { cancel(); <-w.Done() }()
	until(t, "the call is in the library", func() bool {
		return gputest.Calls(t, library, "GetPowerUsage") == 2
	})
	if _, _, err := w.Latest(); !errors.Is(err, gpu.ErrNotYet) {
		t.Errorf("during the hang: %v", err)
	}
	gputest.Release(t, library)
	until(t, "the sample is there", func() bool {
		d, _, err := w.Latest()
		return err == nil && len(d) == 2 && *d[1].PowerW == 71.4
	})
}

// until waits for something outside this process's clock.
func until(t *testing.T, what string, fact func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.After(10 * time.Second); !fact(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("waited 10 s for: ", what)
		}
	}
}

// The structs have the sizes of nvml.h on 64-bit machines.
func TestStructSizes(t *testing.T) {
	t.Parallel()
	got := []uintptr{unsafe.Sizeof(utilization{}), unsafe.Sizeof(memoryV1{}), unsafe.Sizeof(memoryV2{})}
	if diff := cmp.Diff([]uintptr{8, 24, 40}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// BenchmarkNVMLSample is one sample of eight GPUs: what the calls cost
// without a driver behind them.
func BenchmarkNVMLSample(b *testing.B) {
	library := gputest.Driver(b, "NEW", strings.Repeat(twoGPUs, 4))
	if err := os.Remove(filepath.Join(filepath.Dir(library), "calls")); err != nil {
		b.Fatal(err)
	}
	s := openFake(b, library)
	for b.Loop() {
		if _, err := s.Sample(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
