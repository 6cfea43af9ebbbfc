package synth

import (
	"slices"
	"strconv"
	"strings"
)

// spelled writes an integer as statements do, which have no signs.
func spelled(k int64) string {
	if k < 0 {
		return "minus " + strconv.FormatInt(-k, 10)
	}
	return strconv.FormatInt(k, 10)
}

// noun is what the values of e are called, like "squares plus 1", read from left
// to right; "" if there are no words for e. Few words serve all expressions: a
// rare one costs a small vocabulary several tokens.
func (e expr) noun() string {
	switch {
	case e.constant():
		return spelled(e.k)
	case len(e.args) == 0:
		return map[string]string{element: "values", index: "index"}[e.op]
	}
	for _, b := range bases() {
		if e.equal(b.of) {
			return b.noun
		}
	}
	if e.op == "if" {
		if e.args[0].uses(index) {
			return ""
		}
		return joinWords(e.args[1].noun(), " if ", e.args[0].predicate(), " else ", e.args[2].noun())
	}
	if e.op == "abs" {
		return joinWords("absolute ", e.args[0].noun())
	}
	link := map[string]string{
		"+": " plus ", "-": " minus ", "*": " times ", "//": " divided by ", "%": " modulo ",
		"min": " capped at ", "max": " raised to ",
	}[e.op]
	if link == "" {
		return ""
	}
	a, b := e.args[0], e.args[1]
	if a.constant() && e.op != "-" && e.op != "//" && e.op != "%" {
		a, b = b, a
	}
	if len(b.args) > 0 || b.op == neighbour {
		return "" // "plus values plus 1" would leave open what is meant
	}
	return joinWords(a.noun(), link, b.noun())
}

type base struct {
	of   expr
	noun string
}

// bases are the expressions with a name of their own.
func bases() []base {
	x, y, two := variable(element), variable(neighbour), constantOf(2)
	return []base{
		{operation("*", x, x), "squares"},
		{operation("*", operation("*", x, x), x), "cubes"},
		{operation("*", x, two), "doubles"}, {operation("*", two, x), "doubles"}, {operation("+", x, x), "doubles"},
		{operation("//", x, two), "floored halves"},
		{operation("neg", x), "negation"},
		{operation("-", y, x), "differences"}, {operation("-", x, y), "backward differences"},
		{operation("+", x, y), "pair sums"}, {operation("+", y, x), "pair sums"},
		{operation("*", x, y), "pair products"}, {operation("*", y, x), "pair products"},
		{operation("max", x, y), "pair maximums"}, {operation("max", y, x), "pair maximums"},
		{operation("min", x, y), "pair minimums"}, {operation("min", y, x), "pair minimums"},
	}
}

// predicate says a condition after "is": "greater than 3", "even".
func (e expr) predicate() string {
	if e.op == "and" || e.op == "or" {
		if e.uses(index) {
			return "" // of which of the two it is said would be open
		}
		return joinWords(e.args[0].predicate(), " "+e.op+" ", e.args[1].predicate())
	}
	if a := e.adjective(); a != "" {
		return a
	}
	if len(e.args) != 2 {
		return ""
	}
	if e.args[0].op == index && e.args[1].op == element {
		return operation(mirrored[e.op], e.args[1], e.args[0]).predicate()
	}
	subject, suffix := e.args[0], ""
	if subject.op == "%" {
		subject, suffix = subject.args[0], " modulo "+spelled(subject.args[1].k)
		if e.args[1].is(0) && (e.op == "==" || e.op == "!=") {
			suffix = " by " + strings.TrimPrefix(suffix, " modulo ")
			return joinWords(map[string]string{"==": "divisible", "!=": "not divisible"}[e.op]+suffix, subjectOf(subject))
		}
	}
	compared := comparison(e.op, e.args[1])
	if compared == "" {
		return ""
	}
	return joinWords(compared+suffix, subjectOf(subject))
}

// comparison says what a subject is compared with. Whole numbers need no "at
// least".
func comparison(op string, to expr) string {
	if to.constant() {
		switch op {
		case ">=":
			op, to = ">", constantOf(to.k-1)
		case "<=":
			op, to = "<", constantOf(to.k+1)
		}
	}
	link := map[string]string{
		">": "greater than ", "<": "less than ", "==": "equal to ", "!=": "not equal to ",
		">=": "not less than ", "<=": "not greater than ",
	}[op]
	if len(to.args) > 0 || to.op == element {
		return ""
	}
	return link + to.noun()
}

// subjectOf names what a condition speaks of, if that is not the element or the
// index itself: " " for these, "" where there are no words.
func subjectOf(e expr) string {
	switch {
	case len(e.args) == 0:
		return " "
	case e.op == "abs" && e.args[0].op == element:
		return " in absolute value"
	case e.equal(operation("*", variable(element), variable(element))):
		return " in square"
	}
	return ""
}

// adjective is the word for a condition that stands before its noun, or "".
func (e expr) adjective() string {
	if len(e.args) != 2 || !e.args[1].constant() {
		return ""
	}
	a, k := e.args[0], e.args[1].k
	if a.op == element {
		switch {
		case e.op == ">" && k == 0, e.op == ">=" && k == 1:
			return "positive"
		case e.op == "<" && k == 0, e.op == "<=" && k == -1:
			return "negative"
		}
	}
	if a.op == "%" && len(a.args[0].args) == 0 && a.args[1].is(2) && (e.op == "==" || e.op == "!=") {
		switch (e.op == "==") == (k == 0) {
		case true:
			return "even"
		case false:
			return "odd"
		}
	}
	return ""
}

// qualified is a noun with a condition: "even numbers greater than 3", and
// "numbers at odd index" where the condition is on the index.
func (e expr) qualified(noun string) string {
	if !e.uses(element) {
		return joinWords(noun+" ", e.atIndex())
	}
	var before, after []string
	parts := []expr{e}
	if e.op == "and" {
		parts = e.args
	}
	for _, p := range parts {
		if !p.uses(element) {
			after = append(after, p.atIndex())
		} else if a := p.adjective(); a != "" {
			before = append(before, a)
		} else {
			after = append(after, p.predicate())
		}
	}
	if slices.Contains(after, "") {
		return ""
	}
	words := append(before, noun)
	return strings.TrimSpace(strings.Join(words, " ") + " " + strings.Join(after, " and "))
}

// atIndex says a condition on the index alone.
func (e expr) atIndex() string {
	if a := e.adjective(); a != "" {
		return "at " + a + " index"
	}
	return joinWords("at index ", e.predicate())
}

// joinWords joins parts, or gives "" if there are no words for one of them.
func joinWords(parts ...string) string {
	if slices.Contains(parts, "") {
		return ""
	}
	return strings.TrimSpace(strings.Join(parts, ""))
}
