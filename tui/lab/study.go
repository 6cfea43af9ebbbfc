package lab

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// study is what is known of an experiment: its design as the file has it and as it
// was last run, its runs with their points, and what people said of them. Its
// version goes up whenever any of it changes, so that what is made of it is kept
// until then.
type study struct {
	design
	site    *page.Site
	file    *experiments.Plan // the design as the file has it now; nil if it does not
	ran     bool              // the store has a plan of it
	differs bool              // the two have other runs, or run them in another way

	records   map[string]store.Record   // by run id
	histories map[string]*store.History // the feed's: nothing in them is changed
	metrics   []string                  // all that the runs have, sorted
	behind    bool                      // more of their points is being read
	rows      []string                  // run ids: the plan's by cell and seed, then those of earlier designs
	uses      map[string]report.Use     // of GPUs, by run: as last read
	marks     store.Marks
	states    map[string]store.State // of rows, by run id
	widths    map[int]float64        // of intervals, by the number of values
	version   int
}

func newStudy(site *page.Site, name string) *study {
	s := &study{site: site, design: design{name: name}, records: map[string]store.Record{}, histories: map[string]*store.History{}, widths: map[int]float64{}}
	s.redesign()
	return s
}

// take brings an update in.
func (s *study) take(u store.Update) {
	if u.Fresh {
		s.histories = map[string]*store.History{}
	}
	s.plan, s.ran, s.marks = u.Plan, u.Plan != nil, u.Marks
	clear(s.records)
	for _, r := range u.Records {
		s.records[r.ID] = r
	}
	maps.Copy(s.histories, u.Histories)
	s.metrics, s.behind = u.Metrics, u.Behind
	s.redesign()
}

// redesign sets what the file has now beside what was last run.
func (s *study) redesign() {
	s.file = s.site.Design(s.name)
	if !s.ran {
		s.plan = s.file
	}
	s.differs = s.plan != nil && s.file != nil && s.difference() != ""
	s.arrange()
	s.version++
}

// arrange orders the runs, and finds what was said of them.
func (s *study) arrange() {
	if s.of != s.plan {
		s.place()
	}
	s.rows = append(s.rows[:0], s.ids...)
	var older []string
	for id := range s.records {
		if !s.planned(id) {
			older = append(older, id)
		}
	}
	slices.Sort(older)
	s.rows = append(s.rows, older...)
	s.states = make(map[string]store.State, len(s.rows))
	if s.marks.Len() == 0 {
		return
	}
	for _, id := range s.rows {
		s.states[id] = s.marks.Of(id)
	}
}

// axes are the values by which a run's cell differs from others.
func (s *study) axes(id string) []experiments.Setting {
	if w, ok := s.runs[id]; ok {
		return s.plan.Cells[w.cell].Axes
	}
	return s.records[id].Axes
}

// params are all parameters of a run.
func (s *study) params(id string) experiments.Params {
	if w, ok := s.runs[id]; ok {
		return s.plan.Cells[w.cell].Params
	}
	return s.records[id].Params
}

// seed is the seed of a run.
func (s *study) seed(id string) int64 {
	if w, ok := s.runs[id]; ok {
		return s.plan.Seeds[w.seed]
	}
	return s.records[id].Seed
}

// history is the points of a run, empty if it has none.
func (s *study) history(id string) *store.History {
	if h := s.histories[id]; h != nil {
		return h
	}
	return &store.History{}
}

// trusted reports whether a run counts in means.
func (s *study) trusted(id string) bool { return s.states[id].Distrusted == nil }

// objective is what the experiment is judged by, and whether the least is best.
func (s *study) objective() (metric string, least bool) {
	if s.plan == nil {
		return "eval/pass@1", false
	}
	return s.plan.Objective.Metric, s.plan.Objective.Goal == experiments.Min
}

// difference says in what the file's design is another than the one that was last
// run, which may have been with --set or --seeds; "" if it is not.
func (s *study) difference() string {
	return strings.Join(s.file.Difference(s.plan).Words, "; ")
}

// runName is the cell and the seed in short. A run of an earlier design says so,
// and has the whole name of its cell where that had other axes.
func (s *study) runName(id string) string {
	cell, seed, _ := strings.Cut(strings.TrimPrefix(id, s.name+"/"), "/")
	if i := s.cellOf(id); i >= 0 {
		return look.Harmless(report.CellLabel(s.plan.Cells[i].Axes)) + " " + seed
	}
	if axes := s.records[id].Axes; len(axes) > 0 && s.plan != nil && slices.EqualFunc(axes, s.plan.Axes, func(a experiments.Setting, name string) bool { return a.Name == name }) {
		cell = report.CellLabel(axes)
	}
	return "old " + look.Harmless(cell) + " " + seed
}

// nameWidth is how wide the plan's names are: other columns go before a name is cut,
// up to what a name may take.
func (s *study) nameWidth() int {
	const least, most = 12, 24
	cell, seed := 0, 0
	if s.plan != nil {
		for _, c := range s.plan.Cells {
			cell = max(cell, look.Width(look.Harmless(report.CellLabel(c.Axes))))
		}
		for _, k := range s.plan.Seeds {
			seed = max(seed, len(strconv.FormatInt(k, 10)))
		}
	}
	return min(max(cell+2+seed, least), most)
}

// groupName is a run's cell as it heads a group.
func (s *study) groupName(id string) string {
	name := s.runName(id)
	return name[:strings.LastIndexByte(name, ' ')]
}

// runHead names the axes in the order in which runName has their values.
func (s *study) runHead() string {
	if s.plan == nil || len(s.plan.Axes) == 0 {
		return "run"
	}
	const longest = 12 // a head must not push columns out
	if head := look.Harmless(strings.Join(s.plan.Axes, "×")); look.Width(head) <= longest {
		return head
	}
	return "run"
}
