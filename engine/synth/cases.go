package synth

import (
	"math/bits"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/seed"
)

// candidate is an input that may become a test.
type candidate struct {
	input  []int64
	digest uint64 // of the output
	tells  uint64 // bit i: near-by composition i gives another output here
	used   bool
}

// cases chooses n tests for c out of a pool of candidates. The empty list comes
// first, since what fails there fails in its own way; then always the candidate
// that tells c from most of the near-by compositions which the chosen ones do
// not tell from it well, a new output counting as well. Pool and choice are
// functions of c alone.
func (m *machine) cases(c composition, n int) []judge.Case {
	pool := m.pool(c)
	cases := make([]judge.Case, 0, n)
	var told [64]int // how many of the chosen cases tell near-by composition i
	seen := map[uint64]bool{}
	for at := 0; len(cases) < n && at >= 0; at = best(pool, &told, seen) {
		p := &pool[at]
		p.used, seen[p.digest] = true, true
		for t := p.tells; t != 0; t &= t - 1 {
			told[bits.TrailingZeros64(t)]++
		}
		cases = append(cases, judge.Case{
			Input: literal(p.input, false),
			Want:  literal(m.run(c, p.input), c.scalar()),
		})
	}
	return cases
}

// pool runs c and the compositions near it on all inputs that may become tests.
func (m *machine) pool(c composition) []candidate {
	inputs := inputs(c)
	pool := make([]candidate, len(inputs))
	for i, input := range inputs {
		pool[i] = candidate{input: input, digest: digest(m.run(c, input), c.scalar())}
	}
	for bit, other := range nearby(c) {
		for i := range pool {
			if digest(m.run(other, pool[i].input), other.scalar()) != pool[i].digest {
				pool[i].tells |= 1 << bit
			}
		}
	}
	return pool
}

// best gives the most telling unused candidate, the first of equals, or -1.
func best(pool []candidate, told *[64]int, seen map[uint64]bool) int {
	at, top := -1, -1
	for i, p := range pool {
		if p.used {
			continue
		}
		score := 0
		for t := p.tells; t != 0; t &= t - 1 {
			score += 16 >> (2 * min(told[bits.TrailingZeros64(t)], 2)) // 16, 4, then 1
		}
		if !seen[p.digest] {
			score += 8
		}
		if score > top {
			at, top = i, score
		}
	}
	return at
}

// nearby gives compositions one edit away: another constant, a feature less,
// two neighbours swapped. Fewer than 64.
func nearby(c composition) []composition {
	near := slices.Concat(c.shorter(), c.swapped())
	for i, f := range c {
		if len(f.constants) == 0 {
			continue
		}
		for _, k := range []int64{f.k - 1, f.k + 1} {
			if k != 0 || f.k <= 0 { // no modulus is 0, and other constants are as good as gone
				near = append(near, c.with(i, feature{family: f.family, k: k}))
			}
		}
	}
	return near
}

// inputs are the candidates of c: edge cases in general, those at the constants
// of c, and random lists of growing length. The empty list is the first.
func inputs(c composition) [][]int64 {
	all := [][]int64{
		{}, {0}, {6}, {-5}, {4, 4, 4, 4}, {0, 0, 0}, {-1, -2, -3, -4, -6},
		{1, 2, 3, 4, 5, 6, 7}, {8, 6, 5, 3, 2}, {2, 2, 7, 7, -3, -3}, {0, -1, 1, 0}, {-1, 0, 1, 2},
	}
	for _, f := range c {
		if len(f.constants) > 0 {
			all = append(all, []int64{f.k}, []int64{f.k + 1, f.k, f.k - 1}, []int64{-f.k, f.k, 2 * f.k, f.k + 1})
		}
	}
	r := seed.Stream(frozen, "cases/"+c.id(), 0)
	for i := range 24 {
		width := int64(7)
		if i%3 == 2 {
			width = maxValue
		}
		all = append(all, randomList(r, 2+i*(maxLength-1)/24, width))
	}
	return all
}
