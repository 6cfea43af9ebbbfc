package nodes

import (
	"fmt"
	"slices"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
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

// columns are those that any of the devices has something for, as the width goes.
func (p *GPUs) columns() {
	several := len(p.nodes) > 1
	heads := []string{fmt.Sprint(several, p.apart, p.narrow)}
	list := slices.Concat([]styled{p.index(several && p.apart), p.model()}, p.shares(), p.amounts(), p.people())
	columns := make([]table.Column, len(list))
	for i, c := range list {
		heads = append(heads, c.Key)
		c.Paint, c.Shade = p.paint(c.style), p.shade
		columns[i] = c.Column
	}
	if slices.Equal(heads, p.heads) {
		return
	}
	p.heads = heads
	p.table.SetColumns(columns)
	if p.table.Grouped() != (several && !p.apart) {
		p.table.Group(nil, false)
		if several && !p.apart {
			p.table.Group(func(id string) string { return p.devices[id].node.Name }, false)
		}
	}
}

// paint gives a cell its style: grey where it is not what goes on now.
func (p *GPUs) paint(style func(look.Look, *device) look.Style) func(look.Look, string, string) string {
	return func(l look.Look, id, text string) string {
		switch d := p.devices[id]; {
		case strings.Trim(text, " ") == "":
		case p.age(d) > stale:
			return l.Muted.Render(text)
		case style != nil:
			return style(l, d).Render(text)
		}
		return text
	}
}

// shade is paint for the line of a node.
func (p *GPUs) shade(l look.Look, ids []string, text string) string {
	if !p.live(p.devices[ids[0]].node) {
		return l.Muted.Render(text)
	}
	return text
}

// across is what a line says that has nothing for the columns: a node that is not
// read, a GPU that cannot be.
func (p *GPUs) across(l look.Look, id string, group bool) string {
	d := p.devices[id]
	if group || d.node.hollow != nil {
		text, fault := p.says(d.node)
		if fault {
			return l.Bad.Render(look.Harmless(text))
		}
		return l.Muted.Render(look.Harmless(text))
	}
	if !d.blind() || p.age(d) > stale {
		return ""
	}
	text := "! " + p.what(d)
	if d.user.run != "" {
		text += ", held by " + d.user.run
	}
	if !p.narrow {
		text = look.Fit(d.model, p.modelWidth) + "  " + text
	}
	return l.Bad.Render(look.Harmless(text))
}

// index is the number of a device, which is what it is called.
func (p *GPUs) index(named bool) styled {
	return styled{Column: table.Column{Key: "gpu", Head: "gpu", Min: 16, Cell: func(id string) string {
		d := p.devices[id]
		text := fmt.Sprint(d.Index)
		switch {
		case d.node.hollow != nil:
			text = ""
		case d.Slice != nil && p.narrow:
			text = fmt.Sprintf("  %d/%d %s", *d.Slice, d.part, d.model)
		case d.Slice != nil:
			text = fmt.Sprintf("  %d/%d", *d.Slice, d.part)
		}
		if named {
			return strings.TrimRight(d.node.Name+" "+strings.TrimLeft(text, " "), " ")
		}
		return text
	}}}
}

// model is what a device is called by people, short.
func (p *GPUs) model() styled {
	return styled{Column: table.Column{
		Key: "device", Head: "device", Priority: 7,
		Cell: func(id string) string { return p.devices[id].model },
		Fold: func(ids []string) string {
			list := p.of(ids)
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
func (p *GPUs) number(c table.Column, of func(*device) *float64, format func(float64) string, fold func([]float64) float64) styled {
	c.Right, c.Down = true, true
	c.Num = func(id string) (float64, bool) {
		if v := of(p.devices[id]); v != nil {
			return *v, true
		}
		return 0, false
	}
	if c.Cell == nil {
		c.Cell = func(id string) string {
			if v := of(p.devices[id]); v != nil {
				return format(*v)
			}
			return ""
		}
	}
	c.Fold = func(ids []string) string {
		var list []float64
		for _, d := range p.of(ids) {
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
func (p *GPUs) shares() (list []styled) {
	for n, c := range []struct {
		key, head string
		priority  int
		of        func(*device) *float64
		style     func(look.Look, *device) look.Style
	}{
		{"busy", "busy", 2, func(d *device) *float64 { return d.BusyPct }, busyStyle},
		{"sm", "SM", 4, func(d *device) *float64 { return d.SMActivePct }, smStyle},
		{"tensor", "tensor", 8, func(d *device) *float64 { return d.TensorActivePct }, tensorStyle},
		{"hbm", "HBM", 6, func(d *device) *float64 { return d.DRAMActivePct }, hbmStyle},
	} {
		if n > 0 && !p.any(func(d *device) bool { return c.of(d) != nil }) {
			continue
		}
		col := p.number(table.Column{Key: c.key, Head: c.head, Priority: c.priority, Width: len("100%")}, c.of, inPercent, mean)
		col.style = c.style
		list = append(list, col)
		if n == 0 {
			list = append(list, p.curve())
		}
	}
	return list
}

// curve is how busy a device was.
func (p *GPUs) curve() styled {
	const width = 12
	return styled{Column: table.Column{
		Key: "curve", Head: fmt.Sprintf("%d min", width*bucket/60), Width: width, Priority: 10,
		Cell: func(id string) string {
			return chart.Spark(p.devices[id].history.busy.last(width, p.now), 0, 100, width, p.style)
		},
	}, style: func(l look.Look, _ *device) look.Style { return l.Accent }}
}

// amounts are memory, power, heat and clock.
func (p *GPUs) amounts() []styled {
	plain := func(x float64) string { return fmt.Sprintf("%.0f", x) }
	cell := func(of func(*device) string) func(string) string {
		return func(id string) string { return of(p.devices[id]) }
	}
	mem := p.number(table.Column{Key: "memory", Head: "memory", Priority: 3, Cell: cell(memory)}, func(d *device) *float64 {
		if d.MemoryUsedBytes == nil {
			return nil
		}
		return new(float64(*d.MemoryUsedBytes) / gib)
	}, func(x float64) string { return fmt.Sprintf("%.0f GB", x) }, sum)
	mem.style = memoryStyle
	power := p.number(table.Column{Key: "power", Head: "power", Priority: 3, Cell: cell(watts)}, func(d *device) *float64 { return d.PowerW }, kilowatts, sum)
	power.style = powerStyle
	temp := p.number(table.Column{Key: "temp", Head: "°C", Priority: 4}, func(d *device) *float64 { return d.TemperatureC }, plain, slices.Max[[]float64])
	temp.style = heatStyle
	list := []styled{mem, power, temp}
	if p.any(func(d *device) bool { return d.SMClockMHz != nil }) {
		clock := p.number(table.Column{Key: "clock", Head: "MHz", Priority: 11, Cell: cell(megahertz)}, func(d *device) *float64 { return d.SMClockMHz }, plain, nil)
		clock.style = clockStyle
		list = append(list, clock)
	}
	return list
}

// people are who has a device, what it makes of it, and what is wrong.
func (p *GPUs) people() []styled {
	least := 28
	if p.narrow {
		least = 16
	}
	list := []styled{{Column: table.Column{
		Key: "run", Head: "held by", Min: least, Priority: 1,
		Cell: func(id string) string {
			d := p.devices[id]
			if text := p.told(d); p.narrow && text != "" {
				return text
			}
			return p.heldBy(d)
		},
		Fold: p.foldHolders,
	}, style: p.holderStyle}}
	if p.any(func(d *device) bool { return d.mfu.text != "" }) {
		c := p.number(table.Column{Key: "mfu", Head: "MFU", Priority: 9, Cell: func(id string) string { return p.devices[id].mfu.text }}, func(d *device) *float64 {
			if d.mfu.share > 0 {
				return new(100 * d.mfu.share)
			}
			return nil
		}, inPercent, mean)
		list = append(list, c)
	}
	if !p.narrow && p.any(p.amiss) {
		list = append(list, styled{Column: table.Column{
			Key: "wrong", Head: "wrong", Min: 12, Priority: 5, Words: true,
			Cell: func(id string) string { text, _ := p.short(p.devices[id]); return text },
			Fold: p.foldWrong,
		}, style: p.wrongOf})
	}
	return list
}

// foldHolders is how a node stands.
func (p *GPUs) foldHolders(ids []string) string {
	list := p.of(ids)
	free, held, others := 0, 0, 0
	for _, d := range list {
		switch {
		case d.user.free && p.age(d) <= stale:
			free++
		case d.user.run != "":
			held++
		case d.user.status() == "other":
			others++
		}
	}
	if p.narrow {
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
	return text
}

// amiss reports whether something is wrong with a device.
func (p *GPUs) amiss(d *device) bool { text, _ := p.short(d); return text != "" }

// foldWrong is how many GPUs of a node something is wrong with.
func (p *GPUs) foldWrong(ids []string) string {
	n := 0
	for _, d := range p.of(ids) {
		if p.amiss(d) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", n, len(p.of(ids)))
}
