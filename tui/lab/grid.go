package lab

import (
	"math"
	"slices"

	"ablate/tui/chart"
)

// grid is the matrix of an experiment: its cells over two of its axes. Further
// axes are averaged over, or fixed at values that the design has. It is made anew
// when the study has another version, and else only drawn.
type grid struct {
	axes
	metric string // "" for what the experiment is judged by
	at     chart.At
	moved  bool // by the reader: else the cursor stands where the table's does

	near   nearBest
	made   made
	chart  chart.Matrix
	cells  [][][]int // of the plan, by row and column
	scores [][]score
	kinds  [5]bool // of intervals that are there
	best   chart.At

	decimals int // of rates
}

// made says of what something was made.
type made struct {
	version, read int // of the study, and of the places that may be the best
	shape
}

// shape is what the places of the matrix are, and what they are judged by.
type shape struct {
	pair, fixing int
	metric       string
}

func (g *grid) shape() shape { return shape{g.pair, g.fixing, g.metric} }

// shown is the metric of the matrix.
func (g *grid) shown() string {
	if g.metric != "" {
		return g.metric
	}
	metric, _ := g.study.objective()
	return metric
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
