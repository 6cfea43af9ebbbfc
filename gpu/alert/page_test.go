package alert

import (
	"testing"
	"unicode/utf8"

	"ablate/gpu"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	throttle := func(why ...string) func(*gpu.Device) { return func(d *gpu.Device) { d.Throttle = why } }
	fails := func(text gpu.Text) func(*gpu.Device) { return func(d *gpu.Device) { d.Error = text } }
	sleeps := func(d *gpu.Device) {
		d.BusyPct, d.SMActivePct, d.DRAMActivePct, d.MemoryBusyPct = new(0.0), new(0.0), new(0.0), new(0.0)
	}
	xids := func(xids ...gpu.XID) func(*gpu.Device) { return func(d *gpu.Device) { d.XIDs = xids } }
	for _, c := range []struct {
		name   string
		change func(*gpu.Device)
		free   bool
		want   string
		grave  bool
	}{
		{"healthy", func(*gpu.Device) {}, false, "", false},
		{"nothing is known", func(d *gpu.Device) { *d = gpu.Device{} }, false, "", false},
		{"power cap", throttle("power cap"), false, "power cap", false},
		{"too hot", throttle("too hot", "power cap"), false, "too hot", false},
		{"too hot for the hardware", throttle("too hot (hardware)", "hardware slowdown"), false, "too hot", true},
		{"power brake", throttle("power brake", "hardware slowdown"), false, "power brake", true},
		{"hardware slowdown", throttle("hardware slowdown"), false, "hardware slowdown", true},
		{"set by hand", throttle("clocks set by hand"), false, "", false},
		{"memory full", func(d *gpu.Device) { d.MemoryUsedBytes = new(uint64(95 << 30)) }, false, "memory full", false},
		{"idle, held", sleeps, false, "idle, held", false},
		{"idle and free", sleeps, true, "", false},
		{"XID a while ago", xids(gpu.XID{Time: start - 500, Code: 79}), false, "XID 79", true},
		{"XID long ago", xids(gpu.XID{Time: start - 700, Code: 79}), false, "", false},
		{"XID of a program", xids(gpu.XID{Time: start - 50, Code: 31}, gpu.XID{Time: start - 500, Code: 43}), false, "XID 31", false},
		{"ECC", func(d *gpu.Device) { d.ECCUncorrected = new(uint64(1)) }, false, "ECC", false},
		{"corrected by ECC", func(d *gpu.Device) { d.ECCCorrected = new(uint64(100)) }, false, "", false},
		{"repair", func(d *gpu.Device) { d.Repair = "a reset: rows wait to be remapped" }, false, "needs a reset", true},
		{"other repair", func(d *gpu.Device) { d.Repair = "to be drained" }, false, "needs repair", true},
		{"lost", fails("read memory: the GPU is lost (it fell off the bus) (NVML error 15)"), false, "lost", true},
		{"reset", fails("open GPU: the GPU needs a reset (NVML error 16)"), false, "needs a reset", true},
		{"timeout", fails("open GPU: the driver timed out (NVML error 10)"), false, "not answering", true},
		{"some error", fails("read memory: no permission (NVML error 4)"), false, "error", false},
		{"the gravest of many", func(d *gpu.Device) {
			sleeps(d)
			d.Throttle = []string{"power cap", "too hot"}
			d.XIDs = []gpu.XID{{Time: start, Code: 79}}
			d.Error = "open GPU: the GPU is lost (NVML error 15)"
		}, false, "lost", true},
	} {
		d := h20()
		c.change(&d)
		text, grave := Condition(d, start, !c.free)
		if text != c.want || grave != c.grave {
			t.Errorf("%s: %q, grave %v, want %q, %v", c.name, text, grave, c.want, c.grave)
		}
		if utf8.RuneCountInString(text) > 24 {
			t.Errorf("%s: %q is wider than its column", c.name, text)
		}
	}
}
