package stats

import (
	"math"
	"math/rand/v2"
)

// SignFlip is the p, two-sided, of differences that have no direction: the share of
// all ways to give each its sign whose sum is as far from 0 as that of d (Fisher 1935).
// It takes no distribution for granted, only that d are independent: those of tasks
// (or clusters) with one seed, of seeds with several. Of up to 20 values every way is
// tried; of more, 100,000 are drawn by the seed, with p = (1 + count) / (1 + draws).
//
// Flips is how many values can be flipped, which are those that are not 0: no p is
// below 2^(1-flips). NaN of nothing and where a value is NaN or infinite.
func SignFlip(d []float64, seed uint64) (p float64, flips int) {
	const exact, draws = 20, 100_000
	var values []float64
	sum, size := 0.0, 0.0
	for _, x := range d {
		sum += x
		size += math.Abs(x)
		if x != 0 {
			values = append(values, x)
		}
	}
	if len(d) == 0 || math.IsNaN(size) || math.IsInf(size, 0) {
		return math.NaN(), len(values)
	}
	// Sums that are equal differ by the order in which they are added up.
	far := math.Abs(sum) - 1e-12*size
	signs := signedSums(values)
	count := 0
	if len(values) <= exact {
		for way := range uint64(1) << len(values) {
			if math.Abs(signs.sum(func() uint64 { return way })) >= far {
				count++
			}
		}
		return float64(count) / float64(uint64(1)<<len(values)), len(values)
	}
	rng := rand.NewPCG(seed, 0)
	for range draws {
		if math.Abs(signs.sum(rng.Uint64)) >= far {
			count++
		}
	}
	return float64(1+count) / (1 + draws), len(values)
}

// signTables are the sums of each eight values with every choice of their signs, by
// the byte of which a set bit is a minus: 1,000 values take 125 look-ups.
type signTables [][256]float64

func signedSums(values []float64) signTables {
	tables := make(signTables, (len(values)+7)/8)
	for i, x := range values {
		for b := range tables[i/8] {
			if b>>(i%8)&1 == 1 {
				tables[i/8][b] -= x
			} else {
				tables[i/8][b] += x
			}
		}
	}
	return tables
}

// sum takes the signs from the bits of next, 64 at a time.
func (t signTables) sum(next func() uint64) float64 {
	sum, bits := 0.0, uint64(0)
	for i := range t {
		if i%8 == 0 {
			bits = next()
		}
		sum += t[i][bits&255]
		bits >>= 8
	}
	return sum
}
