//go:build (linux || darwin) && !nonvml

package nvml

import (
	"testing"
	"time"

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

// What is read rarely is read again: a repair is done, a reading is gone.
func TestHealthIsReadAgain(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", "gpu\nuuid GPU-0\nremapped 4\nrecovery 1\npersistence 1\necc_corrected 0\n")
	s := openFake(t, library)
	now := time.Unix(1_700_000_000, 0)
	s.(*nvml).now = func() time.Time { return now }
	if d := gputest.Sample(t, s)[0]; d.Repair != "a reset" || !*d.Persistence || *d.ECCCorrected != 0 {
		t.Errorf("at first: %+v", d)
	}
	gputest.Put(t, library, "gpu\nuuid GPU-0\nremapped 4\nrecovery 0\necc_corrected 7\n")
	for _, want := range []struct {
		second      int64
		needs       gpu.Text
		persistence *bool
		corrected   uint64
	}{
		{3, "a reset", new(true), 0},
		{4, "", new(true), 7},
		{14, "", new(true), 7},
		{15, "", nil, 7},
	} {
		now = time.Unix(1_700_000_000+want.second, 0)
		d := gputest.Sample(t, s)[0]
		if d.Repair != want.needs || *d.ECCCorrected != want.corrected || !cmp.Equal(d.Persistence, want.persistence) {
			t.Errorf("after %d s: %+v", want.second, d)
		}
	}
}
