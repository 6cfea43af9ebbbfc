//go:build (linux || darwin) && !nonvml

package nvml

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// What the driver says a GPU needs, in words.
func TestRepair(t *testing.T) {
	t.Parallel()
	const fine = "gpu\nuuid GPU-0\nremapped 4\n"
	for _, c := range []struct {
		name, define, scenario string
		want                   gpu.Text
	}{
		{"nothing", "NEW", fine + "recovery 0\nremap_pending 0\nremap_failed 0\nretired_pending 0\n", ""},
		{"rows wait", "NEW", fine + "remap_pending 1\n", "a reset: rows wait to be remapped"},
		{"rows wait, and the driver asks", "NEW", fine + "remap_pending 1\nrecovery 1\n", "a reset: rows wait to be remapped"},
		{"no rows left", "NEW", fine + "remap_pending 1\nremap_failed 1\nrecovery 2\n", "a replacement: rows could not be remapped"},
		{"pages wait", "NEW", "gpu\nretired_pending 1\n", "a reset: pages wait to be retired"},
		{"pages wait on an old driver", "OLD_DRIVER", "gpu\nretired_pending 1\nrecovery 2\n", "a reset: pages wait to be retired"},
		{"a reset", "NEW", fine + "recovery 1\n", "a reset"},
		{"a reboot", "NEW", fine + "recovery 2\n", "a reboot"},
		{"a reboot is more than a reset", "NEW", fine + "recovery 2\nremap_pending 1\n", "a reboot"},
		{"to be drained", "NEW", fine + "recovery 3\n", "to be drained"},
		{"to be drained, then a reset", "NEW", fine + "recovery 4\n", "to be drained, then a reset"},
		{"a newer driver's", "NEW", fine + "recovery 5\n", "a repair (recovery action 5)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := gputest.Sample(t, openFake(t, gputest.Driver(t, c.define, c.scenario)))[0]; got.Repair != c.want || got.Error != "" {
				t.Errorf("needs %q, want %q (error %q)", got.Repair, c.want, got.Error)
			}
		})
	}
}

// The bits are those of nvmlClocksEventReasons in nvml.h.
func TestThrottleWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bits uint64
		want []string
	}{
		{0, []string{}},
		{0x1, []string{}}, // idle
		{0x2, []string{"clocks set by hand"}},
		{0x4, []string{"power cap"}},
		{0x8, []string{"hardware slowdown"}},
		{0x10, []string{"sync boost"}},
		{0x20, []string{"too hot"}},
		{0x40, []string{"too hot (hardware)"}},
		{0x48, []string{"too hot (hardware)"}},
		{0x80, []string{"power brake"}},
		{0x88, []string{"power brake"}},
		{0x100, []string{"display clock"}},
		{0x25, []string{"power cap", "too hot"}},
		{0x1000, []string{}}, // a newer driver's
	} {
		if diff := cmp.Diff(c.want, words(c.bits)); diff != "" {
			t.Errorf("%#x (-want +got):\n%s", c.bits, diff)
		}
	}
}
