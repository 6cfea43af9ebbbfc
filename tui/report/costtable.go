package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// CostTable is what a design costs at the prices of [cost], in its currency: "cost" of
// `plan EXP --json`. A null is what nobody knows.
type CostTable struct {
	Currency  string   `json:"currency"`
	KeptTask  *float64 `json:"kept_task"` // price of a task that verification keeps
	KeepRate  *float64 `json:"keep_rate"`
	KeepFrom  string   `json:"keep_from"` // in words: what was measured, or "stated"
	HumanTask *float64 `json:"human_task"`
	Saves     *float64 `json:"saves"` // share of that price; below 0: it costs more
	Tasks     *int     `json:"tasks"` // that the design needs
	Data      *float64 `json:"data"`  // price of these

	Of    string     `json:"of"`    // the runs that are "left", or "all" of the design
	FLOPs *float64   `json:"flops"` // of these
	Types []TypeCost `json:"types"` // what they take on GPUs of each type, beside each other

	written *float64 // price of a task, kept or not
	counted string   // how the tasks were counted
	asIf    bool     // no model writes the tasks of its runs, and no GPU trains on them
}

// What a CostTable may be of.
const (
	runsLeft    = "left"
	wholeDesign = "all"
)

// article is what the article on X-Coder says of it.
const article = "the X-Coder article says up to 70 %"

// CostOf works out what a plan costs; nil where nobody said what things cost nor which
// model a command trains. It is of the runs that are left, or of the whole design where
// none is. What cannot be read tells nothing.
func CostOf(s *store.Store, p *experiments.Plan, kept Kept, cost *experiments.Cost) *CostTable {
	of := runsLeft
	if rest := remaining(p, kept.Records); len(rest.going)+len(rest.waiting) == 0 {
		of = wholeDesign
	}
	return costOf(s, p, kept.Records, cost, of)
}

// costOf is CostOf for the runs that are left, or for all.
func costOf(s *store.Store, p *experiments.Plan, records []store.Record, cost *experiments.Cost, of string) *CostTable {
	if cost == nil && p.Model == nil {
		return nil
	}
	out := &CostTable{Of: of, Types: []TypeCost{}, asIf: p.Recipe != experiments.Command}
	if cost != nil {
		out.Currency = cost.Currency
		out.HumanTask = nullIfZero(cost.HumanTask)
		if cost.TokenPrice > 0 {
			out.data(s, p, records, cost)
		}
	}
	out.gpus(s, p, records, cost)
	return out
}

// data is what the tasks of a design cost.
func (t *CostTable) data(s *store.Store, p *experiments.Plan, records []store.Record, cost *experiments.Cost) {
	made := cost.TeacherTokens / 1e6 * cost.TokenPrice
	t.written = &made
	rate, from := keepRate(s, p, records)
	switch {
	case rate > 0 && cost.KeepRate > 0:
		from += fmt.Sprintf("; stated: %.3g %%", 100*cost.KeepRate)
	case rate == 0:
		rate, from = cost.KeepRate, "stated"
	}
	measured := *cost
	measured.KeepRate = rate
	if rate > 0 {
		t.KeepRate, t.KeepFrom, t.KeptTask = &rate, from, new(measured.KeptTask())
	}
	if t.KeptTask != nil && t.HumanTask != nil {
		t.Saves = new(1 - *t.KeptTask / *t.HumanTask)
	}
	asTheyCome, verified, words := tasksOf(p)
	if asTheyCome+verified == 0 || verified > 0 && t.KeptTask == nil {
		return
	}
	price := float64(asTheyCome) * made
	if verified > 0 {
		price += float64(verified) * *t.KeptTask
	}
	t.Tasks, t.Data, t.counted = new(asTheyCome+verified), &price, words
}

// keepRate is the share of tasks that verification kept in runs of the plan, or else, if
// its recipe is built in, in runs of the experiment that made data most like it; 0 where
// none reports it.
func keepRate(s *store.Store, p *experiments.Plan, records []store.Record) (rate float64, from string) {
	const metric = "data/kept"
	marks, err := store.ReadMarks(s)
	if err != nil {
		return 0, ""
	}
	shares := func(of *experiments.Plan, records []store.Record) (x []float64) {
		records, _ = Trusted(marks, records)
		for _, c := range Cells(of, records) {
			for _, r := range c.Runs {
				if r.Status == store.Done && reports(r, metric) && r.Metrics[metric] > 0 && r.Metrics[metric] <= 1 {
					x = append(x, r.Metrics[metric])
				}
			}
		}
		return x
	}
	if x := shares(p, records); len(x) > 0 {
		return stats.Mean(x), "measured in " + Count(len(x), "run") + " of its own"
	}
	if p.Recipe == experiments.Command {
		return 0, "" // the teacher of the built-in recipes is another
	}
	for _, other := range nearest(s, p, func(o *experiments.Plan) bool { return o.Recipe != experiments.Command }) {
		runs, err := s.Records(other.Experiment)
		if err != nil {
			continue
		}
		if x := shares(other, runs); len(x) > 0 {
			return stats.Mean(x), fmt.Sprintf("measured in %s of %s", Count(len(x), "run"), other.Experiment)
		}
	}
	return 0, ""
}

// making are the parameters that say how tasks are made: cells that have them alike share
// the tasks of a seed, whose sets are nested.
var making = []string{"source", "candidates", "tests", "test_kind", "weighting", "holdout", "teacher_error", "evolution", "two_stage", "styles"}

// tasksOf counts the tasks that a design needs, those which verification kept and those
// taken as the teacher writes them, and says how. Those of people are not among them.
func tasksOf(p *experiments.Plan) (asTheyCome, verified int, words string) {
	most := map[string]int{}
	raw := map[string]bool{}
	for _, c := range p.Cells {
		n, ok := c.Params["tasks"].(int64)
		source, _ := c.Params["source"].(string)
		if !ok || source == "human" {
			continue
		}
		var key strings.Builder
		for _, name := range making {
			fmt.Fprintf(&key, "%v|", c.Params[name])
		}
		most[key.String()] = max(most[key.String()], int(n))
		raw[key.String()] = source == "raw" || p.Recipe == "data"
	}
	seeds := len(p.Seeds)
	words = Count(seeds, "seed") + ", whose tasks their cells share"
	if p.Recipe == experiments.Command {
		seeds, words = 1, "if all its runs share the tasks"
	}
	for _, key := range sortedKeys(most) {
		if raw[key] {
			asTheyCome += seeds * most[key]
		} else {
			verified += seeds * most[key]
		}
	}
	return asTheyCome, verified, words
}

// lines say what tasks cost, a line each. A built-in recipe makes its tasks for nothing:
// the prices are those of a teacher that would.
func (t *CostTable) lines() (lines []string) {
	would, its := "", "its data: "
	if t.asIf {
		would, its = "by a teacher at these prices ", "its data by such a teacher: "
	}
	switch {
	case t.KeptTask != nil:
		lines = append(lines, fmt.Sprintf("%sa kept task costs %s (keep rate %.3g %%, %s)", would, t.money(*t.KeptTask), 100**t.KeepRate, t.KeepFrom))
	case t.written != nil:
		lines = append(lines, fmt.Sprintf("%sa task costs %s to write; a kept one costs more, by a keep rate that nobody said or measured", would, t.money(*t.written)))
	}
	switch {
	case t.Saves != nil:
		lines = append(lines, fmt.Sprintf("made by people a task costs %s: the teacher's is %s; %s", t.money(*t.HumanTask), saving(*t.Saves), article))
	case t.HumanTask != nil:
		lines = append(lines, "made by people a task costs "+t.money(*t.HumanTask))
	}
	if t.Data != nil {
		lines = append(lines, fmt.Sprintf("%s%s, %s (%s)", its, Count(*t.Tasks, "task"), t.money(*t.Data), t.counted))
	}
	for i, line := range lines {
		lines[i] = plain(line)
	}
	return lines
}

// saving is a share in words.
func saving(share float64) string {
	if share < 0 {
		return fmt.Sprintf("%.3g %% dearer", -100*share)
	}
	return fmt.Sprintf("%.3g %% cheaper", 100*share)
}

// money is an amount with its currency.
func (t *CostTable) money(v float64) string {
	return strings.TrimSpace(amountText(v) + " " + t.Currency)
}

// table has the types of GPU side by side; without rows where nothing is known of one, or
// no run is left.
func (t *CostTable) table() Table {
	if t.FLOPs != nil && *t.FLOPs == 0 || !slices.ContainsFunc(t.Types, func(c TypeCost) bool { return c.GPUHours != nil || c.MFU != nil || c.HourPrice != nil }) {
		return Table{}
	}
	head := []string{map[string]string{runsLeft: "what is left", wholeDesign: "the whole design"}[t.Of]}
	rows := [][]string{{"MFU"}, {"GPU-hours"}, {"kWh"}, {cmp.Or(t.Currency, "price")}}
	if t.FLOPs != nil {
		head[0] += ": " + si(*t.FLOPs, "FLOP")
	}
	if t.asIf {
		head[0] += ", if it ran on GPUs"
	}
	for _, c := range t.Types {
		head = append(head, ">"+c.Type)
		for i, text := range c.texts() {
			rows[i] = append(rows[i], text)
		}
	}
	return Table{Head: head, Rows: rows}
}

// notes say of types where their numbers are from, a line each.
func (t *CostTable) notes() (lines []string) {
	for _, c := range t.Types {
		about := c.From
		switch {
		case c.spec == nil:
			about = "there is no datasheet of it here"
		case about == "" || about == "stated":
			continue
		}
		lines = append(lines, plain(c.Type)+": "+plain(about))
	}
	return lines
}

// write says it under a plan.
func (t *CostTable) write(w io.Writer) error {
	types := t.table()
	for _, line := range t.lines() {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	if len(types.Rows) == 0 {
		return nil
	}
	if err := table(w, types.Head, types.Rows); err != nil {
		return err
	}
	for _, line := range t.notes() {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
