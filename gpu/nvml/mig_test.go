//go:build (linux || darwin) && !nonvml

package nvml

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// An H200 whose driver, as real ones do, tells no utilisation in MIG mode.
const slicedGPU = `gpu
name NVIDIA H200
uuid GPU-0
total 143771
used 24000
power 300000
energy 90
`

const twoSlices = `slice
name NVIDIA H200 MIG 1g.18gb
uuid MIG-0
total 16384
used 4000
process 4242 3900
slice
name NVIDIA H200 MIG 3g.71gb
uuid MIG-1
total 71936
used 20000
gpu
name NVIDIA H200
uuid GPU-1
`

func TestSlices(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", slicedGPU+twoSlices)
	s := openFake(t, library)
	now := time.Unix(1_700_000_000, 0)
	s.(*nvml).now = func() time.Time { now = now.Add(2 * time.Second); return now }
	whole := gpu.Device{
		UUID: "GPU-0", Name: "NVIDIA H200", PowerW: new(300.0), EnergyJ: new(90.0),
		MemoryUsedBytes: new(uint64(24000 << 20)), MemoryTotalBytes: new(uint64(143771 << 20)),
		Processes: []gpu.Process{}, XIDs: []gpu.XID{},
	}
	other := gpu.Device{Index: 1, UUID: "GPU-1", Name: "NVIDIA H200", Processes: []gpu.Process{}, XIDs: []gpu.XID{}}
	small := gpu.Device{
		UUID: "MIG-0", Name: "NVIDIA H200 MIG 1g.18gb", Slice: new(0),
		MemoryUsedBytes: new(uint64(4000 << 20)), MemoryTotalBytes: new(uint64(16384 << 20)),
		Processes: []gpu.Process{{PID: 4242, MemoryUsedBytes: new(uint64(3900 << 20))}},
	}
	large := gpu.Device{
		UUID: "MIG-1", Name: "NVIDIA H200 MIG 3g.71gb", Slice: new(0),
		MemoryUsedBytes: new(uint64(20000 << 20)), MemoryTotalBytes: new(uint64(71936 << 20)),
		Processes: []gpu.Process{},
	}
	for _, c := range []struct {
		name, scenario string
		want           []gpu.Device
	}{
		{"two slices", slicedGPU + twoSlices, []gpu.Device{whole, small, large, other}},
		{"MIG mode is off", slicedGPU + "mig 0\n" + twoSlices, []gpu.Device{whole, other}},
		{"no slice", slicedGPU + "mig 1\ngpu\nname NVIDIA H200\nuuid GPU-1\n", []gpu.Device{whole, other}},
		{"one fails while it is unmade", slicedGPU + twoSlices + "gpu 0\nslice\nfail GetUUID 2\nfail GetName 2\n", []gpu.Device{whole, small, large, other}},
	} {
		gputest.Put(t, library, c.scenario)
		got := gputest.Sample(t, s)
		for i := range got {
			got[i].Host = ""
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	gputest.Put(t, library, slicedGPU+twoSlices+"gpu 0\nfail * 15\n")
	if got := gputest.Sample(t, s); len(got) != 2 || got[0].Error == "" || got[1].Error != "" {
		t.Errorf("lost: %+v", got)
	}
}
