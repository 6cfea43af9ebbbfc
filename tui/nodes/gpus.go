// Package nodes is the page of the GPUs and the page of the queue: what the
// machines do, for whom, and what comes next.
//
//	page.Readings -> devices, curves         \
//	engine.Status, claims, processes -> who  -> rows -> View
package nodes

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
)

// GPUs is the page of the GPUs, of one machine or of several.
type GPUs struct {
	asker
	rows
	answer answer

	devices map[string]*device // by id
	ids     []string           // by host, then by number
	heads   []string           // of the columns, to see that they change
	apart   bool               // not grouped by host, though there are several
	err     error              // of the newest reading
	now     float64
	top     int         // lines above the table, as last drawn
	style   chart.Style // likewise
}

// device is a GPU as it was read last, which may have been a while ago.
type device struct {
	gpu.Device
	at      float64 // when it came, in seconds since 1970
	history history
	user    holder
}

// stale is the age from which on a reading is not what goes on now, in seconds.
const stale = 5

// NewGPUs is the page with the readings that were there last.
func NewGPUs(site *page.Site, last page.Readings) *GPUs {
	p := &GPUs{asker: asker{site: site, every: 5}, devices: map[string]*device{}}
	p.known, p.fields = p.candidates, p.values
	p.take(last)
	return p
}

// Title is where this is.
func (p *GPUs) Title() string { return "gpus" }

// Typing reports whether the filter is typed.
func (p *GPUs) Typing() bool { return p.typing }

// Back leaves the filter and the marks.
func (p *GPUs) Back() bool { return p.back() }

// Keys in the order in which they are shown.
func (p *GPUs) Keys() []page.Key {
	if p.typing {
		return p.typingKeys()
	}
	keys := []page.Key{
		{Keys: "enter", Name: "open", Hint: "open its run", Help: "open the run that has the GPU", Do: p.open},
		{Keys: "s", Name: "stop", Hint: "free it", Help: "stop the run that has the GPU, which frees it", Do: p.free},
		{Keys: "h", Name: "by host", Help: "put GPUs together by host, or not", Do: p.toggleHosts},
	}
	return append(append(keys, p.sortKeys(p.sortable)...), p.keys()...)
}

// Update takes in a message.
func (p *GPUs) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Readings:
		p.take(msg)
	case page.Tick:
		p.now = max(p.now, msg.Now)
	case page.Reply:
		p.changed()
	case answer:
		if msg.to != &p.asker {
			return nil
		}
		p.answer = msg
		p.answered(msg, p.now)
		p.arrange()
	default:
		if p.update(msg, p.top) {
			return p.open()
		}
		return nil
	}
	return p.due(p.now, p.local())
}

// local are all devices as they were read.
func (p *GPUs) local() []gpu.Device {
	list := make([]gpu.Device, 0, len(p.ids))
	for _, id := range p.ids {
		list = append(list, p.devices[id].Device)
	}
	return list
}

// take brings in readings. Devices that are not among them stay as they were last
// seen, with their age.
func (p *GPUs) take(r page.Readings) {
	p.now, p.err = max(p.now, r.Now), r.Err
	for _, d := range r.Devices {
		id := fmt.Sprintf("%s/%d", d.Host, d.Index)
		x := p.devices[id]
		if x == nil || x.UUID != d.UUID {
			x = &device{}
			p.devices[id] = x
		}
		x.Device, x.at = d, r.Now
		if d.AgeS < stale {
			x.history.add(r.Now, d)
		}
	}
	p.arrange()
}

// arrange works out who has what, and the rows.
func (p *GPUs) arrange() {
	p.ids = p.ids[:0]
	for id, d := range p.devices {
		p.ids = append(p.ids, id)
		d.user = p.whoHas(d.Device)
	}
	slices.SortFunc(p.ids, func(a, b string) int {
		x, y := p.devices[a], p.devices[b]
		return cmp.Or(cmp.Compare(x.Host, y.Host), cmp.Compare(x.Index, y.Index))
	})
	p.columns()
	p.rows.set(p.ids)
}

// age is how old what is known of a device is, in seconds.
func (p *GPUs) age(d *device) float64 { return max(p.now-d.at, 0) + d.AgeS }

// hosts are their names.
func (p *GPUs) hosts() (names []string) {
	for _, id := range p.ids {
		if h := string(p.devices[id].Host); len(names) == 0 || names[len(names)-1] != h {
			names = append(names, h)
		}
	}
	return names
}

func (p *GPUs) toggleHosts() tea.Cmd {
	if len(p.hosts()) < 2 {
		return page.Answer("all GPUs are of one machine")
	}
	p.apart = !p.apart
	p.columns()
	return nil
}

// picked are the devices that a key is for.
func (p *GPUs) picked() (list []*device) {
	for _, id := range p.table.Picked() {
		list = append(list, p.devices[id])
	}
	return list
}

func (p *GPUs) open() tea.Cmd {
	for _, d := range p.picked() {
		if d.user.run != "" {
			return page.Send(page.Open{Place: page.Run, Names: []string{d.user.run}})
		}
		return page.Answer(d.label() + ": " + d.user.why())
	}
	return nil
}

// free asks to stop the runs that have the GPUs.
func (p *GPUs) free() tea.Cmd {
	var runs, of []string
	list := p.picked()
	for _, d := range list {
		if d.user.run == "" {
			continue
		}
		of = append(of, d.label())
		if !slices.Contains(runs, d.user.run) {
			runs = append(runs, d.user.run)
		}
	}
	switch {
	case len(list) == 0:
		return page.Answer("there is no GPU here")
	case len(runs) == 0:
		return page.Answer(list[0].label() + ": " + list[0].user.why())
	}
	what, which := fmt.Sprintf("%d runs", len(runs)), fmt.Sprintf("%d GPUs", len(of))
	if len(runs) == 1 {
		what = runs[0]
	}
	if len(of) == 1 {
		which = of[0]
	}
	text := fmt.Sprintf("stop %s? That frees %s; what was trained until its last checkpoint is kept.", what, which)
	return page.Send(page.Ask{Text: text, Yes: p.site.Do(engine.Request{Verb: "stop", Runs: runs})})
}

// label is what people call a device.
func (d *device) label() string { return fmt.Sprintf("GPU %d", d.Index) }

// State is how the machines stand.
func (p *GPUs) State(l look.Look) (parts []string) {
	held, free, watts, power := 0, 0, 0.0, false
	oldest := 0.0
	for _, id := range p.ids {
		d := p.devices[id]
		if d.user.run != "" {
			held++
		}
		if d.user.free && p.age(d) <= stale {
			free++
		}
		if d.PowerW != nil {
			watts, power = watts+*d.PowerW, true
		}
		oldest = max(oldest, p.age(d))
	}
	if len(p.ids) == 0 {
		return nil
	}
	if oldest > stale {
		parts = append(parts, l.Bad.Render("? no answer for "+coarse(oldest)))
	}
	parts = append(parts, l.Good.Render(fmt.Sprintf("%d free", free)), fmt.Sprintf("%d held by runs", held))
	if n := len(p.hosts()); n > 1 {
		parts = append(parts, fmt.Sprintf("%d hosts", n))
	}
	if power {
		parts = append(parts, fmt.Sprintf("%.1f kW", watts/1000))
	}
	return parts
}

// candidates are the fields of the filter.
func (p *GPUs) candidates() query.Candidates {
	return query.Candidates{
		Fields: []string{"status", "run", "user", "device", "host", "gpu", "busy", "sm", "tensor", "hbm", "memory", "power", "temp", "throttle", "name", "cell"},
		Values: func(field string) []string {
			var list []string
			for _, id := range p.ids {
				if v, ok := p.values(id).Field(field); ok && !v.IsNum && !slices.Contains(list, v.Text) {
					list = append(list, v.Text)
				}
			}
			slices.Sort(list)
			return list
		},
	}
}

// values are a device's fields.
func (p *GPUs) values(id string) query.Fields {
	d := p.devices[id]
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
			v.number(name, *pct/100, fmt.Sprintf("%.0f%%", *pct))
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
