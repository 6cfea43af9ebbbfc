package tui

import (
	"slices"
	"testing"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/tui/page"
)

// The page of the GPUs reaches the hosts of the file, once and also those that come
// later, and no second round of readings goes beside the first.
func TestShowHosts(t *testing.T) {
	t.Parallel()
	local := func(err error) page.Readings {
		return page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: err}}}
	}
	for _, tt := range []struct {
		name  string
		err   error // of this machine's GPUs
		later bool  // the file gets its host when the page is open
		want  []string
	}{
		{"a driver", nil, false, []string{"readings", "show 1"}},
		{"no driver", gpu.ErrNoDriver, false, []string{"show 1", "readings"}},
		{"a driver, later", nil, true, []string{"readings", "show 1"}},
		{"no driver, later", gpu.ErrNoDriver, true, []string{"show 1", "readings"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 120, 40, "quick").send(midway(t)).send(local(tt.err))
			with := *d.m.site.File
			with.Hosts = []experiments.Host{{Name: "far", Kind: "ssh"}}
			if !tt.later {
				d.m.site.File = &with
			}
			d.press("D").press("esc").press("D")
			if tt.later {
				d.send(sourceMsg{file: &with, slots: d.m.site.Slots})
			}
			asked := slices.DeleteFunc(slices.Clone(d.backend.asked), func(s string) bool { return s != "readings" && s != "show 1" })
			if !slices.Equal(asked, tt.want) {
				t.Errorf("asked %q, want %q", asked, tt.want)
			}
		})
	}
}

// The page of the GPUs knows what was read before it was opened, and D goes back to it
// from a run that was opened there.
func TestGPUsBefore(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).press("esc")
	read := func(from, to int) {
		for i := from; i < to; i++ {
			busy, memory := float64(100*(i/6%2)), uint64(1<<30)
			g := gpu.Device{Index: 0, UUID: "GPU-0", Name: "NVIDIA H20", BusyPct: &busy, MemoryUsedBytes: &memory, Processes: []gpu.Process{}}
			d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{g}}}, Now: 1.7e9 + 10*float64(i)})
		}
	}
	d.lacks("D GPUs")
	read(0, 24)
	d.sees("D GPUs").press("D").lacks("D GPUs")
	d.press("esc", "D").sees("▁▁▁▁▁▁██████")
	d.press("esc")
	read(24, 27)
	d.press("D").sees("▁▁▁██████▁▁▁")
	before := len(d.m.pages)
	d.send(page.Open{Place: page.Queue}).press("D")
	if len(d.m.pages) != before {
		t.Errorf("%d pages, there were %d", len(d.m.pages), before)
	}
}

// In the first line a slice counts with its GPU, and slots stay where the GPUs have no room.
func TestSlicesInTitle(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).press("esc")
	whole, part := uint64(96<<30), uint64(12<<30)
	list := []gpu.Device{{Index: 0, UUID: "GPU-0", Name: "NVIDIA H20", MemoryUsedBytes: &part, MemoryTotalBytes: &whole}}
	for range 7 {
		list = append(list, gpu.Device{Index: 0, UUID: "MIG-0", Slice: new(int), Name: "NVIDIA H20 MIG 1g.12gb", MemoryUsedBytes: &part, MemoryTotalBytes: &part})
	}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: 1.7e9}).sees("GPU 1×H20 12/96 GB").lacks("MIG")
	list[0].Name = "NVIDIA A GPU whose name is so long that there is no room for it in the first line of the screen"
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: 1.7e9}).sees("slots 2/2").lacks("GPU 1×")
}
