package report

import (
	"fmt"
	"io"
	"math"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/experiments/store"
)

// PlanCell is one cell of `plan EXP --json`.
type PlanCell struct {
	Axes  experiments.Params `json:"axes"`
	Seeds []int64            `json:"seeds"`
	Done  []int64            `json:"done"`
}

// Planned is `plan EXP --json`.
type Planned struct {
	Experiment string     `json:"experiment"`
	Cells      []PlanCell `json:"cells"`
	Runs       int        `json:"runs"`
	Estimate   Estimate   `json:"estimate"`

	GPUs      int                    `json:"gpus"`      // that each run holds
	Placement *experiments.Placement `json:"placement"` // which; null: any

	Limits     limits                  `json:"limits"`
	Projected  Projected               `json:"projected"`
	Difference *experiments.Difference `json:"difference"` // from the design in the store; null without one

	See  *See       `json:"see"`  // what the design could see; null where nobody looked
	Cost *CostTable `json:"cost"` // null: nobody said what things cost, nor which model is trained

	References []string              `json:"references"` // published series beside it
	Findings   []experiments.Finding `json:"findings"`   // what it asks
}

// Kept is what a store has of an experiment.
type Kept struct {
	Design  *experiments.Plan // as it was last run; nil: never
	Records []store.Record
	Spent   Spent
}

// Plan is `plan EXP`: what would run and what is done already, with an estimate
// at the speed of the runs that were measured in this store.
func Plan(w io.Writer, s *store.Store, p *experiments.Plan, o Ahead, asJSON bool) error {
	records, err := s.Records(p.Experiment)
	if err != nil {
		return err
	}
	spent, err := ReadSpent(records)
	if err != nil {
		return err
	}
	kept := Kept{Records: records, Spent: spent}
	kept.Design, _ = s.ReadPlan(p.Experiment) // without one there is nothing to compare with
	planned := NewPlanned(p, kept, o.Slots)
	see, err := SeeOf(s, p, records, o.Flags.See, o.Slots)
	if err != nil {
		return err
	}
	planned.See = &see
	planned.Cost = CostOf(s, p, kept, o.Cost)
	if asJSON {
		return writeJSON(w, planned)
	}
	return writePlan(w, p, planned)
}

// Differs says in what a design is another than the one in the store.
func Differs(w io.Writer, s *store.Store, p *experiments.Plan) {
	old, err := s.ReadPlan(p.Experiment)
	if err != nil {
		return
	}
	for _, line := range differenceLines(p.Difference(old)) {
		fmt.Fprintln(w, line)
	}
}

func differenceLines(d experiments.Difference) []string {
	if len(d.Words) == 0 {
		return nil
	}
	lines := []string{"the design is another than the one in the store:"}
	for _, words := range d.Words {
		lines = append(lines, "  "+plain(words))
	}
	return lines
}

// NewPlanned works out what is left to do on that many slots.
func NewPlanned(p *experiments.Plan, kept Kept, slots int) Planned {
	out := Planned{
		Experiment: p.Experiment, Cells: []PlanCell{}, Limits: newLimits(p.Limits), GPUs: p.GPUs, Placement: p.Placement,
		References: append([]string{}, p.References...), Findings: append([]experiments.Finding{}, p.Findings...),
	}
	for _, c := range Cells(p, kept.Records) {
		cell := PlanCell{Axes: experiments.Params{}, Seeds: p.Seeds, Done: []int64{}}
		for _, a := range c.Axes {
			cell.Axes[a.Name] = a.Value
		}
		for _, r := range c.Runs {
			if r.Status == store.Done {
				cell.Done = append(cell.Done, r.Seed)
			}
		}
		out.Runs += len(p.Seeds)
		out.Cells = append(out.Cells, cell)
	}
	if kept.Design != nil {
		d := p.Difference(kept.Design)
		out.Difference = &d
	}
	rest := remaining(p, kept.Records)
	wall := rest.seconds(slots)
	if !math.IsNaN(wall) {
		minutes := wall / 60
		out.Estimate.Minutes = &minutes
	}
	hours := rest.gpuHours(p.GPUs)
	if !math.IsNaN(hours) {
		out.Estimate.GPUHours = hours
	}
	out.Projected = Projected{
		Wall:     project(p.Limits.Wall, kept.Spent.Wall, wall),
		Runs:     project(float64(p.Limits.Runs), float64(kept.Spent.Runs), float64(len(rest.waiting))),
		GPUHours: project(p.Limits.GPUHours, kept.Spent.GPUHours, hours),
	}
	return out
}

func writePlan(w io.Writer, p *experiments.Plan, planned Planned) error {
	if _, err := fmt.Fprintln(w, heading(p)); err != nil {
		return err
	}
	if err := writeQuestions(w, p); err != nil {
		return err
	}
	if err := writeConduct(w, p, planned); err != nil {
		return err
	}
	head := make([]string, 0, len(p.Axes)+2)
	for _, a := range p.Axes {
		head = append(head, ">"+a)
	}
	head = append(head, ">done", "cell")
	rows := make([][]string, len(p.Cells))
	done := 0
	for i, c := range p.Cells {
		for _, a := range c.Axes {
			rows[i] = append(rows[i], fmt.Sprint(a.Value))
		}
		done += len(planned.Cells[i].Done)
		rows[i] = append(rows[i], fmt.Sprintf("%d/%d", len(planned.Cells[i].Done), len(p.Seeds)), c.Name)
	}
	if err := table(w, head, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s x %s = %s, %s; %s\n", Count(len(p.Cells), "cell"), Count(len(p.Seeds), "seed"),
		Count(planned.Runs, "run"), Reused(done), planned.Estimate.words())
	for _, line := range planned.Projected.lines(p.Limits) {
		_, err = fmt.Fprintln(w, line)
	}
	if err == nil && planned.See != nil {
		err = planned.See.write(w)
	}
	if err == nil && planned.Cost != nil {
		err = planned.Cost.write(w)
	}
	return err
}

// Reused says how many runs there are already.
func Reused(runs int) string {
	if runs == 0 {
		return "none done"
	}
	return fmt.Sprintf("%d reused (done with these parameters)", runs)
}

// writeConduct says how the runs are run, where that is not the usual, and what
// is other than it was.
func writeConduct(w io.Writer, p *experiments.Plan, planned Planned) error {
	var lines []string
	if p.Order != "breadth" {
		lines = append(lines, "order: "+p.Order)
	}
	if held := p.Holds(); held != "" {
		lines = append(lines, "each run holds "+plain(held))
	}
	if m := p.Model; m != nil {
		lines = append(lines, fmt.Sprintf("trains %s: %.4g FLOPs a token", m, m.FLOPsPerToken()))
	}
	for _, r := range p.Stop {
		lines = append(lines, "ends a run: "+plain(r.String()))
	}
	if planned.Difference != nil {
		lines = append(lines, differenceLines(*planned.Difference)...)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// writeQuestions says what the design asks, and what was published on it.
func writeQuestions(w io.Writer, p *experiments.Plan) error {
	var lines []string
	for _, f := range p.Findings {
		lines = append(lines, "asks: "+Question(f))
		if f.Paper != "" {
			lines = append(lines, "paper: "+f.Paper)
		}
	}
	for _, name := range p.References {
		if s, ok := reference.Lookup(name); ok {
			lines = append(lines, "published: "+publishedWords(s))
		}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
