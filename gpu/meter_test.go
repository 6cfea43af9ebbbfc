package gpu_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// A device that draws so much power and is so busy; NaN: not read.
func drawing(uuid string, watts, joules, busy float64) gpu.Device {
	d := gpu.Device{UUID: gpu.Text(uuid), Name: "NVIDIA H20"}
	for v, to := range map[*float64]**float64{&watts: &d.PowerW, &joules: &d.EnergyJ, &busy: &d.BusyPct} {
		if !math.IsNaN(*v) {
			*to = new(*v)
		}
	}
	return d
}

// look is one call of Add.
type look struct {
	at      float64
	devices []gpu.Device
}

var null = math.NaN()

// The expected numbers are by hand: see the comment of each case.
func TestMeter(t *testing.T) {
	t.Parallel()
	one := func(at, watts, joules, busy float64) look {
		return look{at, []gpu.Device{drawing("a", watts, joules, busy)}}
	}
	aged := func(l look, age float64) look {
		l.devices[0].AgeS = age
		return l
	}
	two := func(at, joulesA, joulesB float64) look {
		return look{at, []gpu.Device{drawing("a", null, joulesA, null), drawing("b", null, joulesB, null)}}
	}
	for _, c := range []struct {
		name                        string
		looks                       []look
		seconds, idle, energy, busy float64 // NaN: null
	}{
		{"nothing", nil, 0, null, null, null},
		{"one reading", []look{one(10, 300, 5000, 90)}, 0, null, null, null},
		// The counter says 650 J where power over time would be 600.
		{"by the counter", []look{one(10, 300, 5000, 90), one(12, 300, 5650, 80)}, 2, 0, 650, 80},
		// (100+300)/2 * 2 + (300+200)/2 * 1
		{"by power", []look{one(10, 100, null, 90), one(12, 300, null, 90), one(13, 200, null, 60)}, 3, 0, 650, 80},
		// 100 J, then the driver was loaded anew: 200 W for 1 s, then 150 J
		{"counter begins anew", []look{one(10, 200, 5000, 90), one(11, 200, 5100, 90), one(12, 200, 7, 90), one(13, 200, 157, 90)}, 3, 0, 450, 90},
		// A jump of 1 GJ is none; 150 J behind it are.
		{"counter jumps", []look{one(10, 200, 5000, 90), one(11, 200, 1e9, 90), one(12, 200, 1e9+150, 90)}, 2, 0, 350, 90},
		{"no energy at all", []look{one(10, null, null, 90), one(11, null, null, 50)}, 1, 0, null, 50},
		{"counter is missed once", []look{one(10, null, 1000, 90), one(11, null, null, 90), one(12, null, 1600, 90)}, 2, 0, 600, 90},
		{"counter is missed, power is not", []look{one(10, 300, 1000, 90), one(11, 300, null, 90), one(12, 300, null, 90), one(13, 300, 1960, 90)}, 3, 0, 960, 90},
		{"counter goes", []look{one(10, 300, 1000, 90), one(11, 300, 1310, 90), one(12, 300, null, 90), one(13, 300, null, 90)}, 3, 0, 910, 90},
		{"counter comes", []look{one(10, 300, null, 90), one(11, 300, 5000, 90), one(12, 300, 5310, 90)}, 2, 0, 610, 90},
		{"counter stands still", []look{one(10, 300, 5000, 90), one(11, 300, 5000, 90), one(12, 300, 5000, 90), one(13, 300, 5000, 90), one(14, 300, 5000, 90)}, 4, 0, 1200, 90},
		// 300 W for 4 s while it stands and 1 s more, then what it says.
		{"counter moves again", []look{one(10, 300, 50, 90), one(14, 300, 50, 90), one(15, 300, 80, 90), one(16, 300, 390, 90)}, 6, 0, 1810, 90},
		{"counter moves now and then", []look{one(10, 300, 0, 90), one(11, 300, 0, 90), one(12, 300, 580, 90), one(13, 300, 580, 90), one(14, 300, 1160, 90)}, 4, 0, 1160, 90},
		{"nothing is drawn", []look{one(10, 9, 70, 0), one(14, 9, 70, 0), one(18, 9, 70, 0)}, 8, 8, 0, 0},
		// A minute without readings: 5 s of time, 300 W for them without a counter, all that a counter says.
		{"gap", []look{one(10, 300, null, 90), one(70, 300, null, 90)}, 5, 0, 1500, 90},
		{"gap with a counter", []look{one(10, 300, 1000, 90), one(70, 300, 19000, 90)}, 5, 0, 18000, 90},
		// Back by an hour: the second is not known, the counter is.
		{"clock is set back", []look{one(4000, 300, 1000, 90), one(401, 300, 1300, 90), one(402, 300, 1600, 70)}, 1, 0, 600, 70},
		{"clock is set back, by power", []look{one(4000, 300, null, 90), one(401, 300, null, 90), one(402, 300, null, 70)}, 1, 0, 300, 70},
		// The reading of second 11 is told three times.
		{"hung", []look{one(10, 300, 0, 90), one(11, 300, 300, 90), aged(one(12, 300, 300, 90), 1), aged(one(13, 300, 300, 90), 1.99), one(14, 300, 1200, 0)}, 4, 3, 1200, 22.5},
		{"idle", []look{one(10, 70, null, 0), one(11, 70, null, 0), one(14, 70, null, 0.4), one(15, 70, null, 1)}, 5, 4, 350, (3*0.4 + 1) / 5},
		{"busy is missed once", []look{one(10, null, 0, 90), one(11, null, 10, null), one(12, null, 20, 50)}, 2, 0, 20, 50},
		{"two", []look{two(10, 0, 1000), two(11, 300, 1100), two(12, 600, 1200)}, 4, null, 800, null},
		// b is used by nobody, then by others, then again: 100 J of 1000.
		{"comes and goes", []look{two(10, 0, 0), one(15, null, 100, null), one(20, null, 200, null), two(25, 300, 900), two(30, 400, 1000)}, 25, null, 500, null},
		{"comes back silent", []look{two(10, 0, 0), one(15, null, 100, null), one(20, null, 200, null), two(25, 300, null), two(26, 310, 900), two(27, 320, 950)}, 19, null, 370, null},
		{"missing in one sample", []look{two(10, 0, 0), one(11, null, 100, null), two(12, 200, 250)}, 4, null, 450, null},
		// What b draws is not known, so the whole is not.
		{"one does not tell", []look{two(10, 0, null), two(11, 300, null)}, 2, null, null, null},
		{"no UUID", []look{{10, []gpu.Device{drawing("", 1, 1, 1)}}, {11, []gpu.Device{drawing("", 1, 1, 1)}}}, 0, null, null, null},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var m gpu.Meter
			for _, l := range c.looks {
				m.Add(l.at, l.devices)
			}
			u := m.Use()
			got := []float64{u.Seconds, value(u.IdleSeconds), value(u.EnergyJ), value(u.BusyPct)}
			want := []float64{c.seconds, c.idle, c.energy, c.busy}
			near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 || math.IsNaN(a) && math.IsNaN(b) })
			if diff := cmp.Diff(want, got, near); diff != "" {
				t.Errorf("seconds, idle, energy, busy (-want +got):\n%s", diff)
			}
		})
	}
}

func value(v *float64) float64 {
	if v == nil {
		return null
	}
	return *v
}

// What is no sum over time: who was in use, and the most memory of one of them.
func TestMeterFacts(t *testing.T) {
	t.Parallel()
	var m gpu.Meter
	at := func(uuid string, memory uint64, sm, tensor, dram float64) gpu.Device {
		return gpu.Device{UUID: gpu.Text(uuid), Name: gpu.Text("NVIDIA " + uuid), MemoryUsedBytes: &memory, SMActivePct: &sm, TensorActivePct: &tensor, DRAMActivePct: &dram}
	}
	m.Add(10, []gpu.Device{at("b", 5, 0, 0, 0)})
	m.Add(11, []gpu.Device{at("b", 9, 80, 40, 20), at("a", 7, 0, 0, 0)})
	m.Add(12, []gpu.Device{at("b", 1, 60, 20, 10), at("a", 7, 10, 0, 0)})
	m.Add(13, nil)
	want := gpu.Use{
		UUIDs: []string{"b", "a"}, Names: []string{"NVIDIA b", "NVIDIA a"}, Seconds: 3, IdleSeconds: new(0.0),
		SMActivePct: new(50.0), TensorActivePct: new(20.0), DRAMActivePct: new(10.0), PeakMemoryBytes: new(uint64(9)),
	}
	if diff := cmp.Diff(want, m.Use()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
