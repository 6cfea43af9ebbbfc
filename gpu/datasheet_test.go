package gpu

import (
	"math"
	"testing"
)

// Names are taken to the letter: a search for "H20" would take an H200 for one with
// a seventh of its FLOP/s.
func TestSpecOfKnowsNamesToTheLetter(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Spec{
		"NVIDIA H20":            {"H20", 4.0e12, 148e12, 296e12, 400, false},
		"NVIDIA H20-3e":         {"H20-3e", 4.8e12, 148e12, 296e12, 500, true},
		"NVIDIA H200":           {"H200", 4.8e12, 989e12, 1979e12, 700, false},
		"NVIDIA H200 NVL":       {"H200 NVL", 4.8e12, 835e12, 1671e12, 600, false},
		"NVIDIA H100 80GB HBM3": {"H100", 3.35e12, 989e12, 1979e12, 700, false},
		"NVIDIA H100 PCIe":      {"H100 PCIe", 2.0e12, 756e12, 1513e12, 350, false},
		"NVIDIA H100 NVL":       {"H100 NVL", 3.9e12, 835e12, 1671e12, 400, false},
		"NVIDIA H800":           {"H800", 3.35e12, 989e12, 1979e12, 700, false},
		"NVIDIA A100-SXM4-80GB": {"A100", 2.039e12, 312e12, 0, 400, false},
		"NVIDIA L40S":           {"L40S", 0.864e12, 362e12, 733e12, 350, false},
	} {
		if got, known := SpecOf(name); !known || got != want {
			t.Errorf("SpecOf(%q) = %+v, %v, want %+v", name, got, known, want)
		}
	}
	for _, name := range []string{
		"", "H20", "H200", "NVIDIA", "nvidia h20", "NVIDIA h200", "NVIDIA H20 ", " NVIDIA H20", "NVIDIA  H20",
		"NVIDIA H2", "NVIDIA H20\x00", "NVIDIA H20-3E", "NVIDIA H20-3e ", "NVIDIA_H20", "NVIDIA H200-3e", "NVIDIA H2000", "NVIDIA GH200 480GB",
		"NVIDIA H200 MIG 1g.18gb", "NVIDIA H20 MIG 7g.96gb", "NVIDIA H100", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "NVIDIA H100 64GB", "NVIDIA B300",
	} {
		if got, known := SpecOf(name); known || got != (Spec{}) {
			t.Errorf("SpecOf(%q) = %+v, %v, want nothing", name, got, known)
		}
	}
}

// Sheets that print FLOP/s with sparsity have twice the dense ones: on Hopper and
// Ada, FP8 is twice BF16, and BF16 less than 1 PFLOP/s.
func TestSpecsAreDense(t *testing.T) {
	t.Parallel()
	for name, s := range specs {
		if s.BF16 < 100e12 || s.BF16 >= 1e15 || s.FP8 != 0 && math.Abs(s.FP8/s.BF16-2) > 0.03 {
			t.Errorf("%s: %g FLOP/s in BF16, %g in FP8", name, s.BF16, s.FP8)
		}
		if s.BandwidthBytes < 0.8e12 || s.BandwidthBytes > 5e12 || s.TDPW < 250 || s.TDPW > 700 {
			t.Errorf("%s: %g bytes/s, %g W", name, s.BandwidthBytes, s.TDPW)
		}
	}
}

func TestMFU(t *testing.T) {
	t.Parallel()
	h20, h200 := "NVIDIA H20", "NVIDIA H200"
	for _, c := range []struct {
		name          string
		tokens, flops float64
		names         []string
		want          float64
		wantKnown     bool
	}{
		{"one H20 at its peak", 148e12 / 6e9, 6e9, []string{h20}, 1, true},
		{"half of an H200", 494.5e3, 1e9, []string{h200}, 0.5, true},
		{"both together", 1137e3, 0.5e9, []string{h20, h200}, 0.5, true},
		{"stands still", 0, 6e9, []string{h20}, 0, true},
		{"one is not known", 1e3, 1e9, []string{h20, "NVIDIA X1"}, 0, false},
		{"a slice is not known", 1e3, 1e9, []string{"NVIDIA H200 MIG 1g.18gb"}, 0, false},
		{"no GPU", 1e3, 1e9, nil, 0, false},
		{"no rate", math.NaN(), 1e9, []string{h20}, 0, false},
		{"a rate without end", math.Inf(1), 1e9, []string{h20}, 0, false},
		{"a rate below nothing", -1, 1e9, []string{h20}, 0, false},
	} {
		got, known := MFU(c.tokens, c.flops, c.names)
		if known != c.wantKnown || known && math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g, %v, want %g, %v", c.name, got, known, c.want, c.wantKnown)
		}
	}
}
