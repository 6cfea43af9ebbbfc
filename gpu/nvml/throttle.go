//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// reasons are the bits of nvmlClocksEventReasons in words. Idle (1) is none: no work,
// no clock. The three that hardware gives come with "hardware slowdown", which then
// adds nothing.
var reasons = []struct {
	bit  uint64
	word string
}{
	{0x04, "power cap"},
	{0x20, "too hot"},
	{0x40, "too hot (hardware)"},
	{hardwareSlowdown, "hardware slowdown"},
	{0x80, "power brake"},
	{0x02, "clocks set by hand"},
	{0x100, "display clock"},
	{0x10, "sync boost"},
}

const (
	hardwareSlowdown = 0x08
	hardwareReasons  = 0x40 | 0x80
)

// throttle reads why the clocks are held down: empty if they are not.
func (l *library) throttle(h handle, d *gpu.Device) result {
	bits, r := get(l.clockEvents, h)
	d.Throttle = nil
	if r == ok && bits < blank64 {
		d.Throttle = words(bits)
	}
	return r
}

func words(bits uint64) []string {
	if bits&hardwareReasons != 0 {
		bits &^= hardwareSlowdown
	}
	found := []string{}
	for _, reason := range reasons {
		if bits&reason.bit != 0 {
			found = append(found, reason.word)
		}
	}
	return found
}
