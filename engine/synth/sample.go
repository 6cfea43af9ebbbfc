package synth

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
)

const (
	fewestLeaves = 12 // of a sampled subtree, as in the paper's earlier pools
	mostLeaves   = 16
	otherShare   = 0.25 // leaves of the other categories

	// A feature of the corpus weighs 2 to 4, with the number of its programs.
	evolvedWeight = 1.5
)

// weights draw leaves of the tree. The zero value draws none.
type weights struct {
	leaves []*leaf
	sums   []float64 // of the weights of the leaves up to each
}

// weigh makes weights; leaves of weight 0 are left out, and so are operations
// that no task can ask for.
func weigh(leaves []leaf, of func(*leaf) float64) weights {
	var algorithm, other weights
	for i := range leaves {
		l := &leaves[i]
		switch w := of(l); {
		case w <= 0 || l.feature.family != nil && !l.executable():
		case l.executable():
			algorithm.add(l, w)
		default:
			other.add(l, w)
		}
	}
	return algorithm.joined(other, otherShare)
}

func (w *weights) add(l *leaf, weight float64) {
	w.leaves, w.sums = append(w.leaves, l), append(w.sums, w.total()+weight)
}

func (w *weights) total() float64 {
	if len(w.sums) == 0 {
		return 0
	}
	return w.sums[len(w.sums)-1]
}

// joined scales two weights so that the other gets a share of the draws.
func (w *weights) joined(o weights, share float64) weights {
	all := weights{leaves: slices.Concat(w.leaves, o.leaves)}
	for _, s := range w.sums {
		all.sums = append(all.sums, s/w.total())
	}
	for _, s := range o.sums {
		all.sums = append(all.sums, 1+float64(s/o.total()*(share/(1-share))))
	}
	return all
}

// usual weighs for training: what more programs show is asked for more, but by
// far not in proportion.
func usual(l *leaf) float64 {
	if l.count == 0 {
		return evolvedWeight
	}
	return seedOnly(l)
}

// seedOnly leaves out what evolution found.
func seedOnly(l *leaf) float64 {
	if l.count == 0 {
		return 0
	}
	return 1 + float64(bits.Len(uint(l.count)))/2
}

// byPrograms weighs as the corpus does.
func byPrograms(l *leaf) float64 { return max(float64(l.count), evolvedWeight/10) }

// evenly weighs so that the groups of a category share alike, and the leaves of a
// group.
func evenly(leaves []leaf) func(*leaf) float64 {
	size := map[string]float64{}
	for i := range leaves {
		size[leaves[i].group()]++
	}
	return func(l *leaf) float64 { return 1 / size[l.group()] }
}

// subtree draws different leaves, in the order of drawing.
func (w weights) subtree(r *rand.Rand) []*leaf {
	n := min(fewestLeaves+r.IntN(mostLeaves-fewestLeaves+1), len(w.leaves))
	drawn := make([]*leaf, 0, n)
	for tries := 0; len(drawn) < n && tries < 4*n; tries++ {
		x := float64(r.Float64() * w.total())
		at := sort.Search(len(w.sums)-1, func(i int) bool { return x < w.sums[i] })
		if !slices.Contains(drawn, w.leaves[at]) {
			drawn = append(drawn, w.leaves[at])
		}
	}
	return drawn
}
