package experiments

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
)

// Draft is an experiment as it is to be written into a file: what a form or a
// command line fills in. Its mistakes are found by Check, and nothing with
// mistakes is ever written.
type Draft struct {
	Name      string
	Title     string // "": the name
	Question  string
	Recipe    string
	Host      string // "": local
	Equal     string
	Order     string // "": breadth
	Objective Objective
	Seeds     []int64
	Axes      []Axis    // in order
	Cells     [][]any   // a value for each of Axes; nil: every combination of their values
	Params    []Setting // what is the same in all cells, without what is left at its default
	Argv      []string  // recipe Command only
	Limits    Limits
	Stop      []StopRule
	Retry     *Retry // nil: as DefaultRetry
	Pause     string
	GPUs      int
	Placement Placement // without what the host says
	Model     *Model

	References []string
	Findings   []Finding

	host Host // of the file that it is from
}

// judges are metrics to judge by, the first that a recipe's runs end with.
func judges() []string { return []string{"eval/pass@1", "data/label_accuracy", "train/loss"} }

// NewDraft is an experiment of recipe r with nothing but its defaults. It has no
// axis yet, which is a mistake.
func NewDraft(name string, r Recipe) *Draft {
	d := &Draft{Name: name, Recipe: r.Name, Seeds: upTo(3), Objective: Objective{Metric: judges()[0], Goal: Max}}
	if r.Reports == nil {
		return d
	}
	p := Params{}
	for _, q := range r.Params {
		if q.Default != nil {
			p[q.Name] = q.standard()
		}
	}
	for _, metric := range judges() {
		if r.Reports(metric, p) {
			d.Objective.Metric = metric
			break
		}
	}
	return d
}

// DraftOf is an experiment as a draft of itself. It shares nothing with e.
func DraftOf(e *Experiment) *Draft {
	d := &Draft{
		Name: e.Name, Title: e.Title, Question: e.Question, Recipe: e.Recipe, Host: e.Host,
		Equal: e.Equal, Order: e.Order, Objective: e.Objective, Seeds: e.Seeds,
		Axes: e.Axes, Argv: e.Argv, References: e.References, Findings: e.Findings,
		Limits: e.rules.limits, Stop: e.rules.stop, Retry: e.rules.retry, Pause: e.rules.pause, GPUs: e.rules.gpus,
		Placement: e.rules.placement, Model: e.rules.model, host: e.host,
	}
	if e.irregular {
		d.Cells = e.points
	}
	names := e.recipe.names()
	if e.open {
		names = slices.Sorted(maps.Keys(e.Fixed))
	}
	for _, name := range names {
		if v, ok := e.Fixed[name]; ok {
			d.Params = append(d.Params, Setting{Name: name, Value: v})
		}
	}
	return d.plain().Clone()
}

// plain is the draft without what goes without saying, so that two which mean the
// same are equal.
func (d *Draft) plain() *Draft {
	p := *d
	if p.Title == p.Name {
		p.Title = ""
	}
	if p.Host == "local" {
		p.Host = ""
	}
	if p.Order == breadth {
		p.Order = ""
	}
	return &p
}

// Clone is a copy that shares nothing with d.
func (d *Draft) Clone() *Draft {
	c := *d
	c.Seeds, c.Argv, c.Stop = slices.Clone(d.Seeds), slices.Clone(d.Argv), slices.Clone(d.Stop)
	c.Params, c.References, c.Findings = slices.Clone(d.Params), slices.Clone(d.References), slices.Clone(d.Findings)
	c.Axes = slices.Clone(d.Axes)
	for i := range c.Axes {
		c.Axes[i].Values = slices.Clone(c.Axes[i].Values)
	}
	c.Cells = slices.Clone(d.Cells)
	for i := range c.Cells {
		c.Cells[i] = slices.Clone(c.Cells[i])
	}
	c.Placement = d.Placement.clone()
	if d.Model != nil {
		c.Model = new(*d.Model)
	}
	if d.Retry != nil {
		r := *d.Retry
		r.On = slices.Clone(r.On)
		c.Retry = &r
	}
	return &c
}

// Same is true if both say the same; which order parameters stand in says
// nothing.
func (d *Draft) Same(other *Draft) bool {
	a, b := d.plain().Clone(), other.plain().Clone()
	for _, p := range []*Draft{a, b} {
		slices.SortFunc(p.Params, func(x, y Setting) int { return cmp.Compare(x.Name, y.Name) })
		p.values()
		p.host = Host{}
	}
	return reflect.DeepEqual(filled(*a), filled(*b))
}

// values makes the values of axes those that the cells have.
func (d *Draft) values() {
	if d.Cells == nil {
		return
	}
	for j := range d.Axes {
		column := make([]any, len(d.Cells))
		for i, c := range d.Cells {
			column[i] = c[j]
		}
		d.Axes[j].Values = distinct(column)
	}
}

// filled has no nil list where an empty one says the same.
func filled(d Draft) Draft {
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 0 && v.Type().Field(i).Name != "Cells" {
			f.SetZero()
		}
	}
	return d
}

// axis is the index of the axis called name; -1 if there is none.
func (d *Draft) axis(name string) int {
	return slices.IndexFunc(d.Axes, func(a Axis) bool { return a.Name == name })
}

// Value is the fixed value of a parameter; false where it is left at its default
// or is an axis.
func (d *Draft) Value(name string) (any, bool) {
	i := slices.IndexFunc(d.Params, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return nil, false
	}
	return d.Params[i].Value, true
}

// Settled is d without the findings that ask of cells which its design does not
// have, and a line for each of those. The claims of another experiment are not
// those of its clone.
func (d *Draft) Settled() (*Draft, []string) {
	out := d.Clone()
	out.Findings = nil
	var left []string
	for _, f := range d.Findings {
		if d.asks(f) {
			out.Findings = append(out.Findings, f)
		} else {
			left = append(left, "left out, since the design has no such cells: finding \""+f.Claim+"\"")
		}
	}
	return out, left
}

// asks is true if a finding names only axes and values of the design, and cells
// for each of its parts.
func (d *Draft) asks(f Finding) bool {
	cells := d.points()
	found := func(partial []Setting) bool {
		for _, s := range partial {
			i := d.axis(s.Name)
			if i < 0 || !slices.Contains(d.Axes[i].Values, s.Value) {
				return false
			}
		}
		return slices.ContainsFunc(cells, func(c Cell) bool { return c.matches(partial) })
	}
	if f.Slope != "" {
		i := d.axis(f.Slope)
		return i >= 0 && found(f.Where) && len(f.values(cells)) > 1
	}
	return !slices.ContainsFunc(slices.Concat(f.Plus, f.Minus), func(s []Setting) bool { return !found(s) })
}

// points are the cells of the design, with their axes only.
func (d *Draft) points() []Cell {
	list := d.Cells
	if list == nil {
		n := 1
		for _, a := range d.Axes {
			if n *= max(1, len(a.Values)); n > maxCells {
				return nil
			}
		}
		list = product(d.Axes)
	}
	cells := make([]Cell, len(list))
	for i, point := range list {
		for j, a := range d.Axes {
			cells[i].Axes = append(cells[i].Axes, Setting{Name: a.Name, Value: point[j]})
		}
	}
	return cells
}
