package synth

import (
	"math"
	"slices"
	"strings"
)

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

// words are what the result is called and what to do, "" if there are none.
func (s shape) words() (noun string) {
	switch s.kind {
	case keeping:
		return s.expr.qualified("numbers")
	case tallying:
		return joinWords("number of ", s.expr.qualified("values"))
	case mapping, pairing:
		return s.expr.noun()
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
		s.expr, _ = s.expr.parametrised()
	}
	s.behave(f)
	f.idioms = s.idioms()
	if words == "" {
		return f
	}
	f.of = of(words)
	switch s.kind {
	case keeping:
		f.ask = []string{"keep the " + words, "take the " + words}
	case mapping, pairing, scanning:
		f.ask = []string{"take the " + words, "form the " + words}
	default:
		f.ask = []string{"return the " + words, "give the " + words}
		if s.how == "max" || s.how == "min" {
			for _, ways := range [][]string{f.ask, f.of} {
				for i := range ways {
					ways[i] += orZero
				}
			}
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

// behave sets what the operation does, and how far results may grow.
func (s shape) behave(f *family) {
	value := code(nil)
	if s.kind != scanning {
		value = s.expr.compile()
	}
	switch s.kind {
	case keeping:
		f.apply = keepWhere(value)
		f.cond = s.expr.text()
	case mapping:
		f.apply = eachValue(value)
		f.value = s.expr.text()
	case pairing:
		f.apply = pairValues(value)
	case scanning:
		f.apply = running(s.how)
	case tallying:
		f.final, f.apply = true, countWhere(value)
	case reducing:
		f.final, f.apply = true, reduced(s.how, value)
	}
	if s.expr.uses(index) { // the short form of a filter or a map has no index
		f.cond, f.value = "", ""
	}
	f.grow = s.grow
}

// grow bounds the result, whatever the constant is near to.
func (s shape) grow(r reach, _ float64) reach {
	b := r.abs
	if s.kind != scanning {
		second := r.abs
		if s.kind != pairing {
			second = max(r.length, 1)
		}
		b = s.expr.bound(r.abs, second)
	}
	switch {
	case math.IsInf(b, 1):
		r.abs = b
	case s.kind == tallying:
		r.abs = max(r.abs, r.length)
	case s.kind == mapping || s.kind == pairing:
		r.abs = b
	case s.how == "sum":
		r.abs = float64(b * max(r.length, 1))
	case s.how == "product":
		r.abs = max(math.Pow(max(b, 1), r.length), 1)
	case s.kind == reducing:
		r.abs = b
	}
	return r
}

type application = func(dst, a []int64, k int64) []int64

func keepWhere(holds code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			if holds(x, int64(i), k) != 0 {
				dst = append(dst, x)
			}
		}
		return dst
	}
}

func countWhere(holds code) application {
	return func(dst, a []int64, k int64) []int64 {
		n := int64(0)
		for i, x := range a {
			n += truth(holds(x, int64(i), k) != 0)
		}
		return append(dst, n)
	}
}

func eachValue(value code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			dst = append(dst, value(x, int64(i), k))
		}
		return dst
	}
}

func pairValues(value code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i := 1; i < len(a); i++ {
			dst = append(dst, value(a[i-1], a[i], k))
		}
		return dst
	}
}

func running(how string) application {
	together := binary(map[string]string{"sum": "+", "product": "*", "max": "max", "min": "min"}[how],
		variable(element).compile(), variable(neighbour).compile())
	return func(dst, a []int64, _ int64) []int64 {
		for i, x := range a {
			if i > 0 {
				x = together(x, dst[i-1], 0)
			}
			dst = append(dst, x)
		}
		return dst
	}
}

func reduced(how string, value code) application {
	together := running(how)
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			dst = append(dst, value(x, int64(i), k))
		}
		result := truth(how == "product") // of no values
		if len(a) > 0 {
			result = together(nil, dst, 0)[len(a)-1]
		}
		return append(dst[:0], result)
	}
}

// idioms are the ways to program the shape, in the holes of templates.
func (s shape) idioms() []string {
	switch s.kind {
	case keeping:
		return s.filterIdioms()
	case scanning:
		if s.how == "product" {
			return []string{"B = []\nt = 1\nfor X in A:\n    t *= X\n    B.append(t)"}
		}
		return []string{
			"[" + s.how + "(A[:I + 1]) for I in range(len(A))]",
			"[" + s.how + "(A[:I]) for I in range(1, len(A) + 1)]",
		}
	case tallying:
		return s.tallyIdioms()
	case pairing:
		v := s.expr.text()
		at := strings.NewReplacer("X", "A[I]", "Y", "A[I + 1]").Replace(v)
		back := strings.NewReplacer("X", "A[I - 1]", "Y", "A[I]").Replace(v)
		return []string{
			"[" + v + " for X, Y in zip(A, A[1:])]", "[" + at + " for I in range(len(A) - 1)]",
			"[" + back + " for I in range(1, len(A))]",
			"B = []\nfor I in range(1, len(A)):\n    B.append(" + back + ")",
		}
	case mapping:
		v, over := s.expr.text(), "X in A"
		if s.expr.uses(index) {
			over = "I, X in enumerate(A)"
		}
		return []string{"[" + v + " for " + over + "]", "B = []\nfor " + over + ":\n    B.append(" + v + ")"}
	}
	v := s.expr.text()
	switch s.how {
	case "sum":
		return []string{"sum([" + v + " for X in A])", "B = 0\nfor X in A:\n    B += " + v}
	case "product":
		return []string{"B = 1\nfor X in A:\n    B *= " + v, "B = 1\nfor X in A:\n    B = B * (" + v + ")"}
	}
	return []string{s.how + "([" + v + " for X in A] or [0])", "sorted([" + v + " for X in A] or [0])" + map[string]string{"max": "[-1]", "min": "[0]"}[s.how]}
}

func (s shape) filterIdioms() []string {
	c := s.expr.text()
	if !s.expr.uses(index) {
		return []string{"[X for X in A if " + c + "]", "B = []\nfor X in A:\n" + indented(c, "B.append(X)")}
	}
	return []string{
		"[X for I, X in enumerate(A) if " + c + "]",
		"[A[I] for I in range(len(A)) if " + strings.ReplaceAll(c, "X", "A[I]") + "]",
		"B = []\nfor I, X in enumerate(A):\n" + indented(c, "B.append(X)"),
	}
}

func (s shape) tallyIdioms() []string {
	c, over := s.expr.text(), "X in A"
	if s.expr.uses(index) {
		over = "I, X in enumerate(A)"
	}
	return []string{
		"len([X for " + over + " if " + c + "])", "sum([1 for " + over + " if " + c + "])",
		"B = 0\nfor " + over + ":\n" + indented(c, "B += 1"),
	}
}

// lastConstant is the constant that matters most to what an expression does:
// the last that is not 0, or else the last.
func (e expr) lastConstant() (k int64, ok bool) {
	if e.constant() {
		return e.k, true
	}
	for _, a := range slices.Backward(e.args) {
		if c, found := a.lastConstant(); found && (!ok || k == 0 && c != 0) {
			k, ok = c, true
		}
	}
	return k, ok
}

// parametrised replaces the last constant by the parameter.
func (e expr) parametrised() (expr, bool) {
	want, ok := e.lastConstant()
	if !ok {
		return e, false
	}
	if e.constant() {
		return expr{op: "param", k: e.k}, true
	}
	e.args = slices.Clone(e.args)
	for i, a := range slices.Backward(e.args) {
		if k, found := a.lastConstant(); found && k == want {
			e.args[i], _ = a.parametrised()
			return e, true
		}
	}
	return e, false
}
