package nodes

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
	"ablate/tui/table"
)

// What a share of the memory is shown in: as GPUs are sold.
const gib = 1 << 30

// columns are those that any of the devices has something for.
func (p *GPUs) columns() {
	several := len(p.hosts()) > 1
	list := []table.Column{{Key: "gpu", Head: "gpu", Cell: func(id string) string {
		d := p.devices[id]
		if several && p.apart {
			return fmt.Sprintf("%s %d", d.Host, d.Index)
		}
		return fmt.Sprint(d.Index)
	}}}
	list = append(list, table.Column{Key: "device", Head: "device", Priority: 5, Cell: func(id string) string { return model(p.devices[id].Device) }})
	list = append(list, p.shares()...)
	list = append(list, p.amounts()...)
	list = append(list, table.Column{
		Key: "run", Head: "held by", Min: 20, Priority: 1,
		Cell: func(id string) string { return p.heldBy(p.devices[id]) },
		Fold: p.foldHolders,
		Paint: func(l look.Look, id, text string) string {
			switch u := p.devices[id].user; {
			case p.age(p.devices[id]) > stale:
				return l.Muted.Render(text)
			case u.broken:
				return l.Bad.Render(text)
			case u.free:
				return l.Good.Render(text)
			case u.run == "":
				return l.Muted.Render(text)
			}
			return text
		},
	})
	if p.any(func(d *device) bool { return len(d.Throttle) > 0 }) {
		list = append(list, table.Column{Key: "throttle", Head: "held down by", Priority: 6, Cell: func(id string) string {
			return strings.Join(p.devices[id].Throttle, ", ")
		}})
	}
	heads := []string{fmt.Sprint(several, p.apart)}
	for _, c := range list {
		heads = append(heads, c.Key)
	}
	if slices.Equal(heads, p.heads) {
		return
	}
	p.heads = heads
	p.table.SetColumns(list)
	if p.table.Grouped() != (several && !p.apart) {
		p.table.Group(nil, false)
		if several && !p.apart {
			p.table.Group(func(id string) string { return string(p.devices[id].Host) }, false)
		}
	}
}

// sortable are the columns that the rows can be sorted by.
func (p *GPUs) sortable() []string {
	return p.table.Chosen()
}

// number is a column of a reading; a group has the mean of its rows, or their sum.
func (p *GPUs) number(key, head string, priority int, of func(gpu.Device) *float64, format func(float64) string, sum bool) table.Column {
	num := func(id string) (float64, bool) {
		if v := of(p.devices[id].Device); v != nil {
			return *v, true
		}
		return 0, false
	}
	return table.Column{
		Key: key, Head: head, Priority: priority, Right: true, Down: true, Num: num,
		Cell: func(id string) string {
			if x, ok := num(id); ok {
				return format(x)
			}
			return ""
		},
		Fold: func(ids []string) string {
			total, n := 0.0, 0.0
			for _, id := range ids {
				if x, ok := num(id); ok {
					total, n = total+x, n+1
				}
			}
			if n == 0 {
				return ""
			}
			if !sum {
				total /= n
			}
			return format(total)
		},
	}
}

// shares are the columns of per cents, with a curve of the first.
func (p *GPUs) shares() (list []table.Column) {
	percent := func(x float64) string { return fmt.Sprintf("%.0f%%", x) }
	for n, c := range []struct {
		key, head string
		priority  int
		of        func(gpu.Device) *float64
	}{
		{"busy", "busy", 2, func(d gpu.Device) *float64 { return d.BusyPct }},
		{"sm", "SM", 8, func(d gpu.Device) *float64 { return d.SMActivePct }},
		{"tensor", "tensor", 9, func(d gpu.Device) *float64 { return d.TensorActivePct }},
		{"hbm", "HBM", 9, func(d gpu.Device) *float64 { return d.DRAMActivePct }},
	} {
		if n > 0 && !p.any(func(d *device) bool { return c.of(d.Device) != nil }) {
			continue
		}
		col := p.number(c.key, c.head, c.priority, c.of, percent, false)
		col.Width = len("100%")
		list = append(list, col)
		if n == 0 {
			list = append(list, p.curve())
		}
	}
	return list
}

// curve is how busy a device was.
func (p *GPUs) curve() table.Column {
	const width = 12
	return table.Column{
		Key: "curve", Head: fmt.Sprintf("%d min", width*bucket/60), Width: width, Priority: 7,
		Cell: func(id string) string {
			return chart.Spark(p.devices[id].history.busy.last(width, p.now), 0, 100, width, p.style)
		},
	}
}

// amounts are memory, power and heat.
func (p *GPUs) amounts() []table.Column {
	plain := func(x float64) string { return fmt.Sprintf("%.0f", x) }
	mem := p.number("memory", "memory", 3, func(d gpu.Device) *float64 {
		if d.MemoryUsedBytes == nil {
			return nil
		}
		return new(float64(*d.MemoryUsedBytes) / gib)
	}, func(x float64) string { return fmt.Sprintf("%.1f GB", x) }, true)
	mem.Cell = func(id string) string { return memory(p.devices[id].Device) }
	power := p.number("power", "power", 3, func(d gpu.Device) *float64 { return d.PowerW }, func(x float64) string { return fmt.Sprintf("%.0f W", x) }, true)
	power.Cell = func(id string) string { return watts(p.devices[id].Device) }
	return []table.Column{mem, power, p.number("temp", "°C", 4, func(d gpu.Device) *float64 { return d.TemperatureC }, plain, false)}
}

// coarse is a time that does not change on the screen each second.
func coarse(seconds float64) string {
	unit := 10.0
	if seconds >= 60 {
		unit = 60
	}
	return strings.TrimSuffix(report.Duration(math.Floor(seconds/unit)*unit), "00s")
}
