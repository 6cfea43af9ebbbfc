package runner

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
)

// machine is a sampler whose GPUs do what a function says, by the seconds since it was
// made.
type machine struct {
	began time.Time
	at    func(seconds int) []gpu.Device
}

func (m machine) Sample(ctx context.Context) ([]gpu.Device, error) {
	devices := m.at(int(math.Round(time.Since(m.began).Seconds())))
	if devices == nil { // a call that does not return, but for the end of the test
		<-ctx.Done()
	}
	return devices, ctx.Err()
}

func (m machine) Close() error { return nil }

// follow watches GPUs for some time as a runner does, a second apart, and returns the
// watch, closed, and the events.
func follow(t *testing.T, g gpuWatch, last time.Duration, at func(seconds int) []gpu.Device) (*gpuWatch, []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer synctest.Wait()
	defer cancel()
	began := time.Now()
	g.dir = t.TempDir()
	g.watch = gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return machine{began, at}, nil })
	var events []string
	g.event = func(kind, text string) {
		events = append(events, fmt.Sprintf("%d %s %s", int(time.Since(began).Seconds()), kind, text))
	}
	if g.ours == nil {
		g.ours = func(p gpu.Process) bool { return p.PID == 7 }
	}
	time.Sleep(time.Second / 2) // between two samples: which of two at once is first is open
	for range int(last / time.Second) {
		g.look()
		time.Sleep(time.Second)
	}
	g.close()
	return &g, events
}

// node are GPUs that work, with energy counters of 100 W for GPU-0, 200 W for GPU-1, ...
func node(n, seconds int) (devices []gpu.Device) {
	for i := range n {
		watts := float64(100 * (i + 1))
		devices = append(devices, gpu.Device{
			Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%d", i)), Name: "NVIDIA H20", Processes: []gpu.Process{}, Throttle: []string{},
			BusyPct: new(80.0), PowerW: &watts, EnergyJ: new(1e6 + watts*float64(seconds)), MemoryUsedBytes: new(uint64(5 << 30)), XIDs: []gpu.XID{},
		})
	}
	return devices
}

func readSamples(t *testing.T, g *gpuWatch) (samples []record.Sample) {
	t.Helper()
	tail, r := store.Tail{Path: filepath.Join(g.dir, "gpu.jsonl")}, record.Reader{}
	_, err := tail.Next(0, func(line []byte) {
		if s, ok := r.Line(line); ok {
			samples = append(samples, s)
		}
	})
	if err != nil || r.Damaged > 0 {
		t.Errorf("gpu.jsonl: %v, %d damaged lines", err, r.Damaged)
	}
	return samples
}

// Of a run with two of four GPUs there are those two in gpu.jsonl, a second apart for 10
// minutes and then 5 s, and all that they used in the record of its end. What is
// computed from the file is the same but for the last seconds.
func TestClaimedGPUs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		claimed := []string{"GPU-1", "GPU-3"}
		g, events := follow(t, gpuWatch{claimed: claimed}, 20*time.Minute, func(s int) []gpu.Device { return node(4, s) })
		samples := readSamples(t, g)
		apart := map[float64]int{}
		for i, s := range samples {
			if len(s.Devices) != 2 || s.Devices[0].UUID != "GPU-1" || s.Devices[1].UUID != "GPU-3" {
				t.Fatalf("a sample is of %v", s.Devices)
			}
			if i > 0 {
				apart[math.Round(s.Time-samples[i-1].Time)]++
			}
		}
		if diff := cmp.Diff(map[float64]int{1: 599, 5: 120}, apart); diff != "" {
			t.Errorf("seconds between samples and how often (-want +got):\n%s", diff)
		}
		want := &gpu.Use{
			UUIDs: claimed, Names: []string{"NVIDIA H20", "NVIDIA H20"}, Seconds: 2 * 1199, IdleSeconds: new(0.0),
			EnergyJ: new(1199.0 * (200 + 400)), BusyPct: new(80.0), PeakMemoryBytes: new(uint64(5 << 30)),
		}
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(a) })
		if diff := cmp.Diff(want, g.use(), near); diff != "" {
			t.Errorf("exit.json (-want +got):\n%s", diff)
		}
		var m gpu.Meter
		for _, s := range samples {
			m.Add(s.Time, s.Devices)
		}
		if diff := cmp.Diff(*want, m.Use(), cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 0.005*math.Abs(a) })); diff != "" {
			t.Errorf("from gpu.jsonl (-want +got):\n%s", diff)
		}
		if len(events) > 0 {
			t.Errorf("nothing was wrong, and events are %q", events)
		}
		if info, err := os.Stat(filepath.Join(g.dir, "gpu.jsonl")); err != nil || info.Size() > 200<<10 {
			t.Errorf("gpu.jsonl has %d bytes after 20 minutes, %v", info.Size(), err)
		}
	})
}

// Without a claim those GPUs are the run's on which its processes are, while they are.
// One that cannot tell stays what it was.
func TestGPUsByProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, _ := follow(t, gpuWatch{}, time.Minute, func(s int) []gpu.Device {
			devices := node(3, s)
			devices[0].Processes = []gpu.Process{{PID: 9}}
			if s >= 10 && s < 30 {
				devices[1].Processes = []gpu.Process{{PID: 9}, {PID: 7}}
			}
			if s >= 20 && s < 30 {
				devices[1].Processes = nil
			}
			return devices
		})
		samples := readSamples(t, g)
		last := len(samples) - 1
		if last != 20 || len(samples[last].Devices) > 0 || slices.ContainsFunc(samples[:last], func(s record.Sample) bool { return len(s.Devices) != 1 || s.Devices[0].UUID != "GPU-1" }) {
			t.Errorf("%d samples, want 20 of GPU-1 and one of none: %v", len(samples), samples)
		}
		if u := g.use(); u == nil || !slices.Equal(u.UUIDs, []string{"GPU-1"}) || math.Abs(u.Seconds-19) > 0.1 || math.Abs(*u.EnergyJ-19*200) > 1 {
			t.Errorf("it used %+v, want 19 s of GPU-1", u)
		}
	})
}

// A run on no GPU has neither file nor use, and nothing on other people's GPUs is an
// event of it.
func TestNoGPUs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, events := follow(t, gpuWatch{}, 2*time.Minute, func(s int) []gpu.Device {
			devices := node(2, s)
			if s > 60 {
				devices[1].Error = "read GPU 1: GPU is lost (NVML error 15)"
			}
			return devices
		})
		if _, err := os.Stat(filepath.Join(g.dir, "gpu.jsonl")); err == nil || g.use() != nil || len(events) > 0 {
			t.Errorf("there is gpu.jsonl (%v), use %v or events %q", err, g.use(), events)
		}
	})
	none := gpuWatch{}
	none.look()
	if none.use() != nil {
		t.Error("a run that reads no GPU used some")
	}
}

// What goes wrong with the run's GPUs becomes events of it, one for all that say the
// same, and a GPU is named that the driver lists no more.
func TestGPUEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		claimed []string
		at      func(seconds int, devices []gpu.Device) []gpu.Device
		want    []string // second from which, up to 6 s later, and how it begins
	}{
		{"lost", []string{"GPU-1"}, func(s int, devices []gpu.Device) []gpu.Device {
			if s >= 30 {
				return slices.Delete(devices, 1, 2)
			}
			return devices
		}, []string{"30 gpu GPU 1: lost, "}},
		{"an XID and its end", nil, func(s int, devices []gpu.Device) []gpu.Device {
			devices[2].Processes = []gpu.Process{{PID: 7}}
			if s >= 30 {
				devices[2].Processes = []gpu.Process{}
				devices[2].XIDs = []gpu.XID{{Time: 1, Code: 79, Text: "fallen off the bus"}}
			}
			return devices
		}, []string{"30 gpu GPU 2: XID 79, "}},
		{"idle and at work again", []string{"GPU-0", "GPU-1", "GPU-3"}, func(s int, devices []gpu.Device) []gpu.Device {
			if s >= 20 && s < 100 {
				for i := range devices {
					devices[i].BusyPct = new(0.0)
				}
			}
			return devices
		}, []string{"79 gpu GPU 0-1,3: held but idle", "109 gpu GPU 0-1,3: idle, held: over"}},
		{"hung", []string{"GPU-1"}, func(s int, devices []gpu.Device) []gpu.Device {
			if s >= 30 {
				return nil
			}
			return devices
		}, []string{"33 gpu driver: it does not answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, events := follow(t, gpuWatch{claimed: c.claimed}, 150*time.Second, func(s int) []gpu.Device { return c.at(s, node(4, s)) })
				if len(events) != len(c.want) {
					t.Fatalf("events are %q, want %q", events, c.want)
				}
				for i, want := range c.want {
					var from, at int
					_, _ = fmt.Sscan(want, &from)
					_, _ = fmt.Sscan(events[i], &at)
					_, text, _ := strings.Cut(want, " ")
					_, got, _ := strings.Cut(events[i], " ")
					if at < from || at > from+6 || !strings.HasPrefix(got, text) {
						t.Errorf("event %q, want %q", events[i], want)
					}
				}
			})
		})
	}
}

// A driver that never answers delays a run that wants GPUs for a while, and no other.
func TestStartWithoutDriver(t *testing.T) {
	t.Parallel()
	hangs := func() (gpu.Sampler, error) { return machine{at: func(int) []gpu.Device { return nil }}, nil }
	for _, c := range []struct {
		name   string
		r      Runner
		claims bool
		want   time.Duration
	}{
		{"of ours", Runner{}, false, 0},
		{"a command", Runner{run: ofCommand}, false, 0},
		{"with GPUs", Runner{run: ofCommand, design: design{GPUs: 1}}, true, driverPatience},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				r, began := &c.r, time.Now()
				r.GPUs, r.Dir, r.Claims = hangs, t.TempDir(), t.TempDir()
				r.openGPUs(ctx)
				if reads := r.gpus != nil; reads != (c.name != "of ours") {
					t.Errorf("whether it reads GPUs: %v", reads)
				}
				_, err := r.claim()
				if (err != nil) != c.claims {
					t.Errorf("claim: %v", err)
				}
				if got := latest(r.gpus); len(got) > 0 {
					t.Errorf("GPUs are %v", got)
				}
				if took := time.Since(began); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}

// What a start did not wait for is in env.json once it is known.
func TestMachineIsToldLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		r := Runner{Dir: t.TempDir(), run: ofCommand}
		r.used.dir, r.used.untold = r.Dir, &Environment{Build: "b", GPUs: []gpu.Device{}}
		opened := make(chan struct{})
		r.GPUs = func() (gpu.Sampler, error) {
			<-opened
			return machine{time.Now(), func(s int) []gpu.Device { return node(2, s) }}, nil
		}
		r.openGPUs(ctx)
		r.used.watch = r.gpus
		path := filepath.Join(r.Dir, "env.json")
		r.used.tell()
		if _, err := os.Stat(path); err == nil {
			t.Error("env.json is written anew though nothing is known")
		}
		close(opened)
		synctest.Wait()
		r.used.tell()
		var env Environment
		if err := store.ReadJSON(path, &env); err != nil || len(env.GPUs) != 2 || env.Build != "b" || r.used.untold != nil {
			t.Errorf("env.json is %+v, %v", env, err)
		}
	})
}
