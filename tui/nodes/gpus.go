// Package nodes is the page of the GPUs and the page of the queue: what the
// machines do, for whom, and what comes next.
//
//	page.Readings -> nodes, devices, curves  \
//	engine.Status, speeds of runs -> who      -> rows -> View
//	gpu/alert -> what is wrong               /
package nodes

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/tui/filter"
	"ablate/tui/page"
)

// GPUs is the page of the GPUs, of one machine or of several.
type GPUs struct {
	asker
	rows
	fleet
	layout  layout
	heads   []string // of the columns, to see that they change
	zoomed  bool     // the pane has all the room
	whole   bool     // and shows all GPUs of the node
	chooser *chooser // of an experiment to run; nil: nothing is chosen
	open    string   // the experiment that is open, "" for none
	speedAt float64  // when the speeds of runs are read next, in seconds since 1970
	top     int      // lines above the table, as last drawn
}

// NewGPUs is the page, before it was told anything.
func NewGPUs(site *page.Site) *GPUs {
	p := &GPUs{asker: asker{site: site, every: 5}, fleet: fleet{devices: map[string]*device{}}}
	p.layout.fleet = &p.fleet
	if site.Store != nil {
		p.store = site.Store.Dir
	}
	p.filter = filter.New(&p.table, p.values, p.candidates, "free    busy > 90% and sm < 30%    run ~ /^paper/ and temp > 70    has wrong")
	p.table.Across, p.table.Hollow = p.layout.across, p.hollow
	p.columns()
	return p
}

// Title is where this is.
func (p *GPUs) Title() string { return "gpus" }

// Begin has the GPUs of hosts shown.
func (p *GPUs) Begin() tea.Cmd { return page.Send(page.ShowHosts{}) }

// Typing reports whether the filter is typed.
func (p *GPUs) Typing() bool { return p.filter.Typing() }

// Back leaves the choice of an experiment, the pane that has all the room, the filter
// and the marks.
func (p *GPUs) Back() bool {
	switch {
	case p.chooser != nil:
		p.chooser = nil
		return true
	case p.zoomed:
		p.zoomed = false
		return true
	}
	return p.back()
}

// Keys in the order in which they are shown.
func (p *GPUs) Keys() []page.Key {
	switch {
	case p.filter.Typing():
		return p.filter.Keys()
	case p.chooser != nil:
		return p.chooser.keys(p.begin)
	}
	enter, run, free := p.verbs()
	z, all := "zoom", "all curves"
	switch {
	case p.zoomed && p.whole:
		all = "table"
	case p.zoomed:
		z = "table"
	}
	keys := []page.Key{
		{Keys: "enter", Name: "open", Hint: enter, Help: "open the run that has the GPU; close or open a node", Do: p.openRun},
		{
			Keys: "r", Name: "run here", Hint: run, Help: "run an experiment on the marked GPUs, which are of this machine",
			Do: p.choose, Args: p.runnable, With: p.runNamed,
		},
		{Keys: "s", Name: "stop", Hint: free, Help: "stop the run that has the GPU, which frees it", Do: p.free},
		{Keys: "z", Name: "zoom", Hint: z, Help: "all the room for the GPU under the cursor, or for the table again", Do: p.zoom(false)},
		{Keys: "Z", Name: "curves", Hint: all, Help: "all GPUs of its machine, each with its curves; or the table again", Do: p.zoom(true)},
		{Keys: "h", Name: "by host", Help: "put GPUs together by host, or not", Do: p.toggleHosts},
	}
	keys = append(append(keys, p.sortKeys(p.sortable)...), p.keys()...)
	if p.bare() {
		for i := range keys {
			keys[i].Hint = "" // none of them does anything here
		}
	}
	return keys
}

// verbs are the hints of the keys that go for what is under the cursor, or marked;
// those that would do nothing there are blank.
func (p *GPUs) verbs() (open, run, free string) {
	list := p.picked()
	if slices.ContainsFunc(list, func(d *device) bool { return d.user.run != "" }) {
		open, free = "open its run", "free it"
	}
	if _, _, ok := p.table.CursorGroup(); ok && len(p.table.Marked()) == 0 {
		open = "close or open it"
	}
	if _, why := p.given(); why == "" {
		run = "run on it"
	}
	return open, run, free
}

// bare reports whether there is no GPU, and no node that may have some.
func (p *GPUs) bare() bool { return len(p.ids) == 0 || p.alone() && p.nodes[0].hollow != nil }

// Legend are the signs of the page.
func (p *GPUs) Legend() [][2]string {
	return [][2]string{
		{"– free", "nobody has it: no run, no claim, no process"},
		{"– kept off", "nobody has it, and keep_off of its host keeps runs off it"},
		{unseen, "by somebody whose processes are not listed: another container's, for one"},
		{"! ...", "what is wrong with it, the gravest of it"},
		{"? ...", "who had it when it was read last, which is a while ago"},
		{"0/1", "slice 1 (MIG) of GPU 0; sums and free GPUs count whole GPUs"},
		{"busy", "the share of the last second in which any kernel ran, however small"},
		{"SM", "the share of multiprocessors at work; coloured: few of them, though it is busy"},
		{"tensor HBM", "the share of the tensor cores' time, and of the memory's bandwidth; coloured: near its limit, which is good"},
		{"MFU", "what the run that has it makes of the dense BF16 peak of all its GPUs"},
	}
}

// Update takes in a message.
func (p *GPUs) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Readings:
		p.Hear(msg)
	case page.Tick:
		p.now = max(p.now, msg.Now)
	case page.Data:
		p.open = msg.Focus.Experiment
		return nil
	case page.Reply:
		p.changed()
	case answer:
		if msg.to != &p.asker {
			return nil
		}
		if msg.speeds == nil {
			msg.speeds = p.answer.speeds
		}
		p.answer = msg
		p.answered(msg, p.now)
		p.settle()
		p.arrange()
	default:
		return p.mouse(msg)
	}
	return p.due(p.now, p.speeds())
}

// Hear takes in readings, also while the page is not on the screen.
func (p *GPUs) Hear(msg page.Readings) {
	p.take(msg.Nodes, msg.Now)
	p.settle()
	p.look(msg.Now)
	p.arrange()
}

// settle works out the rows by the experiment file of now.
func (p *GPUs) settle() {
	p.off = map[string][]string{}
	if p.site.File != nil {
		for _, h := range p.site.File.Hosts {
			p.off[h.Name] = h.KeepOff
		}
	}
	p.fleet.settle()
}

// Inherit brings in what another page, which is used no more, heard so far.
func (p *GPUs) Inherit(was *GPUs) {
	p.nodes, p.watch, p.now = was.nodes, was.watch, was.now
	p.settle()
	p.arrange()
}

// mouse takes in the mouse, and the keys of the filter.
func (p *GPUs) mouse(msg tea.Msg) tea.Cmd {
	switch {
	case p.chooser != nil:
		if p.chooser.update(msg) {
			return p.begin()
		}
	case p.zoomed:
		if wheel, ok := msg.(page.Wheel); ok {
			p.table.Move(wheel.Lines)
		}
	case p.update(msg, p.top):
		return p.openRun()
	}
	return nil
}

// speeds reads how fast the runs train that have GPUs, once in a while.
func (p *GPUs) speeds() func(*answer) {
	if p.now < p.speedAt || p.site.Store == nil {
		return nil
	}
	if !p.pending && p.site.Client != nil && p.now >= p.next {
		p.speedAt = p.now + speedEvery
	}
	s := p.site.Store
	var runs []string
	for _, d := range p.all() {
		if id := d.user.run; id != "" && !slices.Contains(runs, id) {
			runs = append(runs, id)
		}
	}
	return func(x *answer) {
		for _, r := range x.status.Runs {
			if len(r.GPUs) > 0 && !slices.Contains(runs, r.ID) {
				runs = append(runs, r.ID)
			}
		}
		x.speeds = readSpeeds(s, runs)
	}
}

// arrange makes the rows of what is known.
func (p *GPUs) arrange() {
	p.table.SetRows(p.ids) // before the columns: they know no row that is gone
	p.columns()
}

// columns sees to it that the table has those of now, and its groups.
func (p *GPUs) columns() {
	list, heads := p.layout.columns()
	if slices.Equal(heads, p.heads) {
		return
	}
	p.heads = heads
	p.table.SetColumns(list)
	if grouped := p.layout.several() && !p.layout.apart; p.table.Grouped() != grouped {
		p.table.Group(nil, false)
		if grouped {
			p.table.Group(func(id string) string { return p.devices[id].node.Name }, false)
		}
	}
}

// zoom gives the pane all the room, for a GPU or for all of its machine, or takes it back.
func (p *GPUs) zoom(whole bool) func() tea.Cmd {
	return page.Do(func() { p.zoomed, p.whole = !p.zoomed || p.whole != whole, whole })
}

// sortable are the columns that the rows can be sorted by.
func (p *GPUs) sortable() []string {
	return slices.DeleteFunc(p.table.Chosen(), func(key string) bool { return key == "curve" })
}

func (p *GPUs) toggleHosts() tea.Cmd {
	if len(p.nodes) < 2 {
		return page.Answer("all GPUs are of one machine")
	}
	p.layout.apart = !p.layout.apart
	p.columns()
	return nil
}

// picked are the devices that a key is for.
func (p *GPUs) picked() (list []*device) {
	for _, id := range p.table.Picked() {
		if d := p.devices[id]; d.node.hollow == nil {
			list = append(list, d)
		}
	}
	return list
}

// openRun opens the run that has a GPU; of a node it shows the GPUs, or hides them.
func (p *GPUs) openRun() tea.Cmd {
	if _, _, ok := p.table.CursorGroup(); ok && len(p.table.Marked()) == 0 {
		p.table.Fold()
		return nil
	}
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
