//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// throttle reads why the clocks are held down: empty if they are not.
func (l *library) throttle(h handle, d *gpu.Device) result {
	bits, r := get(l.clockEvents, h)
	d.Throttle = nil
	if r == ok && bits < blank64 {
		d.Throttle = gpu.ThrottleWords(bits)
	}
	return r
}
