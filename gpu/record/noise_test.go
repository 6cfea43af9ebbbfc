package record

import (
	"fmt"
	"math"
	"math/rand/v2"

	"ablate/gpu"
)

// noise makes the samples of a machine on which a large model is fine-tuned, with as
// much chance in them as real ones have: a power that moves by several watts within a
// second, around one that wanders; clocks in steps of 15 MHz; shares of the counters
// (GPM) that move by a percent, told to 0.1; an evaluation, in which the GPUs
// wait, of 30 s in every 20 minutes; memory that grows for a while and then stays.
type noise struct {
	r      *rand.Rand
	n      int // samples so far
	at     float64
	drift  []float64
	energy []float64
	device []gpu.Device
}

func newNoise(devices int) *noise {
	m := &noise{r: rand.New(rand.NewPCG(7, 1)), at: 1763790000.5, drift: make([]float64, devices), energy: make([]float64, devices)}
	for i := range devices {
		memory := uint64(60+m.r.IntN(30)) << 30
		m.energy[i] = 1e8 * m.r.Float64()
		m.device = append(m.device, gpu.Device{
			Host: "node1", Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%08x-%04x-4a11-9c55-%012x", m.r.Uint32(), m.r.IntN(1<<16), m.r.Uint64N(1<<48))),
			Name: "NVIDIA H200", MemoryTotalBytes: new(uint64(150754820096)), PowerLimitW: new(700.0),
			SMClockMaxMHz: new(1980.0), MemoryClockMaxMHz: new(3201.0), ECCCorrected: new(uint64(0)), ECCUncorrected: new(uint64(0)),
			RemappedRows: new(uint64(0)), Persistence: new(true), XIDs: []gpu.XID{}, Throttle: []string{},
			Processes: []gpu.Process{{PID: 40000 + i, MemoryUsedBytes: &memory, User: "ada", Command: "python3", Parents: []int{39990, 39900, 1}}},
			ClaimedBy: &gpu.Holder{PID: 39900, User: "ada", Store: "/data/ada/runs", Run: "instruct/lr=1e-5~3f9a01/s1"},
		})
	}
	return m
}

// next is the sample of the next second, give or take some ms.
func (m *noise) next() Sample {
	m.n++
	m.at += 1 + 0.002*m.r.NormFloat64()
	devices := make([]gpu.Device, len(m.device))
	for i, d := range m.device {
		m.drift[i] = 0.98*m.drift[i] + 0.5*m.r.NormFloat64()
		m.fill(i, &d, m.n%1200 < 30)
		devices[i] = d
	}
	return Sample{m.at, devices}
}

func (m *noise) fill(i int, d *gpu.Device, waits bool) {
	share := func(mean, sd float64) *float64 {
		return new(min(max(mean+m.drift[i]+sd*m.r.NormFloat64(), 0), 100))
	}
	used := uint64(min(m.n, 900))<<20 + uint64(128)<<30
	d.MemoryUsedBytes, d.MemoryClockMHz = &used, new(3201.0)
	if waits {
		d.BusyPct, d.MemoryBusyPct, d.SMActivePct, d.SMOccupancyPct = new(0.0), new(0.0), new(0.0), new(0.0)
		d.TensorActivePct, d.DRAMActivePct = new(0.0), new(0.0)
		d.PowerW, d.SMClockMHz = new(118+1.5*m.r.NormFloat64()), new(1980.0)
	} else {
		d.BusyPct, d.MemoryBusyPct = new(math.Round(*share(97, 2))), new(math.Round(*share(48, 4)))
		d.SMActivePct, d.SMOccupancyPct, d.TensorActivePct, d.DRAMActivePct = share(86, 1), share(31, 1), share(52, 1), share(44, 1)
		d.PowerW = new(min(640+8*m.drift[i]+6*m.r.NormFloat64(), 703))
		d.SMClockMHz = new(1980 - 15*math.Abs(math.Round(2*m.r.NormFloat64())))
		if *d.PowerW > 697 {
			d.Throttle = []string{"power cap"}
		}
	}
	m.energy[i] += *d.PowerW + 4*m.r.NormFloat64() // the counter sees what happens between samples
	d.EnergyJ = new(m.energy[i])
	d.TemperatureC = new(math.Round(58 + float64(i%4)*3 + 0.5*m.drift[i] + 0.3*m.r.NormFloat64()))
	d.MemoryC = new(math.Round(74 + float64(i%4)*2 + 0.3*m.drift[i] + 0.3*m.r.NormFloat64()))
}
