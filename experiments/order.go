package experiments

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
)

// The orders in which an experiment's runs start.
const (
	breadth  = "breadth" // every cell once before any second seed
	depth    = "depth"   // every seed of a cell before the next cell
	cheap    = "cheap"   // the cells that take least first, breadth first among equals
	shuffled = "random"  // a permutation that the names fix
)

// turn is the place of one run in the order: a cell and a seed.
type turn struct {
	cell int
	seed int64
}

// turns are the runs of the plan in the order they should start.
func (p *Plan) turns() []turn {
	turns := make([]turn, 0, len(p.Cells)*len(p.Seeds))
	for _, seed := range p.Seeds {
		for cell := range p.Cells {
			turns = append(turns, turn{cell, seed})
		}
	}
	switch p.Order {
	case depth:
		slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.cell, b.cell) })
	case cheap:
		if len(p.Costs) == len(p.Cells) {
			slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(p.Costs[a.cell], p.Costs[b.cell]) })
		}
	case shuffled:
		lots := make(map[turn][sha256.Size]byte, len(turns))
		for _, t := range turns {
			lots[t] = p.lot(t)
		}
		slices.SortStableFunc(turns, func(a, b turn) int {
			x, y := lots[a], lots[b]
			return bytes.Compare(x[:], y[:])
		})
	}
	return turns
}

// lot decides a run's place in a random order. It depends on the names of the
// experiment and of the run's axes and seed alone, so that runs which are added
// later leave the order of the others as it is.
func (p *Plan) lot(t turn) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %d", p.Experiment, label(p.Cells[t.cell].Axes), t.seed))
}
