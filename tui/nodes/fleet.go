package nodes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/tui/query"
)

// fleet is all devices that were ever read, as they were read last.
type fleet struct {
	devices map[string]*device // by id
	ids     []string           // by host, then by number
	answer  answer
	store   string // the folder of this store
	now     float64
}

// device is a GPU as it was read last, which may have been a while ago.
type device struct {
	gpu.Device
	at      float64 // when it came, in seconds since 1970
	history history
	user    holder
}

// stale is the age from which on a reading is not what goes on now, in seconds.
const stale = 10

// label is what people call a device.
func (d *device) label() string { return fmt.Sprintf("GPU %d", d.Index) }

// take brings in readings of a time. Devices that are not among them stay as they
// were, with their age.
func (f *fleet) take(devices []gpu.Device, now float64) {
	f.now = max(f.now, now)
	for _, d := range devices {
		id := fmt.Sprintf("%s/%d", d.Host, d.Index)
		x := f.devices[id]
		if x == nil || x.UUID != d.UUID {
			x = &device{}
			f.devices[id] = x
		}
		x.Device, x.at = d, now
		if d.AgeS < stale {
			x.history.add(now, d)
		}
	}
}

// settle works out the order of the devices, and who has which.
func (f *fleet) settle() {
	f.ids = f.ids[:0]
	for id, d := range f.devices {
		f.ids = append(f.ids, id)
		d.user = f.whoHas(d.Device)
	}
	slices.SortFunc(f.ids, func(a, b string) int {
		x, y := f.devices[a], f.devices[b]
		return cmp.Or(cmp.Compare(x.Host, y.Host), cmp.Compare(x.Index, y.Index))
	})
}

// all are the devices as they were read.
func (f *fleet) all() []gpu.Device {
	list := make([]gpu.Device, 0, len(f.ids))
	for _, id := range f.ids {
		list = append(list, f.devices[id].Device)
	}
	return list
}

// hosts are their names.
func (f *fleet) hosts() (names []string) {
	for _, id := range f.ids {
		if h := string(f.devices[id].Host); len(names) == 0 || names[len(names)-1] != h {
			names = append(names, h)
		}
	}
	return names
}

// age is how old what is known of a device is, in seconds.
func (f *fleet) age(d *device) float64 { return max(f.now-d.at, 0) + d.AgeS }

func (f *fleet) any(has func(*device) bool) bool {
	for _, id := range f.ids {
		if has(f.devices[id]) {
			return true
		}
	}
	return false
}

// heldBy is who has a device, as far as that is known.
func (f *fleet) heldBy(d *device) string {
	if age := f.age(d); age > stale {
		return fmt.Sprintf("? %s ago: %s", coarse(age), strings.TrimPrefix(d.user.text, "– "))
	}
	return d.user.text
}

// foldHolders is how a host stands.
func (f *fleet) foldHolders(ids []string) string {
	free, oldest := 0, 0.0
	for _, id := range ids {
		if d := f.devices[id]; d.user.free {
			free++
		}
		oldest = max(oldest, f.age(f.devices[id]))
	}
	text := fmt.Sprintf("%d of %d free", free, len(ids))
	if oldest > stale {
		text = "? no answer for " + coarse(oldest)
	}
	return text
}

// values are a device's fields.
func (f *fleet) values(id string) query.Fields {
	d := f.devices[id]
	v := values{}
	v.text("status", d.user.status())
	v.text("run", d.user.run)
	v.text("user", d.user.name)
	v.text("device", model(d.Device))
	v.text("host", string(d.Host))
	v.text("name", fmt.Sprintf("%s %d %s %s", d.Host, d.Index, d.Name, d.UUID))
	v.text("cell", d.user.text)
	v.number("gpu", float64(d.Index), fmt.Sprint(d.Index))
	for name, pct := range map[string]*float64{"busy": d.BusyPct, "sm": d.SMActivePct, "tensor": d.TensorActivePct, "hbm": d.DRAMActivePct} {
		if pct != nil {
			v[name] = query.Value{Text: fmt.Sprintf("%.0f%%", *pct), Num: *pct / 100, IsNum: true, Percent: true}
		}
	}
	for name, x := range map[string]*float64{"power": d.PowerW, "temp": d.TemperatureC} {
		if x != nil {
			v.number(name, *x, fmt.Sprintf("%.0f", *x))
		}
	}
	if d.MemoryUsedBytes != nil {
		v.number("memory", float64(*d.MemoryUsedBytes), memory(d.Device))
	}
	if len(d.Throttle) > 0 {
		v["throttle"] = query.Value{List: d.Throttle}
	}
	return v
}

// memory is what is used of it.
func memory(d gpu.Device) string {
	switch {
	case d.MemoryUsedBytes == nil:
		return ""
	case d.MemoryTotalBytes == nil:
		return fmt.Sprintf("%.1f GB", float64(*d.MemoryUsedBytes)/gib)
	}
	return fmt.Sprintf("%.1f/%.0f GB", float64(*d.MemoryUsedBytes)/gib, float64(*d.MemoryTotalBytes)/gib)
}

// watts is what is drawn of what may be.
func watts(d gpu.Device) string {
	switch {
	case d.PowerW == nil:
		return ""
	case d.PowerLimitW == nil:
		return fmt.Sprintf("%.0f W", *d.PowerW)
	}
	return fmt.Sprintf("%.0f/%.0f W", *d.PowerW, *d.PowerLimitW)
}

// model is a device's name without what all have.
func model(d gpu.Device) string { return strings.TrimPrefix(string(d.Name), "NVIDIA ") }
