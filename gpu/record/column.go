package record

import (
	"math"
	"slices"

	"ablate/gpu"
)

// column is a number of a device that stands in every row.
type column struct {
	name string
	step float64 // of a number in a row, which is a multiple of it
	at   func(*gpu.Device) **float64
}

// Those that are not a *float64 of a device, or mean something else in a row.
const (
	throttleColumn = "throttle"
	memoryColumn   = "memory_used_bytes"
	ageColumn      = "age_s"
	energyColumn   = "energy_j"
)

// columns are in the order of rows. What is often the same as in the row before stands
// together, in front: such text is what a compressor finds.
var columns = []column{
	{throttleColumn, 1, nil},
	{ageColumn, 0.001, nil},
	{memoryColumn, 1, nil},
	{"memory_clock_mhz", 1, func(d *gpu.Device) **float64 { return &d.MemoryClockMHz }},
	{"temperature_c", 0.1, func(d *gpu.Device) **float64 { return &d.TemperatureC }},
	{"memory_temperature_c", 0.1, func(d *gpu.Device) **float64 { return &d.MemoryC }},
	{"sm_clock_mhz", 1, func(d *gpu.Device) **float64 { return &d.SMClockMHz }},
	{"busy_pct", 0.1, func(d *gpu.Device) **float64 { return &d.BusyPct }},
	{"memory_busy_pct", 0.1, func(d *gpu.Device) **float64 { return &d.MemoryBusyPct }},
	{"sm_active_pct", 0.1, func(d *gpu.Device) **float64 { return &d.SMActivePct }},
	{"sm_occupancy_pct", 0.1, func(d *gpu.Device) **float64 { return &d.SMOccupancyPct }},
	{"tensor_active_pct", 0.1, func(d *gpu.Device) **float64 { return &d.TensorActivePct }},
	{"dram_active_pct", 0.1, func(d *gpu.Device) **float64 { return &d.DRAMActivePct }},
	{"power_w", 0.1, func(d *gpu.Device) **float64 { return &d.PowerW }},
	{energyColumn, 1, func(d *gpu.Device) **float64 { return &d.EnergyJ }},
}

// columnNamed is nil for a column that is not known here.
func columnNamed(name string) *column {
	i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &columns[i]
}

// number is what stands in a row for a value in the unit of the row; NaN, which
// stands for null, where there is none.
func (c column) number(v *float64) float64 {
	if v == nil || math.IsInf(*v, 0) {
		return math.NaN()
	}
	n := math.Round(1 / c.step) // exact, which the step is not
	return math.Round(*v*n) / n
}

// factsOf is what of a device is not in rows: it seldom changes, so that it is written
// when it does.
func factsOf(d gpu.Device) gpu.Device {
	for _, c := range columns {
		if c.at != nil {
			*c.at(&d) = nil
		}
	}
	d.Throttle, d.AgeS, d.MemoryUsedBytes = nil, 0, nil
	for _, v := range []**float64{&d.PowerLimitW, &d.SMClockMaxMHz, &d.MemoryClockMaxMHz} {
		if *v != nil && (math.IsNaN(**v) || math.IsInf(**v, 0)) {
			*v = nil // JSON has none
		}
	}
	d.Processes = slices.Clone(d.Processes)
	for i, p := range d.Processes {
		if p.MemoryUsedBytes != nil {
			whole := (*p.MemoryUsedBytes + mib/2) / mib * mib
			d.Processes[i].MemoryUsedBytes = &whole
		}
	}
	return d
}

// same says whether it is the same device of the same machine, under the same number.
func same(a, b gpu.Device) bool { return a.UUID == b.UUID && a.Index == b.Index && a.Host == b.Host }
