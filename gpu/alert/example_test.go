package alert_test

import (
	"fmt"

	"ablate/gpu"
	"ablate/gpu/alert"
)

// A GPU gets too hot at 10 s and is well again at 20 s.
func ExampleWatch_Look() {
	var w alert.Watch
	held := func(d gpu.Device) bool { return d.ClaimedBy != nil }
	for second := range 40 {
		d := gpu.Device{
			Index: 2, UUID: "GPU-2", Name: "NVIDIA H20", BusyPct: new(97.0), TemperatureC: new(64.0),
			SMClockMHz: new(1830.0), SMClockMaxMHz: new(1980.0), Throttle: []string{},
		}
		if second >= 10 && second < 20 {
			d.Throttle, d.TemperatureC, d.SMClockMHz = []string{"too hot"}, new(84.0), new(1230.0)
		}
		for _, a := range w.Look(float64(second), gpu.Node{Name: gpu.Local, Devices: []gpu.Device{d}}, held) {
			fmt.Println(second, a.Text())
		}
		if second == 15 {
			text, _ := alert.Condition(d, float64(second), held(d))
			fmt.Println(second, "in its column:", text, "- in force:", w.Now()[0].Short)
		}
	}
	// Output:
	// 13 GPU 2: held at 1230 of 1980 MHz: too hot (84 °C); check its cooling
	// 15 in its column: too hot - in force: too hot
	// 29 GPU 2: too hot: over after 16s
}
