package nodes

import (
	"cmp"
	"fmt"
	"slices"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// label is how wide the names of curves are, with their newest values.
const label = 30

// curveWidth is how many curves stand abreast, and their width; 0: there is no
// room for any.
func curveWidth(w int) (abreast, width int) {
	abreast = 1
	if w >= 110 {
		abreast = 2
	}
	if width = min(w/abreast-label-2, cells); width < 8 {
		return abreast, 0
	}
	return abreast, width
}

// reading is one of a device that has a curve.
type reading struct {
	name, value string
	curve       *curve
	top         float64 // the greatest it can be; 0: nobody knows
	style       look.Style
}

// readings are those that were ever read of a device, and the four that all have.
func (d *device) readings(l look.Look) []reading {
	top := func(v *float64) float64 {
		if v == nil {
			return 0
		}
		return *v
	}
	clock := megahertz(d)
	if clock != "" {
		clock += " MHz"
	}
	h := &d.history
	list := []reading{
		{"busy", percent(d.BusyPct), &h.busy, 100, busyStyle(l, d)},
		{"SM", occupancy(d), &h.sm, 100, smStyle(l, d)},
		{"tensor", percent(d.TensorActivePct), &h.tensor, 100, tensorStyle(l, d)},
		{"HBM", bandwidth(d), &h.hbm, 100, hbmStyle(l, d)},
		{"memory", memory(d), &h.memory, 100, memoryStyle(l, d)},
		{"power", watts(d), &h.power, top(d.PowerLimitW), powerStyle(l, d)},
		{"heat", heat(d), &h.heat, 100, heatStyle(l, d)},
		{"clock", clock, &h.clock, top(d.SMClockMaxMHz), clockStyle(l, d)},
	}
	return slices.DeleteFunc(list, func(r reading) bool {
		always := r.curve == &h.busy || r.curve == &h.memory || r.curve == &h.power || r.curve == &h.heat
		return (!always || d.Slice != nil) && r.curve.empty()
	})
}

// curves are the last minutes of a device, a line each or two in one; width is of how
// many cells, 0 where there is nothing to draw or no room.
func (q *pane) curves(d *device) (lines []string, width int) {
	abreast, width := curveWidth(q.w)
	if width == 0 || d.blind() && d.history.busy.empty() {
		return nil, 0
	}
	for i, r := range d.readings(q.look) {
		text := look.Fit(fmt.Sprintf(" %-7s%s", r.name, r.style.Render(cmp.Or(r.value, "not read"))), label)
		text += q.look.Accent.Render(chart.Spark(r.curve.last(width, q.now), 0, r.top, width, q.style))
		if i%abreast > 0 {
			lines[len(lines)-1] += "  " + text
			continue
		}
		lines = append(lines, text)
	}
	return lines, width
}
