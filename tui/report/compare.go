package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// MinSides is how many sides a comparison has at least.
const MinSides = 2

// MaxSides is how many it has at most.
const MaxSides = 8

// Comparison is two to eight sides beside each other: A and those that are set
// against it.
type Comparison struct {
	Metric    string   // that it is about
	Goal      string   // experiments.Max or Min; "": nobody said which is better
	Margin    float64  // within which cells count as equivalent; 0: nobody said
	Metrics   []string // that runs ended with: the objective first
	Sides     []Side
	Shared    []string      // the axes by which cells were matched
	Rows      []*CompareRow // that have cells of at least two sides
	Unmatched []string      // cells of one side alone
	LeftOut   []LeftOut
	Live      int               // runs that are not at rest
	Plan      *experiments.Plan // A's
	Chosen    *CompareRow       // of Rows, with its Detail; nil without rows
	Detail    CompareDetail     // of Chosen
	Scaling   []Scaling
	Cost      *experiments.Cost // prices; nil: nobody said
	Unread    error             // runs that could not be read

	alone map[*Unit]Interval // of cells that are in no row
	force bool               // verdicts where data or evaluations differ, too
}

// Side is one of the things that are compared.
type Side struct {
	Letter string
	Name   string // as it was asked for
	Label  string // the same in short
	Plan   *experiments.Plan
	Units  []*Unit
	Notes  []string // what was left out where its files were read
}

// Unit is a cell of a side with its runs, or one run.
type Unit struct {
	Label   string
	Cell    experiments.Cell
	Runs    []store.Record // that nobody distrusts, by seed
	Done    []store.Record // of them
	Planned int            // runs of the design, those left out among them
}

// CompareRow is a cell of each side, those of other sides set against A's.
type CompareRow struct {
	Key     string // stays the same while runs come and go
	Label   string
	Units   []*Unit    // by side; nil: it has none
	Means   []Interval // of the metric, by side
	Against []Contrast // by side: it less A; of A nothing
}

// CompareOptions say what is compared and what of it is read in full.
type CompareOptions struct {
	Names  []string
	Metric string // with or without its eval/; "": the objective of A's design
	Row    string // the key of the row whose detail is read; "": the first
	Side   int    // that is set against A in the detail; 0: the next

	Margin   float64        // within which cells count as equivalent, in the unit of the metric; 0: as A's design has it
	Force    bool           // a verdict where data or evaluations differ, too
	Markdown bool           // of Compare
	Read     ReadEvaluation // of files among the names; nil: no file is one
	Cost     *experiments.Cost
}

// Comparer reads comparisons, and keeps what cannot change any more. One goroutine
// at a time may use it.
type Comparer struct {
	store   *store.Store
	ledger  *store.Ledger
	kept    map[string]*experiments.Plan
	scores  map[string]*taskScores
	effects map[string]knownEffect
	tested  map[string]tested
	curves  map[string]*followed
	spent   map[string]UnitCost
	uses    Uses
	fits    map[string]*FitLine
	progs   map[string]map[string]store.Sample
	words   map[string]string // one copy of each id of a task
	given   map[string]given  // runs that are files, by id
}

// NewComparer reads from a store.
func NewComparer(s *store.Store) *Comparer {
	return &Comparer{
		store: s, ledger: store.OpenLedger(s), kept: map[string]*experiments.Plan{}, scores: map[string]*taskScores{}, effects: map[string]knownEffect{}, tested: map[string]tested{},
		curves: map[string]*followed{}, spent: map[string]UnitCost{}, fits: map[string]*FitLine{}, progs: map[string]map[string]store.Sample{}, words: map[string]string{}, given: map[string]given{},
	}
}

// Compare reads all that is to be said about two to eight sides now.
func (c *Comparer) Compare(o CompareOptions) (*Comparison, error) {
	if n := len(o.Names); n < MinSides || n > MaxSides {
		return nil, fmt.Errorf("compare: want %d to %d names of runs, cells or experiments, got %d; %s", MinSides, MaxSides, n, c.such(o.Names))
	}
	if err := checkMargin(o); err != nil {
		return nil, err
	}
	out := &Comparison{alone: map[*Unit]Interval{}, force: o.Force, Cost: o.Cost}
	for i, name := range o.Names {
		side, err := c.side(name, o.Read)
		if err != nil {
			return nil, err
		}
		side.Letter = string(rune('A' + i))
		out.Sides = append(out.Sides, side)
	}
	out.tellApart()
	if err := c.fill(out); err != nil {
		return nil, err
	}
	out.Plan = out.Sides[0].Plan
	out.Metrics = out.metrics()
	objective := out.Plan.Objective.Metric
	out.Metric = cmp.Or(called(o.Metric, append([]string{objective}, out.Metrics...)), objective)
	out.Goal = out.goalOf(out.Metric)
	if out.Margin = out.marginOf(out.Metric); o.Margin > 0 {
		out.Margin = o.Margin
	}
	if IsRate(out.Metric) && out.Margin >= 1 {
		return nil, fmt.Errorf("compare: a margin of %v for %s, which is a rate: want less than 1; 0.02 are 2 points", out.Margin, out.Metric)
	}
	if err := c.rows(out); err != nil {
		return nil, err
	}
	return out, c.detail(out, o)
}

// such says where names are to be had: the first cells of the only experiment that was named.
func (c *Comparer) such(names []string) string {
	if len(names) == 1 {
		if p, err := c.store.ReadPlan(names[0]); err == nil && len(p.Cells) >= MinSides {
			cell := func(i int) string { return p.Experiment + "/" + strings.ReplaceAll(p.Cells[i].Label(), "×", "x") }
			return fmt.Sprintf("such as `ablate compare %s %s`", cell(0), cell(1))
		}
	}
	return "`ablate ls` has them"
}

// tellApart gives sides whose short names are the same longer ones.
func (c *Comparison) tellApart() {
	same := func(i int) bool {
		return slices.ContainsFunc(c.Sides, func(s Side) bool { return s.Letter != c.Sides[i].Letter && s.Label == c.Sides[i].Label })
	}
	longer := make([]string, len(c.Sides))
	for i, s := range c.Sides {
		if longer[i] = s.Label; same(i) {
			longer[i] = s.Name
		}
	}
	for i := range c.Sides {
		c.Sides[i].Label = longer[i]
	}
}

// fill looks at the runs of all units, and leaves out those that are distrusted.
func (c *Comparer) fill(out *Comparison) error {
	var ids []string
	known := map[string]bool{}
	for _, s := range out.Sides {
		for _, u := range s.Units {
			for _, r := range u.Runs {
				if _, ok := c.given[r.ID]; !ok && !known[r.ID] {
					known[r.ID], ids = true, append(ids, r.ID)
				}
			}
		}
	}
	records, unread := c.ledger.Look(ids)
	marks, err := store.ReadMarks(c.store)
	if err != nil {
		return err
	}
	records, out.LeftOut = Trusted(marks, records)
	byID := make(map[string]store.Record, len(records)+len(c.given))
	for id, g := range c.given {
		byID[id] = g.record
	}
	for _, r := range records {
		byID[r.ID] = r
		if r.Status.Live() {
			out.Live++
		}
	}
	for _, s := range out.Sides {
		for _, u := range s.Units {
			u.take(byID)
		}
	}
	out.Unread = unread
	return nil
}

// take replaces the places of a unit's runs by their records.
func (u *Unit) take(byID map[string]store.Record) {
	var runs []store.Record
	for _, r := range u.Runs {
		if r, ok := byID[r.ID]; ok {
			runs = append(runs, r)
			if r.Status == store.Done {
				u.Done = append(u.Done, r)
			}
		}
	}
	u.Runs = runs
	if len(runs) > 0 && u.Cell.Params == nil {
		u.Cell.Params = runs[0].Params
	}
}

// metrics are those that any run ended with, the objective first, then evaluations,
// then what else there is.
func (c *Comparison) metrics() []string {
	seen := map[string]bool{}
	for _, s := range c.Sides {
		for _, u := range s.Units {
			for _, r := range u.Done {
				for name := range r.Metrics {
					seen[name] = name != "train/total_steps" && name != "train/epoch" // how far it is says nothing of how good
				}
			}
		}
	}
	maps.DeleteFunc(seen, func(_ string, counts bool) bool { return !counts })
	rank := func(name string) int {
		switch {
		case name == c.Plan.Objective.Metric:
			return 0
		case strings.HasPrefix(name, "eval/") && strings.Count(name, "/") == 1:
			return 1
		case name == CourseName(func(n string) bool { return seen[n] }):
			return 2
		case strings.HasPrefix(name, "eval/verdict/"):
			return 4
		}
		return 3
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
}

// goalOf says which values of a metric are better.
func (c *Comparison) goalOf(metric string) string {
	plans := make([]*experiments.Plan, len(c.Sides))
	for i, s := range c.Sides {
		plans[i] = s.Plan
	}
	return GoalOf(metric, plans...)
}

// GoalOf says which values of a metric are better: the design for its objective,
// the name for what everybody counts in one direction, and else nobody ("").
func GoalOf(metric string, plans ...*experiments.Plan) string {
	for _, p := range plans {
		if p.Objective.Metric == metric {
			return p.Objective.Goal
		}
	}
	last := metric[strings.LastIndexByte(metric, '/')+1:]
	switch {
	case strings.HasPrefix(last, "pass@"), strings.HasPrefix(last, "avg@"), last == "reward", last == "tokens_per_s", metric == "eval/verdict/AC":
		return experiments.Max
	case strings.HasSuffix(last, "loss"), last == "seconds", last == "golden_error":
		return experiments.Min
	}
	return ""
}

// Count is how many runs of a unit ended so.
func (u *Unit) Count(status store.Status) (n int) {
	for _, r := range u.Runs {
		if r.Status == status {
			n++
		}
	}
	return n
}

// Words are how many of its runs are done, and how many never will be by themselves:
// "2/3, 1 failed".
func (u *Unit) Words() string {
	parts := []string{fmt.Sprintf("%d/%d", len(u.Done), u.Planned)}
	for _, s := range []store.Status{store.Failed, store.Lost} {
		if n := u.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}
