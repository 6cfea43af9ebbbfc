package nodes

import (
	"errors"
	"fmt"
	"strings"

	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
)

// View draws the page.
func (p *GPUs) View(l look.Look, w, h int) []string {
	p.style = l.Chart
	if len(p.ids) == 0 {
		return look.Box(p.nothing(l, w), w, h)
	}
	lines := p.filter.View(l, w, 2)
	if p.err != nil {
		lines = append(lines, l.Bad.Render(look.Fit(" "+look.Harmless(p.err.Error())+": shown is what was read last", w)))
	}
	p.top = len(lines)
	room := h - len(lines)
	below := p.detail(l, w, detailHeight(room, p.table.Len()))
	lines = append(lines, p.table.View(l, w, room-len(below))...)
	return look.Box(append(lines, below...), w, h)
}

// detailHeight is what a table of some lines leaves of the room, or takes from it
// where there is much.
func detailHeight(room, lines int) int {
	const least, most, much = 3, 10, 18
	n := min(room-lines-1, most)
	if room >= much {
		n = max(n, 7)
	}
	if n < least {
		return 0
	}
	return n
}

// nothing says why there are no GPUs.
func (p *GPUs) nothing(l look.Look, w int) []string {
	lines := []string{"", " " + l.Bold.Render("no GPUs here"), ""}
	text := "Here stands what each GPU does, how much of its memory is used, how hot it is, and which run has it."
	switch {
	case p.err == nil, errors.Is(p.err, gpu.ErrNotYet):
		lines[1], text = "", "reading the GPUs ..."
	case errors.Is(p.err, gpu.ErrNoDriver):
		text = "This machine has no NVIDIA driver: runs train on its cores, which is fine. " + text
	default:
		text = look.Harmless(p.err.Error()) + ". " + text
	}
	for _, s := range look.Wrap(text, w-2) {
		lines = append(lines, " "+s)
	}
	return lines
}

// detail is what is under the cursor in h lines: a device with its curves and its
// processes, or a host.
func (p *GPUs) detail(l look.Look, w, h int) []string {
	if h < 1 {
		return nil
	}
	var title string
	var lines []string
	if d := p.devices[p.table.Cursor()]; d != nil {
		title = fmt.Sprintf("GPU %d  %s  %s", d.Index, d.Name, d.UUID)
		abreast, width := curveWidth(w)
		if width > 0 {
			title = fmt.Sprintf("GPU %d  last %d min  %s  %s", d.Index, width*bucket/60, d.Name, d.UUID)
			lines = d.curves(l, abreast, width, p.now)
		}
		lines = append(lines, p.people(d, w)...)
	} else if host, ids, ok := p.table.CursorGroup(); ok {
		title, lines = host, []string{" " + p.foldHolders(ids)}
	} else {
		return look.Box(nil, w, h)
	}
	return look.Box(append([]string{rule(l, title, w)}, lines...), w, h)
}

// rule is a line with a title.
func rule(l look.Look, title string, w int) string {
	text := "─ " + look.Harmless(title) + " "
	return l.Muted.Render(look.Fit(text+strings.Repeat("─", max(w-look.Width(text), 0)), w))
}

// label is how wide the names of curves are, with their newest values.
const label = 25

// curveWidth is how many curves stand abreast, and their width; 0: there is no
// room for any.
func curveWidth(w int) (abreast, width int) {
	abreast = 1
	if w >= 100 {
		abreast = 2
	}
	if width = min(w/abreast-label-2, cells); width < 8 {
		return abreast, 0
	}
	return abreast, width
}

// curves are the last minutes.
func (d *device) curves(l look.Look, abreast, width int, now float64) (lines []string) {
	full := 0.0
	if d.PowerLimitW != nil {
		full = *d.PowerLimitW
	}
	h := &d.history
	for i, c := range []struct {
		name, value string
		curve       *curve
		top         float64
	}{
		{"busy", percent(d.BusyPct), &h.busy, 100},
		{"memory", memory(d.Device), &h.memory, 100},
		{"power", watts(d.Device), &h.power, full},
		{"heat", degrees(d.TemperatureC), &h.heat, 100},
	} {
		text := look.Fit(fmt.Sprintf(" %-7s%s", c.name, c.value), label) + l.Accent.Render(chart.Spark(c.curve.last(width, now), 0, c.top, width, l.Chart))
		if i%abreast > 0 {
			lines[len(lines)-1] += "  " + text
			continue
		}
		lines = append(lines, text)
	}
	return lines
}

func percent(v *float64) string {
	if v == nil {
		return "not read"
	}
	return fmt.Sprintf("%.0f%%", *v)
}

func degrees(v *float64) string {
	if v == nil {
		return "not read"
	}
	return fmt.Sprintf("%.0f °C", *v)
}

// people are who uses a device, a process a line.
func (p *GPUs) people(d *device, w int) (lines []string) {
	say := func(format string, args ...any) {
		lines = append(lines, look.Fit(" "+look.Harmless(fmt.Sprintf(format, args...)), w))
	}
	say("held by %s", strings.TrimPrefix(p.heldBy(d), "– "))
	for _, x := range d.Processes {
		say("%s  %.1f GB", p.process(x), float64(used(x))/gib)
	}
	return lines
}
