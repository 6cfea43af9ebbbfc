package experiments

import (
	"fmt"
	"strings"
)

// warnings are about what works here and may not do what was meant.
func (c *checker) warnings(f *File) []Problem {
	before := len(c.list)
	for _, at := range c.newer {
		c.report(at, "this is TOML 1.1; other programs and editors read TOML 1.0",
			"TOML 1.0 has inline tables on one line without a last comma, and no escapes \\e and \\x")
	}
	for _, e := range f.Experiments {
		if e.Recipe == Command && len(e.Seeds) > 1 && !e.uses("seed") {
			at := c.places[child(path("experiment", e.Name), "argv")].key
			c.report(at, fmt.Sprintf("argv does not use {seed}: the %d seeds of a cell run the same command", len(e.Seeds)), "")
		}
	}
	for _, e := range f.Experiments {
		c.short(e)
		c.few(e)
		c.unreported(e)
	}
	if n := f.Notify; n != nil && len(n.Argv) == 1 && strings.ContainsAny(n.Argv[0], " |>&;") {
		c.report(c.places[path("notify", "argv")].value, "argv is one program with a blank or a sign of a shell in its name",
			`No shell reads it: give every argument its own string, or write ["sh", "-c", "..."]`)
	}
	return c.list[before:]
}

// short warns of a limit that the design is above, and of an order that nothing
// decides.
func (c *checker) short(e *Experiment) {
	at := path("experiment", e.Name)
	if runs, limit := len(e.points)*len(e.Seeds), e.rules.limits.Runs; limit > 0 && limit < runs {
		c.report(c.places[child(child(at, "limits"), "runs")].value,
			fmt.Sprintf("the design has %d runs and the limit is %d: %d will not start", runs, limit, runs-limit),
			"Raise runs, or leave out cells or seeds")
	}
	if e.rules.limits.GPUHours > 0 && e.rules.gpus == 0 {
		c.report(c.places[child(child(at, "limits"), "gpu_hours")].value,
			"no run holds a GPU: this limit is never reached", "gpus = 8 says that a run of recipe command holds 8")
	}
	if e.Order == cheap && e.recipe.Work == nil {
		c.report(c.places[child(at, "order")].value,
			fmt.Sprintf("nobody knows what a run of recipe %s takes: the order is %q", e.Recipe, breadth), "")
	}
}

// unreported warns of metrics that the runs of some cell end without.
func (c *checker) unreported(e *Experiment) {
	if e.recipe.Reports == nil {
		return
	}
	type question struct {
		metric, place string
		weights       []float64 // of the cells that it is asked of; nil: all
	}
	at := path("experiment", e.Name)
	var cells []Cell
	if len(e.Findings) > 0 {
		cells = make([]Cell, len(e.points))
	}
	for i := range cells {
		cells[i].Axes = e.settings(i)
	}
	asked := []question{{e.Objective.Metric, child(child(at, "objective"), "metric"), nil}}
	for i, f := range e.Findings {
		place := item(child(at, "finding"), i)
		asked = append(asked, question{f.Metric, child(place, "metric"), f.Weights(cells)})
		if f.MinusMetric != "" {
			asked = append(asked, question{f.MinusMetric, child(place, "minus_metric"), f.Weights(cells)})
		}
	}
	for _, q := range asked {
		i := 0
		for i < len(e.points) && (q.weights != nil && q.weights[i] == 0 || e.recipe.Reports(q.metric, e.resolve(i))) {
			i++
		}
		if i == len(e.points) {
			continue
		}
		where, ok := c.places[q.place]
		if !ok {
			where.value = c.places[at].key // the objective that is there by default
		}
		c.report(where.value, fmt.Sprintf("runs of cell %s end without the metric %q", e.label(i), q.metric),
			"Check its name, eval_samples for pass@k and avg@k, and eval_sets for other sets")
	}
}

// uses is true if the argv has the placeholder name.
func (e *Experiment) uses(name string) bool {
	for _, a := range e.Argv {
		list, _ := pieces(a)
		for _, p := range list {
			if p.name == name {
				return true
			}
		}
	}
	return false
}
