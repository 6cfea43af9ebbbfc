package alert

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// start is when the tests' readings begin, in seconds since 1970.
const start = 1_763_790_000.0

// h20 is a reading of an H20 that trains.
func h20() gpu.Device {
	return gpu.Device{
		Index: 2, UUID: "GPU-2", Name: "NVIDIA H20",
		BusyPct: new(97.0), SMActivePct: new(91.0), DRAMActivePct: new(38.0), MemoryBusyPct: new(41.0),
		MemoryUsedBytes: new(uint64(72 << 30)), MemoryTotalBytes: new(uint64(96 << 30)),
		PowerW: new(388.0), PowerLimitW: new(400.0), TemperatureC: new(64.0), Throttle: []string{},
		SMClockMHz: new(1830.0), SMClockMaxMHz: new(1980.0),
		ECCCorrected: new(uint64(3)), ECCUncorrected: new(uint64(0)), XIDs: []gpu.XID{},
	}
}

func all8(gpu.Device) bool { return true }

// told plays readings at 1 Hz, of GPU 2 as change leaves them in every second, and
// tells what began and ended, each with its second.
func told(w *Watch, seconds int, change func(second int, n *gpu.Node, d *gpu.Device)) []string {
	var lines []string
	for second := range seconds {
		n := gpu.Node{Name: gpu.Local, Devices: []gpu.Device{h20()}}
		change(second, &n, &n.Devices[0])
		for _, a := range w.Look(start+float64(second), n, all8) {
			lines = append(lines, fmt.Sprintf("%d %s", second, a.Text()))
		}
	}
	return lines
}

// Every fault begins with the fifth reading and is there for a minute. At 1 Hz what has
// to last is told with its fourth reading, 3 s after the first.
func TestWatchNamesFaults(t *testing.T) {
	t.Parallel()
	throttle := func(why ...string) func(*gpu.Node, *gpu.Device) {
		return func(_ *gpu.Node, d *gpu.Device) { d.Throttle, d.SMClockMHz = why, new(1230.0) }
	}
	fails := func(text gpu.Text) func(*gpu.Node, *gpu.Device) {
		return func(_ *gpu.Node, d *gpu.Device) {
			*d = gpu.Device{Index: d.Index, UUID: d.UUID, Name: d.Name, Error: text}
		}
	}
	node := func(err error) func(*gpu.Node, *gpu.Device) {
		return func(n *gpu.Node, _ *gpu.Device) { n.Err = err }
	}
	for _, c := range []struct {
		name    string
		fault   func(*gpu.Node, *gpu.Device)
		kind    Kind
		short   string
		grave   bool
		told    []string
		forNode bool
	}{
		{"power cap", throttle("power cap"), PowerCap, "power cap", false, []string{
			"8 GPU 2: held at 1230 of 1980 MHz: power cap of 400 W",
			"74 GPU 2: power cap: over after 1m6s",
		}, false},
		{"heat", func(n *gpu.Node, d *gpu.Device) {
			throttle("too hot")(n, d)
			d.TemperatureC = new(84.0)
		}, Throttled, "too hot", false, []string{
			"8 GPU 2: held at 1230 of 1980 MHz: too hot (84 °C); check its cooling",
			"74 GPU 2: too hot: over after 1m6s",
		}, false},
		{"heat that hardware acts on", func(n *gpu.Node, d *gpu.Device) {
			throttle("too hot", "too hot (hardware)", "hardware slowdown")(n, d)
			d.TemperatureC, d.MemoryC = new(92.0), new(104.0)
		}, Throttled, "too hot (hardware)", true, []string{
			"8 GPU 2: held at 1230 of 1980 MHz: far too hot (92 °C, memory 104 °C), the hardware protects itself; check its cooling now",
			"74 GPU 2: too hot (hardware): over after 1m6s",
		}, false},
		{"power brake", throttle("hardware slowdown", "power brake"), Throttled, "power brake", true, []string{
			"8 GPU 2: held at 1230 of 1980 MHz: power brake, the machine's supply asks for less; check its power supplies",
			"74 GPU 2: power brake: over after 1m6s",
		}, false},
		{"hardware slowdown, with no clock", func(n *gpu.Node, d *gpu.Device) {
			throttle("hardware slowdown")(n, d)
			d.SMClockMHz, d.SMClockMaxMHz = nil, nil
		}, Throttled, "hardware slowdown", true, []string{
			"8 GPU 2: clock held down: hardware slowdown; check its power cables and cooling",
			"74 GPU 2: hardware slowdown: over after 1m6s",
		}, false},
		{"clocks that somebody set", throttle("clocks set by hand", "display clock", "sync boost"), 0, "", false, nil, false},
		{"memory full", func(_ *gpu.Node, d *gpu.Device) { d.MemoryUsedBytes = new(uint64(95 << 30)) }, MemoryFull, "memory full", false, []string{
			"8 GPU 2: memory nearly full: 95.0 of 96.0 GB; the next allocation may fail",
			"74 GPU 2: memory full: over after 1m6s",
		}, false},
		{"a server takes 95 % of the memory", func(_ *gpu.Node, d *gpu.Device) { d.MemoryUsedBytes = new(uint64(96 << 30 * 95 / 100)) }, 0, "", false, nil, false},
		{"errors that ECC could not correct", func(_ *gpu.Node, d *gpu.Device) { d.ECCUncorrected = new(uint64(2)) }, ECC, "ECC", true, []string{
			"5 GPU 2: memory errors that ECC could not correct (2 since the driver was loaded); results may be wrong, restart the run, reset the GPU",
			"605 GPU 2: ECC: none for 10m0s",
		}, false},
		{"a burst of corrected errors", func(_ *gpu.Node, d *gpu.Device) { d.ECCCorrected = new(uint64(43)) }, ECC, "ECC, corrected", false, []string{
			"5 GPU 2: 20 or more memory errors corrected within a minute; its memory may be failing",
			"65 GPU 2: ECC, corrected: none for 1m0s",
		}, false},
		{"a few corrected errors", func(_ *gpu.Node, d *gpu.Device) { d.ECCCorrected = new(uint64(20)) }, 0, "", false, nil, false},
		{"rows to remap", func(_ *gpu.Node, d *gpu.Device) { d.Repair = "a reset: rows wait to be remapped" }, Repair, "needs a reset", true, []string{
			"5 GPU 2: needs a reset: rows wait to be remapped",
			"74 GPU 2: needs a reset: over after 1m9s",
		}, false},
		{"lost", fails("read busy share: the GPU is lost (it fell off the bus) (NVML error 15)"), Lost, "lost", true, []string{
			"5 GPU 2: lost, it fell off the bus; restart the machine",
			"74 GPU 2: lost: over after 1m9s",
		}, false},
		{"listed no more", func(n *gpu.Node, _ *gpu.Device) { n.Devices = []gpu.Device{} }, Lost, "lost", true, []string{
			"8 GPU 2: lost, the driver lists it no more; restart the machine",
			"74 GPU 2: lost: over after 1m6s",
		}, false},
		{"needs a reset", func(n *gpu.Node, d *gpu.Device) {
			fails("open GPU: the GPU needs a reset (NVML error 16)")(n, d)
			d.Repair = "a reset"
		}, ResetRequired, "needs a reset", true, []string{
			"5 GPU 2: needs a reset; stop what runs on it, then nvidia-smi --gpu-reset -i 2",
			"74 GPU 2: needs a reset: over after 1m9s",
		}, false},
		{"driver timeout", fails("read memory: the driver timed out (NVML error 10)"), NotAnswering, "not answering", true, []string{
			"5 GPU 2: the driver does not answer about it; restart the machine",
			"74 GPU 2: not answering: over after 1m9s",
		}, false},
		{"a reading that is not permitted", fails("read memory: no permission (NVML error 4)"), 0, "", false, nil, false},
		{"hung", node(fmt.Errorf("h20-1: %w", gpu.ErrNotAnswering)), NotAnswering, "not answering", true, []string{
			"5 driver: it does not answer; some GPU hangs, look for XIDs in the kernel's log, restart the machine",
			"74 driver: not answering: over after 1m9s",
		}, true},
		{"driver mismatch", node(errors.New("start NVML: the NVIDIA driver and its library differ in version (NVML error 18)")), DriverMismatch, "driver mismatch", true, []string{
			"5 driver: it and its library differ in version; reload the driver or restart the machine",
			"74 driver: driver mismatch: over after 1m9s",
		}, true},
		{"driver mismatch, of nvidia-smi", node(errors.New("Failed to initialize NVML: Driver/library version mismatch")), DriverMismatch, "driver mismatch", true, []string{
			"5 driver: it and its library differ in version; reload the driver or restart the machine",
			"74 driver: driver mismatch: over after 1m9s",
		}, true},
		{"driver not loaded", node(errors.New("start NVML: the NVIDIA driver is not loaded (NVML error 9)")), DriverNotLoaded, "driver not loaded", true, []string{
			"5 driver: it is not loaded; load it (modprobe nvidia) or restart the machine",
			"74 driver: driver not loaded: over after 1m9s",
		}, true},
		{"no driver", node(gpu.ErrNoDriver), 0, "", false, nil, false},
		{"a host is away", node(errors.New("ssh: connect to host h20-1: Connection timed out")), 0, "", false, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w Watch
			got := told(&w, 700, func(second int, n *gpu.Node, d *gpu.Device) {
				counter := c.kind == ECC || c.name == "a few corrected errors"
				if second >= 5 && (second < 65 || counter) {
					c.fault(n, d)
				}
				if now := w.Now(); c.kind != 0 && second == 40 {
					want := []Alert{{Time: now[0].Time, Node: gpu.Local, UUID: "GPU-2", Index: 2, Kind: c.kind, Short: c.short, Name: now[0].Name, Words: now[0].Words, Grave: c.grave}}
					if c.forNode {
						want[0].UUID, want[0].Index = "", -1
					}
					if diff := cmp.Diff(want, now); diff != "" {
						t.Errorf("in force (-want +got):\n%s", diff)
					}
				}
			})
			if diff := cmp.Diff(c.told, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if left := w.Now(); len(left) != 0 {
				t.Errorf("in force at the end: %v", left)
			}
		})
	}
}

// A GPU that is held and idle is told after a minute; one that nobody holds is free.
func TestWatchIdle(t *testing.T) {
	t.Parallel()
	sleeps := func(d *gpu.Device) {
		d.BusyPct, d.SMActivePct, d.DRAMActivePct, d.MemoryBusyPct = new(0.0), new(0.0), new(0.0), new(0.0)
	}
	for _, c := range []struct {
		name   string
		change func(second int, d *gpu.Device)
		want   []string
	}{
		{"for good", func(second int, d *gpu.Device) {
			if second >= 10 && second < 100 {
				sleeps(d)
			}
		}, []string{"69 GPU 2: held but idle for 60 s; nothing runs on it", "109 GPU 2: idle, held: over after 40s"}},
		{"a pause of 30 s every 40", func(second int, d *gpu.Device) {
			if second%40 < 30 {
				sleeps(d)
			}
		}, nil},
		{"memory is moved", func(_ int, d *gpu.Device) {
			sleeps(d)
			d.DRAMActivePct = new(3.0)
		}, nil},
		{"nothing is known of kernels", func(_ int, d *gpu.Device) {
			sleeps(d)
			d.BusyPct, d.SMActivePct = nil, nil
		}, nil},
		{"some reading fails", func(_ int, d *gpu.Device) {
			sleeps(d)
			d.Error = "read ECC errors: no permission (NVML error 4)"
		}, []string{"60 GPU 2: held but idle for 60 s; nothing runs on it"}},
		{"an old GPU tells its busy share alone", func(_ int, d *gpu.Device) {
			*d = gpu.Device{Index: 2, UUID: "GPU-2", BusyPct: new(0.0)}
		}, []string{"60 GPU 2: held but idle for 60 s; nothing runs on it"}},
	} {
		var w Watch
		got := told(&w, 150, func(second int, _ *gpu.Node, d *gpu.Device) { c.change(second, d) })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	var w Watch
	for second := range 200 {
		d := h20()
		sleeps(&d)
		for _, held := range []func(gpu.Device) bool{nil, func(gpu.Device) bool { return false }} {
			if got := w.Look(start+float64(second), gpu.Node{Devices: []gpu.Device{d}}, held); got != nil {
				t.Fatalf("of a GPU that nobody holds: %v", got)
			}
		}
	}
}

// Moments raise nothing, and what flickers begins and ends once.
func TestWatchDoesNotFlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		hot  func(second int) bool
		want []string
	}{
		{"three readings every 20", func(s int) bool { return s%20 < 3 }, nil},
		{"every other reading", func(s int) bool { return s < 100 && s%2 == 0 }, []string{
			"12 GPU 2: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling", "108 GPU 2: too hot: over after 1m36s",
		}},
		{"away for less than 10 s", func(s int) bool { return s < 120 && s%15 < 6 }, []string{
			"4 GPU 2: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling", "120 GPU 2: too hot: over after 1m56s",
		}},
	} {
		var w Watch
		got := told(&w, 200, func(second int, _ *gpu.Node, d *gpu.Device) {
			if c.hot(second) {
				d.Throttle = []string{"too hot"}
			}
		})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What gets worse is told anew.
func TestWatchTellsThatItGetsWorse(t *testing.T) {
	t.Parallel()
	var w Watch
	got := told(&w, 50, func(second int, _ *gpu.Node, d *gpu.Device) {
		d.Throttle, d.TemperatureC = []string{"too hot"}, new(85.0)
		if second >= 20 {
			d.Throttle, d.TemperatureC = []string{"too hot", "too hot (hardware)"}, new(91.0)
		}
	})
	want := []string{
		"4 GPU 2: held at 1830 of 1980 MHz: too hot (85 °C); check its cooling",
		"23 GPU 2: held at 1830 of 1980 MHz: far too hot (91 °C), the hardware protects itself; check its cooling now",
		"29 GPU 2: too hot: over after 25s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Full is 98 %, and stays so above 97 %.
func TestWatchMemoryStaysFull(t *testing.T) {
	t.Parallel()
	var w Watch
	got := told(&w, 100, func(second int, _ *gpu.Node, d *gpu.Device) {
		d.MemoryTotalBytes = new(uint64(1000 << 20))
		switch {
		case second < 20:
			d.MemoryUsedBytes = new(uint64(979 << 20))
		case second < 30:
			d.MemoryUsedBytes = new(uint64(980 << 20))
		case second < 60:
			d.MemoryUsedBytes = new(uint64(970 << 20))
		default:
			d.MemoryUsedBytes = new(uint64(969 << 20))
		}
	})
	want := []string{"23 GPU 2: memory nearly full: 1.0 of 1.0 GB; the next allocation may fail", "69 GPU 2: memory full: over after 46s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// While a host is away its GPUs stay as they are, and nothing is told when it is back.
func TestWatchKeepsStillWhileANodeIsAway(t *testing.T) {
	t.Parallel()
	var w Watch
	last := 0.0
	got := told(&w, 600, func(second int, n *gpu.Node, d *gpu.Device) {
		d.Throttle = []string{"too hot"}
		switch {
		case second < 100 || second >= 300 && second < 400:
			last = float64(second)
			return
		case second < 200: // its last sample, ever older
			n.Err = errors.New("ssh: connection timed out")
			d.AgeS = float64(second) - last
		case second < 250: // nothing, as at the start
			n.Err, n.Devices = errors.New("ssh: connection timed out"), nil
		case second < 300:
			n.Err, n.Devices = gpu.ErrNoDriver, []gpu.Device{}
		case second < 450: // it connects
			n.Devices, n.Doing = []gpu.Device{}, "connecting"
		case second < 500:
			n.Devices = nil
		}
	})
	if diff := cmp.Diff([]string{"4 GPU 2: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A reading that is looked at again is no other one, however often that is.
func TestWatchLooksAtAReadingOnce(t *testing.T) {
	t.Parallel()
	var w Watch
	d := h20()
	w.Look(start, gpu.Node{Devices: []gpu.Device{d}}, nil)
	d.Throttle = []string{"too hot"}
	for tenth := range 600 {
		d.AgeS = float64(tenth)/10 + float64(tenth%3)/20 // ages of other machines are told roughly
		if got := w.Look(start+1+float64(tenth)/10, gpu.Node{Devices: []gpu.Device{d}}, nil); got != nil {
			t.Fatalf("at %v: %v", d.AgeS, got)
		}
	}
	var seconds []float64
	for tenth := range 100 { // ten frames a reading
		d.AgeS = float64(tenth%10) / 10
		for range w.Look(start+100+float64(tenth)/10, gpu.Node{Devices: []gpu.Device{d}}, nil) {
			seconds = append(seconds, float64(tenth)/10)
		}
	}
	if diff := cmp.Diff([]float64{2}, seconds); diff != "" { // 1 s of before, then three of 1 s
		t.Errorf("told at (-want +got):\n%s", diff)
	}
}

// The gravest is first, whatever the order of nodes and GPUs.
func TestWatchNowTellsTheGravestFirst(t *testing.T) {
	t.Parallel()
	var w Watch
	for second := range 10 {
		capped, lost, hot, xid := h20(), h20(), h20(), h20()
		capped.UUID, capped.Throttle = "GPU-0", []string{"power cap"}
		lost.UUID, lost.Index, lost.Error = "GPU-7", 7, "the GPU is lost (it fell off the bus) (NVML error 15)"
		hot.UUID, hot.Index, hot.Throttle = "GPU-1", 1, []string{"too hot"}
		xid.UUID, xid.Index, xid.XIDs = "GPU-3", 3, []gpu.XID{{Time: start, Code: 31}, {Time: start, Code: 48}}
		w.Look(start+float64(second), gpu.Node{Name: "a", Devices: []gpu.Device{capped, xid, hot, lost}}, nil)
		w.Look(start+float64(second), gpu.Node{Name: "b", Err: gpu.ErrNotAnswering}, nil)
	}
	var got []string
	for _, a := range w.Now() {
		got = append(got, fmt.Sprintf("%s %d %s", a.Node, a.Index, a.Short))
	}
	want := []string{"b -1 not answering", "a 7 lost", "a 3 XID 48", "a 3 XID 31", "a 1 too hot", "a 2 power cap"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A lost GPU may have no UUID any more; it is the one that had its index. Slices come
// and go as people cut them.
func TestWatchTellsGPUsApart(t *testing.T) {
	t.Parallel()
	var w Watch
	got := told(&w, 100, func(second int, n *gpu.Node, d *gpu.Device) {
		slice := h20()
		slice.UUID, slice.Slice = gpu.Text(fmt.Sprintf("MIG-%d", second/20)), new(1)
		slice.Throttle = []string{"too hot"}
		twice := h20()
		twice.Throttle = []string{"power brake"}
		if second >= 30 {
			*d = gpu.Device{Index: 2, Error: "open GPU: the GPU is lost (NVML error 15)"}
		}
		n.Devices = append(n.Devices, slice, twice)
		if second >= 60 {
			n.Devices = n.Devices[:1]
		}
	})
	want := []string{
		"4 GPU 2 slice 1: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling",
		"20 GPU 2 slice 1: too hot: over after 16s",
		"24 GPU 2 slice 1: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling",
		"30 GPU 2: lost, it fell off the bus; restart the machine",
		"40 GPU 2 slice 1: too hot: over after 16s",
		"44 GPU 2 slice 1: held at 1830 of 1980 MHz: too hot (64 °C); check its cooling",
		"60 GPU 2 slice 1: too hot: over after 16s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if now := w.Now(); len(now) != 1 || now[0].UUID != "GPU-2" {
		t.Errorf("in force: %+v, want the lost GPU under its UUID", now)
	}
}

// A GPU that is listed no more is waited for an hour, each time anew.
func TestWatchForgets(t *testing.T) {
	t.Parallel()
	var w Watch
	got := told(&w, 8000, func(second int, n *gpu.Node, _ *gpu.Device) {
		if second > 0 && second < 3000 || second > 4000 {
			n.Devices = []gpu.Device{}
		}
	})
	want := []string{
		"4 GPU 2: lost, the driver lists it no more; restart the machine", "3009 GPU 2: lost: over after 50m5s",
		"4004 GPU 2: lost, the driver lists it no more; restart the machine", "7601 GPU 2: lost: over after 59m57s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
