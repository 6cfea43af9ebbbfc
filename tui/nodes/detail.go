package nodes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
)

// View draws the page.
func (p *GPUs) View(l look.Look, w, h int) []string {
	p.style = l.Chart
	if is := w < slim; is != p.narrow {
		p.narrow = is
		p.columns()
	}
	if p.chooser != nil {
		return p.chooser.view(l, w, h)
	}
	if len(p.ids) == 0 || p.alone() && p.nodes[0].hollow != nil {
		return look.Box(p.nothing(l, w), w, h)
	}
	if p.zoomed {
		return p.pane(l, w, h)
	}
	lines := p.filter.View(l, w, 2)
	if text, fault := p.says(p.nodes[0]); p.alone() && fault {
		lines = append(lines, l.Bad.Render(look.Fit(" "+look.Harmless(text), w)))
	}
	p.top = len(lines)
	room := h - len(lines)
	below := p.detail(l, w, detailHeight(room, p.table.Len()))
	lines = append(lines, p.table.View(l, w, room-len(below))...)
	return look.Box(append(lines, below...), w, h)
}

// alone reports whether there is this machine and no other.
func (p *GPUs) alone() bool { return len(p.nodes) == 1 }

// detailHeight is what a table of some lines leaves of the room, or takes from it
// where there is much.
func detailHeight(room, lines int) int {
	const least, most, much = 3, 14, 18
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
	more := " [host.NAME] in the experiment file brings the GPUs of other machines here, over ssh."
	var err error
	if len(p.nodes) > 0 {
		err = p.nodes[0].Err
	}
	switch {
	case len(p.nodes) == 0, errors.Is(err, gpu.ErrNotYet):
		lines[1], text = "", "reading the GPUs ..."
	case errors.Is(err, gpu.ErrNoDriver):
		text = "This machine has no NVIDIA driver: runs train on its cores, which is fine. " + text + more
	case err == nil:
		text += more
	default:
		text = look.Harmless(err.Error()) + ". " + text
	}
	for _, s := range look.Wrap(text, w-2) {
		lines = append(lines, " "+s)
	}
	return lines
}

// pane is what is under the cursor, with all the room.
func (p *GPUs) pane(l look.Look, w, h int) []string {
	d := p.devices[p.table.Cursor()]
	if d == nil || d.node.hollow != nil {
		return p.detail(l, w, h)
	}
	facts := p.facts(l, d, w)
	room := max(h-1-len(facts), min(h*2/3, h-1))
	drawn, width := p.charts(l, d, w, room)
	lines := append([]string{p.title(l, d, w, width)}, drawn...)
	return look.Box(append(lines, p.cut(facts, h-len(lines), w)...), w, h)
}

// detail is what is under the cursor in h lines: a device with its curves and its
// processes, or a node.
func (p *GPUs) detail(l look.Look, w, h int) []string {
	if h < 1 {
		return nil
	}
	if _, ids, ok := p.table.CursorGroup(); ok {
		return look.Box(p.nodeLines(l, p.devices[ids[0]].node, ids, w), w, h)
	}
	d := p.devices[p.table.Cursor()]
	switch {
	case d == nil:
		return look.Box(nil, w, h)
	case d.node.hollow != nil:
		return look.Box(p.nodeLines(l, d.node, nil, w), w, h)
	}
	abreast, width := curveWidth(w)
	lines := []string{p.title(l, d, w, width)}
	facts := p.facts(l, d, w)
	if width > 0 && !(d.blind() && d.history.busy.empty()) {
		curves := d.curves(l, abreast, width, p.now)
		lines = append(lines, curves[:min(len(curves), max(h-1-min(len(facts), 3), 1))]...)
	}
	return look.Box(append(lines, p.cut(facts, h-len(lines), w)...), w, h)
}

// cut are as many lines as there is room for; the last says how many more there are.
func (p *GPUs) cut(lines []string, h, w int) []string {
	if len(lines) <= h || h < 1 {
		return lines
	}
	text := fmt.Sprintf(" and %d more lines", len(lines)-h+1)
	if !p.zoomed {
		text += ": z gives them room"
	}
	return append(lines[:h-1:h-1], look.Fit(text, w))
}

// title is the line above what is told of a device, with curves of so many cells.
func (p *GPUs) title(l look.Look, d *device, w, width int) string {
	text := d.label()
	if width > 0 {
		text += fmt.Sprintf("  last %d min", width*bucket/60)
	}
	text += fmt.Sprintf("  %s  %s", d.Name, d.UUID)
	if age := p.age(d); age > stale {
		text += fmt.Sprintf("  as it was %s ago", coarse(age))
	}
	return rule(l, strings.TrimRight(text, " "), w)
}

// nodeLines are what is told of a node.
func (p *GPUs) nodeLines(l look.Look, n *node, ids []string, w int) []string {
	lines := []string{rule(l, n.title(), w)}
	if text, fault := p.says(n); text != "" {
		style := worn(l.Bad, fault)
		for _, s := range look.Wrap(look.Harmless(text), w-2) {
			lines = append(lines, " "+style.Render(s))
		}
	}
	if n.hollow == nil {
		var read []gpu.Device
		for _, d := range p.of(ids) {
			read = append(read, d.Device)
		}
		lines = append(lines, look.Fit(" "+look.Harmless(gpu.Summary(read)+", "+p.foldHolders(ids)), w))
	}
	for _, x := range n.wrong {
		lines = append(lines, " "+wrongStyle(l, x.Grave).Render(look.Fit(look.Harmless(x.Text), w-1)))
	}
	return lines
}

// title is what a node is called, and by whom.
func (n *node) title() string {
	name := ""
	if len(n.cards) > 0 {
		name = string(n.cards[0].Host)
	}
	switch {
	case n.local() && name != "":
		return "this machine, " + name
	case n.local():
		return "this machine"
	}
	return n.Name
}

// rule is a line with a title.
func rule(l look.Look, title string, w int) string {
	text := "─ " + look.Harmless(title) + " "
	return l.Muted.Render(look.Fit(text+strings.Repeat("─", max(w-look.Width(text), 0)), w))
}

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
	unit        string
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
		{"busy", percent(d.BusyPct), &h.busy, 100, "%", busyStyle(l, d)},
		{"SM", occupancy(d), &h.sm, 100, "%", smStyle(l, d)},
		{"tensor", percent(d.TensorActivePct), &h.tensor, 100, "%", tensorStyle(l, d)},
		{"HBM", bandwidth(d), &h.hbm, 100, "%", hbmStyle(l, d)},
		{"memory", memory(d), &h.memory, 100, "%", memoryStyle(l, d)},
		{"power", watts(d), &h.power, top(d.PowerLimitW), "W", powerStyle(l, d)},
		{"heat", heat(d), &h.heat, 100, "°C", heatStyle(l, d)},
		{"clock", clock, &h.clock, top(d.SMClockMaxMHz), "MHz", clockStyle(l, d)},
	}
	return slices.DeleteFunc(list, func(r reading) bool {
		always := r.curve == &h.busy || r.curve == &h.memory || r.curve == &h.power || r.curve == &h.heat
		return (!always || d.Slice != nil) && r.curve.empty()
	})
}

// curves are the last minutes, a line each or two in one.
func (d *device) curves(l look.Look, abreast, width int, now float64) (lines []string) {
	for i, r := range d.readings(l) {
		text := look.Fit(fmt.Sprintf(" %-7s%s", r.name, r.style.Render(cmp.Or(r.value, "not read"))), label)
		text += l.Accent.Render(chart.Spark(r.curve.last(width, now), 0, r.top, width, l.Chart))
		if i%abreast > 0 {
			lines[len(lines)-1] += "  " + text
			continue
		}
		lines = append(lines, text)
	}
	return lines
}
