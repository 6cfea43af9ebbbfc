package nodes

import (
	"slices"
	"strings"

	"ablate/tui/look"
)

// Where a reading means something, in per cent. A GPU is used well if its tensor cores
// or its memory are near their limit, and which of the two depends on the model: an
// H20 meets the first where an H200 meets the second. One that is busy while few of its
// multiprocessors work is busy waiting.
const (
	well     = 70
	working  = 50 // busy
	hollow   = 30 // multiprocessors at work while it is
	full     = 95 // memory
	hot      = 85 // °C
	heldDown = 70 // clock, of the greatest
)

func over(v *float64, limit float64) bool { return v != nil && *v >= limit }

func under(v *float64, limit float64) bool { return v != nil && *v < limit }

// worn has a style where something holds, else none.
func worn(s look.Style, holds bool) look.Style {
	if holds {
		return s
	}
	return look.Style{}
}

func busyStyle(l look.Look, d *device) look.Style {
	return worn(l.Warn, d.user.run != "" && under(d.BusyPct, 1))
}

func smStyle(l look.Look, d *device) look.Style {
	return worn(l.Warn, over(d.BusyPct, working) && under(d.SMActivePct, hollow))
}

func tensorStyle(l look.Look, d *device) look.Style {
	return worn(l.Good, over(d.TensorActivePct, well))
}

func hbmStyle(l look.Look, d *device) look.Style { return worn(l.Good, over(d.DRAMActivePct, well)) }

func memoryStyle(l look.Look, d *device) look.Style {
	return worn(l.Warn, over(memoryPct(d.Device), full))
}

func powerStyle(l look.Look, d *device) look.Style {
	return worn(l.Warn, throttled(d, "power"))
}

func heatStyle(l look.Look, d *device) look.Style {
	if throttled(d, "hot") {
		return l.Bad
	}
	return worn(l.Warn, over(d.TemperatureC, hot))
}

func clockStyle(l look.Look, d *device) look.Style {
	low := d.SMClockMHz != nil && d.SMClockMaxMHz != nil && *d.SMClockMHz < heldDown/100.0**d.SMClockMaxMHz
	return worn(l.Warn, low && len(d.Throttle) > 0)
}

func throttled(d *device, word string) bool {
	return slices.ContainsFunc(d.Throttle, func(s string) bool { return strings.Contains(s, word) })
}

func (y *layout) holderStyle(l look.Look, d *device) look.Style {
	switch {
	case y.narrow && y.told(d) != "":
		return y.wrongOf(l, d)
	case d.user.free:
		return l.Good
	}
	return worn(l.Muted, d.user.run == "")
}

// told is what stands in place of who has a device where there is no column of its own
// for what is wrong.
func (y *layout) told(d *device) string {
	text, _ := y.short(d)
	if marked, _ := y.marked(d); marked && text != "" {
		return "! " + text
	}
	return ""
}
