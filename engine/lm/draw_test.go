package lm

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// The nucleus is that of a full sort, to the bit: for peaked and for flat
// probabilities, with equals among them, and for such as sum to less than one.
func TestKeepIsAFullSort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 0))
	var d drawer
	for round := range 2000 {
		probs := make([]float32, 1+r.IntN(200))
		sum := float32(0)
		for i := range probs {
			probs[i] = 1 + float32(r.IntN(3))
			for range round % 5 {
				probs[i] *= probs[i] * r.Float32() // peaked
			}
			sum += probs[i]
		}
		short := []float32{1, 1, 0.999, 0.5}[r.IntN(4)]
		for i := range probs {
			probs[i] = probs[i] / sum * short
		}
		topP := []float32{0.01, 0.5, 0.95, 0.9999, 0.9999999}[r.IntN(5)]
		want := slices.Clone(probs)
		order := make([]int, len(probs))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(probs[j], probs[i]), cmp.Compare(i, j)) })
		total, n := 0.0, 0
		for ; n < len(order) && total < float64(topP); n++ {
			total += float64(probs[order[n]])
		}
		for _, i := range order[n:] {
			want[i] = 0
		}
		if got := d.keep(probs, topP); got != total || !slices.Equal(probs, want) {
			t.Fatalf("round %d, top-p %g of %d: %v in all, want %v; %v, want %v", round, topP, len(probs), got, total, probs, want)
		}
	}
}
