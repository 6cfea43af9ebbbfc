package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// maxCurves is how many curves a chart can tell apart.
const maxCurves = 8

// lines are the curves of one metric, the marked runs one by one, else every cell
// as the mean of its seeds; and how many more there would be.
func (p *Experiment) lines(metric string) (curves []chart.Series, more int) {
	if len(p.marked) > 0 {
		return p.markedLines(metric)
	}
	if p.plan == nil {
		return nil, 0
	}
	var out []chart.Series
	hidden := 0
	for i, c := range p.plan.Cells {
		var runs []*store.Series
		for _, seed := range p.plan.Seeds {
			id := fmt.Sprintf("%s/%s/s%d", p.name, c.Name, seed)
			if s := p.history(id).Series[metric]; s != nil && p.trusted(id) {
				runs = append(runs, s)
			}
		}
		if len(runs) == 0 {
			continue
		}
		if len(out) == maxCurves {
			hidden++
			continue
		}
		x, y := store.Mean(runs)
		out = append(out, chart.Series{Name: shortCell(c.Axes), X: x, Y: y, Color: chart.Categorical(i), Points: p.sparse(metric, x)})
	}
	return out, hidden
}

func (p *Experiment) markedLines(metric string) (out []chart.Series, hidden int) {
	for _, id := range p.rows {
		s := p.history(id).Series[metric]
		if !p.marked[id] || s == nil {
			continue
		}
		if len(out) == maxCurves {
			hidden++
			continue
		}
		r := p.records[id]
		out = append(out, chart.Series{
			Name: fmt.Sprintf("%s s%d", shortCell(r.Axes), r.Seed), X: s.Steps, Y: s.Values,
			Color: chart.Categorical(len(out)), Points: p.sparse(metric, s.Steps),
		})
	}
	return out, hidden
}

// sparse reports whether the points of a curve are to be seen one by one:
// evaluations are, steps are not.
func (p *Experiment) sparse(metric string, steps []float64) bool {
	return metric == p.metric() && len(steps) < 20
}

// shortCell is a cell in few letters: 2048×1.
func shortCell(axes []experiments.Setting) string {
	values := make([]string, len(axes))
	for i, a := range axes {
		values[i] = fmt.Sprint(a.Value)
	}
	return strings.Join(values, "×")
}

// steps is the range of every chart's steps, so that charts which stand under
// each other agree: from 0 to the last step that any run is planned to reach, or
// has reached.
func (p *Experiment) steps() chart.Axis {
	end := 1.0
	for id, h := range p.histories {
		if p.cellOf(id) < 0 && !p.marked[id] {
			continue
		}
		if v, ok := h.Series["train/total_steps"].Last(); ok && v > end {
			end = v
		}
		end = max(end, float64(h.Last))
	}
	return chart.Axis{Label: "step", Min: 0, Max: end}
}

// passChart draws the objective.
func (p *Experiment) passChart(l look.Look, w, h int) []string {
	curves, more := p.lines(p.metric())
	c := chart.Line{
		Title: p.metricTitle(), Note: p.curvesNote(more), Series: curves,
		X: p.steps(), Y: chart.Axis{Rate: isRate(p.metric()), Zero: true, Width: 5},
		Empty: p.nothing("no evaluation yet"), Style: l.Chart,
	}
	return strings.Split(c.Render(w, h), "\n")
}

// secondChart draws the loss, the reward, or whatever metric was turned to.
func (p *Experiment) secondChart(l look.Look, w, h int) []string {
	metric := p.second
	if metric == "" {
		metric = p.courseMetric()
	}
	curves, more := p.lines(metric)
	c := chart.Line{
		Title: look.Harmless(metric), Note: p.curvesNote(more), Series: curves,
		X: p.steps(), Y: chart.Axis{Rate: isRate(metric), Zero: true, Width: 5},
		Empty: p.nothing("no step yet"), Style: l.Chart,
	}
	return strings.Split(c.Render(w, h), "\n")
}

// turn shows the next of all metrics in the second chart, after the last one the
// course again.
func (p *Experiment) turn() {
	all := append([]string{""}, p.others()...)
	p.second = all[(max(slices.Index(all, p.second), 0)+1)%len(all)]
}

// others are the metrics that the second chart can be turned to.
func (p *Experiment) others() (names []string) {
	for _, name := range p.metrics {
		plain := name == "train/total_steps" || name == "train/epoch" || name == "tokens"
		if !plain && name != p.metric() && name != p.courseMetric() {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(family(a), family(b)), cmp.Compare(a, b)) })
	return names
}

// family orders metrics: the course, what steps measure, then evaluations, and
// last what is in none of these.
func family(metric string) int {
	families := []string{"", "train", "rl", "data", "eval", "dev"}
	head, _, _ := strings.Cut(metric, "/")
	if i := slices.Index(families, head); i >= 0 {
		return i
	}
	return len(families)
}

// courseMetric is the one by which the course of all runs is drawn.
func (p *Experiment) courseMetric() string {
	return report.CourseName(func(name string) bool {
		for _, h := range p.histories {
			if h.Series[name] != nil {
				return true
			}
		}
		return false
	})
}

// nothing says why a chart is empty.
func (p *Experiment) nothing(yet string) string {
	switch {
	case len(p.marked) > 0:
		return "the marked runs have no points: u unmarks"
	case p.behind:
		return "reading the points"
	case p.Live() == 0 && len(p.histories) > 0:
		return "the runs did not write this metric"
	default:
		return yet
	}
}

func (p *Experiment) metricTitle() string {
	short, held := strings.CutPrefix(p.metric(), "eval/")
	if held && !strings.Contains(short, "/") {
		return look.Harmless(short) + " held-out"
	}
	return look.Harmless(p.metric())
}

// curvesNote says what one curve is, how many are left out, and what the design
// holds equal.
func (p *Experiment) curvesNote(more int) string {
	what := "a curve a cell"
	switch {
	case len(p.marked) > 0:
		what = "marked runs"
	case p.plan != nil && len(p.plan.Seeds) > 1:
		what = "mean of seeds"
	}
	if more > 0 {
		what = fmt.Sprintf("%d of %d: mark runs to choose", maxCurves, maxCurves+more)
	}
	if p.plan != nil && p.plan.Equal != "" {
		what += " · equal " + p.plan.Equal
	}
	return what
}

func isRate(metric string) bool {
	return strings.Contains(metric, "pass@") || strings.Contains(metric, "avg@")
}

// eta is how many seconds the experiment has to go on that many slots, its waiting
// runs in the order of the table. 0 where nobody knows.
func (p *Experiment) eta(slots int) float64 {
	pace := p.pace()
	var going, waiting []float64
	for _, id := range p.rows {
		if p.cellOf(id) < 0 {
			continue // of an earlier design: other work, and nobody waits for it
		}
		switch r := p.records[id]; r.Status {
		case store.Queued:
			waiting = append(waiting, pace*p.work(id))
		case store.Running:
			left := report.ETA(r, p.history(id))
			if left == 0 { // its own speed is not known yet, or it is at its end
				left = pace * p.work(id) * (1 - p.done(id))
			}
			going = append(going, max(left, 0))
		default: // it ended, or nobody knows when it goes on
		}
	}
	return report.Makespan(going, waiting, slots)
}

// pace is how many seconds a unit of work has taken so far, 0 where nobody knows.
func (p *Experiment) pace() float64 {
	var work, seconds float64
	for id, r := range p.records {
		if p.cellOf(id) < 0 {
			continue
		}
		if share := p.share(id, r); share > 0 {
			work, seconds = work+share*p.work(id), seconds+r.Seconds-r.Before
		}
	}
	if work == 0 {
		return 0
	}
	return seconds / work
}

// share is what part of a run its newest attempt has made: earlier ones may have
// made the same, or none of what counts.
func (p *Experiment) share(id string, r store.Record) float64 {
	switch {
	case r.Status == store.Done:
		return 1 - p.resumed(id)
	case r.Status == store.Running && p.history(id).Attempt == r.Attempt:
		return p.done(id) - p.resumed(id)
	default:
		return 0
	}
}

// work is what a run takes, in the plan's measure; all the same where the recipe
// cannot say.
func (p *Experiment) work(id string) float64 {
	if i := p.cellOf(id); i < len(p.plan.FLOPs) {
		return p.plan.FLOPs[i]
	}
	return 1
}

// resumed is the share of its steps that a run had made when its newest attempt
// went on from there.
func (p *Experiment) resumed(id string) float64 {
	h := p.history(id)
	if total, ok := h.Series["train/total_steps"].Last(); ok && total > 0 {
		return float64(h.From) / total
	}
	return 0
}

// done is the share of its steps that a run has made.
func (p *Experiment) done(id string) float64 {
	h := p.history(id)
	if total, ok := h.Series["train/total_steps"].Last(); ok && total > 0 {
		return float64(h.Last) / total
	}
	return 0
}
