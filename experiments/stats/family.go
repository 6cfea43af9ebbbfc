package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm are the p adjusted for all of them being looked at, in their order: where those
// below 0.05 are rejected, the chance that any is so wrongly is at most 5 % (Holm 1979).
// NaN stay NaN and do not count.
func Holm(p []float64) []float64 {
	adjusted, order := ascending(p)
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, p[i]*float64(len(order)-rank)))
		adjusted[i] = least
	}
	return adjusted
}

// ascending are the places of the numbers in p by their size, and a copy of p.
func ascending(p []float64) (adjusted []float64, order []int) {
	for i, x := range p {
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return slices.Clone(p), order
}
