package store

import (
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
)

// Find returns the ids of the runs that a user means by a name: an experiment, a
// cell or a run. A cell of the current plan may be named without its hash, and by its
// values, as 1024x1, if only one has these.
func (s *Store) Find(name string) ([]string, error) {
	name = strings.Trim(name, "/")
	experiment, rest, _ := strings.Cut(name, "/")
	if experiment == "" || experiment[0] == '.' {
		return nil, fmt.Errorf("find run %q: a name begins with that of an experiment", name)
	}
	ids, err := s.RunIDs(experiment)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		known, err := s.Experiments()
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			return nil, fmt.Errorf("find run %q: no runs in %s yet; `ablate run quick` makes the first ones", name, s.Dir)
		}
		return nil, fmt.Errorf("find run %q: no runs of that experiment in %s; there are some of %s", name, s.Dir, strings.Join(known, ", "))
	}
	if rest == "" {
		return ids, nil
	}
	found, err := s.ofCell(experiment, rest, ids)
	if err != nil {
		return nil, fmt.Errorf("find run %q: %w", name, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("find run %q: %s has %d runs and none of that name, such as %s", name, experiment, len(ids), ids[0])
	}
	return found, nil
}

// ofCell are those of an experiment's runs that CELL or CELL/SEED means. What names a
// folder means no other cell.
func (s *Store) ofCell(experiment, rest string, ids []string) (found []string, err error) {
	var cells []experiments.Cell
	if p, err := s.ReadPlan(experiment); err == nil {
		cells = p.Cells
	}
	for _, id := range ids {
		_, path, _ := strings.Cut(id, "/")
		cell, seed, _ := strings.Cut(path, "/")
		plain := cell
		if i := strings.LastIndexByte(cell, '~'); i >= 0 && slices.ContainsFunc(cells, func(c experiments.Cell) bool { return c.Name == cell }) {
			plain = cell[:i]
		}
		switch rest {
		case path, cell, plain, plain + "/" + seed:
			found = append(found, id)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	word, seed, _ := strings.Cut(rest, "/")
	cells = slices.DeleteFunc(cells, func(c experiments.Cell) bool { return !c.Means(word) })
	switch {
	case len(cells) == 0:
		return nil, nil
	case len(cells) > 1:
		return nil, fmt.Errorf("%d cells have these values, such as %s and %s; name one", len(cells), cells[0].Name, cells[1].Name)
	}
	for _, id := range ids {
		if tail, ok := strings.CutPrefix(id, experiment+"/"+cells[0].Name+"/"); ok && (seed == "" || seed == tail) {
			found = append(found, id)
		}
	}
	return found, nil
}
