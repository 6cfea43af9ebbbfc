package experiments

import (
	"fmt"
	"math"
	"slices"

	"ablate/experiments/reference"
)

func findingKeys() []string {
	return []string{"letter", "claim", "metric", "minus_metric", "plus", "minus", "slope", "where", "expect", "paper", "note"}
}

// references reads reference = "name", or a list of names.
func (c *checker) references(t table) []string {
	v, ok := t.m["reference"]
	if !ok {
		return nil
	}
	name, single := v.(string)
	if _, list := v.([]any); !single && !list {
		t.wrongKind("reference", "a string or a list of strings")
		return nil
	}
	names := []string{name}
	if !single {
		names = t.words("reference")
	}
	for _, name := range names {
		if _, ok := reference.Lookup(name); ok {
			continue
		}
		at := t.valueAt("reference")
		if i := slices.IndexFunc(anys(v), func(v any) bool { return v == name }); i >= 0 {
			at = c.places[item(child(t.path, "reference"), i)].value
		}
		c.report(at, fmt.Sprintf("no published series is named %q", name), suggestion(name, reference.Names()))
	}
	return names
}

// anys is v if it is a list.
func anys(v any) []any {
	list, _ := v.([]any)
	return list
}

// findings reads [[.finding]]. Which cells a finding means is asked only if the
// design is sound.
func (c *checker) findings(e *Experiment, t table, sound bool) {
	if _, ok := t.m["finding"]; !ok {
		return
	}
	list := tables(t.m["finding"])
	if list == nil {
		c.report(t.keyAt("finding"), fmt.Sprintf("finding is %s; it takes a list of tables", kindWords(t.m["finding"])),
			fmt.Sprintf("Write [[experiment.%s.finding]] once for each question", e.Name))
		return
	}
	for i, m := range list {
		t := table{c, item(child(t.path, "finding"), i), m}
		before := len(c.list)
		f := c.finding(e, t)
		if sound && len(c.list) == before {
			c.contrast(e, t, f)
		}
		e.Findings = append(e.Findings, f)
	}
}

// finding reads one finding: what can be wrong without looking at the cells.
func (c *checker) finding(e *Experiment, t table) Finding {
	t.known(findingKeys()...)
	f := Finding{
		Letter:      t.text("letter", ""),
		Claim:       t.needed("claim", `Say what you expect to find, such as claim = "more tasks beat more solutions"`),
		Metric:      t.needed("metric", `Give the metric, such as metric = "eval/pass@1"`),
		MinusMetric: t.text("minus_metric", ""),
		Slope:       t.text("slope", ""),
		Expect:      t.oneOf("expect", Above, Above, Below, Nothing),
		Paper:       t.text("paper", ""),
		Note:        t.text("note", ""),
	}
	_, slope := t.m["slope"]
	_, plus := t.m["plus"]
	_, minus := t.m["minus"]
	_, where := t.m["where"]
	switch {
	case slope && (plus || minus):
		c.report(t.keyAt("slope"), "slope stands beside plus or minus; choose one",
			"slope is a trend along one axis, plus and minus are a difference between cells")
	case slope:
		c.slope(e, t, &f)
	case where:
		c.report(t.keyAt("where"), "where stands without slope", "It says over which cells a slope goes")
	case !plus:
		c.report(t.at(), "the finding compares nothing: there is neither plus nor slope",
			"Write plus = [{ AXIS = VALUE }] and minus = [{ AXIS = VALUE }], or slope = \"AXIS\"")
	case !minus && f.MinusMetric == "":
		c.report(t.keyAt("plus"), "plus stands without minus: the effect would be no difference",
			"Add minus = [{ AXIS = VALUE }], or minus_metric")
	default:
		f.Plus = c.partials(e, t, "plus")
		f.Minus = c.partials(e, t, "minus")
	}
	return f
}

// needed is a string that must be there and say something.
func (t table) needed(key, hint string) string {
	s := t.text(key, "")
	if _, ok := t.m[key]; !ok {
		t.report(t.at(), fmt.Sprintf("the finding has no %s", key), hint)
	} else if t.m[key] == "" {
		t.report(t.valueAt(key), key+" is empty", hint)
	}
	return s
}

// slope reads the axis of a trend and the cells that it goes over.
func (c *checker) slope(e *Experiment, t table, f *Finding) {
	if v, ok := t.m["slope"].(string); ok {
		c.axis(e, v, t.valueAt("slope"))
	}
	if _, ok := t.m["where"]; !ok {
		return
	}
	if sub, ok := t.sub("where"); ok {
		f.Where = c.partial(e, sub)
	}
}

// partials reads a list of partial cells.
func (c *checker) partials(e *Experiment, t table, key string) [][]Setting {
	v, ok := t.m[key]
	if !ok {
		return nil
	}
	list := tables(v)
	if list == nil {
		t.wrongKind(key, "a list of tables, such as [{ tasks = 2048 }]")
		return nil
	}
	if len(list) == 0 {
		c.report(t.valueAt(key), key+" names no cell", "")
	}
	var out [][]Setting
	for i, m := range list {
		out = append(out, c.partial(e, table{c, item(child(t.path, key), i), m}))
	}
	return out
}

// partial reads a partial cell: values of some axes.
func (c *checker) partial(e *Experiment, t table) []Setting {
	if len(t.m) == 0 {
		c.report(t.at(), "a cell is named by at least one axis", "Write { AXIS = VALUE }")
	}
	var out []Setting
	for _, name := range c.children[t.path] {
		a, ok := c.axis(e, name, t.keyAt(name))
		if !ok {
			continue
		}
		v, wrong := e.param(name, a.Values).convert(t.m[name])
		if wrong != nil {
			c.report(t.valueAt(name), wrong.message, wrong.hint)
			continue
		}
		if !slices.Contains(a.Values, v) {
			words := make([]string, len(a.Values))
			for i, v := range a.Values {
				words[i] = ValueText(v)
			}
			c.report(t.valueAt(name), fmt.Sprintf("axis %s has no value %s", name, shown(v)), suggestion(ValueText(v), words))
			continue
		}
		out = append(out, Setting{Name: name, Value: v})
	}
	return out
}

// axis is the axis of that name. None is reported, unless the design has none at
// all, which was said already.
func (c *checker) axis(e *Experiment, name string, at span) (Axis, bool) {
	names := make([]string, len(e.Axes))
	for i, a := range e.Axes {
		if names[i] = a.Name; a.Name == name {
			return a, len(a.Values) > 0
		}
	}
	if len(names) > 0 {
		c.report(at, fmt.Sprintf("%s has no axis %q", e.Name, name), suggestion(name, names))
	}
	return Axis{}, false
}

// contrast checks what a finding makes of the cells.
func (c *checker) contrast(e *Experiment, t table, f Finding) {
	cells := make([]Cell, len(e.points))
	for i := range cells {
		cells[i].Axes = e.settings(i)
	}
	if f.Slope != "" {
		c.trend(t, f, cells)
		return
	}
	before := len(c.list)
	for key, list := range map[string][][]Setting{"plus": f.Plus, "minus": f.Minus} {
		for i, partial := range list {
			if !slices.ContainsFunc(cells, func(c Cell) bool { return c.matches(partial) }) {
				c.report(c.places[item(child(t.path, key), i)].value, "no cell has "+label(partial), "")
			}
		}
	}
	if len(c.list) > before {
		return
	}
	none := !slices.ContainsFunc(f.Weights(cells), func(w float64) bool { return math.Abs(w) > 1e-12 })
	switch {
	case none:
		c.report(t.keyAt("plus"), "plus and minus are the same cells: there is nothing to find", "")
	case f.MinusMetric == "" && len(f.Plus) != len(f.Minus):
		c.report(t.keyAt("minus"), fmt.Sprintf("plus has %d cells and minus %d: the effect would be no difference", len(f.Plus), len(f.Minus)),
			"Each list is added up; several cells are averaged by one entry that matches them all")
	}
}

// trend checks the values that a slope goes over.
func (c *checker) trend(t table, f Finding, cells []Cell) {
	if !slices.ContainsFunc(cells, func(c Cell) bool { return c.matches(f.Where) }) {
		c.report(t.valueAt("where"), "no cell has "+label(f.Where), "")
		return
	}
	values := f.values(cells)
	for _, v := range values {
		if math.IsNaN(log2(v)) {
			c.report(t.valueAt("slope"), fmt.Sprintf("axis %s has the value %s: a slope goes over numbers above 0", f.Slope, shown(v)), "")
			return
		}
	}
	if len(values) < 2 {
		c.report(t.valueAt("slope"), fmt.Sprintf("axis %s has one value in these cells: a slope needs two", f.Slope), "")
	}
}
