package experiments

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxName  = 100    // characters of an experiment's or a host's name
	maxSeeds = 1000   // seeds of an experiment
	maxCells = 10_000 // cells of an experiment
)

func experimentKeys() []string {
	return []string{"title", "question", "recipe", "host", "objective", "seeds", "equal", "order", "axes", "cell", "params", "argv", "reference", "finding",
		"limits", "stop", "retry", "pause", "gpus", "gpu_type", "keep_off", "model"}
}

// experiment checks one [experiment.NAME].
func (c *checker) experiment(name string, t table) *Experiment {
	before := len(c.list)
	c.folderName("an experiment", name, t.at())
	t.known(experimentKeys()...)
	e := &Experiment{
		Name:       name,
		Line:       c.problem(t.at(), "", "").Line,
		Title:      t.text("title", name),
		Question:   t.text("question", ""),
		Objective:  c.objective(t),
		Seeds:      c.seeds(t),
		Equal:      t.oneOf("equal", "", "rows", "steps", "epochs"),
		Order:      t.oneOf("order", breadth, breadth, depth, cheap, shuffled),
		References: c.references(t),
	}
	c.recipe(e, t)
	c.place(e, t)
	c.design(e, t)
	c.params(e, t)
	c.argv(e, t)
	c.rules(e, t)
	c.findings(e, t, len(c.list) == before)
	if len(c.list) > before {
		return e // what follows from a mistake is no news
	}
	for _, m := range e.mistakes() {
		c.report(t.find(m), m.message, m.hint)
	}
	return e
}

// design reads the axes and cells, which are two ways to say one thing.
func (c *checker) design(e *Experiment, t table) {
	_, axes := t.m["axes"]
	_, cells := t.m["cell"]
	switch {
	case axes && cells:
		c.report(t.keyAt("cell"), "axes and cell stand in one experiment; choose one",
			"axes is the full product of its lists, cell one point of an irregular design")
	case axes:
		c.axes(e, t)
	case cells:
		c.cells(e, t)
	default:
		c.report(t.at(), "the design is empty: there is neither axes nor cell",
			fmt.Sprintf("Add [experiment.%s.axes] with lists, or [[experiment.%s.cell]] for each cell", e.Name, e.Name))
	}
}

// axes reads [.axes] NAME = [values].
func (c *checker) axes(e *Experiment, t table) {
	sub, ok := t.sub("axes")
	if !ok {
		return
	}
	if len(sub.m) == 0 {
		c.report(t.keyAt("axes"), "axes has no axis: the design is empty", "")
	}
	for _, name := range c.children[sub.path] {
		if !c.name(e, "an axis", name, sub.keyAt(name)) {
			continue
		}
		list, ok := sub.m[name].([]any)
		if !ok {
			c.notList(sub, name)
			continue
		}
		if len(list) == 0 {
			c.report(sub.valueAt(name), fmt.Sprintf("axis %s has no values: the design is empty", name), "")
			continue
		}
		at := make([]span, len(list))
		for i := range list {
			at[i] = c.places[item(child(sub.path, name), i)].value
		}
		values := c.column(e, name, list, at)
		for i, v := range values {
			if j := slices.Index(values, v); j < i {
				c.report(at[i], fmt.Sprintf("axis %s has the value %s twice", name, shown(v)), "")
			}
		}
		e.Axes = append(e.Axes, Axis{Name: name, Values: values})
	}
	n := 1
	for _, a := range e.Axes {
		if n *= max(1, len(a.Values)); n > maxCells {
			c.report(t.keyAt("axes"), fmt.Sprintf("the product of the axes has more than %d cells", maxCells), "")
			return
		}
	}
	e.points = product(e.Axes)
}

func (c *checker) notList(t table, name string) {
	hint := "An axis is a list of values"
	if v := t.m[name]; kindOf(v) != "" {
		hint = fmt.Sprintf("Write %s = [%s], or put it in params if it does not vary", name, shown(v))
	}
	c.report(t.valueAt(name), fmt.Sprintf("axis %s is %s; it takes a list", name, kindWords(t.m[name])), hint)
}

// product is every combination of the axes' values, the last axis fastest.
func product(axes []Axis) [][]any {
	points := [][]any{nil}
	for _, a := range axes {
		var next [][]any
		for _, p := range points {
			for _, v := range a.Values {
				next = append(next, append(slices.Clone(p), v))
			}
		}
		points = next
	}
	return points
}

// cells reads [[.cell]], one table for each cell.
func (c *checker) cells(e *Experiment, t table) {
	list := tables(t.m["cell"])
	if list == nil {
		c.report(t.keyAt("cell"), fmt.Sprintf("cell is %s; it takes a list of tables", kindWords(t.m["cell"])),
			fmt.Sprintf("Write [[experiment.%s.cell]] once for each cell", e.Name))
		return
	}
	if len(list) == 0 || len(list) > maxCells {
		c.report(t.keyAt("cell"), fmt.Sprintf("the design has %d cells; it must have from 1 to %d", len(list), maxCells), "")
		return
	}
	base := child(t.path, "cell")
	var names []string
	for i := range list {
		for _, k := range c.children[item(base, i)] {
			if !slices.Contains(names, k) {
				names = append(names, k)
			}
		}
	}
	if len(names) == 0 {
		c.report(t.keyAt("cell"), "the cells give no values: the design is empty", "")
		return
	}
	e.irregular = true
	e.points = make([][]any, len(list))
	for i, m := range list {
		e.points[i] = make([]any, len(names))
		c.complete(table{c, item(base, i), m}, i, names)
	}
	for j, name := range names {
		c.cellColumn(e, j, name, base, list)
	}
}

// complete reports what a cell does not give of the axes.
func (c *checker) complete(t table, i int, names []string) {
	var missing []string
	for _, name := range names {
		if _, ok := t.m[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		c.report(t.at(), fmt.Sprintf("cell %d gives no %s", i+1, strings.Join(missing, ", ")),
			"Every cell gives the same axes: "+strings.Join(names, ", "))
	}
}

// cellColumn checks the values that the cells give to axis j.
func (c *checker) cellColumn(e *Experiment, j int, name, base string, list []map[string]any) {
	var values []any
	var at []span
	var rows []int
	for i, m := range list {
		v, ok := m[name]
		if !ok {
			continue
		}
		t := table{c, item(base, i), m}
		if len(values) == 0 && !c.name(e, "an axis", name, t.keyAt(name)) {
			return
		}
		values, at, rows = append(values, v), append(at, t.valueAt(name)), append(rows, i)
	}
	column := c.column(e, name, values, at)
	for k, v := range column {
		e.points[rows[k]][j] = v
	}
	e.Axes = append(e.Axes, Axis{Name: name, Values: distinct(column)})
}

// distinct are the values of a list, each where it stands first.
func distinct(list []any) []any {
	var out []any
	seen := map[any]bool{}
	for _, v := range list {
		if !seen[v] {
			seen[v], out = true, append(out, v)
		}
	}
	return out
}

// tables is a list of tables, however it was decoded; nil if it is none.
func tables(v any) []map[string]any {
	switch v := v.(type) {
	case []map[string]any:
		return v
	case []any:
		list := make([]map[string]any, 0, len(v))
		for _, v := range v {
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			list = append(list, m)
		}
		return list
	}
	return nil
}

// params reads [.params], the values that do not vary.
func (c *checker) params(e *Experiment, t table) {
	e.Fixed = Params{}
	sub, ok := t.sub("params")
	if !ok {
		return
	}
	for _, name := range c.children[sub.path] {
		at := sub.keyAt(name)
		if slices.ContainsFunc(e.Axes, func(a Axis) bool { return a.Name == name }) {
			c.report(at, fmt.Sprintf("%s is an axis and stands in params too", name), "Remove one of them")
			continue
		}
		if !c.name(e, "a parameter", name, at) {
			continue
		}
		if values := c.column(e, name, []any{sub.m[name]}, []span{sub.valueAt(name)}); values != nil {
			e.Fixed[name] = values[0]
		}
	}
}

// name reports a name that is no parameter of the recipe.
func (c *checker) name(e *Experiment, what, name string, at span) bool {
	switch {
	case name == "seed":
		c.report(at, fmt.Sprintf("seed cannot be %s", what), "The seeds of an experiment are: seeds = 3, or seeds = [42, 43, 44]")
	case !e.open:
		if _, ok := e.recipe.param(name); ok {
			return true
		}
		c.report(at, fmt.Sprintf("recipe %s has no parameter %q", e.Recipe, name), suggestion(name, e.recipe.names()))
	case name == runDir || !isName(name):
		c.report(at, fmt.Sprintf("%q cannot name %s", name, what), "A name in argv has letters, digits, '_', '-' and '.', begins with a letter or '_', and is not run_dir")
	default:
		return true
	}
	return false
}

// column checks the values of one axis or parameter: where the recipe does not
// say their kind, they must agree on one, and ints among floats become floats.
// It is nil if any is wrong.
func (c *checker) column(e *Experiment, name string, values []any, at []span) []any {
	p := e.param(name, values)
	out := make([]any, 0, len(values))
	for i, v := range values {
		if p.Kind == "" {
			c.report(at[i], fmt.Sprintf("%s is %s; it takes an int, a float, a string or a bool", name, kindWords(v)), "")
			continue
		}
		v, wrong := p.convert(v)
		if wrong != nil {
			c.report(at[i], wrong.message, wrong.hint)
			continue
		}
		out = append(out, v)
	}
	if len(out) < len(values) {
		return nil
	}
	return out
}

// find is where a mistake in the design of t stands.
func (t table) find(m mistake) span {
	under := []string{child(t.path, "axes"), child(t.path, "params"), t.path}
	if list := child(t.path, "cell"); m.cell >= 0 {
		if p, ok := t.places[item(list, m.cell)]; ok {
			under = append([]string{item(list, m.cell)}, under...)
			if m.key == "" {
				return p.key
			}
		}
	}
	for _, p := range under {
		if at, ok := t.places[child(p, m.key)]; ok && m.key != "" {
			return at.key
		}
	}
	return t.at()
}
