package lab

import (
	"fmt"
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/query"
)

// fields are what a filter can ask of a run.
type fields struct {
	study   *study
	version int
	gpus    bool                // the runs had GPUs when these were made
	known   map[string]metricOf // names of the filter that are metrics
	offered query.Candidates
}

// metricOf is a metric with one of its statistics.
type metricOf struct {
	metric, stat string
	ok           bool
}

// runFields are those that every run has, but for its axes, parameters and metrics.
func runFields() []string {
	return []string{
		"status", "name", "cell", "seed", "attempt", "tag", "star", "hidden", "distrusted", "old",
		"time", "eta", "step", "note", "reason",
	}
}

// candidates are what a filter may speak of.
func (f *fields) candidates() query.Candidates {
	gpus := len(f.study.uses) > 0
	if f.version == f.study.version && f.gpus == gpus && f.version > 0 {
		return f.offered
	}
	f.version, f.gpus, f.known = f.study.version, gpus, map[string]metricOf{}
	names := runFields()
	if gpus {
		names = append(names, useKeys()...)
	}
	add := func(list []string) {
		for _, name := range list {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if p := f.study.plan; p != nil {
		add(p.Axes)
		if len(p.Cells) > 0 {
			add(sortedKeys(p.Cells[0].Params))
		}
	}
	for _, r := range f.study.records {
		if !f.study.planned(r.ID) {
			add(sortedKeys(r.Params))
			break
		}
	}
	f.offered = query.Candidates{Fields: names, Metrics: f.study.metrics, Values: f.values}
	return f.offered
}

// values are what a field may have, in words.
func (f *fields) values(field string) (words []string) {
	switch field {
	case "status":
		for _, s := range statuses {
			words = append(words, string(s))
		}
		return words
	case "star", "hidden", "distrusted", "old":
		return []string{"yes", "no"}
	case "tag":
		for _, s := range f.study.states {
			for _, tag := range s.Tags {
				if !slices.Contains(words, tag) {
					words = append(words, tag)
				}
			}
		}
		slices.Sort(words)
		return words
	}
	if f.study.plan == nil {
		return nil
	}
	if i := slices.Index(f.study.plan.Axes, field); i >= 0 {
		for _, v := range f.study.axisValues(i) {
			words = append(words, fmt.Sprint(v))
		}
	}
	return words
}

// metric reads a name as a metric, which is looked for once.
func (f *fields) metric(name string) metricOf {
	m, ok := f.known[name]
	if !ok {
		m.metric, m.stat, m.ok = query.Metric(name, f.study.metrics)
		f.known[name] = m
	}
	return m
}

// row is one of them.
func (f *fields) row(id string) query.Fields { return &row{fields: f, id: id} }

// row is a run as a filter sees it.
type row struct {
	*fields
	id string
}

// Field is what the run has under a name.
func (r *row) Field(name string) (query.Value, bool) {
	s := r.study
	record := s.records[r.id]
	switch name {
	case "name", "run":
		return text(s.runName(r.id) + " " + r.id), true
	case "cell":
		return text(experiments.CellOf(r.id)), true
	case "status":
		if record.Status == "" {
			return text("not run"), true
		}
		return text(string(record.Status)), true
	case "seed":
		return number(float64(s.seed(r.id))), true
	case "attempt":
		return number(float64(record.Attempt)), true
	case "tag":
		return query.Value{List: s.states[r.id].Tags}, true
	case "star":
		return yes(s.states[r.id].Starred), true
	case "hidden":
		return yes(s.states[r.id].Hidden), true
	case "distrusted":
		return yes(s.states[r.id].Distrusted != nil), true
	case "old":
		return yes(!s.planned(r.id)), true
	case "time":
		return number(record.Seconds), record.Seconds > 0
	case "eta":
		eta := s.etaOf(r.id)
		return number(eta), eta > 0
	case "step":
		return number(float64(s.history(r.id).Last)), s.histories[r.id] != nil
	case "note":
		notes := make([]string, len(s.states[r.id].Notes))
		for i, n := range s.states[r.id].Notes {
			notes[i] = n.Text
		}
		return query.Value{List: notes}, true
	case "reason":
		return text(record.Reason), record.Reason != ""
	}
	return r.varied(name)
}

// varied is an axis, a parameter or a metric of the run.
func (r *row) varied(name string) (query.Value, bool) {
	if v, ok := r.study.params(r.id)[name]; ok {
		return valueOf(v), true
	}
	for _, a := range r.study.axes(r.id) {
		if a.Name == name {
			return valueOf(a.Value), true
		}
	}
	if slices.Contains(useKeys(), name) {
		return r.study.used(r.id, name)
	}
	m := r.metric(name)
	if !m.ok {
		return query.Value{}, false
	}
	v, ok := r.stat(m)
	return number(v), ok
}

// stat is a statistic of a metric over the points of the run.
func (r *row) stat(m metricOf) (float64, bool) {
	if m.stat == "last" {
		return r.study.value(r.id, m.metric)
	}
	values := finite(r.study.history(r.id).Series[m.metric])
	if len(values) == 0 {
		v, ok := r.study.value(r.id, m.metric) // all that is known of it
		return v, ok && m.stat != "n" && m.stat != "std"
	}
	switch m.stat {
	case "min":
		return slices.Min(values), true
	case "max":
		return slices.Max(values), true
	case "best":
		if r.study.least(m.metric) {
			return slices.Min(values), true
		}
		return slices.Max(values), true
	case "first":
		return values[0], true
	case "mean":
		return stats.Mean(values), true
	case "std":
		sd := stats.SD(values)
		return sd, !math.IsNaN(sd)
	default:
		return float64(len(values)), true
	}
}

func finite(s *store.Series) (values []float64) {
	if s == nil {
		return nil
	}
	for _, v := range s.Values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	return values
}

func text(s string) query.Value { return query.Value{Text: s} }

func number(v float64) query.Value {
	return query.Value{Text: fmt.Sprint(v), Num: v, IsNum: true}
}

func yes(is bool) query.Value {
	if is {
		return text("yes")
	}
	return text("no")
}

// valueOf is the value of an axis or a parameter.
func valueOf(v any) query.Value {
	if x, ok := experiments.Number(v); ok {
		return query.Value{Text: fmt.Sprint(v), Num: x, IsNum: true}
	}
	return text(fmt.Sprint(v))
}
