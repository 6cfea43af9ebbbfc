package alert

import (
	"fmt"
	"math"
	"strings"
	"time"

	"ablate/gpu"
)

// alert says in words that something began.
func (s *state) alert(now float64, f finding) Alert {
	a := Alert{
		Time: now, Node: s.node, UUID: s.uuid, Index: s.device.Index,
		Kind: f.kind, Short: f.cause, Grave: f.grave,
	}
	if s.uuid == "" {
		a.Name, a.Words = "driver", aboutDriver(f)
		return a
	}
	if strings.HasPrefix(string(s.uuid), nameless) {
		a.UUID = ""
	}
	a.Name, a.Words = nameOf(s.device), about(f, s.device)
	return a
}

// over says in words that it is over.
func over(now float64, c *condition) Alert {
	a := c.alert
	lasted := time.Duration(math.Round(max(now-a.Time, 0))) * time.Second
	a.Time, a.Over = now, true
	a.Words = fmt.Sprintf("%s: over after %v", a.Short, lasted)
	if c.kind == XID || c.kind == ECC {
		a.Words = fmt.Sprintf("%s: none for %v", a.Short, time.Duration(c.stay)*time.Second)
	}
	return a
}

// nameOf is what people call a GPU.
func nameOf(d gpu.Device) string {
	if d.Slice != nil {
		return fmt.Sprintf("GPU %d slice %d", d.Index, *d.Slice)
	}
	return fmt.Sprintf("GPU %d", d.Index)
}

func aboutDriver(f finding) string {
	switch f.kind {
	case NotAnswering:
		return "it does not answer; some GPU hangs, look for XIDs in the kernel's log, restart the machine"
	case DriverMismatch:
		return "it and its library differ in version; reload the driver or restart the machine"
	case DriverNotLoaded:
		return "it is not loaded; load it (modprobe nvidia) or restart the machine"
	default:
		return f.text
	}
}

// about says what is wrong with a GPU and what to do.
func about(f finding, d gpu.Device) string {
	switch f.kind {
	case NotAnswering:
		return "the driver does not answer about it; restart the machine"
	case DriverMismatch, DriverNotLoaded:
		return aboutDriver(f)
	case Lost:
		if f.text == "" {
			return "lost, the driver lists it no more; restart the machine"
		}
		return "lost, it fell off the bus; restart the machine"
	case ResetRequired:
		return fmt.Sprintf("needs a reset; stop what runs on it, then nvidia-smi --gpu-reset -i %d", d.Index)
	case XID:
		return aboutXID(f)
	case ECC:
		return aboutECC(f, d)
	case Repair:
		return "needs " + f.text
	case Throttled, PowerCap:
		return aboutClock(f, d)
	case MemoryFull:
		return fmt.Sprintf("memory nearly full: %.1f of %.1f GB; the next allocation may fail", gb(d.MemoryUsedBytes), gb(d.MemoryTotalBytes))
	case Idle:
		return fmt.Sprintf("held but idle for %d s; nothing runs on it", idleNeeds)
	default:
		return f.cause
	}
}

func aboutXID(f finding) string {
	text := f.cause
	if f.text != "" {
		text += ", " + f.text
	}
	if do := graveXIDs[f.code]; do != "" {
		text += "; " + do
	}
	return text
}

func aboutECC(f finding, d gpu.Device) string {
	if !f.grave {
		return fmt.Sprintf("%g or more memory errors corrected within a minute; its memory may be failing", manyCorrected)
	}
	return fmt.Sprintf("memory errors that ECC could not correct (%d since the driver was loaded); results may be wrong, restart the run, reset the GPU", value(d.ECCUncorrected))
}

// aboutClock says at which clock a GPU is held, where it can tell, and why.
func aboutClock(f finding, d gpu.Device) string {
	text := "clock held down: "
	switch {
	case d.SMClockMHz != nil && d.SMClockMaxMHz != nil:
		text = fmt.Sprintf("held at %.0f of %.0f MHz: ", *d.SMClockMHz, *d.SMClockMaxMHz)
	case d.SMClockMHz != nil:
		text = fmt.Sprintf("held at %.0f MHz: ", *d.SMClockMHz)
	}
	switch f.cause {
	case tooHot:
		return text + tooHot + degrees(d) + "; check its cooling"
	case tooHotHard:
		return text + "far too hot" + degrees(d) + ", the hardware protects itself; check its cooling now"
	case powerBrake:
		return text + "power brake, the machine's supply asks for less; check its power supplies"
	case slowdown:
		return text + "hardware slowdown; check its power cables and cooling"
	}
	text += powerCap
	if d.PowerLimitW != nil {
		text += fmt.Sprintf(" of %.0f W", *d.PowerLimitW)
	}
	return text
}

// degrees are of the core and, where they are read, of the memory.
func degrees(d gpu.Device) string {
	switch {
	case d.TemperatureC != nil && d.MemoryC != nil:
		return fmt.Sprintf(" (%.0f °C, memory %.0f °C)", *d.TemperatureC, *d.MemoryC)
	case d.TemperatureC != nil:
		return fmt.Sprintf(" (%.0f °C)", *d.TemperatureC)
	case d.MemoryC != nil:
		return fmt.Sprintf(" (memory %.0f °C)", *d.MemoryC)
	}
	return ""
}

func value(p *uint64) uint64 {
	if p == nil {
		return 0
	}
	return *p
}

func gb(p *uint64) float64 { return float64(value(p)) / gpu.GB }
