package report

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// Cell is one cell of an experiment with what its runs came to.
type Cell struct {
	experiments.Cell
	Runs    []store.Record // one a seed, those that are there
	Done    int            // of them
	Scores  []float64      // the objective's metric of the runs that are done
	TooFew  bool           // samples a task for that metric: there are no scores
	Course  float64        // mean of their last loss or reward over the same, NaN if none
	Seconds float64        // mean of their duration
}

// Mean is the objective over the seeds that are done, NaN if none is.
func (c Cell) Mean() float64 { return stats.Mean(c.Scores) }

// SD is its standard deviation between seeds, NaN with fewer than two.
func (c Cell) SD() float64 { return stats.SD(c.Scores) }

// Cells folds the runs of a plan's seeds into its cells, in the plan's order.
func Cells(p *experiments.Plan, records []store.Record) []Cell {
	byID := make(map[string]store.Record, len(records))
	for _, r := range records {
		byID[r.ID] = r
	}
	at := make(map[string]int, len(p.Cells))
	cells := make([]Cell, len(p.Cells))
	course, seconds := make([][]float64, len(cells)), make([][]float64, len(cells))
	for i, c := range p.Cells {
		cells[i].Cell, at[c.Name] = c, i
		cells[i].TooFew = TooFew(p.Objective.Metric, c.Params)
	}
	for _, run := range p.Runs() {
		r, ok := byID[run.ID]
		i := at[run.Cell]
		if !ok {
			continue
		}
		cells[i].Runs = append(cells[i].Runs, r)
		if r.Status != store.Done {
			continue
		}
		cells[i].Done++
		seconds[i] = append(seconds[i], r.Seconds)
		if score, ok := r.Metrics[p.Objective.Metric]; ok && !cells[i].TooFew {
			cells[i].Scores = append(cells[i].Scores, score)
		}
		if v, ok := r.Metrics[courseIn(r.Metrics)]; ok {
			course[i] = append(course[i], v)
		}
	}
	for i := range cells {
		cells[i].Course, cells[i].Seconds = stats.Mean(course[i]), stats.Mean(seconds[i])
	}
	return cells
}

// Result writes the table of an experiment: a row a cell, its objective as mean
// over seeds with the spread between them, and with one seed the interval over
// the tasks alone.
func Result(w io.Writer, p *experiments.Plan, records []store.Record) error {
	head := append([]string{}, p.Axes...)
	for i := range head {
		head[i] = ">" + head[i]
	}
	one := len(p.Seeds) == 1
	head = append(head, ">done", ">"+ShortName(p.Objective.Metric))
	if one {
		head = append(head, "95 % over tasks")
	} else {
		head = append(head, ">sd of seeds", "each seed")
	}
	head = append(head, ">"+CourseWord(courseOfAll(records)), ">time")
	uses, some, unread := readUses(p, records)
	if some {
		head = append(head, ">GPU-hours", ">kWh", ">idle", ">MFU")
	}
	var rows [][]string
	for _, c := range Cells(p, records) {
		row := make([]string, 0, len(head))
		for _, a := range c.Axes {
			row = append(row, fmt.Sprint(a.Value))
		}
		row = append(row, fmt.Sprintf("%d/%d", c.Done, len(p.Seeds)))
		if row = append(row, number(c.Mean())); c.TooFew {
			row[len(row)-1] = FewSamples
		}
		if one {
			row = append(row, taskInterval(p, c))
		} else {
			row = append(row, number(c.SD()), eachSeed(c.Scores))
		}
		row = append(row, number(c.Course), Duration(c.Seconds))
		if some {
			row = append(row, useColumns(c, uses)...)
		}
		rows = append(rows, row)
	}
	if _, err := fmt.Fprintln(w, heading(p)); err != nil {
		return err
	}
	if err := table(w, head, rows); err != nil {
		return err
	}
	if err := footnotes(w, p, records); err != nil || !some {
		return errors.Join(err, unread)
	}
	_, err := fmt.Fprintln(w, useNote(uses))
	return errors.Join(err, unread)
}

// heading names the experiment and what its design holds equal.
func heading(p *experiments.Plan) string {
	s := p.Experiment
	if p.Title != "" && p.Title != p.Experiment {
		s += ": " + p.Title
	}
	return s + "  [" + Design(p) + "]"
}

// Design says in few words what is equal in all cells, how many seeds there are
// and what is judged: every chart and table carries it.
func Design(p *experiments.Plan) string {
	var parts []string
	if p.Equal != "" {
		parts = append(parts, "equal "+p.Equal)
	}
	arrow := "↑"
	if p.Objective.Goal == experiments.Min {
		arrow = "↓"
	}
	return strings.Join(append(parts, Count(len(p.Seeds), "seed"), ShortName(p.Objective.Metric)+" "+arrow), " · ")
}

func footnotes(w io.Writer, p *experiments.Plan, records []store.Record) error {
	var notes []string
	if len(p.Seeds) == 1 {
		notes = append(notes, "one seed: this speaks of these checkpoints, not of the recipe; --seeds 3 asks further")
	}
	planned := map[string]bool{}
	for _, run := range p.Runs() {
		planned[run.ID] = true
	}
	for _, r := range records {
		_, scored := r.Metrics[p.Objective.Metric]
		switch {
		case !planned[r.ID]:
		case r.Status != store.Done:
			notes = append(notes, plain(strings.TrimSuffix(fmt.Sprintf("%s is %s: %s", r.ID, r.Status, r.Reason), ": ")))
		case !scored:
			notes = append(notes, fmt.Sprintf("%s is done and did not report %s", r.ID, p.Objective.Metric))
		}
	}
	for _, n := range notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}

// taskInterval is the Wilson interval of a pass rate over the held-out tasks; a
// dash for any other metric.
func taskInterval(p *experiments.Plan, c Cell) string {
	n := c.Params.Float("eval_tasks")
	if p.Objective.Metric != "eval/pass@1" || len(c.Scores) != 1 || n == 0 || c.Scores[0] < 0 || c.Scores[0] > 1 {
		return "–"
	}
	lo, hi := stats.Wilson(c.Scores[0]*n, n, stats.Z95)
	return fmt.Sprintf("[%.3f, %.3f]", lo, hi)
}

func eachSeed(scores []float64) string {
	each := make([]string, len(scores))
	for i, s := range scores {
		each[i] = number(s)
	}
	return strings.Join(each, " ")
}
