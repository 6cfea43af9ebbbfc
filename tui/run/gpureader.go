package run

import (
	"fmt"
	"math"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
	"ablate/tui/report"
)

// gpuMetrics are what of the readings of the run's GPUs is drawn as a metric: means
// over the GPUs, but for the energy, which is what all have taken so far.
var gpuMetrics = [...]struct {
	name string
	of   func(gpu.Device) *float64
}{
	{"gpu/busy_pct", func(d gpu.Device) *float64 { return d.BusyPct }},
	{"gpu/sm_active_pct", func(d gpu.Device) *float64 { return d.SMActivePct }},
	{"gpu/tensor_active_pct", func(d gpu.Device) *float64 { return d.TensorActivePct }},
	{"gpu/dram_active_pct", func(d gpu.Device) *float64 { return d.DRAMActivePct }},
	{"gpu/memory_gb", func(d gpu.Device) *float64 {
		if d.MemoryUsedBytes == nil {
			return nil
		}
		return new(float64(*d.MemoryUsedBytes) / gpu.GB)
	}},
	{"gpu/power_w", func(d gpu.Device) *float64 { return d.PowerW }},
	{gpuEnergy, func(gpu.Device) *float64 { return nil }},
	{"gpu/clock_mhz", func(d gpu.Device) *float64 { return d.SMClockMHz }},
}

const gpuEnergy = "gpu/energy_kwh"

// gpuMetric is the place of a metric among gpuMetrics, -1 for any other.
func gpuMetric(name string) int {
	for i := range gpuMetrics {
		if gpuMetrics[i].name == name {
			return i
		}
	}
	return -1
}

// reading is one sample of the run's GPUs; NaN: nobody could read it.
type reading struct {
	attempt int
	time    float64
	values  [len(gpuMetrics)]float64
}

// gpuReader reads gpu.jsonl of one attempt after the other, and on. Only Cmds use it,
// one at a time.
type gpuReader struct {
	dir     string
	attempt int // that is read
	tail    store.Tail
	lines   *record.Reader
	meter   *gpu.Meter
	before  float64 // kWh of the attempts before
	last    []gpu.Device
	uses    report.Uses
}

// look is a Cmd that brings a part of the readings.
func (r *gpuReader) look(run store.Record, lives []store.Life) tea.Cmd {
	return func() tea.Msg {
		msg := gpusMsg{reader: r}
		msg.added, msg.more = r.next(run.Attempt)
		msg.last = r.last
		if !msg.more {
			if use, err := r.uses.Of(run, lives, true); err == nil {
				msg.use = &use
			}
		}
		return msg
	}
}

// next reads about a piece on; more says that there is more to read now. What cannot
// be read is left out.
func (r *gpuReader) next(newest int) (added []reading, more bool) {
	for {
		if r.attempt > 0 {
			more, _ = r.tail.Next(pieceBytes, func(line []byte) {
				if s, ok := r.lines.Line(line); ok {
					added = append(added, r.take(s))
				}
			})
		}
		if more || len(added) > 0 || r.attempt >= newest {
			return added, more || r.attempt < newest
		}
		if r.attempt > 0 {
			r.before = r.energy()
		}
		r.attempt++
		r.tail = store.Tail{Run: r.dir, Path: fmt.Sprintf("a%d/gpu.jsonl", r.attempt)}
		r.lines, r.meter = &record.Reader{}, &gpu.Meter{}
	}
}

// take makes a reading of a sample.
func (r *gpuReader) take(s record.Sample) reading {
	x := reading{attempt: r.attempt, time: s.Time}
	for i, m := range gpuMetrics {
		sum, n := 0.0, 0
		for _, d := range s.Devices {
			if v := m.of(d); v != nil {
				sum, n = sum+*v, n+1
			}
		}
		x.values[i] = sum / float64(n) // NaN without any
	}
	r.meter.Add(s.Time, s.Devices)
	x.values[gpuMetric(gpuEnergy)] = r.energy()
	r.last = s.Devices
	return x
}

// energy is what the GPUs have taken so far, in kWh; NaN: nobody knows.
func (r *gpuReader) energy() float64 {
	const joule = 1 / 3.6e6
	if e := r.meter.Use().EnergyJ; e != nil {
		return r.before + *e*joule
	}
	if r.before > 0 {
		return r.before
	}
	return math.NaN()
}
