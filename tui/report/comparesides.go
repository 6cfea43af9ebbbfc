package report

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// side finds out what a name means:
//
//	quick                  all cells of the design that it was last run with
//	quick@7d               of the one that it was last run with a week ago
//	quick/1024x1           a cell by its values, or by its name, with its hash or without
//	quick/1024x1/s2        a run, by its id or in short
//	1024x1, 1024×1 s2      a cell or run that only one experiment has
//	a.json, a1.json,a2.json  results that were made elsewhere, a seed a file
func (c *Comparer) side(name string, read ReadEvaluation) (Side, error) {
	if s, ok, err := c.fileSide(name, read); ok || err != nil {
		return s, err
	}
	experiment, cell, seed := splitName(name)
	known, err := c.store.Experiments()
	if err != nil {
		return Side{}, err
	}
	bare, at, earlier := strings.Cut(experiment, "@")
	if !slices.Contains(known, bare) {
		if seed != "" && cell == "" || cell != "" && !isSeed(cell) {
			return Side{}, c.unknown(name, known)
		}
		if isSeed(cell) { // "1024x1/s2"
			seed = cell
		}
		return c.anywhere(name, experiment, seed, known)
	}
	var p *experiments.Plan
	if earlier {
		p, err = c.store.PlanAt(bare, at)
	} else {
		p, err = c.store.ReadPlan(bare)
	}
	if err != nil {
		return Side{}, fmt.Errorf("compare %q: %w", name, err)
	}
	s := Side{Name: name, Label: name, Plan: p}
	if cell == "" {
		s.Units = planUnits(p)
		return s, nil
	}
	u, err := c.unit(p, bare, cell, earlier)
	if err != nil {
		return Side{}, fmt.Errorf("compare %q: %w", name, err)
	}
	return s.of(u, seed)
}

// of makes a side of one cell, or of one of its runs.
func (s Side) of(u *Unit, seed string) (Side, error) {
	s.Label = u.Label
	if seed != "" {
		u.Runs = slices.DeleteFunc(u.Runs, func(r store.Record) bool { return "s"+strconv.FormatInt(r.Seed, 10) != seed })
		if len(u.Runs) == 0 {
			return s, fmt.Errorf("compare %q: the cell %s has no run of seed %s", s.Name, u.Cell.Name, strings.TrimPrefix(seed, "s"))
		}
		u.Label, u.Planned = u.Label+" "+seed, 1
		s.Label = u.Label
	}
	s.Units = []*Unit{u}
	return s, nil
}

// splitName takes a name apart. "1024×1 s2" is how screens write "1024×1/s2".
func splitName(name string) (experiment, cell, seed string) {
	name = strings.Trim(strings.TrimSpace(name), "/")
	if head, tail, ok := strings.Cut(name, " "); ok && isSeed(tail) {
		name = head + "/" + tail
	}
	parts := strings.SplitN(name, "/", 3)
	parts = append(parts, "", "")
	return parts[0], parts[1], parts[2]
}

func isSeed(word string) bool {
	digits, ok := strings.CutPrefix(word, "s")
	_, err := strconv.ParseInt(digits, 10, 64)
	return ok && err == nil
}

// anywhere finds the cell that one experiment alone has.
func (c *Comparer) anywhere(name, cell, seed string, known []string) (Side, error) {
	var found []Side
	var where []string
	for _, experiment := range known {
		p, err := c.store.ReadPlan(experiment)
		if err != nil {
			continue // what cannot be read has no cell of that name
		}
		if i := slices.IndexFunc(p.Cells, func(x experiments.Cell) bool { return x.Means(cell) }); i >= 0 {
			u := planUnits(p)[i]
			s, err := Side{Name: name, Plan: p}.of(u, seed)
			if err != nil {
				return s, err
			}
			found, where = append(found, s), append(where, experiment)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Side{}, c.unknown(name, known)
	}
	return Side{}, fmt.Errorf("compare %q: %s have such a cell; write one of them before it, as %s/%s", name, strings.Join(where, ", "), where[0], name)
}

func (c *Comparer) unknown(name string, known []string) error {
	if len(known) == 0 {
		return fmt.Errorf("compare %q: no runs in %s yet; `ablate run quick` makes the first ones", name, c.store.Dir)
	}
	return fmt.Errorf("compare %q: no experiment and no cell of that name was run in %s; there are %s", name, c.store.Dir, strings.Join(known, ", "))
}

// planUnits are the cells of a design with the places of their runs.
func planUnits(p *experiments.Plan) []*Unit {
	units := make([]*Unit, len(p.Cells))
	at := map[string]*Unit{}
	for i, cell := range p.Cells {
		units[i] = &Unit{Label: cmp.Or(CellLabel(cell.Axes), p.Experiment), Cell: cell, Planned: len(p.Seeds)}
		at[cell.Name] = units[i]
	}
	for _, run := range p.Runs() {
		u := at[run.Cell]
		u.Runs = append(u.Runs, store.Record{Run: run})
	}
	for _, u := range units {
		slices.SortFunc(u.Runs, func(a, b store.Record) int { return cmp.Compare(a.Seed, b.Seed) })
	}
	return units
}

// unit is the cell of a design that a word means, with all its runs in the store
// where the design is the current one; else it may be the folder of a cell that is in
// no design any more.
func (c *Comparer) unit(p *experiments.Plan, experiment, word string, earlier bool) (*Unit, error) {
	i := slices.IndexFunc(p.Cells, func(x experiments.Cell) bool { return x.Means(word) })
	if i >= 0 && earlier {
		return planUnits(p)[i], nil
	}
	if i >= 0 {
		word = p.Cells[i].Name
	}
	ids, err := c.store.RunIDs(experiment)
	if err != nil {
		return nil, err
	}
	u := &Unit{}
	for _, id := range ids {
		if !strings.HasPrefix(id, experiment+"/"+word+"/") {
			continue
		}
		var run experiments.Run
		if err := store.ReadJSON(c.store.RunDir(id)+"/run.json", &run); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue // it was deleted after it was listed
			}
			return nil, err
		}
		run.ID = id
		u.Cell = experiments.Cell{Name: run.Cell, Axes: run.Axes, Params: run.Params}
		u.Runs = append(u.Runs, store.Record{Run: run})
	}
	switch {
	case i >= 0 && len(u.Runs) == 0:
		return planUnits(p)[i], nil
	case len(u.Runs) == 0:
		return nil, fmt.Errorf("%s has no such cell; there are %s", experiment, cellWords(p))
	}
	u.Label, u.Planned = cmp.Or(CellLabel(u.Cell.Axes), experiment), len(u.Runs)
	if i >= 0 {
		u.Planned = max(u.Planned, len(p.Seeds))
	}
	slices.SortFunc(u.Runs, func(a, b store.Record) int { return cmp.Compare(a.Seed, b.Seed) })
	return u, nil
}

// cellWords are some cells of a design in short.
func cellWords(p *experiments.Plan) string {
	const most = 6
	var words []string
	for i, c := range p.Cells {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(p.Cells)-most))
			break
		}
		words = append(words, strings.ReplaceAll(CellLabel(c.Axes), "×", "x"))
	}
	return strings.Join(words, ", ")
}
