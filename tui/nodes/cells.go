package nodes

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ablate/gpu"
	"ablate/tui/report"
)

const gib = gpu.GB

func inPercent(x float64) string { return strconv.FormatFloat(x, 'f', 0, 64) + "%" }

// percent is a share, in words where it was not read.
func percent(v *float64) string {
	if v == nil {
		return "not read"
	}
	return inPercent(*v)
}

// memory is what is used of it.
func memory(d *device) string {
	switch {
	case d.MemoryUsedBytes == nil:
		return ""
	case d.MemoryTotalBytes == nil:
		return fmt.Sprintf("%.1f GB", float64(*d.MemoryUsedBytes)/gib)
	}
	return fmt.Sprintf("%.1f/%.0f GB", float64(*d.MemoryUsedBytes)/gib, float64(*d.MemoryTotalBytes)/gib)
}

// watts is what is drawn of what may be.
func watts(d *device) string {
	switch {
	case d.PowerW == nil:
		return ""
	case d.PowerLimitW == nil:
		return fmt.Sprintf("%.0f W", *d.PowerW)
	}
	return fmt.Sprintf("%.0f/%.0f W", *d.PowerW, *d.PowerLimitW)
}

// kilowatts is a sum of watts.
func kilowatts(x float64) string {
	if math.Round(x) >= 1000 {
		return fmt.Sprintf("%.1f kW", x/1000)
	}
	return fmt.Sprintf("%.0f W", x)
}

// megahertz is the clock of the multiprocessors, of what it may be.
func megahertz(d *device) string {
	switch {
	case d.SMClockMHz == nil:
		return ""
	case d.SMClockMaxMHz == nil:
		return fmt.Sprintf("%.0f", *d.SMClockMHz)
	}
	return fmt.Sprintf("%.0f/%.0f", *d.SMClockMHz, *d.SMClockMaxMHz)
}

// heat is that of the GPU, and of its memory.
func heat(d *device) string {
	switch {
	case d.TemperatureC == nil:
		return "not read"
	case d.MemoryC == nil:
		return fmt.Sprintf("%.0f °C", *d.TemperatureC)
	}
	return fmt.Sprintf("%.0f °C, HBM %.0f", *d.TemperatureC, *d.MemoryC)
}

// bandwidth is the share of the memory's bandwidth in use, and what that is by the
// datasheet.
func bandwidth(d *device) string {
	text := percent(d.DRAMActivePct)
	if s, known := gpu.SpecOf(string(d.Name)); known && d.DRAMActivePct != nil {
		about := ""
		if s.Estimated {
			about = "~"
		}
		text += fmt.Sprintf("  %.1f of %s%.1f TB/s", *d.DRAMActivePct/100*s.BandwidthBytes/1e12, about, s.BandwidthBytes/1e12)
	}
	return text
}

// occupancy is how many multiprocessors work, and how full they are.
func occupancy(d *device) string {
	text := percent(d.SMActivePct)
	if d.SMOccupancyPct != nil {
		text += fmt.Sprintf("  occupancy %.0f%%", *d.SMOccupancyPct)
	}
	return text
}

// coarse is a time that does not change on the screen each second.
func coarse(seconds float64) string {
	unit := 10.0
	if seconds >= 60 {
		unit = 60
	}
	return strings.TrimSuffix(report.Duration(math.Floor(seconds/unit)*unit), "00s")
}
