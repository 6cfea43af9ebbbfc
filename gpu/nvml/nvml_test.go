//go:build (linux || darwin) && !nonvml

package nvml

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// The machine that most tests look at: an H20 at work and one that is idle, of which
// the driver tells less.
const twoGPUs = `gpu
name NVIDIA H20
uuid GPU-0
busy 92
memory_busy 41
total 97871
used 60000
reserved 620
power 355250
limit 500000
temperature 61
memory_temperature 74
sm_clock 1830
sm_clock_max 1980
memory_clock 2610
memory_clock_max 2619
throttle 4
energy 1234.5
ecc_corrected 3
ecc_uncorrected 1
remapped 2
retired_pending 0
recovery 0
persistence 1
mig 0
process 4242 59000
process 77 -
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
energy 7
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
	for name, scenario := range map[string]string{
		"two GPUs": twoGPUs,
		"a node":   gputest.H20(8),
		"slices":   gputest.H200(2) + "gpu 0\nmig 1\nslice\nname a\nuuid MIG-a\nslice\nname b\nuuid MIG-b\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gputest.Sampler(t, func(t *testing.T) gpu.Sampler { return openFake(t, gputest.Driver(t, "NEW", scenario)) })
		})
	}
}

// busyGPU and idleGPU are what NVML tells of twoGPUs.
func busyGPU() gpu.Device {
	return gpu.Device{
		UUID: "GPU-0", Name: "NVIDIA H20", BusyPct: new(92.0), MemoryBusyPct: new(41.0),
		MemoryUsedBytes: new(uint64(60000 << 20)), MemoryTotalBytes: new(uint64(97871 << 20)),
		PowerW: new(355.25), PowerLimitW: new(500.0), TemperatureC: new(61.0), MemoryC: new(74.0),
		SMClockMHz: new(1830.0), SMClockMaxMHz: new(1980.0), MemoryClockMHz: new(2610.0), MemoryClockMaxMHz: new(2619.0),
		Throttle: []string{"power cap"}, EnergyJ: new(1234.5),
		ECCCorrected: new(uint64(3)), ECCUncorrected: new(uint64(1)), RemappedRows: new(uint64(2)), Persistence: new(true),
		Processes: []gpu.Process{{PID: 4242, MemoryUsedBytes: new(uint64(59000 << 20))}, {PID: 77}},
		XIDs:      []gpu.XID{},
	}
}

func idleGPU() gpu.Device {
	return gpu.Device{
		Index: 1, UUID: "GPU-1", Name: "NVIDIA H20", BusyPct: new(0.0), MemoryBusyPct: new(0.0),
		MemoryUsedBytes: new(uint64(0)), MemoryTotalBytes: new(uint64(97871 << 20)),
		PowerW: new(71.4), PowerLimitW: new(500.0), TemperatureC: new(38.0), EnergyJ: new(7.0),
		Processes: []gpu.Process{}, XIDs: []gpu.XID{},
	}
}

func TestNVMLReads(t *testing.T) {
	t.Parallel()
	with := func(d gpu.Device, changes ...func(*gpu.Device)) gpu.Device {
		for _, change := range changes {
			change(&d)
		}
		return d
	}
	noBusy := func(d *gpu.Device) { d.BusyPct, d.MemoryBusyPct = nil, nil }
	noPower := func(d *gpu.Device) { d.PowerW = nil }
	old := func(d *gpu.Device) { d.TemperatureC, d.RemappedRows = nil, nil }
	fails := func(text gpu.Text) func(*gpu.Device) { return func(d *gpu.Device) { d.Error = text } }
	reservedIsUsed := func(mib uint64) func(*gpu.Device) {
		return func(d *gpu.Device) { d.MemoryUsedBytes = new(mib << 20) }
	}
	for _, c := range []struct {
		name, define, scenario string
		want                   []gpu.Device
	}{
		{"no GPU", "NEW", "", []gpu.Device{}},
		{"two GPUs", "NEW", twoGPUs, []gpu.Device{busyGPU(), idleGPU()}},
		{
			"an old driver lacks calls", "OLD_DRIVER", twoGPUs,
			[]gpu.Device{with(busyGPU(), old, reservedIsUsed(60620)), with(idleGPU(), old, reservedIsUsed(620))},
		},
		{"a driver lacks every call", "BARE", twoGPUs, []gpu.Device{{}, {Index: 1}}},
		{"shares of more than all", "NEW", twoGPUs + "busy 4294967\nmemory_busy 101\n", []gpu.Device{busyGPU(), with(idleGPU(), noBusy)}},
		{"a GPU lacks calls", "NEW", twoGPUs + "fail GetUtilizationRates 3\n", []gpu.Device{busyGPU(), with(idleGPU(), noBusy)}},
		{"a bare GPU", "NEW", "gpu\nuuid GPU-0\n", []gpu.Device{{UUID: "GPU-0", Processes: []gpu.Process{}, XIDs: []gpu.XID{}}}},
		{
			"the newer call for memory fails", "NEW", twoGPUs + "fail GetMemoryInfo_v2 25\n",
			[]gpu.Device{busyGPU(), with(idleGPU(), reservedIsUsed(620))},
		},
		{
			"the first failure is told, the rest is read", "NEW", twoGPUs + "fail GetUtilizationRates 4\nfail GetPowerUsage 999\n",
			[]gpu.Device{busyGPU(), with(idleGPU(), noBusy, noPower, fails("read busy share: no permission (NVML error 4)"))},
		},
		{
			"what is read rarely fails", "NEW", twoGPUs + "fail GetTotalEccErrors 999\n",
			[]gpu.Device{busyGPU(), with(idleGPU(), fails("read corrected ECC errors: NVML failed (NVML error 999)"))},
		},
		{
			"the processes of others may not be seen", "NEW", twoGPUs + "fail GetComputeRunningProcesses 4\n",
			[]gpu.Device{busyGPU(), with(idleGPU(), func(d *gpu.Device) { d.Processes = nil })},
		},
		{
			"a GPU is lost", "NEW", twoGPUs + "fail GetUtilizationRates 15\n",
			[]gpu.Device{busyGPU(), {
				Index: 1, UUID: "GPU-1", Name: "NVIDIA H20", XIDs: []gpu.XID{},
				Error: "read busy share: the GPU is lost (it fell off the bus) (NVML error 15)",
			}},
		},
		{
			"a GPU needs a reset", "NEW", twoGPUs + "fail * 16\n",
			[]gpu.Device{busyGPU(), {Index: 1, Repair: "a reset", Error: "open GPU: the GPU needs a reset (NVML error 16)"}},
		},
		{
			"blank values", "NEW", "gpu\nuuid GPU-0\nbusy 4294967295\nmemory_busy 4294967295\ntotal 1\npower 4294967295\nlimit 2147483632\n" +
				"temperature 4294967295\nmemory_temperature 2147483644\nsm_clock 4294967295\nthrottle 9223372036854775794\nremapped 4294967295\n" +
				"ecc_corrected 9223372036854775794\necc_uncorrected 18446744073709551615\nrecovery 4294967295\npersistence 4294967295\nenergy 9.3e15\n",
			[]gpu.Device{{
				UUID: "GPU-0", MemoryUsedBytes: new(uint64(0)), MemoryTotalBytes: new(uint64(1 << 20)),
				Processes: []gpu.Process{}, XIDs: []gpu.XID{},
			}},
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

// Whatever a function answers of one GPU, there is a sample, the other GPU is read, and
// afterwards both are.
func TestNVMLOutlivesEveryFailure(t *testing.T) {
	t.Parallel()
	const scenario = twoGPUs + "sm 50\n"
	library := gputest.Driver(t, "NEW", scenario)
	s := openFake(t, library)
	now := time.Unix(1_700_000_000, 0)
	s.(*nvml).now = func() time.Time { now = now.Add(time.Minute); return now }
	sample := func() []gpu.Device {
		d := gputest.Sample(t, s)
		for i := range d {
			d[i].Host, d[i].SMActivePct = "", nil
		}
		return d
	}
	sample()
	for _, function := range []string{
		"*", "GetHandleByIndex", "GetName", "GetUUID", "GetUtilizationRates", "GetMemoryInfo_v2", "GetMemoryInfo", "GetPowerUsage",
		"GetEnforcedPowerLimit", "GetTemperature", "GetFieldValues", "GetClockInfo", "GetMaxClockInfo", "GetCurrentClocksEventReasons",
		"GetTotalEnergyConsumption", "GetTotalEccErrors", "GetRemappedRows", "GetRetiredPagesPendingStatus", "GetPersistenceMode",
		"GetComputeRunningProcesses", "RegisterEvents", "GetMigMode", "GpmQueryDeviceSupport", "GpmSampleGet",
	} {
		for _, code := range []int{2, 4, 7, 15, 16, 999} {
			gputest.Put(t, library, fmt.Sprintf("%sfail %s %d\n", scenario, function, code))
			d := sample()
			if diff := cmp.Diff(busyGPU(), d[0]); diff != "" || len(d) != 2 || d[1].UUID != "GPU-1" || d[1].Name != "NVIDIA H20" {
				t.Errorf("%s returns %d (-want +got):\n%s\nand %+v", function, code, diff, d[1])
			}
			gputest.Put(t, library, scenario)
			if diff := cmp.Diff([]gpu.Device{busyGPU(), idleGPU()}, sample()); diff != "" {
				t.Errorf("%s returned %d (-want +got):\n%s", function, code, diff)
			}
		}
	}
}

// A GPU that goes away between two samples keeps its name, is asked nothing more, and
// is opened anew when it comes back, with its events, whether its handle is the same (16)
// or another one (15).
func TestNVMLLosesAGPU(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault, says string
		needs       gpu.Text
	}{
		{"GetHandleByIndex 15", "the GPU is lost", ""},
		{"GetUtilizationRates 15", "the GPU is lost", ""},
		{"GetMemoryInfo_v2 15", "the GPU is lost", ""},
		{"* 15", "the GPU is lost", ""},
		{"GetUtilizationRates 16", "the GPU needs a reset", "a reset"},
		{"* 16", "the GPU needs a reset", "a reset"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			library := gputest.Driver(t, "NEW", twoGPUs)
			s := openFake(t, library)
			gputest.Sample(t, s)
			gputest.Put(t, library, twoGPUs+"event 8 79\nfail "+c.fault+"\n")
			for range 3 {
				before := gputest.Calls(t, library, "GetPowerUsage")
				d := gputest.Sample(t, s)[1]
				if d.UUID != "GPU-1" || d.Name != "NVIDIA H20" || !strings.Contains(string(d.Error), c.says) || d.Repair != c.needs || d.BusyPct != nil || d.PowerW != nil {
					t.Errorf("gone: %+v", d)
				}
				if len(d.XIDs) != 1 || d.XIDs[0].Code != 79 || d.XIDs[0].Text != "fallen off the bus" {
					t.Errorf("what happened to it: %v", d.XIDs)
				}
				if n := gputest.Calls(t, library, "GetPowerUsage") - before; n != 1 {
					t.Errorf("%d GPUs were asked for their power, want 1", n)
				}
			}
			if n := gputest.Calls(t, library, "GetMemoryInfo"); n != 0 {
				t.Errorf("%d calls of an older function, want 0", n)
			}
			gputest.Put(t, library, strings.Replace(twoGPUs, "persistence 1", "persistence 0", 1)+"event 8 79\nrecovery 2\n")
			d := gputest.Sample(t, s)
			if d[1].Error != "" || *d[1].PowerW != 71.4 || d[1].Repair != "a reboot" {
				t.Errorf("back again: %+v", d[1])
			}
			if !*d[0].Persistence {
				t.Error("the other GPU was read anew, too")
			}
			gputest.Put(t, library, twoGPUs+"event 8 79\nevent 8 31\n")
			if x := gputest.Sample(t, s)[1].XIDs; len(x) != 2 || x[1].Code != 31 {
				t.Errorf("an event after it came back: %v", x)
			}
		})
	}
}

func TestNVMLCannotCount(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", twoGPUs)
	s := openFake(t, library)
	gputest.Put(t, library, "fail GetCount 15\n")
	if _, err := s.Sample(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "count GPUs: the GPU is lost") {
		t.Errorf("count fails: %v", err)
	}
	gputest.Put(t, library, twoGPUs)
	if d := gputest.Sample(t, s); len(d) != 2 || d[1].Error != "" {
		t.Errorf("counted again: %+v", d)
	}
}

// GPUs come and go with the count.
func TestNVMLCountsAgain(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", gputest.H20(2))
	s := openFake(t, library)
	for _, n := range []int{2, 4, 1, 0, 3} {
		gputest.Put(t, library, gputest.H20(n))
		d := gputest.Sample(t, s)
		if len(d) != n || n > 0 && (d[n-1].Error != "" || d[n-1].UUID != gpu.Text(fmt.Sprintf("GPU-H20-%02d", n-1))) {
			t.Errorf("%d GPUs: %+v", n, d)
		}
	}
}

// What hardly changes is read rarely: NVML is started once, a constant read once,
// processes every 2 s, what tells of a GPU's health every 4 s, settings every 15 s.
func TestNVMLCallsRarely(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", twoGPUs+"gpu 0\nsm 50\n")
	s := openFake(t, library)
	now := time.Unix(1_700_000_000, 0)
	s.(*nvml).now = func() time.Time { return now }
	for i := range 31 {
		// Once a second, give or take what a timer does.
		now = time.Unix(1_700_000_000+int64(i), int64(i*7%5)*20_000_000)
		gputest.Sample(t, s)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for function, want := range map[string]int{
		"Init": 1, "Shutdown": 1, "EventSetCreate": 1, "EventSetFree": 1, "GpmQueryDeviceSupport": 2, "GpmSampleAlloc": 2, "GpmSampleFree": 2,
		"RegisterEvents": 2, "GetUUID": 2, "GetName": 2, "GetMaxClockInfo": 4,
		"GetTotalEccErrors": 8 * 4, "GetRemappedRows": 8 * 2, "GetRetiredPagesPendingStatus": 8 * 2, "GetPersistenceMode": 3 * 2,
		"GetComputeRunningProcesses": 16 * 2, "GetMigMode": 16 * 2,
		"GetCount": 31, "EventSetWait": 31, "GetPowerUsage": 31 * 2, "GetClockInfo": 31 * 4, "GpmSampleGet": 31, "GpmMetricsGet": 30,
	} {
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
	mips := filepath.Join(t.TempDir(), "mips.so")
	header := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 57)...)
	header[16], header[18], header[20], header[52], header[54] = 3, 8, 1, 64, 56 // a library, for MIPS
	if err := os.WriteFile(mips, header, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		library  func(t *testing.T) string
		noDriver bool
		want     string
	}{
		{"not there", func(*testing.T) string { return "/nowhere/libnvidia-ml.so.1" }, true, "no NVIDIA driver on this machine"},
		{"not a library", func(*testing.T) string { return broken }, false, "broken.so"},
		{"of another machine", func(*testing.T) string { return mips }, false, "mips.so is no library for this machine"},
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
	w := gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return Open(library) })
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
	for limit := time.After(time.Minute); !fact(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("waited a minute for: ", what)
		}
	}
}

// The structs have the sizes of nvml.h on 64-bit machines; a metric's is that of an
// element of an array, whose length grew from one version to the next.
func TestStructSizes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ got, want uintptr }{
		"nvmlUtilization_t":      {unsafe.Sizeof(utilization{}), 8},
		"nvmlMemory_t":           {unsafe.Sizeof(memoryV1{}), 24},
		"nvmlMemory_v2_t":        {unsafe.Sizeof(memoryV2{}), 40},
		"nvmlFieldValue_t":       {unsafe.Sizeof(field{}), 40},
		"its value":              {unsafe.Offsetof(field{}.value), 32},
		"nvmlProcessInfo_v1_t":   {unsafe.Sizeof(processV1{}), 16},
		"nvmlProcessInfo_v2_t":   {unsafe.Sizeof(process{}), 24},
		"nvmlEventData_t":        {unsafe.Sizeof(event{}), 32},
		"nvmlGpmSupport_t":       {unsafe.Sizeof(gpmSupport{}), 8},
		"nvmlGpmMetric_t":        {unsafe.Sizeof(gpmMetric{}), 40},
		"nvmlGpmMetricsGet_t":    {unsafe.Offsetof(gpmRequest{}.metrics), 24},
		"room for 333 metrics":   {min(333, unsafe.Sizeof(gpmRequest{}.metrics)/40), 333},
		"memoryV2Version's size": {memoryV2Version & 0xffffff, unsafe.Sizeof(memoryV2{})},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
}

// BenchmarkNVMLSample is one sample of eight GPUs with all there is to read: what the
// calls cost without a driver behind them.
func BenchmarkNVMLSample(b *testing.B) {
	for _, c := range []struct {
		name string
		step time.Duration // between samples
	}{{"usual", 0}, {"everything", time.Hour}} {
		b.Run(c.name, func(b *testing.B) {
			library := gputest.Driver(b, "NEW", gputest.H200(8))
			if err := os.Remove(filepath.Join(filepath.Dir(library), "calls")); err != nil {
				b.Fatal(err)
			}
			s := openFake(b, library)
			now := time.Unix(1_700_000_000, 0)
			s.(*nvml).now = func() time.Time { now = now.Add(c.step); return now }
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Sample(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
