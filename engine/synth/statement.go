package synth

import (
	"math/rand/v2"
	"strings"
)

const variantShare = 0.1 // phrases other than the usual one

// sequence asks for c step by step.
func sequence(r *rand.Rand, c composition) string {
	clauses := make([]string, len(c))
	for i, f := range c {
		clauses[i] = f.phrase(r, f.ask)
	}
	return strings.Join(clauses, ", then ")
}

// nested asks for c inside out: the last step comes first.
func nested(r *rand.Rand, c composition) string {
	text := "the list"
	for _, f := range c {
		text = strings.Replace(f.phrase(r, f.of), "L", text, 1)
	}
	return text
}

// phrase draws one of the ways to say the feature.
func (f feature) phrase(r *rand.Rand, ways []string) string { return f.say(variant(r, ways)) }

// say fills the feature's constant into a phrase.
func (f feature) say(phrase string) string { return strings.ReplaceAll(phrase, "K", spelled(f.k)) }

// variant draws the usual way, or now and then one of the others.
func variant(r *rand.Rand, ways []string) string {
	if len(ways) > 1 && r.Float64() < variantShare {
		return ways[1+r.IntN(len(ways)-1)]
	}
	return ways[0]
}
