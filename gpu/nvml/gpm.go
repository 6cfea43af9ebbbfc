//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// gpmCalls measure the parts of a GPU at work (Hopper and later): the driver copies
// its counters into a sample, and makes shares of time out of two samples.
type gpmCalls struct {
	gpmSupport   func(handle, *gpmSupport) result
	allocSample  func(to *uintptr) result
	freeSample   func(sample uintptr) result
	takeSample   func(h handle, sample uintptr) result
	sampleShares func(*gpmRequest) result
}

type (
	gpmSupport struct{ version, supported uint32 }
	gpmMetric  struct {
		id      uint32
		result  result
		value   float64 // percent
		_, _, _ uintptr // its name and unit
	}
	// The array is longer in newer headers (98 at first, 333 in 2025). No driver
	// writes more than n of them, but they all may copy their own length.
	gpmRequest struct {
		version, n uint32
		from, to   uintptr
		metrics    [512]gpmMetric
	}
)

const gpmVersion = 1

func (c *gpmCalls) bind(lib symbols) {
	lib.bind(&c.gpmSupport, "nvmlGpmQueryDeviceSupport")
	lib.bind(&c.allocSample, "nvmlGpmSampleAlloc")
	lib.bind(&c.freeSample, "nvmlGpmSampleFree")
	lib.bind(&c.takeSample, "nvmlGpmSampleGet")
	lib.bind(&c.sampleShares, "nvmlGpmMetricsGet")
}

// shares are the metrics that are read, and where they go.
var shares = []struct {
	id uint32
	to func(*gpu.Device) **float64
}{
	{2, func(d *gpu.Device) **float64 { return &d.SMActivePct }},
	{3, func(d *gpu.Device) **float64 { return &d.SMOccupancyPct }},
	{5, func(d *gpu.Device) **float64 { return &d.TensorActivePct }},
	{10, func(d *gpu.Device) **float64 { return &d.DRAMActivePct }},
}

// profile holds the two samples of a GPU. The zero value is one of a GPU that was not
// asked yet whether it has any.
type profile struct {
	asked, offered bool
	newest, older  uintptr
	primed         bool // newest has been taken
}

// read fills d with the shares of the time since the call before; the first call has
// nothing to compare with. Only a GPU that is gone is an error: a driver may keep its
// counters for somebody else (a profiler, a MIG slice), which is no fault of the GPU.
func (p *profile) read(l *library, h handle, request *gpmRequest, d *gpu.Device) result {
	if !p.asked {
		p.asked = true
		p.offered = p.open(l, h)
	}
	if !p.offered {
		return ok
	}
	r := l.takeSample(h, p.older)
	if r != ok {
		p.primed = false
		return r
	}
	p.newest, p.older = p.older, p.newest
	if !p.primed {
		p.primed = true
		return ok
	}
	request.version, request.n = gpmVersion, uint32(len(shares))
	request.from, request.to = p.older, p.newest
	for i, s := range shares {
		request.metrics[i] = gpmMetric{id: s.id, result: notSupported}
	}
	if r := l.sampleShares(request); r != ok {
		return r
	}
	for i, s := range shares {
		*s.to(d) = share(request.metrics[i])
	}
	return ok
}

// share is a metric in percent. The two ends of a share are not read at one instant,
// so that a full one can be a little over 100; far over it is no share.
func share(m gpmMetric) *float64 {
	if m.result != ok || !(m.value >= 0 && m.value <= 110) {
		return nil
	}
	return new(min(m.value, 100))
}

// open asks whether the GPU has these counters, and makes room for two samples.
func (p *profile) open(l *library, h handle) bool {
	if l.gpmSupport == nil || l.allocSample == nil || l.freeSample == nil || l.takeSample == nil || l.sampleShares == nil {
		return false
	}
	s := gpmSupport{version: gpmVersion}
	if l.gpmSupport(h, &s) != ok || s.supported != 1 {
		return false
	}
	return (p.newest != 0 || l.allocSample(&p.newest) == ok) && (p.older != 0 || l.allocSample(&p.older) == ok)
}

// restart begins anew, as after a reset of the GPU.
func (p *profile) restart() { p.asked, p.primed = false, false }

func (p *profile) close(l *library) {
	for _, sample := range []uintptr{p.newest, p.older} {
		if sample != 0 {
			_ = l.freeSample(sample) // there is nothing to be done about it
		}
	}
	*p = profile{}
}
