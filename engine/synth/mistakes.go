package synth

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The faults of candidates, in the words in which they are shown. The first four
// are mistakes about the task, which a whole group may share; the others are
// slips of the pen in one program.
const (
	wrongConstant   = "wrong constant"
	wrongOrder      = "wrong order"
	forgottenStep   = "forgotten step"
	siblingStep     = "sibling operation"
	offByOne        = "off by one"
	wrongComparison = "wrong comparison"
	missingEdge     = "missing edge case"
)

// mistakes are the ways to take one composition for another.
var mistakes = []struct {
	fault  string
	others func(c composition) []composition
}{
	{wrongConstant, otherConstants}, {wrongOrder, composition.swapped},
	{forgottenStep, composition.shorter}, {siblingStep, otherSteps},
}

// mistake draws a composition that c may be mistaken for: of another behaviour,
// within bounds. There is none if ok is false.
func (w *author) mistake(r *rand.Rand, c composition) (read understanding, ok bool) {
	right, _ := w.behaviour(c)
	for _, kind := range r.Perm(len(mistakes)) {
		others := mistakes[kind].others(c)
		for _, at := range r.Perm(len(others)) {
			other := others[at]
			if other.scalar() != c.scalar() || !other.bounded() {
				continue
			}
			if s, _ := w.behaviour(other); s != right {
				return understanding{features: other, fault: mistakes[kind].fault}, true
			}
		}
	}
	return understanding{}, false
}

// otherConstants varies one named constant: another of the family, or one off.
func otherConstants(c composition) (others []composition) {
	for i, f := range c {
		if f.hidden || len(f.constants) == 0 {
			continue
		}
		for _, k := range append([]int64{f.k - 1, f.k + 1}, f.constants...) {
			if k != f.k && k > 0 {
				others = append(others, c.with(i, feature{family: f.family, k: k}))
			}
		}
	}
	return others
}

// otherSteps takes one feature for another listed one of its kind.
func otherSteps(c composition) (others []composition) {
	all := families()
	for i, f := range c {
		among := all.steps
		if f.final {
			among = all.finals
		}
		for _, other := range among {
			if other.name == f.name || !akin(f.family, other) {
				continue
			}
			g := feature{family: other}
			if len(other.constants) > 0 {
				g.k = other.constants[0]
				if slices.Contains(other.constants, f.k) {
					g.k = f.k
				}
			}
			others = append(others, c.with(i, g))
		}
	}
	return others
}

// akin says whether two families are of one kind and asked for in like words.
func akin(f, g *family) bool {
	verb := func(f *family) string { word, _, _ := strings.Cut(f.ask[0], " "); return word }
	return (f.cond != "") == (g.cond != "") && (f.value != "") == (g.value != "") && (f.value != "" || verb(f) == verb(g))
}

// pen is a slip of the pen: what is found in a program, and what stands there then.
// A number that is the group named n is one off.
type pen struct {
	fault string
	find  *regexp.Regexp
	put   string
}

// pens are made at first use: a process that makes no tasks has none.
var pens = sync.OnceValue(func() []pen {
	var all []pen
	for _, p := range []struct{ fault, find, put string }{
		{offByOne, `\[(?P<before>:?-?)(?P<n>[1-9])(?P<after>:?)\]`, "[${before}${n}${after}]"},
		{offByOne, `\[:i \+ 1\]`, "[:i]"},
		{offByOne, `range\(1, `, "range("},
		{offByOne, `len\(([a-e])\)\)`, "len($1) - 1)"},
		{offByOne, `len\(([a-e])\) [+-] 1\)`, "len($1))"},
		{offByOne, `\[0?::2\]`, "[1::2]"},
		{offByOne, `\bs = 0\n`, "s = 1\n"},
		{wrongComparison, ` > (\d)`, " >= $1"},
		{wrongComparison, ` < (\d)`, " <= $1"},
		{wrongComparison, ` >= (\d)`, " > $1"},
		{wrongComparison, ` == (0|1)`, " != $1"},
		{missingEdge, ` or \[0\]`, ""},
		{missingEdge, ` or \[0\]`, " or [1]"},
		{missingEdge, ` if [a-e] else 0`, ""},
		{missingEdge, `max\((len\([a-e]\) - \d+), 0\)`, "$1"},
	} {
		all = append(all, pen{p.fault, regexp.MustCompile(p.find), p.put})
	}
	return all
})

// slip writes a program for features with one mistake in it, and names the fault:
// half of the time about the task, else of the pen, where there is one to make.
// The fault is empty if none was found.
func (w *author) slip(r *rand.Rand, features composition) (source, fault string) {
	if r.IntN(2) == 0 {
		source = w.write(r, features)
		if slipped, fault := penSlip(r, source); fault != "" {
			return slipped, fault
		}
	}
	read, ok := w.mistake(r, features)
	if !ok {
		return "", ""
	}
	return w.write(r, read.features), read.fault
}

// penSlip makes one slip of the pen in a program.
func penSlip(r *rand.Rand, source string) (slipped, fault string) {
	all := pens()
	for _, i := range r.Perm(len(all)) {
		p := all[i]
		places := p.find.FindAllStringSubmatchIndex(source, -1)
		if len(places) == 0 {
			continue
		}
		at := places[r.IntN(len(places))]
		put := p.put
		if n := p.find.SubexpIndex("n"); n > 0 {
			digit := int(source[at[2*n]] - '0')
			put = strings.Replace(put, "${n}", strconv.Itoa(digit-1+2*r.IntN(2)), 1)
		}
		put = string(p.find.ExpandString(nil, put, source, at))
		return source[:at[0]] + put + source[at[1]:], p.fault
	}
	return "", ""
}
