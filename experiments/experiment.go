package experiments

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Goals of an objective.
const (
	Max = "max"
	Min = "min"
)

// Objective is the metric an experiment is judged by.
type Objective struct {
	Metric string `json:"metric"` // canonical name, "eval/pass@1"
	Goal   string `json:"goal"`   // Max or Min
	// Margin is the difference that nobody cares about, in the unit of the metric (0.02
	// of a rate are 2 points): within it two cells count as equivalent. 0: nobody said.
	Margin float64 `json:"margin,omitempty"`
}

// Axis is one varied setting and its values, in declared order.
type Axis struct {
	Name   string
	Values []any // int64, float64, string or bool; one kind, no two equal
}

// Host is a named machine from the file.
type Host struct {
	Name      string
	Kind      string // "local", "ssh" or "slurm"
	Login     string
	Nodes     []string // names, if the file gives names
	NodeCount int      // 0: not given
	Partition string
	Account   string
	QOS       string
	Workdir   string
	GPUs      int // of one node; 0: not given
	GPUType   string
	KeepOff   []string // GPUs that no run may have, as Placement has them
}

// Experiment is one question: a design that was checked and has no mistakes.
type Experiment struct {
	Name      string
	Line      int    // of its first header in the file
	Title     string // Name where the file gives none
	Question  string
	Recipe    string
	Host      string
	Objective Objective
	Seeds     []int64
	Equal     string   // "", "rows", "steps" or "epochs": what is the same in all cells
	Order     string   // "breadth", "depth", "cheap" or "random"
	Axes      []Axis   // in declared order
	Fixed     Params   // what .params and --set give
	Argv      []string // recipe Command only: the template

	References []string // published series to stand beside it
	Findings   []Finding

	rules     rules
	host      Host // as the file has it; zero if it does not
	recipe    Recipe
	open      bool    // the recipe does not say which parameters there are
	irregular bool    // cells were given one by one
	points    [][]any // one per cell: a value for each of Axes
}

// param is the parameter called name, whose kind may follow from its values.
func (e *Experiment) param(name string, values []any) Param {
	if !e.open {
		p, _ := e.recipe.param(name)
		return p
	}
	p := Param{Name: name}
	for _, v := range values {
		kind := kindOf(v)
		if p.Kind == "" || p.Kind == Int && kind == Float {
			p.Kind = kind
		}
	}
	return p
}

// silenced is true for the one of steps and epochs that is not given while the
// other is: it must not come in by its default.
func (e *Experiment) silenced(name string) bool {
	other := otherLength(name)
	return other != "" && e.given(other) && !e.given(name)
}

// otherLength is the other one of steps and epochs; "" for any other name.
func otherLength(name string) string {
	switch name {
	case "steps":
		return "epochs"
	case "epochs":
		return "steps"
	}
	return ""
}

// resolve is every parameter of cell i, defaults filled in.
func (e *Experiment) resolve(i int) Params {
	p := make(Params, len(e.recipe.Params)+len(e.Axes))
	for _, q := range e.recipe.Params {
		if e.silenced(q.Name) {
			p[q.Name] = q.zero()
		} else if q.Default != nil {
			p[q.Name] = q.standard()
		}
	}
	maps.Copy(p, e.Fixed)
	for j, a := range e.Axes {
		p[a.Name] = e.points[i][j]
	}
	return p
}

// settings are the axes of cell i with their values.
func (e *Experiment) settings(i int) []Setting {
	s := make([]Setting, len(e.Axes))
	for j, a := range e.Axes {
		s[j] = Setting{Name: a.Name, Value: e.points[i][j]}
	}
	return s
}

// label is the name of cell i without its hash.
func (e *Experiment) label(i int) string { return label(e.settings(i)) }

// With is the experiment with fixed parameters set by "key=value" and, if seeds
// is above 0, with the seeds 1 to seeds. The receiver stays as it is.
func (e *Experiment) With(set []string, seeds int) (*Experiment, error) {
	out := *e
	out.Fixed = maps.Clone(e.Fixed)
	if out.Fixed == nil {
		out.Fixed = Params{}
	}
	if seeds < 0 || seeds > maxSeeds {
		return nil, fmt.Errorf("set seeds: %d is not from 1 to %d", seeds, maxSeeds)
	}
	if seeds > 0 {
		out.Seeds = upTo(seeds)
	}
	for _, kv := range set {
		if err := out.set(kv); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, m := range out.mistakes() {
		errs = append(errs, fmt.Errorf("set %s: %s", strings.Join(set, " "), m.words()))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &out, nil
}

// set changes one fixed parameter.
func (e *Experiment) set(kv string) error {
	key, text, ok := strings.Cut(kv, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		return fmt.Errorf("set %q: want key=value", kv)
	}
	if i := slices.IndexFunc(e.Axes, func(a Axis) bool { return a.Name == key }); i >= 0 {
		values := make([]string, len(e.Axes[i].Values))
		for j, v := range e.Axes[i].Values {
			values[j] = shown(v)
		}
		return fmt.Errorf("set %s: %s is an axis of %s, with the values %s; a fixed value would merge its cells. Change the axis in the file, or write a new experiment",
			kv, key, e.Name, strings.Join(values, ", "))
	}
	p, known := e.recipe.param(key)
	names := e.recipe.names()
	if e.open {
		p, known = Param{Name: key, Kind: kindOf(e.Fixed[key])}, e.given(key)
		names = slices.Sorted(maps.Keys(e.Fixed))
	}
	if !known {
		return fmt.Errorf("set %s: no parameter %q. %s", kv, key, suggestion(key, names))
	}
	v, err := p.parse(text)
	if err != nil {
		return fmt.Errorf("set %s: %q is not %s", kv, text, article(p.Kind))
	}
	v, wrong := p.convert(v)
	if wrong != nil {
		return fmt.Errorf("set %s: %s", kv, wrong.words())
	}
	e.Fixed[key] = v
	return nil
}
