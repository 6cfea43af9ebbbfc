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
	"ablate/tui/plot"
	"ablate/tui/report"
)

const (
	maxCurves  = 8  // that a chart can tell apart
	maxBands   = 4  // more of them only hide the curves
	maxContext = 56 // more that are drawn faint, without a name
)

// curves are the charts over the course of the runs: of what the experiment is
// judged by, and of a second metric. A curve is a cell, as the mean of its seeds
// with a band; where runs are marked it is one of these.
type curves struct {
	study     *study
	objective plot.Plot
	second    plot.Plot
	metric    string // of the second; "" for what it shows by itself
	marked    []string
	whole     bool   // what is marked are cells, not runs
	cursor    string // the run whose cell is never left out
	made      map[string]drawing
	cells     map[cellKey]cellCurve
}

// cellKey is what a cell's curve depends on beside its points.
type cellKey struct {
	metric, x string
	cell      int
}

// cellCurve is a cell's curve, made of these.
type cellCurve struct {
	of     []*store.History
	series chart.Series
	band   string
}

// maxCells is how many curves of cells are kept.
const maxCells = 1024

// drawing is a chart that was made, and of what.
type drawing struct {
	version int
	x       string
	marked  string
	cursor  int
	line    chart.Line
}

// take says what is marked and where the cursor is.
func (c *curves) take(marked []string, whole bool, cursor string) {
	c.marked, c.whole, c.cursor = marked, whole, cursor
}

// line is the chart of a metric, made anew only if something of it changed.
func (c *curves) line(metric, x string) chart.Line {
	cursor := -1
	if c.study.plan != nil && len(c.study.plan.Cells) > maxCurves {
		cursor = c.study.cellOf(c.cursor)
	}
	key := drawing{version: c.study.version, x: x, marked: fmt.Sprint(c.whole, c.marked), cursor: cursor}
	was, ok := c.made[metric]
	if ok && was.version == key.version && was.x == key.x && was.marked == key.marked && was.cursor == key.cursor {
		return was.line
	}
	series, more, band := c.series(metric, x)
	key.line = chart.Line{
		Title: title(metric), Note: c.note(more, band), Series: series, X: c.axis(x),
		Y: chart.Axis{Rate: report.IsRate(metric), Zero: true, Width: 5}, Empty: c.nothing(metric),
	}
	if c.made == nil || len(c.made) > 8 {
		c.made = map[string]drawing{}
	}
	c.made[metric] = key
	return key.line
}

// series are the curves of a metric, how many more there would be, and what their
// bands are.
func (c *curves) series(metric, x string) (out []chart.Series, more int, band string) {
	if len(c.marked) > 0 && !c.whole {
		out, more = c.ofRuns(metric, x)
		return out, more, ""
	}
	if c.study.plan == nil {
		return nil, 0, ""
	}
	named := c.named(metric)
	context := 0
	for i := range c.study.plan.Cells {
		at := slices.Index(named, i)
		if !c.wanted(i) {
			continue
		}
		if at < 0 && (context == maxContext || c.study.behind) {
			more++
			continue
		}
		s, kind, ok := c.ofCell(metric, x, i)
		if !ok {
			continue
		}
		if at < 0 {
			s.Name, s.Color, s.Low, s.High, s.Points = "", chart.Faint, nil, nil, false
			context++
		} else {
			s.Color = chart.Categorical(at)
			if len(named) > maxBands {
				s.Low, s.High, kind = nil, nil, ""
			}
			band = cmp.Or(band, kind)
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b chart.Series) int { // what is faint lies under the others
		return cmp.Compare(min(len(a.Name), 1), min(len(b.Name), 1))
	})
	return out, more + context, band
}

// wanted reports whether a cell is to be drawn: where cells are marked it is these.
func (c *curves) wanted(cell int) bool {
	return !c.whole || slices.Contains(c.marked, c.study.name+"/"+c.study.plan.Cells[cell].Name)
}

// named are the cells whose curves have a name and a colour: all that are wanted if
// they are few, else those that are ahead, and the one under the cursor.
func (c *curves) named(metric string) []int {
	var with []int
	for i := range c.study.plan.Cells {
		if len(c.runsWith(metric, i)) > 0 && c.wanted(i) {
			with = append(with, i)
		}
	}
	if len(with) <= maxCurves {
		return with
	}
	objective, _ := c.study.objective()
	ahead := c.study.ranked(objective)
	for _, i := range with {
		if !slices.Contains(ahead, i) {
			ahead = append(ahead, i)
		}
	}
	ahead = slices.DeleteFunc(ahead, func(i int) bool { return !slices.Contains(with, i) })[:maxCurves]
	if at := c.study.cellOf(c.cursor); at >= 0 && slices.Contains(with, at) && !slices.Contains(ahead, at) {
		ahead[maxCurves-1] = at
	}
	slices.Sort(ahead[:maxCurves-1]) // the last colour is for whatever is under the cursor
	return ahead
}

// runsWith are a cell's runs that count and have points of a metric.
func (c *curves) runsWith(metric string, cell int) (ids []string) {
	for k := range c.study.plan.Seeds {
		id := c.study.id(cell, k)
		if s := c.study.history(id).Series[metric]; s != nil && len(s.Steps) > 0 && c.study.trusted(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// ofCell is a cell as the mean of its seeds with a band, and what that is.
func (c *curves) ofCell(metric, x string, cell int) (s chart.Series, band string, ok bool) {
	ids := c.runsWith(metric, cell)
	if len(ids) == 0 {
		return s, "", false
	}
	key, of := cellKey{metric, x, cell}, make([]*store.History, len(ids))
	runs := make([]*store.Series, len(ids))
	for i, id := range ids {
		of[i] = c.study.history(id)
		runs[i] = of[i].Series[metric]
	}
	if was, ok := c.cells[key]; ok && slices.Equal(was.of, of) {
		return was.series, was.band, true
	}
	steps, values := store.Mean(runs)
	s = chart.Series{
		Name: look.Harmless(report.CellLabel(c.study.plan.Cells[cell].Axes)), X: c.along(x, ids, steps), Y: values,
		Points: c.sparse(metric, steps), Goal: c.goal(metric),
	}
	s.Low, s.High, band = c.bandOf(runs, steps)
	if c.cells == nil || len(c.cells) >= maxCells {
		c.cells = map[cellKey]cellCurve{}
	}
	c.cells[key] = cellCurve{of, s, band}
	return s, band, true
}

// ofRuns are the marked runs one by one.
func (c *curves) ofRuns(metric, x string) (out []chart.Series, more int) {
	for _, id := range c.marked {
		s := c.study.history(id).Series[metric]
		if s == nil {
			continue
		}
		if len(out) == maxCurves+maxContext {
			more++
			continue
		}
		one := chart.Series{
			Name: c.study.runName(id), X: c.along(x, []string{id}, s.Steps), Y: s.Values,
			Color: chart.Categorical(len(out)), Points: c.sparse(metric, s.Steps), Goal: c.goal(metric),
		}
		for _, g := range s.Ghosts {
			one.Ghosts = append(one.Ghosts, chart.Segment{X: c.along(x, []string{id}, g.Steps), Y: g.Values})
		}
		out = append(out, one)
	}
	return out, more
}

// goal says which value of a curve is the best, if anybody does.
func (c *curves) goal(metric string) chart.Goal {
	switch c.study.goal(metric) {
	case experiments.Max:
		return chart.Highest
	case experiments.Min:
		return chart.Lowest
	}
	return 0
}

// sparse reports whether the points of a curve are to be seen one by one:
// evaluations are, steps are not.
func (c *curves) sparse(metric string, steps []float64) bool {
	objective, _ := c.study.objective()
	return metric == objective && len(steps) < 20
}

// secondMetric is what the second chart shows.
func (c *curves) secondMetric() string {
	if c.metric != "" {
		return c.metric
	}
	return c.study.secondMetric()
}

// secondMetric is the course of all runs, or where they are judged by that, how fast
// they are or what else they wrote.
func (s *study) secondMetric() string {
	course := s.courseMetric()
	if objective, _ := s.objective(); course != objective {
		return course
	}
	const speed = "perf/tokens_per_s"
	others := s.others()
	switch {
	case slices.Contains(others, speed):
		return speed
	case len(others) > 0:
		return others[0]
	}
	return course
}

// turn shows the next of all metrics in the second chart, after the last one what
// it shows by itself.
func (c *curves) turn() {
	usual := c.study.secondMetric()
	all := append([]string{""}, slices.DeleteFunc(c.study.others(), func(name string) bool { return name == usual })...)
	c.metric = all[(max(slices.Index(all, c.metric), 0)+1)%len(all)]
}

// others are the metrics that the second chart can be turned to.
func (s *study) others() (names []string) {
	objective, _ := s.objective()
	for _, name := range s.metrics {
		plain := name == "train/total_steps" || name == "train/epoch" || name == "tokens"
		if !plain && name != objective && name != s.courseMetric() {
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
func (s *study) courseMetric() string {
	return report.CourseName(func(name string) bool {
		for _, h := range s.histories {
			if h.Series[name] != nil {
				return true
			}
		}
		return false
	})
}

// nothing says why a chart is empty.
func (c *curves) nothing(metric string) string {
	objective, _ := c.study.objective()
	switch {
	case len(c.marked) > 0:
		return "the marked runs have no points: u unmarks"
	case c.study.behind:
		return "reading the points"
	case c.study.live() == 0 && len(c.study.histories) > 0:
		return "the runs did not write this metric"
	case c.study.live() == 0 && c.study.count(c.study.planned, func(s store.Status) bool { return s == store.Done }) > 0:
		return "the runs wrote their results only, no points"
	case metric == objective:
		return "no evaluation yet"
	default:
		return "no step yet"
	}
}

// note says what one curve is, what its band is, and how many have no name.
func (c *curves) note(more int, band string) string {
	what := "a curve a cell"
	switch {
	case len(c.marked) > 0 && !c.whole:
		what = "marked runs"
	case c.study.plan != nil && len(c.study.plan.Seeds) > 1:
		what = "mean of seeds"
	}
	if band != "" {
		what += ", band " + band
	}
	if more > 0 {
		what = fmt.Sprintf("%d ahead of %d · %s", maxCurves, maxCurves+more, what)
	}
	return what
}

// live is how many runs have not ended.
func (s *study) live() int {
	return s.count(func(string) bool { return true }, store.Status.Live)
}
