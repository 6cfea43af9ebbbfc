package run

import (
	"fmt"
	"maps"
	"math"
	"slices"

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

// gpus is what is known of the run's GPUs.
type gpus struct {
	reader *gpuReader
	busy   bool // the reader is in a Cmd
	read   gpuState
	whole  bool // all was read once
	all    []reading
	made   int // counts what was added
	latest store.Values
	count  int            // of GPUs in the newest reading with some
	index  map[string]int // the driver's numbers, by UUID, as they were last
	use    report.Use     // without the MFU
	curves [2]gpuCurve
}

// gpuState is how far a run is that was read: nothing is added behind its end.
type gpuState struct {
	attempt int
	status  store.Status
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

// gpusMsg brings some of the readings, and behind the last of them what all come to.
type gpusMsg struct {
	reader *gpuReader
	added  []reading
	last   []gpu.Device // of the newest one; nil: as before
	more   bool
	use    *report.Use // nil: as before
}

// readGPUs reads on in the readings of the GPUs, if there may be more.
func (p *Page) readGPUs() tea.Cmd {
	g, f := &p.gpus, &p.facts
	now := gpuState{f.record.Attempt, f.record.Status}
	alive := slices.ContainsFunc(f.lives, func(l store.Life) bool { return l.Alive })
	if f.record.Attempt == 0 || g.busy || g.whole && g.read == now && !alive {
		return nil
	}
	if g.reader == nil {
		g.reader = &gpuReader{dir: f.record.Dir}
	}
	g.busy, g.read = true, now
	return g.reader.look(f.record, f.lives)
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

// mostReadings bounds what is kept: a day at one in 5 s is 17,280, and of a longer run
// two become one.
const mostReadings = 1 << 16

// takeGPUs takes in a part of the readings, and reads on.
func (p *Page) takeGPUs(msg gpusMsg) tea.Cmd {
	g := &p.gpus
	if msg.reader != g.reader {
		return nil
	}
	if len(msg.added) > 0 {
		g.add(msg.added, msg.last)
	}
	if msg.more {
		return g.reader.look(p.facts.record, p.facts.lives)
	}
	g.busy, g.whole = false, true
	if msg.use != nil {
		g.use = *msg.use
	}
	return nil
}

// add takes readings in.
func (g *gpus) add(added []reading, last []gpu.Device) {
	g.all = append(g.all, added...)
	for len(g.all) > mostReadings {
		g.all = halved(g.all)
	}
	g.made++
	g.latest = maps.Clone(g.latest)
	if g.latest == nil {
		g.latest, g.index = store.Values{}, map[string]int{}
	}
	for i, m := range gpuMetrics {
		if v := added[len(added)-1].values[i]; v == v {
			g.latest[m.name] = v
		}
	}
	if len(last) > 0 {
		g.count = len(last)
	}
	for _, d := range last {
		g.index[string(d.UUID)] = d.Index
	}
}

// halved has the mean of every two readings of an attempt, with the energy of the
// second, at its time.
func halved(all []reading) []reading {
	to := 0
	for i := 0; i < len(all); i++ {
		x := all[i]
		if i+1 < len(all) && all[i+1].attempt == x.attempt {
			i++
			next := all[i]
			for k := range next.values {
				if gpuMetrics[k].name != gpuEnergy {
					next.values[k] = meanOf(x.values[k], next.values[k])
				}
			}
			x = next
		}
		all[to] = x
		to++
	}
	return all[:to]
}

// meanOf is the mean of two values, of one where the other is not known.
func meanOf(a, b float64) float64 {
	switch {
	case a != a:
		return b
	case b != b:
		return a
	default:
		return (a + b) / 2
	}
}
