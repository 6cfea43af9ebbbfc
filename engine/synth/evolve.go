package synth

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"

	"ablate/engine/seed"
)

// How far evolution goes. A model of a hundred thousand weights still has to
// learn the whole domain, so that growth is far below the paper's 6.5.
const (
	rounds   = 2   // each from what the one before has found
	breadth  = 1   // new siblings of a feature, at most, in a round
	depth    = 1   // and new children
	atMost   = 120 // executable features, seed and evolved
	boldest  = 9   // the largest constant that evolution puts in
	wordiest = 9   // words of the longest noun phrase
)

// evolve finds new features from those of the corpus: siblings, which differ
// from a feature in one place, and children, which are finer. Kept is what has
// words, stays within bounds, does something, and behaves like no feature so
// far on the probes.
func (k *knowledge) evolve(seeds []leaf) *evolution {
	e := &evolution{
		knowledge: k, known: map[signature]bool{}, phrases: map[string]bool{}, from: map[string]origin{},
	}
	s, _ := e.behaviour(composition{})
	e.known[s] = true
	var parents []leaf
	for _, l := range seeds {
		if l.feature.family == nil {
			continue
		}
		s, _ := e.behaviour(composition{l.feature})
		e.known[s] = true
		if !l.executable() {
			continue
		}
		e.phrases[l.feature.said()] = true
		e.learn(l.feature)
		parents = append(parents, l)
	}
	slices.SortStableFunc(parents, func(a, b leaf) int { return cmp.Compare(b.count, a.count) })
	e.room = atMost - len(parents)
	var all []leaf
	for round := range rounds {
		var found []leaf
		for _, p := range parents {
			r := seed.Stream(frozen, "evolve/"+p.path, round)
			found = append(found, e.take(r, p, e.siblings(p.feature), breadth, false)...)
			found = append(found, e.take(r, p, e.children(p.feature), depth, true)...)
		}
		all, parents = append(all, found...), found
	}
	slices.SortFunc(all, byPath)
	e.leaves = all
	return e
}

// take makes features of at most n of a parent's candidates, in a drawn order.
func (e *evolution) take(r *rand.Rand, parent leaf, candidates []shape, n int, finer bool) []leaf {
	r.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	var found []leaf
	for _, s := range candidates {
		if len(found) == n || e.room == 0 {
			break
		}
		f, why := e.keep(s)
		if why != "" {
			e.drop(s, why)
			continue
		}
		found = append(found, leaf{path: f.path(), feature: f})
		e.from[f.path()] = origin{parent.feature.String(), finer}
		e.room--
	}
	return found
}

// evolution is what has been found so far.
type evolution struct {
	machine
	*knowledge
	known   map[signature]bool
	phrases map[string]bool
	conds   []expr // of the seed features, on elements
	values  []expr // likewise
	room    int    // how many features may still come

	leaves []leaf            // what was kept, by path
	from   map[string]origin // by path
	drops  []Drop
}

// origin is what a feature was evolved from, and whether it says more.
type origin struct {
	parent string
	finer  bool
}

// The reasons to drop what evolution tries, in the order of the questions.
const (
	undefined  = "does not execute"          // it may divide by 0
	flat       = "the same for every number" // or a part of it is
	unsayable  = "no words for it"           // or too many
	tooLarge   = "out of bounds"
	notNew     = "behaves like another"
	indistinct = "nearly always one output"
)

// drop counts a drop, with the first of its reason.
func (e *evolution) drop(s shape, why string) {
	i := slices.IndexFunc(e.drops, func(d Drop) bool { return d.Reason == why })
	if i < 0 {
		example := strings.TrimSpace(string(s.kind) + " " + s.form())
		i, e.drops = len(e.drops), append(e.drops, Drop{Reason: why, Example: example})
	}
	e.drops[i].Shapes++
}

// said is what identifies a feature in statements.
func (f feature) said() string { return f.say(f.of[0]) }

// learn takes a feature's expression as a piece of finer ones.
func (e *evolution) learn(f feature) {
	s := f.asShape()
	if s.kind == "" || s.expr.uses(index) {
		return
	}
	switch s.kind {
	case keeping:
		if s.expr.op != "and" && s.expr.op != "or" {
			e.conds = append(e.conds, s.expr)
		}
	case mapping:
		e.values = append(e.values, s.expr)
	default: // the others have no expression of their own
	}
}

// keep makes a feature of s if it is new and fit for tasks, else it says why not.
func (e *evolution) keep(s shape) (f feature, why string) {
	switch {
	case s.kind == scanning:
	case !s.expr.defined():
		return f, undefined
	case s.flat():
		return f, flat
	}
	words := s.words()
	if words == "" || len(strings.Fields(words)) > wordiest {
		return f, unsayable
	}
	f = e.feature(s)
	c := composition{f}
	switch {
	case len(f.ask) == 0:
		return f, unsayable
	case e.phrases[f.said()]:
		return f, notNew
	case !c.bounded():
		return f, tooLarge
	}
	sig, common := e.behaviour(c)
	switch {
	case e.known[sig]:
		return f, notNew
	case !varied(common):
		return f, indistinct
	}
	e.known[sig], e.phrases[f.said()] = true, true
	return f, ""
}

// siblings are the shapes that differ from f in one place: a constant, an
// operator, the whole turned round.
func (e *evolution) siblings(f feature) []shape {
	s := f.asShape()
	if s.kind == "" {
		return nil
	}
	var all []shape
	for _, x := range s.expr.variants() {
		all = append(all, shape{s.kind, s.how, x})
	}
	if s.kind == keeping || s.kind == tallying {
		all = append(all, shape{s.kind, s.how, s.expr.negated()})
	}
	if s.how != "" {
		for _, r := range reducers {
			all = append(all, shape{s.kind, r.how, s.expr})
		}
	}
	return all
}

// variants are the expressions with one node changed.
func (e expr) variants() []expr {
	var all []expr
	if e.constant() {
		for _, d := range []int64{-2, -1, 1, 2} {
			if k := e.k + d; k >= 0 && k <= boldest {
				all = append(all, constantOf(k))
			}
		}
	}
	for _, alike := range [][]string{comparisons, arithmetic, {"min", "max"}, {"and", "or"}} {
		if slices.Contains(alike, e.op) {
			for _, op := range alike {
				if op != e.op {
					all = append(all, operation(op, e.args...))
				}
			}
		}
	}
	for i, a := range e.args {
		for _, v := range a.variants() {
			args := slices.Clone(e.args)
			args[i] = v
			all = append(all, expr{op: e.op, args: args})
		}
	}
	return all
}

// children are the shapes that say more than f: another condition beside its
// own, another step on its value, a value or a condition where it has none.
func (e *evolution) children(f feature) []shape {
	s := f.asShape()
	var all []shape
	switch {
	case s.kind == keeping && !s.expr.uses(element):
	case s.kind == keeping || s.kind == tallying:
		for _, c := range e.conds {
			all = append(all, shape{s.kind, "", operation("and", s.expr, c)})
		}
	case s.kind == reducing && s.expr.op == element:
		for _, v := range e.values {
			all = append(all, shape{reducing, s.how, v})
		}
	case s.kind == mapping || s.kind == pairing || s.kind == reducing:
		for _, v := range e.values {
			if len(v.args) == 2 && v.args[1].constant() {
				all = append(all, shape{s.kind, s.how, operation(v.op, s.expr, v.args[1])})
			}
		}
	case f.name == "count":
		for _, c := range e.conds {
			all = append(all, shape{kind: tallying, expr: c})
		}
	}
	return all
}
