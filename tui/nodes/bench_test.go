package nodes

import (
	"fmt"
	"testing"

	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// many are machines of eight busy H20s each.
func many(n int, busy float64) (nodes []gpu.Node) {
	for k := range n {
		name := fmt.Sprintf("h20-%d", k)
		if k == 0 {
			name = gpu.Local
		}
		x := gpu.Node{Name: name}
		for i := range 8 {
			d := card(name, i, busy, 71.2, 1000*k+i)
			d.SMActivePct, d.TensorActivePct, d.DRAMActivePct = new(91.0), new(74.0), new(38.0)
			d.SMClockMHz, d.SMClockMaxMHz, d.MemoryC = new(1755.0), new(1980.0), new(71.0)
			d.Processes[0].User, d.Processes[0].Command = "ada", "python train.py"
			x.Devices = append(x.Devices, d)
		}
		nodes = append(nodes, x)
	}
	return nodes
}

// BenchmarkFleet measures what a second costs with 16 machines of 8 GPUs: their
// readings, and the screen.
func BenchmarkFleet(b *testing.B) {
	d := &driver{t: b}
	p := NewGPUs(site(d))
	d.p = p
	now := noon()
	second := func() page.Readings {
		now++
		return page.Readings{Nodes: many(16, float64(int(now)%100)), Now: now}
	}
	for range 700 {
		p.Update(second())
	}
	l := look.New(chart.Style{})
	b.Run("update", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			r := second()
			b.StartTimer()
			p.Update(r)
		}
	})
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.View(l, 160, 43)
		}
	})
	p.zoomed = true
	p.table.Move(1)
	b.Run("zoom", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.View(l, 160, 43)
		}
	})
}
