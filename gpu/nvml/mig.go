//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// sliceCalls find the parts into which a GPU in MIG mode is split.
type sliceCalls struct {
	migMode    func(h handle, current, pending *uint32) result
	sliceCount func(handle, *uint32) result
	slice      func(h handle, number uint32, to *handle) result
}

func (c *sliceCalls) bind(lib symbols) {
	lib.bind(&c.migMode, "nvmlDeviceGetMigMode")
	lib.bind(&c.sliceCount, "nvmlDeviceGetMaxMigDeviceCount")
	lib.bind(&c.slice, "nvmlDeviceGetMigDeviceHandleByIndex")
}

// ofSlice is what a slice offers; its work, power and heat are the whole GPU's.
var ofSlice = []step{
	{"UUID", (*library).uuid},
	{"name", (*library).name},
	{"memory", (*library).memory},
	{"processes", (*library).users},
}

// slices reads the slices of a GPU, each under the index of that GPU; sliced says
// whether it is in MIG mode. They are looked for each time, since slices are made and
// unmade while the driver runs, and a handle of one that is no more is of no use.
func (l *library) slices(h handle, whole gpu.Device) (found []gpu.Device, sliced bool) {
	var current, pending uint32
	if l.migMode == nil || l.migMode(h, &current, &pending) != ok || current != 1 {
		return nil, false
	}
	n, r := get(l.sliceCount, h)
	if r != ok || l.slice == nil {
		return nil, true
	}
	for i := range n {
		var s handle
		switch r := l.slice(h, i, &s); {
		case r.gone():
			return nil, true
		case r != ok: // the numbers have holes
			continue
		}
		d := gpu.Device{Host: whole.Host, Index: whole.Index, Slice: new(whole.Index)}
		if d.Error, r = l.run(s, ofSlice, &d); r == ok && d.UUID != "" {
			found = append(found, d)
		}
	}
	return found, true
}
