// Package nodes is the page of the GPUs and the page of the queue: what the
// machines do, for whom, and what comes next.
//
//	page.Readings -> devices, curves         \
//	engine.Status, claims, processes -> who  -> rows -> View
package nodes

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/tui/chart"
	"ablate/tui/filter"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
)

// GPUs is the page of the GPUs, of one machine or of several.
type GPUs struct {
	asker
	rows
	fleet
	heads []string    // of the columns, to see that they change
	apart bool        // not grouped by host, though there are several
	err   error       // of the newest reading
	top   int         // lines above the table, as last drawn
	style chart.Style // likewise
}

// NewGPUs is the page, before it was told anything.
func NewGPUs(site *page.Site) *GPUs {
	p := &GPUs{asker: asker{site: site, every: 5}, fleet: fleet{devices: map[string]*device{}}}
	if site.Store != nil {
		p.store = site.Store.Dir
	}
	p.filter = filter.New(&p.table, p.values, p.candidates, "free    busy < 10%    run ~ /^paper/ and temp > 70")
	p.columns()
	return p
}

// Title is where this is.
func (p *GPUs) Title() string { return "gpus" }

// Typing reports whether the filter is typed.
func (p *GPUs) Typing() bool { return p.filter.Typing() }

// Back leaves the filter and the marks.
func (p *GPUs) Back() bool { return p.back() }

// Keys in the order in which they are shown.
func (p *GPUs) Keys() []page.Key {
	if p.filter.Typing() {
		return p.filter.Keys()
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
		p.err = nil
		for _, n := range msg.Nodes {
			if p.err == nil {
				p.err = n.Err
			}
			p.take(n.Devices, msg.Now)
		}
		p.arrange()
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
	return p.due(p.now, p.all())
}

// arrange makes the rows of what is known.
func (p *GPUs) arrange() {
	p.settle()
	p.columns()
	p.table.SetRows(p.ids)
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
	list := p.picked()
	switch {
	case len(list) == 0:
		return nil
	case list[0].user.run == "":
		return page.Answer(list[0].label() + ": " + list[0].user.why())
	}
	return page.Send(page.Open{Place: page.Run, Names: []string{list[0].user.run}})
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

// State is how the machines stand.
func (p *GPUs) State(l look.Look) (parts []string) {
	held, free, unknown, watts, power := 0, 0, 0, 0.0, false
	oldest := 0.0
	for _, id := range p.ids {
		d := p.devices[id]
		if d.user.run != "" {
			held++
		}
		if d.user.free && p.age(d) <= stale {
			free++
		}
		if d.user.status() == "unknown" {
			unknown++
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
	if free > 0 || unknown == 0 {
		parts = append(parts, l.Good.Render(fmt.Sprintf("%d free", free)))
	}
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d not claimed", unknown))
	}
	parts = append(parts, fmt.Sprintf("%d held by runs", held))
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
		Values: func(field string) []string { return texts(p.ids, p.values, field) },
	}
}
