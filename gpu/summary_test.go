package gpu

import (
	"slices"
	"testing"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	h20 := func(busy, usedGiB, watts float64) Device {
		return Device{
			Name: "NVIDIA H20", BusyPct: &busy, PowerW: &watts,
			MemoryUsedBytes: new(uint64(usedGiB * (1 << 30))), MemoryTotalBytes: new(uint64(96 << 30)),
		}
	}
	four := []Device{h20(92, 88, 480), h20(90, 80, 470), h20(62, 64, 370), h20(0, 0, 80)}
	for _, c := range []struct {
		name    string
		devices []Device
		want    string
	}{
		{"none", nil, "–"},
		{"four", four, "4×H20 61% 232/384 GB 1.4 kW"},
		{"one", four[:1], "1×H20 92% 88/96 GB 480 W"},
		{"idle is a reading", four[3:], "1×H20 0% 0/96 GB 80 W"},
		{"rounds up to a kilowatt", []Device{h20(1, 1, 999.6)}, "1×H20 1% 1/96 GB 1.0 kW"},
		{"nothing can be read", []Device{{}}, "1×GPU"},
		{"one is lost", append(slices.Clone(four), Device{Name: "NVIDIA H20", Error: "the GPU is lost"}), "5×H20 61% ≥232/384 GB ≥1.4 kW 1 error"},
		{"two are lost", []Device{{Error: "a"}, {Error: "b"}}, "2×GPU 2 errors"},
		{"half a memory reading is none", []Device{{Name: "NVIDIA L40S", MemoryUsedBytes: new(uint64(1 << 30))}}, "1×L40S"},
		{"two models", []Device{{Name: "NVIDIA H20"}, {Name: "NVIDIA H200"}, {Name: "NVIDIA H20"}}, "2×H20 + 1×H200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Summary(c.devices); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// The names are as drivers print them.
func TestShortName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"NVIDIA H20":              "H20",
		"NVIDIA H20-3e":           "H20-3e",
		"NVIDIA H200":             "H200",
		"NVIDIA H100 80GB HBM3":   "H100",
		"NVIDIA H100 PCIe":        "H100 PCIe",
		"NVIDIA A100-SXM4-80GB":   "A100",
		"Tesla V100-SXM2-16GB":    "V100",
		"NVIDIA GeForce RTX 4090": "RTX 4090",
		"NVIDIA H200 MIG 1g.18gb": "H200 MIG 1g.18gb",
		"NVIDIA GH200 480GB":      "GH200",
		"":                        "GPU",
	} {
		if got := ShortName(name); got != want {
			t.Errorf("ShortName(%q) = %q, want %q", name, got, want)
		}
	}
}

// A slice is part of its GPU: memory counts once. Without its GPU it counts itself.
func TestSummaryOfSlices(t *testing.T) {
	t.Parallel()
	of := func(index int, slice *int, name string, gb uint64) Device {
		return Device{Host: "a", Index: index, Slice: slice, Name: Text(name), MemoryUsedBytes: new(gb << 29), MemoryTotalBytes: new(gb << 30)}
	}
	list := []Device{of(1, nil, "NVIDIA H200", 140), of(0, new(1), "NVIDIA H200 MIG 1g.18gb", 18), of(1, new(1), "NVIDIA H200 MIG 1g.18gb", 18)}
	if got, want := Summary(list), "1×H200 70/140 GB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Summary(list[1:]), "2×H200 MIG 1g.18gb 18/36 GB"; got != want {
		t.Errorf("without the GPU: got %q, want %q", got, want)
	}
}
