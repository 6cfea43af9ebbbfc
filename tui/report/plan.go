package report

import (
	"fmt"
	"io"
	"slices"

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

// Estimate is what the runs that are left will take.
type Estimate struct {
	Minutes  *float64 `json:"minutes"` // null where nobody knows
	GPUHours float64  `json:"gpu_hours"`
}

// Planned is `plan EXP --json`.
type Planned struct {
	Experiment string     `json:"experiment"`
	Cells      []PlanCell `json:"cells"`
	Runs       int        `json:"runs"`
	Estimate   Estimate   `json:"estimate"`

	References []string              `json:"references"` // published series beside it
	Findings   []experiments.Finding `json:"findings"`   // what it asks
}

// Plan is `plan EXP`: what would run and what is done already, with an estimate
// at the speed of the runs that were measured in this store.
func Plan(w io.Writer, s *store.Store, p *experiments.Plan, slots int, asJSON bool) error {
	records, err := s.Records(p.Experiment)
	if err != nil {
		return err
	}
	planned := NewPlanned(p, records, slots)
	if asJSON {
		return writeJSON(w, planned)
	}
	return writePlan(w, p, planned)
}

// NewPlanned works out what is left to do on that many slots.
func NewPlanned(p *experiments.Plan, records []store.Record, slots int) Planned {
	out := Planned{
		Experiment: p.Experiment, Cells: []PlanCell{},
		References: append([]string{}, p.References...), Findings: append([]experiments.Finding{}, p.Findings...),
	}
	var left []float64 // FLOPs of every run that is not done
	known := len(p.FLOPs) == len(p.Cells)
	for i, c := range Cells(p, records) {
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
		if known {
			left = append(left, slices.Repeat([]float64{p.FLOPs[i]}, len(p.Seeds)-len(cell.Done))...)
		}
		out.Cells = append(out.Cells, cell)
	}
	if speed := speed(p, records); known && speed > 0 {
		minutes := Makespan(nil, left, slots) / speed / 60
		out.Estimate.Minutes = &minutes
	}
	return out
}

// speed is FLOP/s of a slot, from the runs of this plan that are done, or else
// what the recipe guesses.
func speed(p *experiments.Plan, records []store.Record) float64 {
	var flops, seconds float64
	for i, c := range Cells(p, records) {
		for _, r := range c.Runs {
			if r.Status == store.Done && i < len(p.FLOPs) {
				flops += p.FLOPs[i]
				seconds += r.Seconds
			}
		}
	}
	if seconds == 0 || flops == 0 {
		return p.Speed
	}
	return flops / seconds
}

func writePlan(w io.Writer, p *experiments.Plan, planned Planned) error {
	if _, err := fmt.Fprintln(w, heading(p)); err != nil {
		return err
	}
	if err := writeQuestions(w, p); err != nil {
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
	left := "how long the rest takes is not known"
	if planned.Estimate.Minutes != nil {
		left = fmt.Sprintf("about %s to go, no GPU", Duration(*planned.Estimate.Minutes*60))
	}
	_, err := fmt.Fprintf(w, "%s x %s = %s, %d done; %s\n",
		count(len(p.Cells), "cell"), count(len(p.Seeds), "seed"), count(planned.Runs, "run"), done, left)
	return err
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
			lines = append(lines, "published: "+s.String())
		}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
