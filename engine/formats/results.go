package formats

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"ablate/experiments/store"
)

// mostTasks is how many tasks a file may have: a hundred times what any set of today
// has.
const mostTasks = 1 << 20

// results gathers what became of single tasks.
type results struct {
	format   string // where it is another than that of the reader
	hash     string
	sets     []*gathered
	warnings []string
}

// gathered is one set of tasks.
type gathered struct {
	name  string
	items []store.Item
	at    map[string]int // places in items
	twice int            // tasks that stood there again, with the same outcome
}

// set is the one of that name, made where it is missing.
func (r *results) set(name string) *gathered {
	for _, g := range r.sets {
		if g.name == name {
			return g
		}
	}
	g := &gathered{name: name, at: map[string]int{}}
	r.sets = append(r.sets, g)
	return g
}

func (r *results) warn(form string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(form, args...))
}

// once takes a task in whose samples stand in one place. A second time it may stand
// there only with the same outcome.
func (g *gathered) once(i store.Item) error {
	if at, ok := g.at[i.ID]; ok {
		if old := g.items[at]; old != i {
			return fmt.Errorf("the task %q stands there twice, with %d of %d and %d of %d samples right: which counts?", i.ID, old.C, old.N, i.C, i.N)
		}
		g.twice++
		return nil
	}
	return g.add(i)
}

// more takes in samples of a task, which may have others.
func (g *gathered) more(i store.Item) error {
	if at, ok := g.at[i.ID]; ok {
		g.items[at].N += i.N
		g.items[at].C += i.C
		return nil
	}
	return g.add(i)
}

func (g *gathered) add(i store.Item) error {
	switch {
	case i.ID == "":
		return errors.New("a task without a name")
	case i.N < 0 || i.C < 0 || i.C > i.N:
		return fmt.Errorf("the task %q has %d right of %d samples", i.ID, i.C, i.N)
	case len(g.items) == mostTasks:
		return fmt.Errorf("more than %d tasks", mostTasks)
	}
	g.at[i.ID] = len(g.items)
	g.items = append(g.items, i)
	return nil
}

// evaluation is all of it: sets without tasks are left out, and tasks without samples.
func (r *results) evaluation(format string) (store.Evaluation, error) {
	e := store.Evaluation{Format: cmp.Or(r.format, format), Hash: r.hash, Warnings: r.warnings}
	tasks := 0
	for _, g := range r.sets {
		all := len(g.items)
		tasks += all
		items := slices.DeleteFunc(g.items, func(i store.Item) bool { return i.N == 0 })
		name := ""
		if len(r.sets) > 1 {
			name = "set " + g.name + ": "
		}
		if n := all - len(items); n > 0 {
			e.Warnings = append(e.Warnings, fmt.Sprintf("%s%s without samples left out", name, counted(n)))
		}
		if g.twice > 0 {
			e.Warnings = append(e.Warnings, fmt.Sprintf("%s%s twice, with the same outcome: counted once", name, counted(g.twice)))
		}
		if len(items) == 0 {
			continue
		}
		least, most := items[0].N, items[0].N
		for _, i := range items {
			least, most = min(least, i.N), max(most, i.N)
		}
		if least < most {
			e.Warnings = append(e.Warnings, fmt.Sprintf("%stasks have %d to %d samples: no pass@k of more than %d", name, least, most, least))
		}
		e.Sets = append(e.Sets, store.EvaluationSet{Name: g.name, Items: items})
	}
	switch {
	case tasks == 0:
		return e, errors.New("it has no tasks")
	case len(e.Sets) == 0:
		return e, errors.New("no task in it has samples")
	}
	return e, nil
}

func counted(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
