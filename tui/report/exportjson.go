package report

import (
	"errors"
	"io"
	"maps"
	"math"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// exportVersion is raised when a key of Exported changes its meaning or goes.
const exportVersion = 1

// Exported is what `export EXP --format json` writes of one experiment; of several it
// is an array of them.
type Exported struct {
	Version     int            `json:"version"`
	Experiment  string         `json:"experiment"`
	Title       string         `json:"title"`
	Question    string         `json:"question"`
	Metric      string         `json:"metric"`   // that the comparisons are about
	Goal        string         `json:"goal"`     // max, min, or "": nobody said which is better
	Baseline    string         `json:"baseline"` // the cell that the others are set against
	Picked      bool           `json:"picked"`   // it is the best by its mean, picked after looking
	Design      exportedDesign `json:"design"`
	Cells       []exportedCell `json:"cells"`
	Comparisons []contrastDoc  `json:"comparisons"`
	Findings    []Answer       `json:"findings"`
	LeftOut     []LeftOut      `json:"left_out"`
	Fits        *FitsDoc       `json:"fits"` // as fit prints them; null: no axis has three sizes with a result
	See         *See           `json:"see"`  // what the design could see in the metric, as plan prints it; null: some cells alone
	Cost        *CostTable     `json:"cost"` // of all its runs, likewise; null: nobody said what things cost, nor which model is trained
	Provenance  reportOrigin   `json:"provenance"`
}

// exportedDesign is what was asked.
type exportedDesign struct {
	Axes      []string              `json:"axes"`
	Seeds     []int64               `json:"seeds"`
	Equal     string                `json:"equal"` // what all cells have as much of, "": nobody said
	Recipe    string                `json:"recipe"`
	Version   int                   `json:"recipe_version"`
	Objective experiments.Objective `json:"objective"`
	Fixed     experiments.Params    `json:"fixed"` // parameters with one value in all cells
}

// exportedCell is one cell with what its runs came to.
type exportedCell struct {
	Cell    string                    `json:"cell"`
	Axes    experiments.Params        `json:"axes"`
	Done    int                       `json:"done"`
	Planned int                       `json:"planned"`
	Runs    []Row                     `json:"runs"`
	Metrics map[string]exportedMetric `json:"metrics"`
}

// exportedMetric is a metric over the seeds that are done.
type exportedMetric struct {
	Mean  *float64    `json:"mean"` // null: n < k, or a value is no number
	SD    *float64    `json:"sd"`   // between seeds; null with one
	N     int         `json:"n"`    // seeds
	CI    *[2]float64 `json:"ci"`   // 95 %; null where nothing tells of the spread
	Tasks int         `json:"tasks"`
}

func (e *exporter) json(w io.Writer, names []string) error {
	all, err := e.studies(names, false)
	if err != nil {
		return err
	}
	docs := make([]Exported, len(all))
	for i, s := range all {
		if docs[i], err = e.document(s); err != nil {
			return err
		}
	}
	if len(docs) == 1 {
		return writeJSON(w, docs[0])
	}
	return writeJSON(w, docs)
}

// document is a study as JSON has it.
func (e *exporter) document(s *study) (Exported, error) {
	p := s.plan
	fixed, _ := s.params()
	doc := Exported{
		Version: exportVersion, Experiment: p.Experiment, Title: p.Title, Question: p.Question, Metric: s.compared.Metric, Goal: s.compared.Goal,
		Baseline: s.compared.Sides[0].Units[0].Cell.Name, Picked: s.picked,
		Design:   exportedDesign{p.Axes, p.Seeds, p.Equal, p.Recipe, p.RecipeVersion, p.Objective, fixed},
		Findings: append([]Answer{}, s.answers...), LeftOut: append([]LeftOut{}, s.leftOut...), See: s.see, Cost: s.cost, Provenance: s.origin(),
	}
	marks, err := store.ReadMarks(e.store)
	if err != nil {
		return doc, err
	}
	uses, unknown := usesOf(e.store, s.records)
	e.reading(unknown)
	for _, u := range s.units {
		cell, err := s.exportedCell(u, marks, uses)
		if err != nil {
			return doc, err
		}
		doc.Cells = append(doc.Cells, cell)
	}
	if s.fits != nil {
		fits := s.fits.document()
		doc.Fits = &fits
	}
	compared, err := s.comparer.document(s.compared)
	doc.Comparisons = compared.Comparisons
	return doc, err
}

func (s *study) exportedCell(u *Unit, marks store.Marks, uses map[string]Use) (exportedCell, error) {
	c := exportedCell{
		Cell: u.Cell.Name, Axes: experiments.Params{}, Done: len(u.Done), Planned: u.Planned, Runs: []Row{}, Metrics: map[string]exportedMetric{},
	}
	for _, a := range u.Cell.Axes {
		c.Axes[a.Name] = a.Value
	}
	for _, r := range u.Runs {
		row := NewRow(r, marks)
		if use, ok := uses[r.ID]; ok {
			row.GPU = &use
		}
		c.Runs = append(c.Runs, row)
	}
	var errs []error
	for _, name := range s.compared.Metrics {
		runs := u.having(name)
		if len(runs) == 0 {
			continue
		}
		m, err := s.comparer.mean(u, name)
		errs = append(errs, err)
		x := exportedMetric{Mean: finite(m.Mean), N: len(runs), CI: between(m.Spread()), Tasks: m.Tasks}
		if !math.IsNaN(m.Mean) {
			x.SD = finite(stats.SD(finals(runs, name)))
		}
		c.Metrics[name] = x
	}
	return c, errors.Join(errs...)
}

// params are the parameters that all cells have with the same value, and the names
// of the others.
func (s *study) params() (fixed experiments.Params, differing []string) {
	all := make([]experiments.Params, len(s.units))
	for i, u := range s.units {
		all[i] = u.Cell.Params
	}
	differing = experiments.Differing(all)
	fixed = experiments.Params{}
	maps.Copy(fixed, all[0])
	for _, name := range differing {
		delete(fixed, name)
	}
	return fixed, differing
}
