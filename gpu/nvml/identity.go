//go:build (linux || darwin) && !nonvml

package nvml

import (
	"bytes"

	"ablate/gpu"
)

// identityCalls read what stays the same while the driver is loaded.
type identityCalls struct {
	getUUID, getName func(handle, *byte, uint32) result
	maxClock         func(handle, int32, *uint32) result
}

func (c *identityCalls) bind(lib symbols) {
	lib.bind(&c.getUUID, "nvmlDeviceGetUUID")
	lib.bind(&c.getName, "nvmlDeviceGetName")
	lib.bind(&c.maxClock, "nvmlDeviceGetMaxClockInfo")
}

var identity = []step{
	{"UUID", (*library).uuid},
	{"name", (*library).name},
	{"SM clock's maximum", (*library).smClockMax},
	{"memory clock's maximum", (*library).memoryClockMax},
}

func (l *library) uuid(h handle, d *gpu.Device) result { return text(l.getUUID, h, &d.UUID) }
func (l *library) name(h handle, d *gpu.Device) result { return text(l.getName, h, &d.Name) }

// text reads a name or UUID; NVML's longest is 96 bytes. What cannot be read stays as
// it was, so that a GPU that fails can still be named.
func text(f func(handle, *byte, uint32) result, h handle, to *gpu.Text) result {
	if f == nil {
		return functionNotFound
	}
	b := make([]byte, 96)
	r := f(h, &b[0], uint32(len(b)))
	if r == ok {
		s, _, _ := bytes.Cut(b, []byte{0})
		*to = gpu.Text(s)
	}
	return r
}

func (l *library) smClockMax(h handle, d *gpu.Device) (r result) {
	d.SMClockMaxMHz, r = number(getOf(l.maxClock, h, clockSM))
	return r
}

func (l *library) memoryClockMax(h handle, d *gpu.Device) (r result) {
	d.MemoryClockMaxMHz, r = number(getOf(l.maxClock, h, clockMemory))
	return r
}
