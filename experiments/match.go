package experiments

import (
	"fmt"
	"maps"
	"slices"
)

// Matched are cells of several designs that stand for the same setting.
type Matched struct {
	Shared []Setting // the axes that all designs have, with the values of these cells
	Cells  []int     // of each design the place of its cell, -1 where it has none
}

// Match sets the cells of designs beside each other by the axes that all of them
// have, in the order of the first design. Where a design has several cells with the
// same values there, each is a row of its own, beside the cell of another design
// whose parameters agree with it in the axes that only one of the two has; if that is
// not one cell, beside none. Rows with one cell alone come too: they are unmatched.
func Match(designs [][]Cell) []Matched {
	shared := sharedAxes(designs)
	type group struct {
		key []Setting
		at  [][]int // places of cells, by design
	}
	var order []*group
	known := map[string]*group{}
	for d, cells := range designs {
		for i, c := range cells {
			key := c.on(shared)
			text := fmt.Sprintf("%#v", key)
			g := known[text]
			if g == nil {
				g = &group{key, make([][]int, len(designs))}
				known[text], order = g, append(order, g)
			}
			g.at[d] = append(g.at[d], i)
		}
	}
	var rows []Matched
	for _, g := range order {
		rows = append(rows, matchGroup(designs, g.at, g.key)...)
	}
	return rows
}

// matchGroup makes a row of each cell of the design that has the most of a group,
// and of those of the others that stand in none of these rows.
func matchGroup(designs [][]Cell, at [][]int, key []Setting) (rows []Matched) {
	used := make([]map[int]bool, len(designs))
	widest := 0
	for d := range designs {
		used[d] = map[int]bool{}
		if len(at[d]) > len(at[widest]) {
			widest = d
		}
	}
	add := func(cells []int) { rows = append(rows, Matched{Shared: key, Cells: cells}) }
	for _, i := range at[widest] {
		row := make([]int, len(designs))
		for d := range designs {
			row[d] = -1
			if d == widest {
				row[d] = i
			} else if j := partner(designs[widest][i], designs[d], at[d], len(at[widest]) == 1); j >= 0 {
				row[d] = j
				used[d][j] = true
			}
		}
		add(row)
	}
	for d := range designs {
		for _, j := range at[d] {
			if d != widest && !used[d][j] {
				row := slices.Repeat([]int{-1}, len(designs))
				row[d] = j
				add(row)
			}
		}
	}
	return rows
}

// partner is the only one of the candidates that agrees with a cell on every axis
// that either has and both know; -1 for none or several. Where neither side has a
// choice it need not agree.
func partner(c Cell, cells []Cell, candidates []int, alone bool) int {
	if alone && len(candidates) == 1 {
		return candidates[0]
	}
	found := -1
	for _, j := range candidates {
		if !c.agrees(cells[j]) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = j
	}
	return found
}

// agrees is true if no axis of either has another value as the other's parameter.
func (c Cell) agrees(d Cell) bool {
	for _, pair := range [][2]Cell{{c, d}, {d, c}} {
		for _, a := range pair[0].Axes {
			if v, ok := pair[1].Params[a.Name]; ok && v != a.Value {
				return false
			}
		}
	}
	return true
}

// sharedAxes are the axes that some cell of every design has, in the order of the
// first.
func sharedAxes(designs [][]Cell) (names []string) {
	if len(designs) == 0 {
		return nil
	}
	has := func(cells []Cell, name string) bool {
		return slices.ContainsFunc(cells, func(c Cell) bool { return len(c.on([]string{name})) > 0 })
	}
	for _, c := range designs[0] {
		for _, a := range c.Axes {
			missing := slices.ContainsFunc(designs, func(cells []Cell) bool { return !has(cells, a.Name) })
			if !missing && !slices.Contains(names, a.Name) {
				names = append(names, a.Name)
			}
		}
	}
	return names
}

// on are the settings of a cell on some axes, in their order.
func (c Cell) on(names []string) []Setting {
	out := []Setting{}
	for _, name := range names {
		if i := slices.IndexFunc(c.Axes, func(s Setting) bool { return s.Name == name }); i >= 0 {
			out = append(out, c.Axes[i])
		}
	}
	return out
}

// Differing are the names of the parameters that not all of these have with the
// same value, in alphabetical order.
func Differing(all []Params) []string {
	names := map[string]bool{}
	for _, p := range all {
		for name, v := range p {
			w, ok := all[0][name]
			names[name] = names[name] || !ok || v != w
		}
	}
	for name := range names {
		lacks := slices.ContainsFunc(all, func(p Params) bool { _, ok := p[name]; return !ok })
		if !names[name] && !lacks {
			delete(names, name)
		}
	}
	return slices.Sorted(maps.Keys(names))
}
