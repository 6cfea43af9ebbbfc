package synth

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// The share of each habit among programs. Plain ones are most of what a model
// sees: a statement for each step, of one form wherever the step stands, so that
// a step learned once is learned everywhere. The rest is variety.
const (
	plainShare     = 0.7  // programs of canonical idioms only, with the usual names
	plainJoined    = 0.15 // of them, those that return the last two steps in one expression
	canonicalShare = 0.65 // idioms of the other programs that are canonical without a draw among all
	joinedShare    = 0.2  // steps, in the others, whose result gets no variable
	fusedShare     = 0.3  // filter and map, in the others, written as one comprehension
	usualNameShare = 0.85 // the usual one for an element, a for every list: in the others
)

// elements are the names that an element may have.
var elements = []string{"x", "n", "v"}

// habits are the draws that fix one program of a composition.
type habits struct {
	element string // name of an element
	fresh   bool   // a new variable for each step
	idioms  []int  // which idiom of each feature
	joined  []bool // whether a step's result goes straight into the next, or is returned
	fused   []bool // whether a filter takes the next step's map into its comprehension
}

// drawHabits draws the habits of one program, given the usual name of an element.
// The draws do not depend on that name: another one renames and does no more.
func drawHabits(r *rand.Rand, c composition, element string) habits {
	n, usual := len(c), max(slices.Index(elements, element), 0)
	h := habits{element: elements[usual], idioms: make([]int, n), joined: make([]bool, n), fused: make([]bool, n)}
	if r.Float64() < plainShare {
		if n > 1 {
			h.joined[n-2] = r.Float64() < plainJoined
		}
		return h
	}
	if r.Float64() >= usualNameShare {
		h.element = elements[(usual+1+r.IntN(2))%len(elements)]
	}
	h.fresh = r.Float64() >= usualNameShare
	for i, f := range c {
		if r.Float64() >= canonicalShare {
			h.idioms[i] = r.IntN(len(f.idioms))
		}
		h.joined[i] = r.Float64() < joinedShare
		h.fused[i] = r.Float64() < fusedShare
	}
	return h
}

// program writes c as a definition of f, in Starlark that is Python as well.
func program(c composition, h habits) string {
	w := writer{now: "a", variable: "a", habits: h}
	w.text.WriteString("def f(a):\n")
	for i := 0; i < len(c); i++ {
		f, at := c[i], i
		idiom := f.fill(f.idioms[h.idioms[i]])
		if h.fused[i] && i+1 < len(c) && f.cond != "" && c[i+1].value != "" {
			i++
			idiom = "[" + c[i].fill(c[i].value) + " for X in A if " + f.fill(f.cond) + "]"
		}
		if strings.Contains(idiom, "\n") {
			w.block(idiom, f.final)
			continue
		}
		w.expression(idiom)
		if !h.joined[at] && !f.final {
			w.assign()
		}
	}
	w.line("return " + w.now)
	return w.text.String()
}

// fill puts the feature's constant into a template.
func (f feature) fill(template string) string {
	return strings.ReplaceAll(template, "K", strconv.FormatInt(f.k, 10))
}
