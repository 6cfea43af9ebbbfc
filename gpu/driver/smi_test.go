package driver

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// What an nvidia-smi of today prints of two H20s.
var h20s = map[string]string{
	"values.0": `index 0
count 2
uuid GPU-0
name NVIDIA H20
utilization.gpu 92
utilization.memory 40
memory.used 60000
memory.total 97871
power.draw.instant 355.25
enforced.power.limit 500.00
temperature.gpu 61
temperature.memory N/A
clocks.sm 1200
clocks.max.sm 1980
clocks.mem 2619
clocks.max.mem 2619
clocks_event_reasons.active 0x0000000000000004
ecc.errors.corrected.volatile.total 0
ecc.errors.uncorrected.volatile.total 2
persistence_mode Enabled
`,
	"values.1": `index 1
count 2
uuid GPU-1
name NVIDIA H20
utilization.gpu [Not Supported]
memory.used 0
memory.total 97871
power.draw.instant [Insufficient Permissions]
enforced.power.limit [Unknown Error]
clocks_event_reasons.active 0x0000000000000001
persistence_mode Disabled
`,
	"apps": "GPU-0, 4711, 3072\nGPU-0, 12, [N/A]\n",
}

// smiIn puts the stand-in for nvidia-smi and its files into a folder.
func smiIn(t testing.TB, files map[string]string) (program string) {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile("testdata/nvidia-smi")
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "nvidia-smi")
	executable(t, program, text)
	for name, text := range files {
		put(t, program, name, text)
	}
	return program
}

// executable writes a program while nobody forks: a child of another test would have it
// open for writing until it executes its own, which keeps everybody from executing it.
func executable(t testing.TB, path string, text []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, text, 0o700); err != nil {
		t.Fatal(err)
	}
}

// put replaces a file of the stand-in in one step.
func put(t testing.TB, program, name, text string) {
	t.Helper()
	path := filepath.Join(filepath.Dir(program), name)
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func openSMITest(t testing.TB, files map[string]string) (gpu.Sampler, string) {
	t.Helper()
	program := smiIn(t, files)
	s, err := openSMI(t.Context(), program, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, program
}

func TestSMIIsASampler(t *testing.T) {
	t.Parallel()
	gputest.Sampler(t, func(t *testing.T) gpu.Sampler { s, _ := openSMITest(t, h20s); return s })
}

// with is h20s with some files replaced.
func with(changes map[string]string) map[string]string {
	files := map[string]string{}
	for _, m := range []map[string]string{h20s, changes} {
		maps.Copy(files, m)
	}
	return files
}

// What nvidia-smi prints, and what is read of it: blanks are null, and errors have the
// words of the driver's library.
func TestSMIReads(t *testing.T) {
	t.Parallel()
	full := gpu.Device{
		Index: 0, UUID: "GPU-0", Name: "NVIDIA H20", BusyPct: new(92.0), MemoryBusyPct: new(40.0),
		MemoryUsedBytes: new(uint64(62914560000)), MemoryTotalBytes: new(uint64(102625181696)),
		PowerW: new(355.25), PowerLimitW: new(500.0), TemperatureC: new(61.0),
		SMClockMHz: new(1200.0), SMClockMaxMHz: new(1980.0), MemoryClockMHz: new(2619.0), MemoryClockMaxMHz: new(2619.0),
		Throttle: []string{"power cap"}, ECCCorrected: new(uint64(0)), ECCUncorrected: new(uint64(2)), Persistence: new(true),
	}
	second := gpu.Device{
		Index: 1, UUID: "GPU-1", Name: "NVIDIA H20",
		MemoryUsedBytes: new(uint64(0)), MemoryTotalBytes: new(uint64(102625181696)),
		Throttle: []string{}, Persistence: new(false), Error: "read power: no permission (NVML error 4)",
	}
	old := full
	old.PowerW, old.MemoryC, old.Throttle, old.PowerLimitW = new(350.0), nil, []string{"too hot"}, new(480.0)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []gpu.Device
	}{
		{"today's", h20s, []gpu.Device{full, second}},
		{"an old one", with(map[string]string{
			"refused":  "clocks_event_reasons.active\npower.draw.instant\nenforced.power.limit\ntemperature.memory\n",
			"values.0": strings.NewReplacer("count 2", "count 1", "power.draw.instant 355.25", "power.draw 350", "enforced.power.limit 500.00", "power.limit 480", "clocks_event_reasons.active 0x0000000000000004", "clocks_throttle_reasons.active 0x0000000000000020").Replace(h20s["values.0"]),
			"values.1": "",
		}), []gpu.Device{old}},
		{"a GPU needs a reset", with(map[string]string{"values.0": "index 0\ncount 1\nuuid GPU-0\nname NVIDIA H20\nutilization.gpu [GPU requires reset]\n", "values.1": ""}), []gpu.Device{
			{UUID: "GPU-0", Name: "NVIDIA H20", Error: "read busy share: the GPU needs a reset (NVML error 16)"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for name, text := range c.files {
				if text != "" {
					files[name] = text
				}
			}
			s, _ := openSMITest(t, files)
			got := gputest.Sample(t, s)
			for i := range got {
				if got[i].Host == "" || got[i].AgeS < 0 || got[i].AgeS > 60 {
					t.Errorf("GPU %d of host %q, %v s old", i, got[i].Host, got[i].AgeS)
				}
				got[i].Host, got[i].AgeS = "", 0
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// One nvidia-smi prints all rounds; processes come from another one, now and then.
func TestSMIStartsOnce(t *testing.T) {
	t.Parallel()
	s, program := openSMITest(t, h20s)
	s.(*smi).apps.every = time.Hour
	var devices []gpu.Device
	until(t, "processes", func() bool {
		devices = gputest.Sample(t, s)
		return devices[0].Processes != nil
	})
	want := []gpu.Process{{PID: 12}, {PID: 4711, MemoryUsedBytes: new(uint64(3 << 30))}}
	if diff := cmp.Diff(want, devices[0].Processes); diff != "" || devices[1].Processes == nil || len(devices[1].Processes) != 0 {
		t.Errorf("processes of the second %v, of the first (-want +got):\n%s", devices[1].Processes, diff)
	}
	for range 5 {
		gputest.Sample(t, s)
	}
	calls, err := os.ReadFile(filepath.Join(filepath.Dir(program), "calls"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(calls), "--loop=1"); n != 1 {
		t.Errorf("started in a loop %d times, want once", n)
	}
	if n := strings.Count(string(calls), "--query-compute-apps"); n != 1 {
		t.Errorf("asked for processes %d times before it is time again, want once", n)
	}
}

// A reading is as old as the end of the round before, since when it may have been taken.
func TestSMIAge(t *testing.T) {
	t.Parallel()
	s, _ := openSMITest(t, h20s)
	gputest.Sample(t, s)
	until(t, "a round that was not asked for", func() bool { return len(s.(*smi).fresh) == 1 })
	<-time.After(50 * time.Millisecond)
	for _, d := range gputest.Sample(t, s) {
		if d.AgeS < 0.05 {
			t.Errorf("GPU %d: %v s, want at least 0.05", d.Index, d.AgeS)
		}
	}
}

// A GPU that goes away between two rounds keeps its name.
func TestSMILosesAGPU(t *testing.T) {
	t.Parallel()
	s, program := openSMITest(t, h20s)
	gputest.Sample(t, s)
	put(t, program, "lost", "Unable to determine the device handle for GPU0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU\n")
	if err := os.Remove(filepath.Join(filepath.Dir(program), "values.1")); err != nil {
		t.Fatal(err)
	}
	want := gpu.Device{Index: 1, UUID: "GPU-1", Name: "NVIDIA H20", Error: "open GPU: the GPU is lost (it fell off the bus) (NVML error 15)"}
	until(t, "the second GPU is lost", func() bool {
		devices := gputest.Sample(t, s)
		devices[1].Host, devices[1].AgeS, devices[1].Processes = "", 0, nil
		return cmp.Equal(want, devices[1]) && *devices[0].BusyPct == 92
	})
}

// An nvidia-smi that gives up says why in words of its own; they become those of the
// driver's library.
func TestSMIFails(t *testing.T) {
	t.Parallel()
	if _, err := openSMI(t.Context(), "/nowhere/nvidia-smi", nil); !errors.Is(err, gpu.ErrNoDriver) {
		t.Errorf("without one: %v", err)
	}
	for says, want := range map[string]string{
		"Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n":                                                        "start NVML: the NVIDIA driver and its library differ in version (reload the driver or restart the machine) (NVML error 18)",
		"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n": "start NVML: the NVIDIA driver is not loaded (NVML error 9)",
		"Failed to initialize NVML: Unknown Error\n": "start NVML: NVML failed (NVML error 999)",
		"No devices were found\n":                    "read nvidia-smi: exit status 9: No devices were found",
	} {
		_, err := openSMI(t.Context(), smiIn(t, with(map[string]string{"says": says})), nil)
		if err == nil || err.Error() != want || errors.Is(err, gpu.ErrNoDriver) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// What is no nvidia-smi is an error soon, takes no memory, and its words cannot move a
// cursor.
func TestSMIIsAnotherProgram(t *testing.T) {
	t.Parallel()
	script := func(text string) string {
		path := filepath.Join(t.TempDir(), "nvidia-smi")
		executable(t, path, []byte("#!/bin/sh\n"+text))
		return path
	}
	for text, want := range map[string]string{
		`printf '\033[31mboom\a\377\n' >&2; exit 3`:                            "read nvidia-smi: exit status 3: [31mboom?",
		"head -c 99999999 /dev/zero; exit 4":                                   "read nvidia-smi: exit status 4",
		"case $* in *loop*) exec head -c 99999999 /dev/zero;; esac":            "read nvidia-smi: ",
		"case $* in *loop*) while :; do echo 0, 1, garbage; done;; esac":       "read nvidia-smi: signal: killed: 0, 1, garbage",
		"case $* in *loop*) while :; do echo Unable to determine; done;; esac": "read nvidia-smi: ",
	} {
		s, err := openSMI(t.Context(), script(text), nil)
		if err == nil {
			t.Cleanup(func() { s.Close() })
			_, err = s.Sample(t.Context())
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) || len(err.Error()) > 300 {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// One that ends while it is read says so with the next sample.
func TestSMIEnds(t *testing.T) {
	t.Parallel()
	s, _ := openSMITest(t, h20s)
	gputest.Sample(t, s)
	s.(*smi).cancel()
	until(t, "an error", func() bool {
		_, err := s.Sample(t.Context())
		return err != nil && strings.HasPrefix(err.Error(), "read nvidia-smi: ")
	})
}

// A child without a library reads nvidia-smi, in builds without NVML, too. What it
// started does not outlive it.
func TestChildReadsSMI(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/nvidiactl"); err == nil {
		t.Skip("this machine has a driver's library of its own")
	}
	program := smiIn(t, h20s)
	c := openTest(t, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), libraryPath+"=", replayPath+"=")
	if devices := gputest.Sample(t, c); len(devices) != 2 || *devices[0].PowerW != 355.25 {
		t.Errorf("%+v", devices)
	}
	group := c.process.cmd.Process.Pid
	c.process.kill()
	if _, err := c.Sample(t.Context()); err == nil {
		t.Error("no error after the child was killed")
	}
	if !empty(group) {
		t.Error("its nvidia-smi lives on")
	}
}
