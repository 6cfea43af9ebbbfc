package lm

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// argmax is the index of the largest element, the first of equals.
func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// drawer draws tokens; it keeps the room to sort them.
type drawer struct{ order []int }

// draw takes an index with the given probabilities, after clearing those of the
// unlikeliest that are not needed to reach topP.
func (d *drawer) draw(probs []float32, topP float32, rng *rand.Rand) int {
	total := 1.0
	if topP > 0 && topP < 1 {
		total = d.keep(probs, topP)
	}
	left, last := float64(total*rng.Float64()), 0
	for i, p := range probs {
		if p == 0 {
			continue
		}
		if left -= float64(p); left < 0 {
			return i
		}
		last = i // rounding may leave a rest after the last
	}
	return last
}

// keep clears all but the fewest likeliest probabilities that reach topP
// together, of equals the first, and returns their sum.
func (d *drawer) keep(probs []float32, topP float32) float64 {
	// Most are so small that all of them together are not needed, and sorting them
	// would take most of the time of a draw.
	least := (1 - topP) / float32(2*len(probs))
	total, n := d.reach(probs, topP, least)
	if total < float64(topP) { // the probabilities do not sum to quite one
		least = 0
		total, n = d.reach(probs, topP, least)
	}
	for i, p := range probs {
		if p < least {
			probs[i] = 0
		}
	}
	for _, i := range d.order[n:] {
		probs[i] = 0
	}
	return total
}

// reach sorts the probabilities from least on and tells how many of the likeliest
// reach topP together, or that all of them do not.
func (d *drawer) reach(probs []float32, topP, least float32) (total float64, n int) {
	d.order = d.order[:0]
	for i, p := range probs {
		if p >= least {
			d.order = append(d.order, i)
		}
	}
	slices.SortFunc(d.order, func(i, j int) int {
		return cmp.Or(cmp.Compare(probs[j], probs[i]), cmp.Compare(i, j))
	})
	for ; n < len(d.order) && total < float64(topP); n++ {
		total += float64(probs[d.order[n]])
	}
	return total, n
}
