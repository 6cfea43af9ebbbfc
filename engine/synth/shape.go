package synth

import "strings"

// shape is an operation that is known by what it computes for one element: the
// form in which operations are read from programs and evolved.
type shape struct {
	kind kind
	how  string // reduce, scan: sum, product, max or min
	expr expr   // a condition of keep and tally, a value of the others
}

type kind string

const (
	keeping  kind = "keep"   // the elements of a condition, which may look at the index
	mapping  kind = "each"   // a value of every element and its index
	pairing  kind = "pairs"  // a value of every two neighbours
	scanning kind = "scan"   // running totals and extremes
	reducing kind = "reduce" // the total or an extreme of the values of all elements
	tallying kind = "tally"  // the number of elements of a condition
)

// reducers are the ways to make many values one, in words.
var reducers = []struct{ how, word, running string }{
	{"sum", "sum", "prefix sums"}, {"product", "product", "prefix products"},
	{"max", "maximum", "prefix maximums"}, {"min", "minimum", "prefix minimums"},
}

// second is the variable beside the element.
func (s shape) second() string {
	if s.kind == pairing {
		return neighbour
	}
	return index
}

// key is the same for two shapes of one behaviour: their values on a grid of
// elements and second variables, which tells apart what programs of the corpus
// compute.
func (s shape) key(k int64) uint64 {
	h := mix(uint64(len(s.how)))
	for _, c := range string(s.kind) + s.how {
		h = mix(h ^ uint64(c))
	}
	if s.kind == scanning {
		return h
	}
	f := s.expr.compile()
	seconds := []int64{0}
	if s.expr.uses(s.second()) {
		seconds = []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 25}
		if s.kind == pairing {
			seconds = []int64{-40, -13, -7, -6, -3, -2, -1, 0, 1, 2, 3, 4, 5, 9, 20, 41}
		}
	}
	for _, y := range seconds {
		for x := int64(-42); x <= 42; x++ {
			h = mix(h ^ uint64(f(x, y, k)))
		}
		for _, x := range []int64{-400, -101, -75, 50, 64, 81, 99, 100, 121, 256, 1000, 99999} {
			h = mix(h ^ uint64(f(x, y, k)))
		}
	}
	return h
}

// flat says whether the expression is the same for all elements near 0.
func (s shape) flat() bool {
	f := s.expr.compile()
	for y := range int64(4) {
		for x := int64(-9); x <= 9; x++ {
			if f(x, y, 0) != f(0, 0, 0) {
				return false
			}
		}
	}
	return true
}

// words are what the result is called, "" if there are none.
func (s shape) words() string {
	switch s.kind {
	case keeping:
		return s.expr.qualified("numbers")
	case tallying:
		return joinWords("number of ", s.expr.qualified("values"))
	case mapping, pairing:
		return s.expr.noun()
	default: // a reducer's word
	}
	for _, r := range reducers {
		switch {
		case r.how != s.how:
		case s.kind == scanning:
			return r.running
		case s.expr.op == element:
			return r.word
		default:
			return joinWords(r.word+" of ", s.expr.noun())
		}
	}
	return ""
}

// family makes an operation of the shape, its last constant being the one that
// near-by compositions vary. An operation without words has no phrases.
func (s shape) family() *family {
	words := s.words()
	f := &family{name: s.name(words), shape: s}
	if k, ok := s.expr.lastConstant(); ok && s.kind != scanning {
		f.constants, f.hidden = []int64{k}, true
		s.expr = s.expr.parametrised()
	}
	s.behave(f)
	f.idioms = s.idioms()
	if words == "" {
		return f
	}
	f.of = of(words)
	switch s.kind {
	case keeping:
		f.ask = askFilter(words)
	case mapping, pairing, scanning:
		f.ask = []string{"take the " + words, "form the " + words}
	default:
		f.ask = askFinal(words)
		if s.how == "max" || s.how == "min" {
			f.sayOrZero()
		}
	}
	return f
}

// name is the words in one, or the program where there are none.
func (s shape) name(words string) string {
	if words == "" {
		return string(s.kind) + " " + s.expr.text()
	}
	name := strings.ReplaceAll(strings.Replace(words, "numbers ", "", 1), " ", "_")
	if s.kind == keeping {
		return "keep_" + strings.TrimSuffix(name, "_numbers")
	}
	return name
}
