package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/tui/chart"
	"ablate/tui/look"
)

// grid is the matrix of an experiment: its cells over two of its axes. Further
// axes are averaged over, or fixed at values that the design has. It is made anew
// when the study has another version, and else only drawn.
type grid struct {
	study  *study
	pair   int    // which two axes, of pairs; what the plan does not have is the first
	fixing int    // which values of the further axes, counted from 1; 0: averaged over
	metric string // "" for what the experiment is judged by
	at     chart.At
	moved  bool // by the reader: else the cursor stands where the table's does

	made   made
	chart  chart.Matrix
	cells  [][][]int // of the plan, by row and column
	scores [][]score
	kinds  [4]bool // of intervals that are there
	fixed  []any   // the values of the further axes; nil: averaged over
	more   string  // what becomes of these, in words
	best   chart.At
}

// made says of what something was made.
type made struct {
	version, pair, fixing int
	metric                string
}

// pairs are the axes that the columns and the rows can be, by number; -1 is none.
func (g *grid) pairs() [][2]int {
	p := g.study.plan
	switch {
	case p == nil || len(p.Cells) == 0:
		return nil
	case len(p.Axes) == 0:
		return [][2]int{{-1, -1}}
	case len(p.Axes) == 1:
		return [][2]int{{0, -1}}
	}
	var all [][2]int
	for col := range p.Axes {
		for row := range p.Axes {
			if row != col {
				all = append(all, [2]int{col, row})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b [2]int) int { return max(a[0], a[1]) - max(b[0], b[1]) }) // the first two axes first
	return all
}

// chosen are the axes of the columns and the rows.
func (g *grid) chosen() (col, row int) {
	all := g.pairs()
	if len(all) == 0 {
		return -1, -1
	}
	p := all[g.pair%len(all)]
	return p[0], p[1]
}

// rest are the further axes.
func (g *grid) rest() (axes []int) {
	col, row := g.chosen()
	if g.study.plan == nil {
		return nil
	}
	for i := range g.study.plan.Axes {
		if i != col && i != row {
			axes = append(axes, i)
		}
	}
	return axes
}

// fixings are the values that the further axes have together, in the plan's order.
func (g *grid) fixings() (all [][]any) {
	rest := g.rest()
	if len(rest) == 0 {
		return nil
	}
	for _, c := range g.study.plan.Cells {
		values := make([]any, len(rest))
		for i, a := range rest {
			values[i] = c.Axes[a].Value
		}
		if !slices.ContainsFunc(all, func(v []any) bool { return slices.Equal(v, values) }) {
			all = append(all, values)
		}
	}
	return all
}

// turn goes to the next two axes, and says which.
func (g *grid) turn() string {
	if len(g.pairs()) < 2 {
		return "the design has no two axes to choose from"
	}
	g.pair = (g.pair + 1) % len(g.pairs())
	g.fixing, g.moved = 0, false
	return g.says()
}

// fix goes to the next values of the further axes, and says which.
func (g *grid) fix() string {
	all := g.fixings()
	if len(all) == 0 {
		return "there is no further axis: the matrix shows all"
	}
	g.fixing = (g.fixing + 1) % (len(all) + 1)
	return g.says()
}

// says names the axes and what becomes of the further ones.
func (g *grid) says() string {
	g.make()
	col, row := g.chosen()
	text := "columns " + g.study.plan.Axes[col]
	if row >= 0 {
		text += ", rows " + g.study.plan.Axes[row]
	}
	if g.more != "" {
		text += "; " + g.more
	}
	return look.Harmless(text)
}

// restWords say what becomes of the further axes; "" if there are none.
func (g *grid) restWords() string {
	rest := g.rest()
	if len(rest) == 0 {
		return ""
	}
	words := make([]string, len(rest))
	for i, a := range rest {
		words[i] = g.study.plan.Axes[a]
		if g.fixed != nil {
			words[i] += fmt.Sprintf(" = %v", g.fixed[i])
		}
	}
	if g.fixed != nil {
		return look.Harmless(strings.Join(words, ", "))
	}
	return look.Harmless("mean over " + strings.Join(words, ", "))
}

// choose takes the axes and fixed values by name: "tasks", "tasks solutions",
// "tasks solutions lr=3e-4". It reports whether it understood.
func (g *grid) choose(text string) bool {
	var names []string
	values := map[string]string{}
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, "×", " ")) {
		if name, value, ok := strings.Cut(word, "="); ok {
			values[name] = value
		} else {
			names = append(names, word)
		}
	}
	p := g.study.plan
	for i, pair := range g.pairs() {
		fits := len(names) == 0 && i == g.pair || len(names) > 0 && pair[0] >= 0 && p.Axes[pair[0]] == names[0]
		if len(names) > 1 {
			fits = fits && pair[1] >= 0 && p.Axes[pair[1]] == names[1]
		}
		if !fits {
			continue
		}
		was := g.pair
		g.pair, g.fixing, g.moved = i, 0, false
		if len(values) == 0 || g.fixAt(values) {
			return true
		}
		g.pair = was
		return false
	}
	return false
}

// fixAt fixes the further axes at values by name.
func (g *grid) fixAt(values map[string]string) bool {
	rest := g.rest()
	for i, v := range g.fixings() {
		fits := len(rest) >= len(values)
		for k, a := range rest {
			want, ok := values[g.study.plan.Axes[a]]
			fits = fits && (!ok || fmt.Sprint(v[k]) == want)
		}
		for name := range values {
			fits = fits && slices.ContainsFunc(rest, func(a int) bool { return g.study.plan.Axes[a] == name })
		}
		if fits {
			g.fixing = i + 1
			return true
		}
	}
	return false
}

// choices are what choose understands.
func (g *grid) choices() (all []string) {
	for _, p := range g.pairs() {
		if p[0] < 0 {
			continue
		}
		text := g.study.plan.Axes[p[0]]
		if p[1] >= 0 {
			text += " " + g.study.plan.Axes[p[1]]
		}
		all = append(all, text)
	}
	return all
}

// shown is the metric of the matrix.
func (g *grid) shown() string {
	if g.metric != "" {
		return g.metric
	}
	metric, _ := g.study.objective()
	return metric
}

// axisValues are the values of an axis over all cells: numbers ascending, others
// in their order. An axis of -1 has one value that stands for all.
func (s *study) axisValues(axis int) (values []any) {
	if axis < 0 {
		return []any{nil}
	}
	for _, c := range s.plan.Cells {
		if !slices.Contains(values, c.Axes[axis].Value) {
			values = append(values, c.Axes[axis].Value)
		}
	}
	slices.SortStableFunc(values, func(a, b any) int {
		x, xok := asNumber(a)
		y, yok := asNumber(b)
		if !xok || !yok {
			return 0
		}
		return int(math.Copysign(1, x-y))
	})
	return values
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// has reports whether a cell stands at a value of an axis; nil stands for all.
func has(c experiments.Cell, axis int, value any) bool {
	return value == nil || c.Axes[axis].Value == value
}

// cellsAt are the plan's cells at a place, less those that are fixed away.
func (g *grid) cellsAt(col, row int, cv, rv any) (cells []int) {
	rest := g.rest()
	for i, c := range g.study.plan.Cells {
		fits := has(c, col, cv) && has(c, row, rv)
		for k, v := range g.fixed {
			fits = fits && has(c, rest[k], v)
		}
		if fits {
			cells = append(cells, i)
		}
	}
	return cells
}

// under are the cells at the cursor, by number in the plan.
func (g *grid) under() []int {
	g.make()
	if g.at.Row >= len(g.cells) || g.at.Col >= len(g.cells[g.at.Row]) {
		return nil
	}
	return g.cells[g.at.Row][g.at.Col]
}

// move moves the cursor; from a place without cells it goes on in its direction.
func (g *grid) move(right, down int) {
	g.make()
	g.moved = true
	for at := g.at; ; {
		at.Row, at.Col = at.Row+down, at.Col+right
		if at.Row < 0 || at.Row >= len(g.cells) || at.Col < 0 || at.Col >= len(g.cells[at.Row]) {
			break
		}
		if len(g.cells[at.Row][at.Col]) > 0 {
			g.at = at
			return
		}
	}
	g.slide(right, down)
}

// slide goes to the nearest place with cells that lies further on in a direction:
// on a diagonal there is none straight on.
func (g *grid) slide(right, down int) {
	nearest, best := g.at, math.MaxInt
	for r := range g.cells {
		for c := range g.cells[r] {
			on := (c-g.at.Col)*right + (r-g.at.Row)*down
			beside := (c-g.at.Col)*down + (r-g.at.Row)*right
			if d := 2*on + max(beside, -beside); on > 0 && len(g.cells[r][c]) > 0 && d < best {
				nearest, best = chart.At{Row: r, Col: c}, d
			}
		}
	}
	g.at = nearest
}

// point puts the cursor on the cell of a run, unless the reader has it.
func (g *grid) point(id string) {
	cell := g.study.cellOf(id)
	if g.moved || cell < 0 {
		return
	}
	g.make()
	for r := range g.cells {
		for c := range g.cells[r] {
			if slices.Contains(g.cells[r][c], cell) {
				g.at = chart.At{Row: r, Col: c}
			}
		}
	}
}
