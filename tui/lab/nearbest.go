package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// nearMark stands before a number that cannot be told apart from the best one.
const nearMark = "≈"

// Legend are the signs of the matrix.
func (p *Experiment) Legend() [][2]string {
	return [][2]string{{bestMark, "before a number of the matrix: the best one"}, {nearMark, "before a number: not told apart from the best, by Holm over all cells"}}
}

// nearBest is which places of the matrix may be the best one, as the statistics have
// it.
type nearBest struct {
	of     evidence // what was read
	shape  shape    // of the matrix
	metric string
	places [][]int // the plan's cells at each, row by row
	done   []int   // runs at each
	read   int     // how often it was
	report.Contenders
}

// unread is what has to be read of the matrix as it is; nil: all was, or there is
// nothing to tell apart.
func (g *grid) unread(now evidence) *nearBest {
	if g.make(); len(g.cells) == 0 || g.near.read > 0 && g.near.of == now && g.near.shape == g.shape() {
		return nil
	}
	want := &nearBest{of: now, shape: g.shape(), metric: g.shown()}
	for _, row := range g.cells {
		want.places = append(want.places, row...)
	}
	for _, row := range g.scores {
		for _, s := range row {
			want.done = append(want.done, s.done)
		}
	}
	return want
}

// hear takes in what was read.
func (n *nearBest) hear(read *nearBest) {
	if read != nil {
		read.read = n.read + 1
		*n = *read
	}
}

// lend puts the intervals that were read into the scores of those places where nothing
// was done since.
func (n *nearBest) lend(g *grid) {
	if n.shape != g.shape() || n.of.plan != g.study.plan.Hash || len(n.Means) != len(g.cells)*len(g.chart.Cols) {
		return
	}
	for r, row := range g.scores {
		for c := range row {
			at := g.index(r, c)
			if s := &row[c]; s.done == n.done[at] && !s.now && !math.IsNaN(n.Means[at].Mean) {
				s.take(n.Means[at])
			}
		}
	}
}

// nearest is what was read of this very matrix; false where that is another one, or
// another place is the best by now.
func (g *grid) nearest() (*nearBest, bool) {
	n := &g.near
	if n.read == 0 || n.Best < 0 || n.shape != g.shape() || n.of.plan != g.study.plan.Hash || len(n.Behind) == 0 {
		return nil, false
	}
	return n, g.best.Row < 0 || g.index(g.best.Row, g.best.Col) == n.Best
}

// index is a place as it is counted row by row.
func (g *grid) index(row, col int) int { return row*len(g.chart.Cols) + col }

// isNear reports whether a place may be the best one, too.
func (g *grid) isNear(row, col int) bool {
	n, ok := g.nearest()
	if !ok {
		return false
	}
	b, ok := n.Behind[g.index(row, col)]
	return ok && !b.Apart
}

// called names a place by its values.
func (g *grid) called(index int) string {
	at := chart.At{Row: index / len(g.chart.Cols), Col: index % len(g.chart.Cols)}
	col, row := g.chosen()
	names := []string{g.chart.Cols[at.Col], g.chart.Rows[at.Row]}
	switch {
	case row < 0:
		names = names[:1]
	case row < col: // as cells are called: in the order of the design
		slices.Reverse(names)
	}
	return strings.Join(names, "×")
}

// nearNote says what the mark is, in at most w cells.
func (g *grid) nearNote(w int) string {
	n, ok := g.nearest()
	if !ok {
		return ""
	}
	text := nearMark + " not told apart from the best, " + g.called(n.Best)
	switch {
	case n.Near() == 0 && len(n.Behind) == 1:
		text = "told apart from the best, " + g.called(n.Best)
	case n.Near() == 0:
		text = "all others told apart from the best, " + g.called(n.Best)
	}
	return longest(w, text+n.holm(" (Holm over %d)"), text)
}

// holm says for how many tests the p were adjusted; "" for a single one.
func (n *nearBest) holm(format string) string {
	if n.Family < 2 {
		return ""
	}
	return fmt.Sprintf(format, n.Family)
}

// behind says how far the place under the cursor is from the best one, in at most w
// cells.
func (g *grid) behind(w int) string {
	n, ok := g.nearest()
	if !ok {
		return ""
	}
	at := g.index(g.at.Row, g.at.Col)
	name := g.called(at)
	if at == n.Best {
		if n.Near() == 0 { // as the line above says
			return ""
		}
		name += fmt.Sprintf(": the best of %d", 1+len(n.Behind))
		return longest(w, fmt.Sprintf("%s, %d of them not told apart from it", name, n.Near()), name)
	}
	x, known := n.Behind[at]
	switch {
	case !known:
		return name + ": no run is done"
	case math.IsNaN(x.Mean):
		return longest(w, name+": no seed in common with the best", name+": no common seed")
	case math.IsNaN(x.Lo):
		return longest(w, name+": "+x.Size()+" from the best; no interval: one seed, no outcomes", name+": "+x.Size()+", no interval")
	}
	size, sees := name+": "+x.Size(), x.Sees()
	if sees == "" {
		return longest(w, size+" from the best", size)
	}
	return longest(w, size+" from the best, could have seen "+sees, size+", could have seen "+sees, size+", could see "+sees, size)
}

// worth says what further solutions of a task are worth beside new tasks, in at most w
// cells.
func (g *grid) worth(w int) string {
	n, ok := g.nearest()
	if !ok || n.Worth == "" {
		return ""
	}
	gamma, _, _ := strings.Cut(n.Worth, ":")
	return longest(w, n.Worth, "tasks × solutions^gamma: "+gamma, gamma)
}

// longest is the first of some texts that fits, else the last one.
func longest(w int, texts ...string) string {
	for _, t := range texts {
		if look.Width(t) <= w {
			return t
		}
	}
	return texts[len(texts)-1]
}
