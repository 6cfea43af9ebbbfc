package gpu

import "math"

// Spec is what the maker publishes of one model of GPU. FLOP/s are those of dense
// matrices: half of what is printed on sheets that count 2:4 sparsity.
type Spec struct {
	Model          string  // short: "H20", "H100 PCIe"
	BandwidthBytes float64 // of its memory, bytes/s
	BF16           float64 // FLOP/s in BF16 or FP16, summed in FP32
	FP8            float64 // FLOP/s; 0: it has no FP8
	TDPW           float64 // of the board as sold; the limit in force is a reading
	Estimated      bool    // some number has no sheet of the maker behind it
}

// specs are the models whose numbers are certain, by the name that the driver
// prints. Where two boards share a name, or sources differ, a model is left out.
// From the datasheets of A100, H100, H200 and L40S; of H20, H800 and A800, which have
// no public one, from the tables of torchtitan, verl and the press at their launch.
var specs = map[string]Spec{
	"NVIDIA H20":            {BandwidthBytes: 4.0e12, BF16: 148e12, FP8: 296e12, TDPW: 400},
	"NVIDIA H20-3e":         {BandwidthBytes: 4.8e12, BF16: 148e12, FP8: 296e12, TDPW: 500, Estimated: true},
	"NVIDIA H200":           {BandwidthBytes: 4.8e12, BF16: 989e12, FP8: 1979e12, TDPW: 700},
	"NVIDIA H200 NVL":       {BandwidthBytes: 4.8e12, BF16: 835e12, FP8: 1671e12, TDPW: 600},
	"NVIDIA H100 80GB HBM3": {BandwidthBytes: 3.35e12, BF16: 989e12, FP8: 1979e12, TDPW: 700},
	"NVIDIA H100 PCIe":      {BandwidthBytes: 2.0e12, BF16: 756e12, FP8: 1513e12, TDPW: 350},
	"NVIDIA H100 NVL":       {BandwidthBytes: 3.9e12, BF16: 835e12, FP8: 1671e12, TDPW: 400},
	"NVIDIA H800":           {BandwidthBytes: 3.35e12, BF16: 989e12, FP8: 1979e12, TDPW: 700},
	"NVIDIA A100-SXM4-40GB": {BandwidthBytes: 1.555e12, BF16: 312e12, TDPW: 400},
	"NVIDIA A100-SXM4-80GB": {BandwidthBytes: 2.039e12, BF16: 312e12, TDPW: 400},
	"NVIDIA A100-PCIE-40GB": {BandwidthBytes: 1.555e12, BF16: 312e12, TDPW: 250},
	"NVIDIA A100 80GB PCIe": {BandwidthBytes: 1.935e12, BF16: 312e12, TDPW: 300},
	"NVIDIA A800-SXM4-80GB": {BandwidthBytes: 2.039e12, BF16: 312e12, TDPW: 400},
	"NVIDIA L40S":           {BandwidthBytes: 0.864e12, BF16: 362e12, FP8: 733e12, TDPW: 350},
}

// SpecOf returns the datasheet of the GPU with this name, to the letter as the driver
// prints it: "NVIDIA H20" is part of "NVIDIA H200" and has a seventh of its FLOP/s.
// false: the model is not known, and nothing is to be guessed of it. A MIG slice is
// such a one.
func SpecOf(name string) (Spec, bool) {
	s, known := specs[name]
	if known {
		s.Model = ShortName(name)
	}
	return s, known
}

// MFU is the model FLOPs utilisation (Chowdhery et al. 2022, PaLM, appendix B) of a
// run that trains tokensPerSecond on the GPUs of these names together: its FLOP/s by
// their dense BF16 peaks, 1 for all of it. flopsPerToken is the caller's convention:
// 6 times the parameters for forward and backward, with or without attention; say
// which. It is of BF16 training: one in FP8 can be above 1. false: some GPU is not
// known, there is none, or the rate is no number; what is returned with it means nothing.
func MFU(tokensPerSecond, flopsPerToken float64, names []string) (float64, bool) {
	peak := 0.0
	for _, name := range names {
		s, known := SpecOf(name)
		if !known {
			return 0, false
		}
		peak += s.BF16
	}
	rate := tokensPerSecond * flopsPerToken
	return rate / peak, peak > 0 && rate >= 0 && !math.IsInf(rate, 0)
}
