package nodes

import (
	"fmt"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/gpu/alert"
	"ablate/tui/look"
	"ablate/tui/report"
)

// facts are what is told of a device in words, the most telling first.
func (q *pane) facts(d *device) (lines []string) {
	say := func(style look.Style, text string) {
		if text != "" {
			lines = append(lines, " "+style.Render(look.Fit(look.Harmless(text), q.w-1)))
		}
	}
	var plain look.Style
	if q.age(d) <= stale {
		if text, grave := q.short(d); len(d.wrong) == 0 {
			say(wrongStyle(q.look, grave), text)
		}
		for _, x := range d.wrong {
			say(wrongStyle(q.look, x.Grave), x.Words)
		}
	}
	say(plain, d.holding())
	say(plain, d.verdict(q.now))
	if d.Error != "" {
		say(plain, "the driver says: "+string(d.Error))
	}
	say(plain, d.clocks())
	for _, x := range slices.Backward(d.XIDs) {
		say(plain, x.String())
	}
	say(plain, d.memoryErrors())
	if d.EnergyJ != nil {
		say(plain, fmt.Sprintf("%.1f kWh since the driver was loaded", *d.EnergyJ/3.6e6))
	}
	if d.Persistence != nil && !*d.Persistence {
		say(plain, "persistence is off: a first process waits (`nvidia-smi -pm 1` ends that)")
	}
	for _, x := range gpu.ByMemory(d.Processes) {
		much := "        ? GB"
		if x.MemoryUsedBytes != nil {
			much = fmt.Sprintf("%9.1f GB", float64(*x.MemoryUsedBytes)/gib)
		}
		say(plain, much+"  "+process(x))
	}
	return lines
}

// holding is who has a device, and what it makes of it.
func (d *device) holding() string {
	text := strings.TrimPrefix(d.user.text, "– ")
	switch {
	case d.user.claim != "":
		text = d.user.claim
	case d.user.run != "" && d.user.broken:
		text = "held by " + d.user.run
	case d.user.run != "":
		text = "held by " + text
	case d.user.broken:
		return ""
	case d.user.status() == "other":
		text = "used by " + text
	}
	switch m := d.mfu; {
	case m.text == "n/a":
		text += fmt.Sprintf(": %s tokens/s, MFU n/a (no datasheet of some GPU of it)", thousands(m.tokens))
	case m.share > 0 && !report.MFUCanBe(m.share):
		text += fmt.Sprintf(": MFU %s cannot be: check model and tokens/s (%s)", inPercent(100*m.share), thousands(m.tokens))
	case m.text != "":
		text += fmt.Sprintf(": %s tokens/s, MFU %s of dense BF16", thousands(m.tokens), m.text)
	}
	return text
}

func thousands(x float64) string {
	if x >= 1e4 {
		return fmt.Sprintf("%.1fk", x/1000)
	}
	return fmt.Sprintf("%.0f", x)
}

// clocks are what the clocks are, and what holds them down.
func (d *device) clocks() string {
	var parts []string
	if d.MemoryClockMHz != nil && d.MemoryClockMaxMHz != nil {
		parts = append(parts, fmt.Sprintf("HBM clock %.0f/%.0f MHz", *d.MemoryClockMHz, *d.MemoryClockMaxMHz))
	}
	switch {
	case slices.ContainsFunc(d.wrong, func(a alert.Alert) bool { return a.Kind == alert.Throttled || a.Kind == alert.PowerCap }): // it is said
	case len(d.Throttle) > 0:
		parts = append(parts, "clock held down by "+strings.Join(d.Throttle, ", "))
	case d.Throttle != nil && d.SMClockMHz != nil:
		parts = append(parts, "nothing holds the clock down")
	}
	return strings.Join(parts, ", ")
}

// memoryErrors are those that its own check found, and what was done about them.
func (d *device) memoryErrors() string {
	var parts []string
	for _, x := range []struct {
		n    *uint64
		what string
	}{{d.ECCCorrected, "corrected"}, {d.ECCUncorrected, "not corrected"}, {d.RemappedRows, "rows remapped"}} {
		if x.n != nil {
			parts = append(parts, fmt.Sprintf("%d %s", *x.n, x.what))
		}
	}
	text := ""
	if len(parts) > 0 {
		text = "memory errors (ECC): " + strings.Join(parts, ", ")
	}
	if d.Repair != "" {
		text = strings.TrimPrefix(text+"; needs "+string(d.Repair), "; ")
	}
	return text
}
