//go:build (linux || darwin) && !nonvml

package nvml

import (
	"slices"
	"testing"
	"time"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// A healthy node of the fake is one: everything can be read, and nothing is wrong.
func TestHealthyNodes(t *testing.T) {
	t.Parallel()
	for name, scenario := range map[string]string{"NVIDIA H20": gputest.H20(8), "NVIDIA H200": gputest.H200(8)} {
		s := openFake(t, gputest.Driver(t, "NEW", scenario))
		gputest.Sample(t, s)
		d := gputest.Sample(t, s)
		if len(d) != 8 {
			t.Fatalf("%s: %d GPUs", name, len(d))
		}
		for _, d := range d {
			if string(d.Name) != name || d.Error != "" || d.Repair != "" || len(d.Throttle) != 0 || d.Throttle == nil || d.XIDs == nil ||
				d.EnergyJ == nil || d.ECCUncorrected == nil || d.Persistence == nil || len(d.Processes) != 1 || sharesOf(d).SM == nil {
				t.Errorf("%s: %+v", name, d)
			}
			if *d.BusyPct < 90 || *d.PowerW > 0.95**d.PowerLimitW || *d.PowerW < 0.5**d.PowerLimitW || *d.MemoryUsedBytes > *d.MemoryTotalBytes/20*19 {
				t.Errorf("%s: not at work: %+v", name, d)
			}
		}
	}
}

// Lines of the fake's scenario hold from a time on, of one GPU of a node, and its
// numbers move.
func TestScenarioInTime(t *testing.T) {
	t.Parallel()
	library := gputest.Driver(t, "NEW", gputest.H20(4)+"gpu 1\nafter 0.05 throttle 4\nafter 0.05 event 8 79\ngpu 2\nafter 0.05 fail * 15\nafter 0.1 fail * 0\n"+
		"gpu 3\ntemperature ramp 20 80 0.1\nmachine\nafter 0.05 delay GetUtilizationRates 1\n")
	s := openFake(t, library)
	for what, fact := range map[string]func(gpu.Device) bool{
		"the clock is held down": func(d gpu.Device) bool { return d.Index == 1 && len(d.Throttle) == 1 },
		"an error":               func(d gpu.Device) bool { return d.Index == 1 && len(d.XIDs) == 1 },
		"back after it was lost": func(d gpu.Device) bool { return d.Index == 2 && d.Error == "" },
		"as warm as it is to be": func(d gpu.Device) bool { return d.Index == 3 && *d.TemperatureC == 80 },
		"a healthy one stays that": func(d gpu.Device) bool {
			return d.Index == 0 && d.Error == "" && len(d.Throttle) == 0 && len(d.XIDs) == 0
		},
	} {
		until(t, what, func() bool { return slices.ContainsFunc(gputest.Sample(t, s), fact) })
	}
}

// The fake's energy is that of its power.
func TestScenarioEnergy(t *testing.T) {
	t.Parallel()
	s := openFake(t, gputest.Driver(t, "NEW", "gpu\nuuid GPU-0\npower 100000\n"))
	longest := time.Now()
	before := gputest.Sample(t, s)[0]
	shortest := time.Now()
	until(t, "a joule and more", func() bool { return *gputest.Sample(t, s)[0].EnergyJ > *before.EnergyJ+1 })
	least := 100 * time.Since(shortest).Seconds()
	got := *gputest.Sample(t, s)[0].EnergyJ - *before.EnergyJ
	if most := 100 * time.Since(longest).Seconds(); got < least-0.01 || got > most+0.01 {
		t.Errorf("%v J, want %v to %v", got, least, most)
	}
}
