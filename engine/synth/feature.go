package synth

import (
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

// listing holds the families that are known beforehand: those that may stand
// anywhere, and those that may only stand last. What reading and evolution find
// comes on top of them.
type listing struct{ steps, finals []*family }

var families = sync.OnceValue(newFamilies)

func newFamilies() listing {
	var c listing
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

// modulo is the remainder of Python and Starlark: its sign is the divisor's.
func modulo(x, m int64) int64 {
	r := x % m
	if r != 0 && (r < 0) != (m < 0) {
		r += m
	}
	return r
}
