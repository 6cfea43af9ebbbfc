package synth

import "math/rand/v2"

// The three styles of a statement, after the sites whose tasks look like that.
const (
	Codeforces = "codeforces" // a short story, then the steps in order
	AtCoder    = "atcoder"    // terse: one noun phrase, to be read inside out
	LeetCode   = "leetcode"   // a signature, then the steps in order
)

// styles are in the order of Options.Styles.
var styles = []string{Codeforces, AtCoder, LeetCode}

// The stories are made of few words, many of which the clauses have as well: a
// vocabulary of some hundred units pays several of them for a rare word.
var (
	heroes     = []string{"ann", "bob", "eva", "tom"}
	situations = []string{
		"has a list of numbers and must",
		"takes a list of numbers and must",
		"plays with a list and must",
		"is given a list and must",
	}
)

// write asks for c in words, in a style drawn with weights, which it names. The
// draw of the style comes first, so that under another mix of styles a task that
// keeps its style keeps its words.
func write(r *rand.Rand, c composition, weights []float64) (text, style string) {
	style = styles[weighted(r, weights)]
	switch style {
	case AtCoder:
		return nested(r, c), style
	case LeetCode:
		return c.signature() + " " + sequence(r, c), style
	}
	hero, situation := heroes[r.IntN(len(heroes))], situations[r.IntN(len(situations))]
	return hero + " " + situation + " " + sequence(r, c), style
}

// signature is the head of a solution, with types.
func (c composition) signature() string {
	if c.scalar() {
		return "f(a: list) -> int:"
	}
	return "f(a: list) -> list:"
}
