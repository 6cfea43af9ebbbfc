package lab

import (
	"fmt"
	"math"
	"slices"

	"ablate/experiments"
)

// design is a plan with its cells and runs numbered.
type design struct {
	name   string            // of the experiment
	plan   *experiments.Plan // as it was last run; the file's if it never was
	ids    []string          // of the plan's runs, by cell and seed
	places map[string]int    // of the plan's cells by name
	runs   map[string]where  // of the plan's runs by id
	of     *experiments.Plan // whose these are
}

// where is a run's place in the plan: its cell, and its seed by number in the
// plan's order.
type where struct{ cell, seed int }

// place numbers the plan's cells and runs.
func (s *design) place() {
	s.of, s.ids, s.places, s.runs = s.plan, nil, map[string]int{}, map[string]where{}
	if s.plan == nil {
		return
	}
	for i, c := range s.plan.Cells {
		s.places[c.Name] = i
		for k, seed := range s.plan.Seeds {
			id := fmt.Sprintf("%s/%s/s%d", s.name, c.Name, seed)
			s.ids = append(s.ids, id)
			s.runs[id] = where{i, k}
		}
	}
}

// id is the run of a cell and a seed, both by number in the plan.
func (s *design) id(cell, seed int) string { return s.ids[cell*len(s.plan.Seeds)+seed] }

// cellOf is the place of a run's cell in the plan, -1 if it is of an earlier one.
func (s *design) cellOf(id string) int {
	if i, ok := s.places[experiments.CellOf(id)]; ok {
		return i
	}
	return -1
}

// planned reports whether a run is one of the plan, not of an earlier one.
func (s *design) planned(id string) bool {
	_, ok := s.runs[id]
	return ok
}

// axisValues are the values of an axis over all cells: numbers ascending, others
// in their order. An axis of -1 has one value that stands for all.
func (s *design) axisValues(axis int) (values []any) {
	if axis < 0 {
		return []any{nil}
	}
	for _, c := range s.plan.Cells {
		if !slices.Contains(values, c.Axes[axis].Value) {
			values = append(values, c.Axes[axis].Value)
		}
	}
	slices.SortStableFunc(values, func(a, b any) int {
		x, xok := experiments.Number(a)
		y, yok := experiments.Number(b)
		if !xok || !yok {
			return 0
		}
		return int(math.Copysign(1, x-y))
	})
	return values
}

// has reports whether a cell stands at a value of an axis; nil stands for all.
func has(c experiments.Cell, axis int, value any) bool {
	return value == nil || c.Axes[axis].Value == value
}
