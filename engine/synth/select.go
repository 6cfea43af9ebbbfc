package synth

import "math/rand/v2"

const (
	finalShare = 0.6 // tasks that end in an integer rather than in a list
	selections = 8   // sets looked at in a subtree before the next one is drawn
)

// Choices counts the feature sets that were looked at for a set of tasks, and why
// most of them made none.
type Choices struct {
	Sampled      int // sets looked at: the sum of all below
	Incompatible int // too few features that fit together
	Unbounded    int // a value may pass 2^53, or a list 40 elements
	OtherSide    int // a behaviour that another set may ask for
	Known        int // a behaviour that the set has
	Constant     int // one output on more than a third of the probes
	Idle         int // a feature that changes nothing
	Kept         int
}

// generator draws compositions of new behaviours on one side of the split.
type generator struct {
	machine
	Choices
	from    weights
	side    side
	oneStep bool
	known   map[signature]bool
	depths  []float64 // weights of depth 2, 3 and so on; 0 once a depth has run out
}

// next draws a composition that makes a new task, or nil if all depths have run
// out.
func (g *generator) next(r *rand.Rand) composition {
	const patience = 4000 // sets, after which a depth counts as run out
	for {
		depth := weighted(r, g.depths)
		if depth < 0 {
			return nil
		}
		for tries := 0; tries < patience; {
			sub := g.from.subtree(r)
			for range selections {
				tries++
				if c := g.choose(r, sub, depth+2); g.accept(c) {
					return c
				}
				if g.oneStep {
					break // the same again
				}
			}
		}
		g.depths[depth] = 0
	}
}

// choose takes so many features of a subtree: in two stages a set of which only
// the last gives an integer, in one the first that were drawn, as they came. nil
// if there are too few.
func (g *generator) choose(r *rand.Rand, sub []*leaf, depth int) composition {
	if g.oneStep {
		return asSampled(sub, depth)
	}
	var steps, finals []feature
	for _, l := range sub {
		switch {
		case l.feature.family == nil:
		case l.feature.final:
			finals = append(finals, l.feature)
		default:
			steps = append(steps, l.feature)
		}
	}
	c := make(composition, 0, depth)
	ends := r.Float64() < finalShare
	if ends {
		depth--
	}
	if len(steps) < depth || ends && len(finals) == 0 {
		return nil
	}
	for i := range depth {
		at := i + r.IntN(len(steps)-i)
		steps[i], steps[at] = steps[at], steps[i]
		c = append(c, steps[i])
	}
	if ends {
		c = append(c, finals[r.IntN(len(finals))])
	}
	return c
}

// asSampled is the task without a step of selection. What follows an integer has
// nothing to work on and is lost.
func asSampled(sub []*leaf, depth int) composition {
	var c composition
	for _, l := range sub {
		if l.feature.family == nil {
			continue
		}
		if c = append(c, l.feature); l.feature.final || len(c) == depth {
			return c
		}
	}
	return nil
}

// accept says whether c makes a new task, and remembers it. The cheap questions
// come first.
func (g *generator) accept(c composition) bool {
	g.Sampled++
	switch {
	case c == nil:
		g.Incompatible++
		return false
	case !c.bounded():
		g.Unbounded++
		return false
	}
	s, common := g.behaviour(c)
	switch {
	case s.side() != g.side:
		g.OtherSide++
		return false
	case g.known[s]:
		g.Known++
		return false
	case !g.oneStep && !varied(common):
		g.Constant++
		return false
	case !g.oneStep && !g.worthy(c, s):
		g.Idle++
		return false
	}
	g.Kept++
	g.known[s] = true
	return true
}

// weighted draws an index with the given weights, or -1 if all are 0.
func weighted(r *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x, last := float64(r.Float64()*sum), -1 // rounded here: no fused operation on any machine
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		if last = i; x < w {
			return i
		}
		x -= w
	}
	return last
}
