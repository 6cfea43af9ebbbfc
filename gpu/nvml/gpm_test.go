//go:build (linux || darwin) && !nonvml

package nvml

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

type fourShares struct{ SM, Occupancy, Tensor, DRAM *float64 }

func sharesOf(d gpu.Device) fourShares {
	return fourShares{d.SMActivePct, d.SMOccupancyPct, d.TensorActivePct, d.DRAMActivePct}
}

// Shares are of the time between a sample and the one before; the fake gives the mean
// of what its scenario said at both.
func TestGPM(t *testing.T) {
	t.Parallel()
	const h200 = "gpu\nuuid GPU-0\n"
	library := gputest.Driver(t, "NEW", h200+"sm 40\noccupancy 10\ntensor 30\ndram 5\n")
	s := openFake(t, library)
	for _, c := range []struct {
		name, scenario string
		want           fourShares
	}{
		{"nothing before", "sm 40\noccupancy 10\ntensor 30\ndram 5\n", fourShares{}},
		{"the same", "sm 40\noccupancy 10\ntensor 30\ndram 5\n", fourShares{new(40.0), new(10.0), new(30.0), new(5.0)}},
		{"more", "sm 60\noccupancy 20\ntensor 40\ndram 95\n", fourShares{new(50.0), new(15.0), new(35.0), new(50.0)}},
		{"a metric less", "sm 60\ntensor 40\ndram 95\n", fourShares{new(60.0), nil, new(40.0), new(95.0)}},
		{"somebody else has the counters", "sm 60\nfail GpmSampleGet 19\n", fourShares{}},
		{"given back", "sm 80\n", fourShares{}},
		{"read again", "sm 80\n", fourShares{SM: new(80.0)}},
		{"no shares", "sm nan\nmachine\nfail GpmMetricsGet 999\n", fourShares{}},
		{"no number", "sm nan\n", fourShares{}},
		{"reset", "sm 80\nfail GetPowerUsage 16\n", fourShares{}},
		{"nothing before, after a reset", "sm 80\n", fourShares{}},
		{"as ever", "sm 70\n", fourShares{SM: new(75.0)}},
	} {
		gputest.Put(t, library, h200+c.scenario)
		d := gputest.Sample(t, s)[0]
		if diff := cmp.Diff(c.want, sharesOf(d)); diff != "" || d.Error != "" && c.name != "reset" {
			t.Errorf("%s (-want +got):\n%s\nerror %q", c.name, diff, d.Error)
		}
	}
}

func TestNoGPM(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ define, scenario string }{
		"an old driver":        {"OLD_DRIVER", "gpu\nuuid GPU-0\nsm 50\n"},
		"an older GPU":         {"NEW", "gpu\nuuid GPU-0\n"},
		"the driver cannot":    {"NEW", "gpu\nuuid GPU-0\nsm 50\nfail GpmQueryDeviceSupport 3\n"},
		"no memory for it":     {"NEW", "fail GpmSampleAlloc 20\ngpu\nuuid GPU-0\nsm 50\n"},
		"nobody may but root":  {"NEW", "gpu\nuuid GPU-0\nsm 50\nfail GpmSampleGet 4\n"},
		"a GPU that is sliced": {"NEW", "gpu\nuuid GPU-0\nsm 50\nmig 1\n"},
	} {
		s := openFake(t, gputest.Driver(t, c.define, c.scenario))
		for range 3 {
			if d := gputest.Sample(t, s)[0]; sharesOf(d) != (fourShares{}) || d.Error != "" {
				t.Errorf("%s: %+v, error %q", name, sharesOf(d), d.Error)
			}
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value float64
		r     result
		want  *float64
	}{
		{0, ok, new(0.0)},
		{42.5, ok, new(42.5)},
		{100, ok, new(100.0)},
		{103, ok, new(100.0)},
		{111, ok, nil},
		{-1, ok, nil},
		{math.NaN(), ok, nil},
		{math.Inf(1), ok, nil},
		{9223372036854775794, ok, nil},
		{42.5, notSupported, nil},
	} {
		if diff := cmp.Diff(c.want, share(gpmMetric{value: c.value, result: c.r})); diff != "" {
			t.Errorf("%v, result %d (-want +got):\n%s", c.value, c.r, diff)
		}
	}
}
