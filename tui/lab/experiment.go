// Package lab is the page of one experiment, where its question fills itself in,
// and the list of all experiments.
package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Experiment is one experiment: its question filling itself in.
type Experiment struct {
	site    *page.Site
	name    string
	design  *experiments.Plan // as the file has it now; nil if it does not
	plan    *experiments.Plan // as it was last run; the file's if it never was
	ran     bool              // the store has a plan of it
	differs bool              // the two have other runs, or run them in another way

	places    map[string]int            // of the plan's cells by name
	records   map[string]store.Record   // by run id
	histories map[string]*store.History // the feed's: nothing in them is changed
	metrics   []string                  // all that the runs have
	behind    bool                      // more of their points is being read
	rows      []string                  // run ids in the order of the table
	shown     []string                  // of these, those that the table has
	marks     store.Marks
	states    map[string]store.State // of rows, by run id
	all       bool                   // hidden runs are shown
	cursor    string                 // a run id: the cursor stays on the run, not on the row
	moved     bool                   // by the user; until then it is where something goes on
	marked    map[string]bool
	lost      map[string]int // attempts of runs that the engine was woken for, by id
	zoom      zoom
	second    string // metric of the second chart; "" for the course
	log       []string
	phase     string
}

// NewExperiment is the page of an experiment of the file or of the store.
func NewExperiment(site *page.Site, name string) *Experiment {
	p := &Experiment{
		site: site, name: name, records: map[string]store.Record{},
		histories: map[string]*store.History{}, marked: map[string]bool{}, lost: map[string]int{},
	}
	p.redesign()
	return p
}

// take brings an update in.
func (p *Experiment) take(u store.Update) {
	if u.Fresh {
		p.histories = map[string]*store.History{}
	}
	p.plan, p.ran, p.marks = u.Plan, u.Plan != nil, u.Marks
	p.compare()
	clear(p.records)
	for _, r := range u.Records {
		p.records[r.ID] = r
	}
	maps.Copy(p.histories, u.Histories)
	p.metrics, p.behind = u.Metrics, u.Behind
	if u.Focus.Run == p.cursor {
		p.log, p.phase = u.Log, u.Phase
	}
	p.arrange()
}

// compare sets the file's design beside the one that was last run.
func (p *Experiment) compare() {
	design := p.site.Design(p.name)
	p.design = design
	if !p.ran {
		p.plan = design
	}
	p.differs = p.plan != nil && design != nil && p.difference() != ""
}

// redesign takes in what the file has now.
func (p *Experiment) redesign() {
	p.compare()
	p.arrange()
}

// arrange orders the table: the plan's runs by cell and seed, then those of
// earlier designs.
func (p *Experiment) arrange() {
	p.rows, p.places = p.rows[:0], map[string]int{}
	known := map[string]bool{}
	if p.plan != nil {
		for i, c := range p.plan.Cells {
			p.places[c.Name] = i
			for _, seed := range p.plan.Seeds {
				id := fmt.Sprintf("%s/%s/s%d", p.name, c.Name, seed)
				p.rows = append(p.rows, id)
				known[id] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.records)) {
		if !known[id] {
			p.rows = append(p.rows, id)
		}
	}
	p.show()
}

// first is where the cursor stands on opening: on the first run that is going.
func (p *Experiment) first() string {
	for _, id := range p.shown {
		if p.records[id].Status == store.Running {
			return id
		}
	}
	if len(p.shown) == 0 {
		return ""
	}
	return p.shown[0]
}

// point puts the cursor on a run.
func (p *Experiment) point(id string) {
	if id != p.cursor {
		p.cursor, p.log, p.phase = id, nil, ""
	}
}

func (p *Experiment) move(n int) {
	if len(p.shown) == 0 {
		return
	}
	p.moved = true
	p.point(p.shown[min(max(slices.Index(p.shown, p.cursor)+n, 0), len(p.shown)-1)])
}

func (p *Experiment) mark() {
	if p.cursor == "" {
		return
	}
	if p.marked[p.cursor] {
		delete(p.marked, p.cursor)
	} else {
		p.marked[p.cursor] = true
	}
	p.move(1)
}

// Focus is what the feed has to read for this page.
func (p *Experiment) Focus() store.Focus {
	f := store.Focus{Experiment: p.name, Metrics: p.watched()}
	if _, ok := p.records[p.cursor]; ok {
		f.Run = p.cursor
	}
	return f
}

// watched are the metrics whose series are on the screen, or tell how fast a run
// is that has no course.
func (p *Experiment) watched() []string {
	names := report.Watched(p.metric())
	has := func(name string) bool { _, found := slices.BinarySearch(p.metrics, name); return found }
	if p.second != "" {
		return append(names, p.second)
	}
	if !has(report.CourseName(has)) {
		others := p.others()
		names = append(names, others[:min(1, len(others))]...)
	}
	return names
}

// chosen are of the marked runs, else of the one under the cursor, those that a key
// is for. Who acts on a run looks at it: from then on the cursor stays there.
func (p *Experiment) chosen(want func(store.Record) bool) (ids []string) {
	p.moved = true
	for _, id := range p.shown {
		if p.marked[id] || len(p.marked) == 0 && id == p.cursor {
			if r, ok := p.records[id]; ok && want(r) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// stoppable reports whether there is something of a run to be stopped: it goes, it
// waits, or it was halted and keeps its memory and GPUs.
func stoppable(r store.Record) bool {
	return r.Status.Live() || r.Status == store.Paused && r.Started > 0 && r.Ended == 0
}

func (p *Experiment) stoppableIDs() (ids []string) {
	for _, id := range p.rows {
		if r, ok := p.records[id]; ok && stoppable(r) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Live is how many of its runs have not ended.
func (p *Experiment) Live() int { return p.count(store.Status.Live) }

// NeedsEngine reports whether there is something for an engine to do. Of a lost
// attempt it hears once: if nobody tries that again, it stays as it is.
func (p *Experiment) NeedsEngine() bool {
	needs := p.Live() > 0
	for id, r := range p.records {
		if r.Status == store.Lost && p.lost[id] < r.Attempt {
			p.lost[id] = r.Attempt
			needs = true
		}
	}
	return needs
}

func (p *Experiment) running() int {
	return p.count(func(s store.Status) bool { return s == store.Running || s == store.Stalled })
}

func (p *Experiment) count(want func(store.Status) bool) (n int) {
	for _, r := range p.records {
		if want(r.Status) {
			n++
		}
	}
	return n
}

// planDone counts the plan's runs, and those of them that are done.
func (p *Experiment) planDone() (done, of int) {
	for _, id := range p.rows {
		if p.cellOf(id) < 0 {
			continue // of an earlier design
		}
		of++
		if p.records[id].Status == store.Done {
			done++
		}
	}
	return done, of
}

// history is the points of a run, empty if it has none.
func (p *Experiment) history(id string) *store.History {
	if h := p.histories[id]; h != nil {
		return h
	}
	return &store.History{}
}

// cellOf is the place of a run's cell in the plan, -1 if it is of an earlier one.
func (p *Experiment) cellOf(id string) int {
	cell, _, _ := strings.Cut(strings.TrimPrefix(id, p.name+"/"), "/")
	if i, ok := p.places[cell]; ok {
		return i
	}
	return -1
}

// metric is what the experiment is judged by.
func (p *Experiment) metric() string {
	if p.plan == nil {
		return "eval/pass@1"
	}
	return p.plan.Objective.Metric
}

// afterStop says what becomes of a run that is stopped.
func (p *Experiment) afterStop() string {
	if p.plan != nil && p.plan.Recipe == experiments.Command {
		return "A new attempt starts its command again."
	}
	return "It keeps a checkpoint: r goes on from there."
}

// difference says in what the file's design is another than the one that was last
// run, which may have been with --set or --seeds; "" if it is not.
func (p *Experiment) difference() string {
	return strings.Join(p.design.Difference(p.plan).Words, "; ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
