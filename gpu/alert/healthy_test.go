package alert

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"ablate/gpu"
)

// hour plays a machine of eight H20s on which one run trains, as healthy ones look at
// 1 Hz. All eight keep the same time, as data-parallel ones do:
//
//   - training at 92 to 100 % busy, with a stall of 1 to 3 s for data now and then;
//   - an evaluation that leaves the GPUs idle for 15 to 30 s about every 4 minutes, and
//     a checkpoint that does for 5 to 20 s about as often, never both at once;
//   - power of 330 to 400 W of 400: about four times a minute it touches the cap for one
//     or two readings, with the clock down by up to 300 MHz;
//   - clocks that wobble between 1680 and 1980 MHz, one GPU with clocks set by hand;
//   - memory that grows to 94 % in ten minutes and gives a little back at pauses;
//   - temperatures that follow the power with a lag of half a minute, 55 to 78 °C;
//   - an error of the memory that ECC corrects every half an hour;
//   - readings that are up to 0.9 s old, and some that could not be taken.
type hour struct {
	rand  *rand.Rand
	pause int // readings that the GPUs stay idle for
	next  int // second of the next pause
	gpus  [8]healthyGPU
}

type healthyGPU struct {
	celsius, used float64 // used: share of the memory
	capped        int     // readings for which it stays at its power cap; below 0: since when it was there
	corrected     uint64
}

const h20Memory = 97871 << 20 // bytes

func newHour(seed uint64) *hour {
	h := &hour{rand: rand.New(rand.NewPCG(7, seed)), next: 100}
	for i := range h.gpus {
		h.gpus[i] = healthyGPU{celsius: 56 + float64(i%3), used: 0.05}
	}
	return h
}

// between is evenly drawn from [low, high).
func (h *hour) between(low, high float64) float64 { return low + (high-low)*h.rand.Float64() }

// second is the reading of one second.
func (h *hour) second(at int) []gpu.Device {
	switch {
	case h.pause > 0:
		h.pause--
	case at >= h.next:
		h.pause = int(h.between(5, 20))
		if h.rand.IntN(2) == 0 {
			h.pause = int(h.between(15, 31))
		}
		h.next = at + h.pause + int(h.between(90, 150))
	case h.rand.IntN(60) == 0:
		h.pause = 1 + h.rand.IntN(3)
		h.next = max(h.next, at+h.pause+40) // so that pauses do not join
	}
	devices := make([]gpu.Device, len(h.gpus))
	for i := range h.gpus {
		devices[i] = h.gpus[i].reading(h, i, h.pause == 0)
	}
	return devices
}

func (g *healthyGPU) reading(h *hour, index int, trains bool) gpu.Device {
	d := gpu.Device{
		Host: "h20-1", Index: index, UUID: gpu.Text(fmt.Sprintf("GPU-%d", index)), Name: "NVIDIA H20",
		BusyPct: new(0.0), SMActivePct: new(0.0), TensorActivePct: new(0.0), DRAMActivePct: new(h.between(0, 0.4)),
		MemoryTotalBytes: new(uint64(h20Memory)), PowerW: new(h.between(105, 125)), PowerLimitW: new(400.0),
		SMClockMHz: new(1980.0), SMClockMaxMHz: new(1980.0), Throttle: []string{}, AgeS: h.between(0, 0.9),
		ECCUncorrected: new(uint64(0)), XIDs: []gpu.XID{}, ClaimedBy: &gpu.Holder{Run: "sft/tokens=64k/s1"},
	}
	if index == 5 {
		d.Throttle = append(d.Throttle, "clocks set by hand")
	}
	if trains {
		g.train(h, &d)
	} else {
		g.used = math.Max(g.used-0.0005, 0.05)
	}
	g.celsius += (54 + *d.PowerW*24/400 - g.celsius) / 30
	d.TemperatureC = new(math.Round(g.celsius + h.between(-0.5, 0.5)))
	d.MemoryUsedBytes = new(uint64(g.used * h20Memory))
	if h.rand.IntN(1800) == 0 {
		g.corrected++
	}
	d.ECCCorrected = new(g.corrected)
	switch h.rand.IntN(200) { // what could not be read
	case 0:
		d.SMActivePct, d.TensorActivePct, d.DRAMActivePct = nil, nil, nil
	case 1:
		d.Throttle = nil
	}
	return d
}

func (g *healthyGPU) train(h *hour, d *gpu.Device) {
	d.BusyPct, d.SMActivePct = new(math.Round(h.between(92, 100.5))), new(h.between(80, 93))
	d.TensorActivePct, d.DRAMActivePct = new(h.between(60, 76)), new(h.between(30, 42))
	d.PowerW, d.SMClockMHz = new(h.between(330, 397)), new(15*math.Round(h.between(1740, 1980)/15))
	g.used += (0.942 - g.used) / 150
	g.capped--
	if g.capped < -4 && h.rand.IntN(12) == 0 {
		g.capped = 1 + h.rand.IntN(2)
	}
	if g.capped > 0 {
		d.PowerW, d.SMClockMHz = new(h.between(397, 400)), new(15*math.Round(h.between(1680, 1800)/15))
		d.Throttle = append(d.Throttle, "power cap")
	}
}

// The generator is what it says, or an hour without an alert would say nothing.
func TestHourIsLikeATrainer(t *testing.T) {
	t.Parallel()
	h := newHour(1)
	var busy, capped, full, longest, idle, hottest, coolest float64
	coolest = 100
	const seconds = 3600
	for second := range seconds {
		d := h.second(second)[3]
		busy += *d.BusyPct / seconds
		if len(d.Throttle) > 0 {
			capped++
		}
		full = max(full, float64(*d.MemoryUsedBytes)/h20Memory)
		hottest, coolest = max(hottest, *d.TemperatureC), min(coolest, *d.TemperatureC)
		idle++
		if *d.BusyPct > 0 {
			idle = 0
		}
		longest = max(longest, idle)
	}
	for _, c := range []struct {
		what           string
		got, low, high float64
	}{
		{"mean busy, %", busy, 75, 90},
		{"readings at the power cap", capped, 150, 500},
		{"share of the memory", full, 0.935, 0.945},
		{"longest pause, s", longest, 25, 30},
		{"hottest, °C", hottest, 74, 78},
		{"coolest, °C", coolest, 55, 65},
	} {
		if c.got < c.low || c.got > c.high {
			t.Errorf("%s: %.3g, want %g to %g", c.what, c.got, c.low, c.high)
		}
	}
}

func TestNoAlertInAHealthyHour(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		var w Watch
		h := newHour(seed)
		for second := range 3600 {
			n := gpu.Node{Name: "h20-1", Devices: h.second(second)}
			if got := w.Look(start+float64(second)+h.between(0, 0.05), n, claimed); got != nil {
				t.Fatalf("seed %d, second %d: %v", seed, second, got)
			}
		}
		if now := w.Now(); now != nil {
			t.Errorf("seed %d: in force: %v", seed, now)
		}
	}
}

// Nobody holds the GPUs of an idle machine: that nothing runs is as it should be.
func TestNoAlertOnAnIdleNode(t *testing.T) {
	t.Parallel()
	var w Watch
	h := newHour(1)
	for second := range 3600 {
		h.pause = 2 // for ever
		n := gpu.Node{Name: "h20-1", Devices: h.second(second)}
		for i := range n.Devices {
			n.Devices[i].ClaimedBy = nil
		}
		if got := w.Look(start+float64(second), n, claimed); got != nil {
			t.Fatalf("second %d: %v", second, got)
		}
	}
}

func claimed(d gpu.Device) bool { return d.ClaimedBy != nil }

// Looking at healthy GPUs takes no memory, however long it goes on.
func TestLookAtHealthyGPUsAllocatesNothing(t *testing.T) {
	var w Watch
	h := newHour(1)
	n, second := gpu.Node{Name: "h20-1", Devices: h.second(0)}, 0.0
	if got := testing.AllocsPerRun(100, func() {
		second++
		w.Look(start+second, n, claimed)
	}); got != 0 {
		t.Errorf("%v allocations a look at 8 GPUs", got)
	}
}

func BenchmarkLook(b *testing.B) {
	var w Watch
	h := newHour(1)
	n, second := gpu.Node{Name: "h20-1", Devices: h.second(0)}, 0.0
	b.ReportAllocs()
	for b.Loop() {
		second++
		w.Look(start+second, n, claimed)
	}
}
