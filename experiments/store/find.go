package store

import (
	"fmt"
	"strings"
)

// Find returns the ids of the runs that a user means by a name: an experiment, a
// cell or a run. A cell may be named without its hash if the current plan has it.
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
	current := map[string]bool{}
	if p, err := s.ReadPlan(experiment); err == nil {
		for _, c := range p.Cells {
			current[c.Name] = true
		}
	}
	var found []string
	for _, id := range ids {
		_, path, _ := strings.Cut(id, "/")
		cell, seed, _ := strings.Cut(path, "/")
		plain := cell
		if i := strings.LastIndexByte(cell, '~'); i >= 0 && current[cell] {
			plain = cell[:i]
		}
		switch rest {
		case path, cell, plain, plain + "/" + seed:
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("find run %q: %s has %d runs and none of that name, such as %s", name, experiment, len(ids), ids[0])
	}
	return found, nil
}
