package gpu_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// The bits are those of nvml.h (nvmlClocksEventReason*, nvmlClocksThrottleReason*).
func TestThrottleWords(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint64][]string{
		0:       {},
		1:       {}, // idle
		2:       {"clocks set by hand"},
		4:       {"power cap"},
		5:       {"power cap"},
		8:       {"hardware slowdown"},
		0x10:    {"sync boost"},
		0x20:    {"too hot"},
		0x40:    {"too hot (hardware)"},
		0x48:    {"too hot (hardware)"},
		0x88:    {"power brake"},
		0x24:    {"power cap", "too hot"},
		0x80:    {"power brake"},
		0x100:   {"display clock"},
		1 << 40: {},
	} {
		if diff := cmp.Diff(want, gpu.ThrottleWords(bits)); diff != "" {
			t.Errorf("%#x (-want +got):\n%s", bits, diff)
		}
	}
}
