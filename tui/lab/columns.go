package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
	"ablate/tui/table"
)

// Prefixes of the keys of columns that come from the design and the runs.
const (
	axisColumn   = "axis "
	paramColumn  = "param "
	metricColumn = "metric "
)

// columns are what the table can tell of runs, and of the runs of a cell together.
type columns struct {
	study   *study
	grouped bool     // runs stand in cells
	extra   []string // keys of those that were chosen beside the usual ones
	hosts   map[string]string
	glyphs  chart.Glyphs // of the last view
}

// setColumns has the table know the columns that there are: the usual ones and
// those that were chosen. A metric only has a column once somebody wants it, since
// there may be thousands.
func (t *runTable) setColumns() {
	t.say.grouped = t.table.Grouped()
	columns := t.say.usual()
	for _, key := range t.say.extra {
		if c, ok := t.say.special(key); ok {
			columns = append(columns, c)
		}
	}
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = fmt.Sprint(c.Key, "\x00", c.Head, c.Min)
	}
	if !slices.Equal(keys, t.known) {
		t.known = keys
		t.table.SetColumns(columns)
	}
}

// usual are the columns of every experiment; some are only there while a run has
// something to say in them, so that they take no room before.
func (t *columns) usual() []table.Column {
	s := t.study
	objective, least := s.objective()
	course := s.courseMetric()
	columns := []table.Column{
		{Key: "run", Head: s.runHead(), Min: s.nameWidth(), Cell: s.runName, Fold: func([]string) string { return "" }, Paint: t.quiet},
	}
	if t.grouped {
		columns = append(columns, table.Column{Key: "n", Head: "done", Right: true, Priority: 1, Cell: func(string) string { return "" }, Fold: t.foldDone})
	}
	columns = append(columns,
		table.Column{Key: "status", Head: "status", Width: 9, Min: 9, Priority: 2, Cell: t.status, Fold: t.foldStatus, Paint: t.paintStatus},
		table.Column{Key: "progress", Head: "progress", Width: 8, Min: 8, Priority: 7, Cell: t.progress, Fold: t.foldProgress, Num: func(id string) (float64, bool) { return s.share(id), s.share(id) > 0 }},
		table.Column{Key: "step", Head: "step", Width: 7, Right: true, Priority: 5, Cell: t.reached, Num: func(id string) (float64, bool) { return float64(s.history(id).Last), s.history(id).Last > 0 }},
	)
	if course != objective {
		columns = append(columns, t.metricCol("course", report.CourseWord(course), course, 4, !s.least(course)))
	}
	columns = append(columns,
		t.metricCol("score", report.ShortName(objective), objective, 1, !least),
		table.Column{Key: "tok/s", Head: "tok/s", Width: 5, Right: true, Priority: 8, Down: true, Cell: func(id string) string { return t.number(t.speed(id)) }, Num: t.speed},
		table.Column{Key: "time", Head: "time", Width: 9, Right: true, Priority: 3, Cell: t.time, Fold: t.foldTime, Num: t.seconds},
	)
	var tagged, reasons bool
	for _, id := range s.rows {
		tagged = tagged || len(s.states[id].Tags) > 0
		reasons = reasons || s.records[id].Reason != ""
	}
	if tagged {
		columns = append(columns, table.Column{Key: "tags", Head: "tags", Min: 8, Priority: 6, Cell: t.tags})
	}
	if reasons {
		columns = append(columns, table.Column{Key: "reason", Head: "why", Min: 12, Priority: 9, Cell: func(id string) string { return s.records[id].Reason }, Paint: t.quiet})
	}
	return columns
}

// special is a column that is only there if somebody chose it; it goes after the
// usual ones where there is no room.
func (t *columns) special(key string) (table.Column, bool) {
	s := t.study
	text := func(head string, cell func(id string) string) table.Column {
		return table.Column{Key: key, Head: look.Harmless(head), Min: 6, Priority: 1, Cell: cell}
	}
	if name, ok := strings.CutPrefix(key, metricColumn); ok {
		return t.metricCol(key, report.ShortName(name), name, 1, !s.least(name)), true
	}
	if name, ok := strings.CutPrefix(key, axisColumn); ok {
		return text(name, func(id string) string { return s.axisText(id, name) }), true
	}
	if name, ok := strings.CutPrefix(key, paramColumn); ok {
		return text(name, func(id string) string {
			if v, ok := s.params(id)[name]; ok {
				return fmt.Sprint(v)
			}
			return ""
		}), true
	}
	switch key {
	case "seed":
		return text(key, func(id string) string { return fmt.Sprint(s.seed(id)) }), true
	case "attempt":
		return text(key, func(id string) string { return orNothing(s.records[id].Attempt) }), true
	case "eta":
		return table.Column{Key: key, Head: key, Width: 6, Right: true, Priority: 1, Cell: func(id string) string { return durationOrNothing(s.etaOf(id)) },
			Num: func(id string) (float64, bool) { return s.etaOf(id), s.etaOf(id) > 0 }}, true
	case "host":
		return text(key, func(id string) string { return t.hosts[id] }), true
	case "notes":
		return text(key, func(id string) string {
			var notes []string
			for _, n := range s.states[id].Notes {
				notes = append(notes, n.Text)
			}
			return strings.Join(notes, "; ")
		}), true
	}
	return t.useColumn(key)
}

// offered are the keys of all columns that can be chosen, the usual ones first.
func (t *columns) offered() (keys []string) {
	for _, c := range t.usual() {
		keys = append(keys, c.Key)
	}
	keys = append(keys, "seed", "attempt", "eta", "host", "notes")
	if t.onGPUs() {
		keys = append(keys, useKeys()...)
	}
	s := t.study
	if s.plan != nil {
		for _, a := range s.plan.Axes {
			keys = append(keys, axisColumn+a)
		}
		if len(s.plan.Cells) > 0 {
			for _, name := range sortedKeys(s.plan.Cells[0].Params) {
				if !slices.Contains(s.plan.Axes, name) {
					keys = append(keys, paramColumn+name)
				}
			}
		}
	}
	for _, m := range s.metrics {
		keys = append(keys, metricColumn+m)
	}
	return keys
}

// toggle shows a column or takes it away.
func (t *runTable) toggle(key string) {
	if _, ok := t.say.special(key); ok && !slices.Contains(t.say.extra, key) {
		t.say.extra = append(t.say.extra, key) // new ones are shown
		t.setColumns()
		return
	}
	t.table.Toggle(key)
	if !slices.Contains(t.table.Chosen(), key) {
		t.say.extra = slices.DeleteFunc(t.say.extra, func(k string) bool { return k == key })
		t.setColumns()
	}
}

// headOf is a column in words.
func (t *columns) headOf(key string) string {
	objective, _ := t.study.objective()
	switch key {
	case "score":
		return look.Harmless(report.ShortName(objective))
	case "course":
		return look.Harmless(report.CourseWord(t.study.courseMetric()))
	}
	_, name, cut := strings.Cut(key, " ")
	if cut {
		return look.Harmless(name)
	}
	return key
}

// metrics are those that columns show, so that they are read.
func (t *columns) metrics() (names []string) {
	for _, key := range t.extra {
		if name, ok := strings.CutPrefix(key, metricColumn); ok {
			names = append(names, name)
		}
	}
	return names
}

// metricCol is the column of a metric: a run's value, a cell's mean with its
// interval.
func (t *columns) metricCol(key, head, metric string, priority int, down bool) table.Column {
	return table.Column{
		Key: key, Head: look.Harmless(head), Width: 6, Right: true, Priority: priority, Down: down,
		Cell: func(id string) string { return t.value(id, metric) },
		Fold: func(ids []string) string { return t.foldMetric(ids, metric) },
		Num:  func(id string) (float64, bool) { return t.study.value(id, metric) }, Paint: t.quiet,
	}
}

// quiet mutes what counts in nothing.
func (t *columns) quiet(l look.Look, id, text string) string {
	if s := t.study.states[id]; s.Hidden || s.Distrusted != nil {
		return l.Muted.Render(text)
	}
	return text
}

func (t *columns) value(id, metric string) string {
	r := t.study.records[id]
	if r.Status == store.Queued {
		return ""
	}
	if report.TooFew(metric, t.study.params(id)) {
		return report.FewSamples
	}
	v, ok := t.study.history(id).Series[metric].Last()
	if result, has := r.Metrics[metric]; has && (r.Status == store.Done || !ok) {
		v, ok = result, true
	}
	switch {
	case !ok:
		return ""
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprint(v)
	}
	return report.Decimals(v)
}

// foldMetric is the mean of runs with its interval, of those that are done, else of
// the newest values.
func (t *columns) foldMetric(ids []string, metric string) string {
	var done, now []float64
	for _, id := range ids {
		v, ok := t.study.value(id, metric)
		switch {
		case !ok || !t.study.trusted(id):
		case report.TooFew(metric, t.study.params(id)):
			return report.FewSamples
		case t.study.records[id].Status == store.Done:
			done = append(done, v)
		default:
			now = append(now, v)
		}
	}
	if len(done) == 0 {
		done = now
	}
	if len(done) == 0 {
		return ""
	}
	text := report.Decimals(stats.Mean(done))
	half, kind := stats.SD(done), seedsSD
	if len(done) >= enough {
		half, kind = half*t.study.width(len(done)), overSeeds
	}
	if !math.IsNaN(half) {
		text += " " + kind.sign() + strings.TrimPrefix(report.Decimals(half), "0")
	}
	return text
}

func (t *columns) number(v float64, ok bool) string {
	if !ok {
		return ""
	}
	return strings.TrimSpace(chart.Format(v, 6))
}

func orNothing(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func durationOrNothing(seconds float64) string {
	if seconds <= 0 {
		return ""
	}
	return report.Duration(seconds)
}

// axisText is a run's value of an axis.
func (s *study) axisText(id, axis string) string {
	for _, a := range s.axes(id) {
		if a.Name == axis {
			return fmt.Sprint(a.Value)
		}
	}
	return ""
}
