package synth

import (
	"math/rand/v2"
	"sync"

	"ablate/engine/seed"
)

// frozen is the seed of everything that no run may change: the probes, the
// cases of a task, the held-out set.
const frozen = 20260901

// signature names a behaviour: two compositions with equal outputs on all
// probes count as one.
type signature uint64

// side says which set may ask for a behaviour. The split is a property of the
// behaviour alone, so no order of drawing, no option and no later feature can
// move a held-out behaviour into a training set, or from one benchmark into
// another.
func (s signature) side() side {
	if s>>7&3 != 0 {
		return training
	}
	return side(s >> 9 & 3)
}

// side is one of the sets that share no behaviour: three quarters of all
// behaviours are for training, a sixteenth for each benchmark.
type side int

const (
	current side = iota
	older
	harder
	dev
	training
)

// probes are the fixed inputs that tell behaviours apart.
var probes = sync.OnceValue(func() [][]int64 {
	all := [][]int64{
		{}, {7}, {-4}, {0, 0}, {5, 5, 5}, {2, 3, 4, 5, 6}, {9, 6, 3, 0, -3, -6, -9}, {1, 0, -1, 1, 0, -1},
	}
	r := seed.Stream(frozen, "probe", 0)
	for len(all) < 24 {
		width := int64(9)
		if len(all)%2 == 0 {
			width = maxValue
		}
		all = append(all, randomList(r, 3+len(all)%(maxLength-2), width))
	}
	return all
})

// randomList draws n numbers of magnitude at most width.
func randomList(r *rand.Rand, n int, width int64) []int64 {
	a := make([]int64, n)
	for i := range a {
		a[i] = r.Int64N(2*width+1) - width
	}
	return a
}

// digest mixes one output into 64 bits; a list of one number differs from the
// number.
func digest(values []int64, scalar bool) uint64 {
	h := uint64(len(values))
	if scalar {
		h = 1 << 32
	}
	for _, v := range values {
		h = mix(h ^ uint64(v))
	}
	return mix(h)
}

// mix is the finaliser of SplitMix64: a bijection in which every bit of the
// input moves half of the output.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// behaviour is the signature of c, with the number of probes on which its most
// frequent output appears.
func (m *machine) behaviour(c composition) (s signature, common int) {
	h := uint64(0)
	var outputs [64]uint64
	seen, scalar := outputs[:0], c.scalar()
	for _, probe := range probes() {
		d := digest(m.run(c, probe), scalar)
		h = mix(h ^ d)
		seen = append(seen, d)
	}
	for _, d := range seen {
		n := 0
		for _, e := range seen {
			if d == e {
				n++
			}
		}
		common = max(common, n)
	}
	return signature(h), common
}

// varied says whether an output that appears on so many probes is none on more
// than a third of them.
func varied(common int) bool { return 3*common <= len(probes()) }

// worthy says whether c, of behaviour s, has no feature that could be left out
// without a difference (which also rules out the identity).
func (m *machine) worthy(c composition, s signature) bool {
	for gone := 1; gone < 1<<len(c); gone++ {
		rest := c.without(gone)
		if rest.scalar() != c.scalar() {
			continue
		}
		if t, _ := m.behaviour(rest); t == s {
			return false
		}
	}
	return true
}
