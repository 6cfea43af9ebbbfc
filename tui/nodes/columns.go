package nodes

import (
	"fmt"
	"slices"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
	"ablate/tui/table"
)

// slim is the width below which what is wrong with a GPU stands in the column of who
// has it.
const slim = 100

// styled is a column whose cells have the style of their device.
type styled struct {
	table.Column
	style func(l look.Look, d *device) look.Style // nil: none
}

// layout is how a fleet stands in the table.
type layout struct {
	*fleet
	apart      bool // not grouped by node, though there are several
	narrow     bool
	style      chart.Style
	modelWidth int // of the longest short name of a device
}

// several reports whether there is more than this machine.
func (y *layout) several() bool { return len(y.nodes) > 1 }

// columns are those that any of the devices has something for, as the width goes, and
// what tells them from others.
func (y *layout) columns() (columns []table.Column, heads []string) {
	y.modelWidth = 0
	for _, d := range y.all() {
		y.modelWidth = max(y.modelWidth, look.Width(d.model))
	}
	heads = []string{fmt.Sprint(y.several(), y.apart, y.narrow)}
	for _, c := range slices.Concat([]styled{y.index(), y.model()}, y.shares(), y.amounts(), y.people()) {
		heads = append(heads, c.Key)
		c.Paint, c.Shade = y.paint(c.style), y.shade
		columns = append(columns, c.Column)
	}
	return columns, heads
}

// paint gives a cell its style: grey where it is not what goes on now.
func (y *layout) paint(style func(look.Look, *device) look.Style) func(look.Look, string, string) string {
	return func(l look.Look, id, text string) string {
		switch d := y.devices[id]; {
		case strings.Trim(text, " ") == "":
		case y.age(d) > stale:
			return l.Muted.Render(text)
		case style != nil:
			return style(l, d).Render(text)
		}
		return text
	}
}

// shade is paint for the line of a node.
func (y *layout) shade(l look.Look, ids []string, text string) string {
	if !y.live(y.devices[ids[0]].node) {
		return l.Muted.Render(text)
	}
	return text
}

// across is what a line says that has nothing for the columns: a node that is not
// read, a GPU that cannot be.
func (y *layout) across(l look.Look, id string, group bool) string {
	d := y.devices[id]
	if group || d.node.hollow != nil {
		text, fault := y.says(d.node)
		if fault {
			return l.Bad.Render(look.Harmless(text))
		}
		return l.Muted.Render(look.Harmless(text))
	}
	if !d.blind() || y.age(d) > stale {
		return ""
	}
	text := "! " + y.what(d)
	if d.user.run != "" {
		text += ", held by " + d.user.run
	}
	if !y.narrow {
		text = look.Fit(d.model, y.modelWidth) + "  " + text
	}
	return l.Bad.Render(look.Harmless(text))
}

// index is the number of a device, which is what it is called.
func (y *layout) index() styled {
	place := func(id string) (float64, bool) { // as there may be more than ten
		d := y.devices[id]
		n := float64(d.whole())
		if d.Slice != nil {
			n += float64(d.part+1) / 1000
		}
		return n, true
	}
	return styled{Column: table.Column{Key: "gpu", Head: "gpu", Min: 16, Num: place, Cell: func(id string) string {
		d := y.devices[id]
		text := fmt.Sprint(d.Index)
		switch {
		case d.node.hollow != nil:
			text = ""
		case d.Slice != nil && y.narrow:
			text = fmt.Sprintf("  %d/%d %s", *d.Slice, d.part, d.model)
		case d.Slice != nil:
			text = fmt.Sprintf("  %d/%d", *d.Slice, d.part)
		}
		if y.apart && y.several() {
			return strings.TrimRight(d.node.Name+" "+strings.TrimLeft(text, " "), " ")
		}
		return text
	}}}
}

// model is what a device is called by people, short.
func (y *layout) model() styled {
	return styled{Column: table.Column{
		Key: "device", Head: "device", Priority: 9,
		Cell: func(id string) string { return y.devices[id].model },
		Fold: func(ids []string) string {
			list := y.of(ids)
			if len(list) == 0 {
				return ""
			}
			for _, d := range list {
				if d.Name != list[0].Name {
					return fmt.Sprintf("%d GPUs", len(list))
				}
			}
			return fmt.Sprintf("%d×%s", len(list), list[0].model)
		},
	}}
}

// number is a column of a reading; fold makes one of those of a node's GPUs.
func (y *layout) number(c table.Column, of func(*device) *float64, format func(float64) string, fold func([]float64) float64) styled {
	c.Right, c.Down = true, true
	c.Num = func(id string) (float64, bool) {
		if v := of(y.devices[id]); v != nil {
			return *v, true
		}
		return 0, false
	}
	if c.Cell == nil {
		c.Cell = func(id string) string {
			if v := of(y.devices[id]); v != nil {
				return format(*v)
			}
			return ""
		}
	}
	c.Fold = func(ids []string) string {
		var list []float64
		for _, d := range y.of(ids) {
			if v := of(d); v != nil {
				list = append(list, *v)
			}
		}
		if len(list) == 0 || fold == nil {
			return ""
		}
		return format(fold(list))
	}
	return styled{Column: c}
}

func sum(list []float64) (total float64) {
	for _, x := range list {
		total += x
	}
	return total
}

func mean(list []float64) float64 { return sum(list) / float64(len(list)) }

// shares are the columns of per cents, with a curve of the first.
func (y *layout) shares() (list []styled) {
	for n, c := range []struct {
		key, head string
		priority  int
		of        func(*device) *float64
		style     func(look.Look, *device) look.Style
	}{
		{"busy", "busy", 2, func(d *device) *float64 { return d.BusyPct }, busyStyle},
		{"sm", "SM", 4, func(d *device) *float64 { return d.SMActivePct }, smStyle},
		{"tensor", "tensor", 6, func(d *device) *float64 { return d.TensorActivePct }, tensorStyle},
		{"hbm", "HBM", 5, func(d *device) *float64 { return d.DRAMActivePct }, hbmStyle},
	} {
		if n > 0 && !y.any(func(d *device) bool { return c.of(d) != nil }) {
			continue
		}
		col := y.number(table.Column{Key: c.key, Head: c.head, Priority: c.priority, Width: len("100%")}, c.of, inPercent, mean)
		col.style = c.style
		if n == 0 { // what stands still lies outside of what moves each second: a line is sent from its first change to its last
			list = append(list, y.curve())
		}
		list = append(list, col)
	}
	return list
}

// curve is how busy a device was.
func (y *layout) curve() styled {
	const width = 12
	return styled{Column: table.Column{
		Key: "curve", Head: fmt.Sprintf("%d min", width*bucket/60), Width: width, Priority: 10,
		Cell: func(id string) string {
			return chart.Spark(y.devices[id].history.busy.last(width, y.now), 0, 100, width, y.style)
		},
	}, style: func(l look.Look, _ *device) look.Style { return l.Accent }}
}

// amounts are memory, power, heat and clock.
func (y *layout) amounts() []styled {
	plain := func(x float64) string { return fmt.Sprintf("%.0f", x) }
	cell := func(of func(*device) string, unit string) func(string) string { // the head says it
		return func(id string) string { return strings.TrimSuffix(of(y.devices[id]), " "+unit) }
	}
	mem := y.number(table.Column{Key: "memory", Head: "mem GB", Priority: 3, Cell: cell(memory, "GB")}, func(d *device) *float64 {
		if d.MemoryUsedBytes == nil {
			return nil
		}
		return new(float64(*d.MemoryUsedBytes) / gib)
	}, func(x float64) string { return fmt.Sprintf("%.0f GB", x) }, sum)
	mem.style = memoryStyle
	power := y.number(table.Column{Key: "power", Head: "watts", Priority: 7, Cell: cell(watts, "W")}, func(d *device) *float64 { return d.PowerW }, kilowatts, sum)
	power.style = powerStyle
	temp := y.number(table.Column{Key: "temp", Head: "°C", Priority: 8}, func(d *device) *float64 { return d.TemperatureC }, plain, slices.Max[[]float64])
	temp.style = heatStyle
	list := []styled{mem, power, temp}
	if y.any(func(d *device) bool { return d.SMClockMHz != nil }) {
		clock := y.number(table.Column{Key: "clock", Head: "MHz", Priority: 11, Cell: cell(megahertz, "MHz")}, func(d *device) *float64 { return d.SMClockMHz }, plain, nil)
		clock.style = clockStyle
		list = append(list, clock)
	}
	return list
}

// people are who has a device, what it makes of it, and what is wrong.
func (y *layout) people() []styled {
	least := 26
	if y.narrow {
		least = 18
	}
	list := []styled{{Column: table.Column{
		Key: "run", Head: "held by", Min: least, Priority: 1,
		Cell: func(id string) string {
			d := y.devices[id]
			if text := y.told(d); y.narrow && text != "" {
				return text
			}
			return y.heldBy(d)
		},
		Fold: y.foldHolders,
	}, style: y.holderStyle}}
	if y.any(func(d *device) bool { return d.mfu.text != "" }) {
		c := y.number(table.Column{Key: "mfu", Head: "MFU", Priority: 3, Cell: func(id string) string { return y.devices[id].mfu.text }}, func(d *device) *float64 {
			if d.mfu.share > 0 {
				return new(100 * d.mfu.share)
			}
			return nil
		}, func(x float64) string {
			if !report.MFUCanBe(x / 100) {
				return inPercent(x) + " ?"
			}
			return inPercent(x)
		}, mean)
		c.style = func(l look.Look, d *device) look.Style { return worn(l.Bad, !report.MFUCanBe(d.mfu.share)) }
		list = append(list, c)
	}
	if !y.narrow && y.any(y.amiss) {
		list = append(list, styled{Column: table.Column{
			Key: "wrong", Head: "wrong", Min: 12, Priority: 2, Words: true, Down: true,
			Num: func(id string) (float64, bool) {
				text, grave := y.short(y.devices[id])
				return float64(boolean(grave) + 1), text != ""
			},
			Cell: func(id string) string { text, _ := y.short(y.devices[id]); return text },
			Fold: y.foldWrong,
		}, style: y.wrongOf})
	}
	return list
}

// foldHolders is how a node stands.
func (y *layout) foldHolders(ids []string) string {
	list := y.of(ids)
	free, held, others, off := 0, 0, 0, 0
	for _, d := range list {
		switch {
		case d.user.free && y.age(d) <= stale:
			free++
		case d.user.run != "":
			held++
		case d.user.status() == "other":
			others++
		case d.user.off:
			off++
		}
	}
	if y.narrow {
		return fmt.Sprintf("%d of %d free", free, len(list))
	}
	text := fmt.Sprintf("%d free", free)
	if held > 0 {
		text += fmt.Sprintf(", %d held", held)
	}
	switch {
	case others == 1:
		text += ", 1 other's"
	case others > 1:
		text += fmt.Sprintf(", %d others'", others)
	}
	if off > 0 {
		text += fmt.Sprintf(", %d kept off", off)
	}
	return text
}

// amiss reports whether something is wrong with a device.
func (y *layout) amiss(d *device) bool { text, _ := y.short(d); return text != "" }

// foldWrong is how many GPUs of a node something is wrong with.
func (y *layout) foldWrong(ids []string) string {
	n := 0
	for _, d := range y.of(ids) {
		if y.amiss(d) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", n, len(y.of(ids)))
}
