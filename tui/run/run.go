// Package run is the page of one run: its curves, phases and verdicts, the
// programs that the model wrote, its log, its events, what it was run with, and
// why it failed.
package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/plot"
)

// Page is one run. It reads the run's own files, in Cmds: once a second what is
// small, and the points, the log and the programs as far as they are shown.
type Page struct {
	site     *page.Site
	id       string
	siblings []string // runs of the experiment in the order of its table
	aim      experiments.Objective
	state    store.State

	gen    int // of the run that is shown: answers about an earlier one are dropped
	reader *reader
	busy   bool // the reader is in a Cmd
	facts  facts
	now    float64
	queued string // why it waits, as the engine says
	asking bool   // the engine is being asked

	curves curves
	gpus   gpus
	model  *experiments.Model // that it trains; nil: nobody said
	plots  [2]plot.Plot

	focus  pane
	lower  pane // the pane under the charts
	chosen bool // the reader has chosen it
	whole  bool // the pane with the focus has all the room
	places places

	log     logPane
	samples samples
	events  scroll
	info    scroll
	why     scroll
	chooser chooser
}

// New is the page of a run; the first Tick begins to read it.
func New(site *page.Site, id string) *Page {
	p := &Page{site: site}
	p.show(id)
	return p
}

// show turns to a run; how it is looked at stays.
func (p *Page) show(id string) {
	p.id, p.gen, p.busy = id, p.gen+1, false
	p.facts, p.state, p.queued = facts{}, store.State{}, ""
	p.reader = newReader(p.site.Store, id)
	p.curves = curves{names: p.curves.names, chosen: p.curves.chosen, x: p.curves.x}
	p.gpus = gpus{}
	for i := range p.plots {
		p.plots[i].Xs = xAxes()
		p.plots[i].SetCursor(0, false)
	}
	p.log, p.samples = logPane{}, samples{}
	p.events, p.info, p.why = scroll{end: true}, scroll{}, scroll{}
	p.chooser = chooser{}
	if !p.chosen {
		p.lower = paneSamples
	}
}

// look reads what is small, one look at a time.
func (p *Page) look() tea.Cmd {
	if p.busy {
		return nil
	}
	p.busy = true
	r, gen := p.reader, p.gen
	return func() tea.Msg { return lookedMsg{gen: gen, facts: r.look()} }
}

// lookedMsg brings what a look found.
type lookedMsg struct {
	gen   int
	facts facts
}

// siblingsMsg brings the runs of the experiment.
type siblingsMsg struct {
	gen   int
	ids   []string
	aim   experiments.Objective
	model *experiments.Model
}

// findSiblings lists the runs of the experiment, where its page does not tell
// them.
func (p *Page) findSiblings() tea.Cmd {
	s, gen, name := p.site.Store, p.gen, p.experiment()
	if s == nil || slices.Contains(p.siblings, p.id) {
		return nil
	}
	return func() tea.Msg {
		plan, _ := s.ReadPlan(name) // without one, or its runs, there is nowhere to go
		ids, _ := s.RunIDs(name)
		if plan == nil {
			plan = &experiments.Plan{}
		}
		return siblingsMsg{gen, inOrder(runsOf(plan), ids), plan.Objective, plan.Model}
	}
}

// runsOf are the runs of a plan, in its order.
func runsOf(plan *experiments.Plan) (ids []string) {
	for _, r := range plan.Runs() {
		ids = append(ids, r.ID)
	}
	return ids
}

// inOrder are the runs that are there: those of a plan as it has them, then the
// others.
func inOrder(plan, there []string) (ids []string) {
	for _, id := range plan {
		if slices.Contains(there, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range there {
		if !slices.Contains(plan, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *Page) experiment() string {
	name, _, _ := strings.Cut(p.id, "/")
	return name
}

// Update takes in a message.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Tick:
		p.now = msg.Now
		return tea.Batch(p.look(), p.findSiblings(), p.askQueue())
	case page.Data:
		return p.takeData(msg.Update)
	case page.Reply:
		return p.look()
	case page.Click:
		return p.click(msg)
	case page.Wheel:
		return p.wheel(msg)
	case tea.KeyPressMsg, tea.PasteMsg:
		return p.typed(msg)
	case lookedMsg:
		if msg.gen == p.gen {
			p.busy = false
			return p.takeFacts(msg.facts)
		}
	case siblingsMsg:
		if msg.gen == p.gen {
			p.siblings, p.aim, p.model = msg.ids, msg.aim, msg.model
			return p.readPoints()
		}
	case queuedMsg:
		p.takeQueue(msg)
	case pointsMsg:
		return p.takePoints(msg)
	case gpusMsg:
		return p.gpus.take(msg, &p.facts)
	case logMsg:
		return p.takeLog(msg)
	case samplesMsg:
		return p.samples.take(msg)
	}
	return nil
}

// takeData takes from the feed what it has of this run: its page need not wait
// for its own look.
func (p *Page) takeData(u store.Update) tea.Cmd {
	if u.Focus.Experiment != p.experiment() {
		return nil
	}
	var plan, there []string
	if u.Plan != nil {
		plan, p.aim, p.model = runsOf(u.Plan), u.Plan.Objective, u.Plan.Model
	}
	changed := false
	for _, r := range u.Records {
		there = append(there, r.ID)
		if r.ID == p.id {
			old := p.facts.record
			changed = r.Status != old.Status || r.Attempt != old.Attempt || r.Reason != old.Reason
		}
	}
	p.siblings, p.state = inOrder(plan, there), u.Marks.Of(p.id)
	if changed {
		return p.look()
	}
	return nil
}

// takeFacts takes in a look, and reads on in what it says there is.
func (p *Page) takeFacts(f facts) tea.Cmd {
	if f.err != nil && p.facts.record.ID != "" { // it was there: what was read stays
		p.facts.err = f.err
		return nil
	}
	attempt := p.facts.record.Attempt
	p.facts, p.now = f, cmp.Or(p.now, f.now)
	if f.state != nil {
		p.state = *f.state
	}
	if f.record.Attempt != attempt {
		p.log, p.samples = logPane{}, samples{}
	}
	if !p.chosen {
		p.lower = p.usual()
		if p.focus = paneLeft; p.pointless() {
			p.focus = p.lower
		}
	}
	return tea.Batch(p.readPoints(), p.gpus.readOn(&p.facts), p.readLog(), p.readSamples())
}

// usual is the pane that a run is opened on: what has to be known of it.
func (p *Page) usual() pane {
	f := &p.facts
	switch {
	case p.card() != nil:
		return paneWhy
	case f.written > 0 && f.sampled > 0:
		return paneSamples
	case f.written > 0:
		return paneLog
	default:
		return paneEvents
	}
}

// turn goes to the run n places on in the experiment.
func (p *Page) turn(n int) tea.Cmd {
	at := slices.Index(p.siblings, p.id)
	to := at + n
	switch {
	case at < 0:
		return page.Answer("the runs of the experiment are being read")
	case to < 0:
		return page.Answer("this is its first run")
	case to >= len(p.siblings):
		return page.Answer(fmt.Sprintf("this is the last of its %d runs", len(p.siblings)))
	}
	p.show(p.siblings[to])
	return p.look()
}
