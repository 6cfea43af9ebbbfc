// Package lab is the page of one experiment, where its question fills itself in,
// and the list of all experiments.
//
//	store.Update -> study -> runTable  rows, columns, filter, marks
//	                      -> grid      the matrix; scaling draws it along an axis
//	                      -> curves    charts over the course of the runs
//	                      -> forecast  how far it is, what it takes
//	                      -> verdict   what the statistics say
//
// A study has a version: what is made of it stays until that is another, so that
// to draw costs little.
package lab

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Experiment is the page of one experiment.
type Experiment struct {
	*screen
	verbs verbs
	moves moves
	lost  map[string]int // attempts of runs that the engine was woken for, by id
}

// screen is what the page shows, part by part, and which of them has the keys.
type screen struct {
	study    *study
	runs     *runTable
	grid     *grid
	curves   *curves
	scaling  *scaling
	forecast *forecast
	verdict  *verdict
	columns  chooser
	log      runLog

	focus pane
	whole bool // the pane with the keys has all the room
	drawn layout
}

// NewExperiment is the page of an experiment of the file or of the store.
func NewExperiment(site *page.Site, name string) *Experiment {
	s := newStudy(site, name)
	g := &grid{axes: axes{study: s}}
	on := &screen{
		study: s, runs: newRunTable(s), grid: g, scaling: &scaling{grid: g}, curves: &curves{study: s},
		forecast: &forecast{study: s}, verdict: &verdict{study: s, grid: g},
	}
	on.columns.table = on.runs
	on.runs.take()
	return &Experiment{screen: on, verbs: verbs{on}, moves: moves{on}, lost: map[string]int{}}
}

// Title is the name of the experiment.
func (p *Experiment) Title() string { return p.study.name }

// Typing is the case while a filter is written or a column looked for.
func (p *Experiment) Typing() bool { return p.typing() }

func (p *screen) typing() bool { return p.runs.filter.Typing() || p.columns.open }

// View draws the page.
func (p *Experiment) View(l look.Look, w, h int) []string { return p.view(l, w, h) }

// Back leaves the innermost layer: what is typed, the room of a pane, a crosshair,
// the pane, the filter.
func (p *Experiment) Back() bool {
	switch {
	case p.columns.open:
		p.columns.open = false
	case p.runs.filter.Typing():
		p.runs.filter.Clear()
	case p.chart() != nil && p.chart().Back():
	case p.whole:
		p.whole = false
	case p.focus != paneRuns:
		p.focus, p.grid.moved = paneRuns, false
	default:
		return p.runs.filter.Clear()
	}
	return true
}

// Update takes in a message.
func (p *Experiment) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Data:
		if msg.Focus.Experiment == p.study.name {
			p.take(msg.Update)
			return tea.Batch(p.verdict.ask(), p.scaling.askLaws())
		}
	case page.Source:
		p.study.redesign()
		p.runs.take()
	case page.Tick:
		p.verdict.now = msg.Now
		return tea.Batch(p.verdict.ask(), p.scaling.askLaws(), p.forecast.ask(msg.Now), p.runs.askHosts())
	case verdictMsg:
		p.verdict.hear(msg)
	case lawsMsg:
		p.scaling.hearLaws(msg)
	case billMsg:
		p.forecast.hear(msg)
		p.runs.hearUses(msg)
	case hostsMsg:
		p.runs.hearHosts(msg)
	case page.Click:
		if p.click(msg) {
			return p.moves.enter()
		}
	case page.Wheel:
		p.wheel(msg)
	case tea.KeyPressMsg, tea.PasteMsg:
		if p.columns.open {
			p.columns.press(msg)
		} else if p.runs.filter.Typing() {
			p.runs.moved = true
			p.runs.filter.Update(msg)
		}
	}
	return nil
}

// take brings an update in.
func (p *screen) take(u store.Update) {
	p.study.take(u)
	p.runs.take()
	p.sync()
	if u.Focus.Run == p.log.run {
		p.log.said.Set(u.Log)
		p.log.phase = u.Phase
	}
}

// sync tells the parts where the cursor is and what is marked.
func (p *screen) sync() {
	cursor := p.runs.cursor()
	p.log.point(cursor)
	p.grid.point(cursor)
	cells := p.runs.markedCells()
	if cells != nil {
		p.curves.take(cells, true, cursor)
		return
	}
	p.curves.take(p.runs.table.Marked(), false, cursor)
}

// Focus is what the feed has to read for this page.
func (p *Experiment) Focus() store.Focus {
	p.sync()
	f := store.Focus{Experiment: p.study.name, Metrics: p.watched()}
	if _, ok := p.study.records[p.log.run]; ok {
		f.Run = p.log.run
	}
	return f
}

// watched are the metrics whose series are on the screen, or tell how fast a run
// is that has no course.
func (p *screen) watched() []string {
	objective, _ := p.study.objective()
	names := report.Watched(objective)
	add := func(more ...string) {
		for _, name := range more {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	has := func(name string) bool { _, found := slices.BinarySearch(p.study.metrics, name); return found }
	if p.curves.metric == "" && !has(report.CourseName(has)) {
		others := p.study.others()
		add(others[:min(1, len(others))]...)
	}
	add(p.curves.secondMetric(), p.grid.metric, xMetric(p.curves.objective.X()), xMetric(p.curves.second.X()))
	add(p.runs.say.metrics()...)
	add(p.runs.filter.Metrics()...)
	return names
}

// Live is how many of its runs have not ended.
func (p *Experiment) Live() int { return p.study.live() }

// NeedsEngine reports whether there is something for an engine to do. Of a lost
// attempt it hears once: if nobody tries that again, it stays as it is.
func (p *Experiment) NeedsEngine() bool {
	needs := p.Live() > 0
	for id, r := range p.study.records {
		if r.Status == store.Lost && p.lost[id] < r.Attempt {
			p.lost[id] = r.Attempt
			needs = true
		}
	}
	return needs
}

// State is how the experiment stands.
func (p *Experiment) State(l look.Look) []string {
	parts := p.forecast.state(l)
	if n := p.runs.hidden(); n > 0 {
		parts = append(parts, l.Muted.Render(fmt.Sprintf("%d hidden", n)))
	}
	return parts
}
