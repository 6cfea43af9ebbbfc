package report

import (
	"cmp"
	"errors"
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
	Unread    error // runs that could not be read

	alone map[*Unit]Interval // of cells that are in no row
}

// Side is one of the things that are compared.
type Side struct {
	Letter string
	Name   string // as it was asked for
	Label  string // the same in short
	Plan   *experiments.Plan
	Units  []*Unit
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
	Metric string // "": the objective of A's design
	Row    string // the key of the row whose detail is read; "": the first
	Side   int    // that is set against A in the detail; 0: the next

	Margin   float64        // within which cells count as equivalent, in the unit of the metric; 0: as A's design has it
	Force    bool           // a verdict where data or evaluations differ, too
	Markdown bool           // of Compare
	Read     ReadEvaluation // of files among the names; nil: no file is one
}

// Comparer reads comparisons, and keeps what cannot change any more. One goroutine
// at a time may use it.
type Comparer struct {
	store   *store.Store
	ledger  *store.Ledger
	kept    map[string]*experiments.Plan
	scores  map[string]*taskScores
	effects map[string]knownEffect
	curves  map[string]*followed
	spent   map[string]UnitCost
	uses    Uses
	fits    map[string]*FitLine
	progs   map[string]map[string]store.Sample
	words   map[string]string // one copy of each id of a task
}

// NewComparer reads from a store.
func NewComparer(s *store.Store) *Comparer {
	return &Comparer{
		store: s, ledger: store.OpenLedger(s), kept: map[string]*experiments.Plan{}, scores: map[string]*taskScores{}, effects: map[string]knownEffect{},
		curves: map[string]*followed{}, spent: map[string]UnitCost{}, fits: map[string]*FitLine{}, progs: map[string]map[string]store.Sample{}, words: map[string]string{},
	}
}

// Compare reads all that is to be said about two to eight sides now.
func (c *Comparer) Compare(o CompareOptions) (*Comparison, error) {
	if n := len(o.Names); n < MinSides || n > MaxSides {
		return nil, fmt.Errorf("compare: want %d to %d names of runs, cells or experiments, got %d", MinSides, MaxSides, n)
	}
	out := &Comparison{alone: map[*Unit]Interval{}}
	for i, name := range o.Names {
		side, err := c.side(name)
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
	if out.Metric = o.Metric; out.Metric == "" {
		out.Metric = out.Plan.Objective.Metric
	}
	out.Goal = out.goalOf(out.Metric)
	if err := c.rows(out); err != nil {
		return nil, err
	}
	return out, c.detail(out, o)
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
				if !known[r.ID] {
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
	byID := make(map[string]store.Record, len(records))
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

// goalOf says which values of a metric are better: the design for its objective,
// the name for what everybody counts in one direction, and else nobody.
func (c *Comparison) goalOf(metric string) string {
	for _, s := range c.Sides {
		if s.Plan.Objective.Metric == metric {
			return s.Plan.Objective.Goal
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

// rows matches the cells of the sides and works out the metric of each.
func (c *Comparer) rows(out *Comparison) error {
	matched, single := out.matched()
	if len(matched) > 0 && !single {
		for _, s := range matched[0].Shared {
			out.Shared = append(out.Shared, s.Name)
		}
	}
	var errs []error
	for _, m := range matched {
		row, alone := out.row(m, single)
		if alone < 0 {
			out.Rows = append(out.Rows, row)
			continue
		}
		u := row.Units[alone]
		out.Unmatched = append(out.Unmatched, out.Sides[alone].Letter+" "+u.Label)
		e, err := c.estimate(u, out.Metric)
		out.alone[u], errs = e, append(errs, err)
	}
	for _, row := range out.Rows { // now that it is known how many there are
		var err error
		row.Means, row.Against, err = c.across(out, row, out.Metric)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// matched are the cells that stand beside each other. Where every side is a single
// one they do, whatever they are.
func (c *Comparison) matched() (rows []experiments.Matched, single bool) {
	designs := make([][]experiments.Cell, len(c.Sides))
	single = true
	for i, s := range c.Sides {
		for _, u := range s.Units {
			designs[i] = append(designs[i], u.Cell)
		}
		single = single && len(s.Units) == 1
	}
	if single {
		return []experiments.Matched{{Cells: make([]int, len(designs))}}, true
	}
	return experiments.Match(designs), false
}

// row is the row of matched cells; alone is the only side that has one, -1 if several
// have.
func (c *Comparison) row(m experiments.Matched, single bool) (row *CompareRow, alone int) {
	row = &CompareRow{Units: make([]*Unit, len(m.Cells)), Label: CellLabel(m.Shared)}
	var have []int
	for i, at := range m.Cells {
		if at >= 0 {
			row.Units[i] = c.Sides[i].Units[at]
			row.Key += fmt.Sprintf("%d %s\n", i, row.Units[i].Cell.Name)
			have = append(have, i)
		}
	}
	first := row.Units[have[0]]
	if row.Label == "" || !single && len(first.Cell.Axes) > len(m.Shared) {
		row.Label = first.Label
	}
	if len(have) == 1 {
		return row, have[0]
	}
	return row, -1
}

// across are the means of a metric by side, and the differences from A.
func (c *Comparer) across(out *Comparison, row *CompareRow, metric string) ([]Interval, []Contrast, error) {
	means, against := make([]Interval, len(row.Units)), make([]Contrast, len(row.Units))
	var errs []error
	for i, u := range row.Units {
		var err error
		means[i], err = c.estimate(u, metric)
		errs = append(errs, err)
		if i == 0 {
			continue
		}
		against[i], err = c.contrast(row.Units[0], u, metric)
		against[i].A, against[i].B, against[i].Goal = out.Sides[0].Letter, out.Sides[i].Letter, out.goalOf(metric)
		against[i].Family = out.family()
		against[i].Verdict, against[i].Words = verdictOf(against[i])
		errs = append(errs, err)
	}
	return means, against, errors.Join(errs...)
}

// family is how many comparisons of one metric there are.
func (c *Comparison) family() (n int) {
	for _, row := range c.Rows {
		for _, u := range row.Units[1:] {
			if u != nil && row.Units[0] != nil && !sharedRuns(u.Runs, row.Units[0].Runs) {
				n++
			}
		}
	}
	return n
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
