package nodes

import (
	"math"
	"slices"

	"ablate/gpu"
)

// A history is as long as cells times bucket seconds. Its cells stand at whole
// multiples of bucket, so that a curve moves on once in a while and is still in
// between.
const (
	cells  = 60
	bucket = 10
)

// curve is the newest values of one reading, a mean a cell; NaN: nothing was read.
type curve struct {
	cell  int64 // the time of the newest, in buckets since 1970
	means [cells]float64
	sum   float64
	n     int
}

// add takes in a value read at a time.
func (c *curve) add(now float64, v *float64) {
	cell := int64(now / bucket)
	if by := cell - c.cell; by > 0 {
		by = min(by, cells)
		copy(c.means[:], c.means[by:])
		for i := cells - by; i < cells; i++ {
			c.means[i] = math.NaN()
		}
		c.cell, c.sum, c.n = cell, 0, 0
	}
	if v != nil && !math.IsNaN(*v) {
		c.sum += *v
		c.n++
		c.means[cells-1] = c.sum / float64(c.n)
	}
}

// last are the newest n values, as far as anything was read; nothing was since the
// newest of them.
func (c *curve) last(n int, now float64) []float64 {
	n = min(n, cells)
	gone := int(min(max(int64(now/bucket)-c.cell, 0), int64(n)))
	values := slices.Clone(c.means[cells-n+gone:])
	for range gone {
		values = append(values, math.NaN())
	}
	for len(values) > 0 && math.IsNaN(values[0]) {
		values = values[1:]
	}
	return values
}

// empty reports whether nothing was read in all the time that is kept.
func (c *curve) empty() bool {
	return c.cell == 0 || !slices.ContainsFunc(c.means[:], func(v float64) bool { return !math.IsNaN(v) })
}

// history is what a GPU did.
type history struct{ busy, sm, tensor, hbm, memory, power, heat, clock curve }

func (h *history) add(now float64, d gpu.Device) {
	h.busy.add(now, d.BusyPct)
	h.sm.add(now, d.SMActivePct)
	h.tensor.add(now, d.TensorActivePct)
	h.hbm.add(now, d.DRAMActivePct)
	h.memory.add(now, memoryPct(d))
	h.power.add(now, d.PowerW)
	h.heat.add(now, d.TemperatureC)
	h.clock.add(now, d.SMClockMHz)
}

// memoryPct is the share of memory in use.
func memoryPct(d gpu.Device) *float64 {
	if d.MemoryUsedBytes == nil || d.MemoryTotalBytes == nil || *d.MemoryTotalBytes == 0 {
		return nil
	}
	return new(100 * float64(*d.MemoryUsedBytes) / float64(*d.MemoryTotalBytes))
}
