package nodes

import (
	"fmt"

	"ablate/tui/query"
)

// fields are what a filter may ask of a GPU.
func fields() []string {
	return []string{
		"status", "node", "run", "user", "device", "gpu", "busy", "sm", "tensor", "hbm", "mfu", "memory", "power", "temp", "clock",
		"wrong", "throttle", "xid", "ecc", "host", "name", "cell",
	}
}

// values are a device's fields.
func (f *fleet) values(id string) query.Fields {
	d := f.devices[id]
	v := values{}
	v.text("node", d.node.Name)
	v.text("host", string(d.Host))
	if d.node.hollow != nil {
		v.text("name", d.node.Name)
		v.text("status", "no readings")
		return v
	}
	v.text("status", d.user.status())
	v.text("run", d.user.run)
	v.text("user", d.user.name)
	v.text("device", d.model)
	v.text("name", fmt.Sprintf("%s %s %d %s %s", d.node.Name, d.Host, d.Index, d.Name, d.UUID))
	v.text("cell", f.heldBy(d))
	v.number("gpu", float64(d.whole()), fmt.Sprint(d.whole()))
	f.troubled(v, d)
	for name, pct := range map[string]*float64{"busy": d.BusyPct, "sm": d.SMActivePct, "tensor": d.TensorActivePct, "hbm": d.DRAMActivePct} {
		if pct != nil {
			v[name] = query.Value{Text: inPercent(*pct), Num: *pct / 100, IsNum: true, Percent: true}
		}
	}
	if d.mfu.share > 0 {
		v["mfu"] = query.Value{Text: d.mfu.text, Num: d.mfu.share, IsNum: true, Percent: true}
	}
	for name, x := range map[string]*float64{"power": d.PowerW, "temp": d.TemperatureC, "clock": d.SMClockMHz} {
		if x != nil {
			v.number(name, *x, fmt.Sprintf("%.0f", *x))
		}
	}
	if d.MemoryUsedBytes != nil {
		v["memory"] = query.Value{Text: memory(d), Num: float64(*d.MemoryUsedBytes), IsNum: true, In: gib}
	}
	return v
}

// troubled are the fields of what is wrong with a device.
func (f *fleet) troubled(v values, d *device) {
	var list []string
	for _, x := range d.wrong {
		list = append(list, x.Text(), x.Short)
	}
	if text, _ := f.short(d); text != "" {
		v["wrong"] = query.Value{List: append(list, text)}
	}
	if len(d.Throttle) > 0 {
		v["throttle"] = query.Value{List: d.Throttle}
	}
	if n := len(d.XIDs); n > 0 {
		v.number("xid", float64(d.XIDs[n-1].Code), fmt.Sprint(d.XIDs[n-1].Code))
	}
	if d.ECCCorrected != nil || d.ECCUncorrected != nil {
		n := uint64(0)
		for _, x := range []*uint64{d.ECCCorrected, d.ECCUncorrected} {
			if x != nil {
				n += *x
			}
		}
		v.number("ecc", float64(n), fmt.Sprint(n))
	}
}

// candidates are the fields of the filter.
func (f *fleet) candidates() query.Candidates {
	return query.Candidates{Fields: fields(), Values: func(field string) []string { return texts(f.ids, f.values, field) }}
}
