package synth

import (
	"math/rand/v2"
	"strconv"
	"sync"
)

// family is one operation on a list of integers, with the constants it may
// take. It holds the three faces of the operation side by side: what it does
// (apply), how it is asked for (ask, of) and how it is programmed (idioms).
//
// Capital letters in texts are holes: K the constant, L the list that a noun
// phrase speaks of, A the list that a program reads, B the variable a block
// writes, X and Y elements, I an index.
type family struct {
	name      string
	constants []int64
	hidden    bool // the one constant is part of the operation and not named
	final     bool // gives an integer, as a list of one

	ask []string // imperative phrases; the first is the usual one
	of  []string // noun phrases around L; the first is the usual one

	// apply appends the result for a to dst, which is empty.
	apply func(dst, a []int64, k int64) []int64
	grow  func(r reach, k float64) reach // nil: no value and no list grows

	cond   string   // filters: the usual condition on X
	value  string   // maps: the usual value of X
	shape  shape    // what it computes for one element, if it does
	idioms []string // programs; the first is canonical, several lines make a block
}

// reach bounds what may come out of an operation: the magnitude of the values
// and the length of the list.
type reach struct{ abs, length float64 }

// feature is a family with its constant fixed.
type feature struct {
	*family
	k int64
}

// String gives the feature's name, like keep_even or keep_greater_3.
func (f feature) String() string {
	if len(f.constants) == 0 || f.hidden {
		return f.name
	}
	return f.name + "_" + strconv.FormatInt(f.k, 10)
}

// catalogue holds all families: those that may stand anywhere, and those that
// may only stand last. It is built at first use, for the sake of the start-up
// of processes that make no tasks.
type catalogue struct{ steps, finals []*family }

var families = sync.OnceValue(newFamilies)

func newFamilies() catalogue {
	var c catalogue
	for _, group := range [][]family{filters(), maps(), orders(), windows(), finals()} {
		for i := range group {
			if f := &group[i]; f.final {
				c.finals = append(c.finals, f)
			} else {
				c.steps = append(c.steps, f)
			}
		}
	}
	return c
}

// pick draws a family, then one of its constants: a family with many
// constants is no more frequent than one with none.
func pick(r *rand.Rand, among []*family) feature {
	f := feature{family: among[r.IntN(len(among))]}
	if len(f.constants) > 0 {
		f.k = f.constants[r.IntN(len(f.constants))]
	}
	return f
}

// modulo is the remainder of Python and Starlark: its sign is the divisor's.
func modulo(x, m int64) int64 {
	r := x % m
	if r != 0 && (r < 0) != (m < 0) {
		r += m
	}
	return r
}
