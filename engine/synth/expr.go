package synth

import (
	"math"
	"slices"
	"strconv"
)

// expr is what a program computes from one element: a condition or a value, over
// integers as Python has them. A condition is 1 or 0.
type expr struct {
	op   string // a variable, "const", "param", or an operator as Python writes it; "neg" and "if" for those
	k    int64  // of const and param
	args []expr // "if" has the condition first
}

// The variables of an expr. No shape has two of the last three, which share a
// place.
const (
	element   = "x"
	neighbour = "y" // the next element
	index     = "i"
)

var (
	comparisons = []string{"<", "<=", ">", ">=", "==", "!="}
	arithmetic  = []string{"+", "-", "*", "//", "%"}

	opposite = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
	mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
)

func constantOf(k int64) expr                { return expr{op: "const", k: k} }
func variable(name string) expr              { return expr{op: name} }
func operation(op string, args ...expr) expr { return expr{op: op, args: args} }

func (e expr) constant() bool { return e.op == "const" || e.op == "param" }

// is says whether e is the constant k.
func (e expr) is(k int64) bool { return e.constant() && e.k == k }

// uses says whether the variable occurs in e.
func (e expr) uses(name string) bool {
	return e.op == name || slices.ContainsFunc(e.args, func(a expr) bool { return a.uses(name) })
}

// equal compares two expressions node by node; a parameter equals its constant.
func (e expr) equal(o expr) bool {
	if e.constant() && o.constant() {
		return e.k == o.k
	}
	return e.op == o.op && slices.EqualFunc(e.args, o.args, expr.equal)
}

// defined says whether e has a value whatever its variables are: a divisor has
// to be a constant other than 0.
func (e expr) defined() bool {
	if (e.op == "//" || e.op == "%") && (!e.args[1].constant() || e.args[1].k == 0) {
		return false
	}
	return !slices.ContainsFunc(e.args, func(a expr) bool { return !a.defined() })
}

// code is a compiled expr: of x, of the other variable, and of the parameter.
type code func(x, y, k int64) int64

// compile makes e a tree of closures: compositions run by the million, and
// walking the tree is several times slower. Nothing divided by 0 is 0, for the
// sake of compositions with a parameter moved by one.
func (e expr) compile() code {
	switch e.op {
	case "const":
		c := e.k
		return func(_, _, _ int64) int64 { return c }
	case "param":
		return func(_, _, k int64) int64 { return k }
	case element:
		return func(x, _, _ int64) int64 { return x }
	case neighbour, index:
		return func(_, y, _ int64) int64 { return y }
	}
	args := make([]code, len(e.args))
	for i, a := range e.args {
		args[i] = a.compile()
	}
	a := args[0]
	switch e.op {
	case "neg":
		return func(x, y, k int64) int64 { return -a(x, y, k) }
	case "abs":
		return func(x, y, k int64) int64 { v := a(x, y, k); return max(v, -v) }
	case "if":
		t, f := args[1], args[2]
		return func(x, y, k int64) int64 {
			if a(x, y, k) != 0 {
				return t(x, y, k)
			}
			return f(x, y, k)
		}
	}
	return binary(e.op, a, args[1])
}

func binary(op string, a, b code) code {
	switch op {
	case "+":
		return func(x, y, k int64) int64 { return a(x, y, k) + b(x, y, k) }
	case "-":
		return func(x, y, k int64) int64 { return a(x, y, k) - b(x, y, k) }
	case "*":
		return func(x, y, k int64) int64 { return a(x, y, k) * b(x, y, k) }
	case "//":
		return func(x, y, k int64) int64 { return floorDivide(a(x, y, k), b(x, y, k)) }
	case "%":
		return func(x, y, k int64) int64 {
			v, m := a(x, y, k), b(x, y, k)
			if m == 0 {
				return 0
			}
			return modulo(v, m)
		}
	case "min":
		return func(x, y, k int64) int64 { return min(a(x, y, k), b(x, y, k)) }
	case "max":
		return func(x, y, k int64) int64 { return max(a(x, y, k), b(x, y, k)) }
	case "and":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) != 0 && b(x, y, k) != 0) }
	case "or":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) != 0 || b(x, y, k) != 0) }
	}
	return compare(op, a, b)
}

func compare(op string, a, b code) code {
	switch op {
	case "<":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) < b(x, y, k)) }
	case "<=":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) <= b(x, y, k)) }
	case ">":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) > b(x, y, k)) }
	case ">=":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) >= b(x, y, k)) }
	case "==":
		return func(x, y, k int64) int64 { return truth(a(x, y, k) == b(x, y, k)) }
	}
	return func(x, y, k int64) int64 { return truth(a(x, y, k) != b(x, y, k)) }
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// floorDivide rounds down as Python does; by 0 it is 0.
func floorDivide(x, m int64) int64 {
	if m == 0 {
		return 0
	}
	return (x - modulo(x, m)) / m
}

// bound is the largest magnitude of e for variables of magnitude x and y, or
// infinite if something on the way may pass the largest integer allowed.
func (e expr) bound(x, y float64) float64 {
	switch {
	case e.constant():
		return math.Abs(float64(e.k))
	case e.op == element:
		return x
	case len(e.args) == 0:
		return y
	}
	b := make([]float64, len(e.args))
	for i, a := range e.args {
		if b[i] = a.bound(x, y); b[i] > largest {
			return math.Inf(1)
		}
	}
	r := slices.Max(b)
	switch e.op {
	case "+", "-":
		r = b[0] + b[1]
	case "*":
		r = float64(b[0] * b[1])
	case "%":
		r = b[1]
	case "if":
		r = max(b[1], b[2])
	case "neg", "abs", "min", "max":
	case "//":
		r = max(b[0], 1)
	default:
		r = 1
	}
	if r > largest {
		return math.Inf(1)
	}
	return r
}

// negated is the complement of a condition, the negation pushed inwards.
func (e expr) negated() expr {
	switch e.op {
	case "and":
		return operation("or", e.args[0].negated(), e.args[1].negated())
	case "or":
		return operation("and", e.args[0].negated(), e.args[1].negated())
	}
	return operation(opposite[e.op], e.args...)
}

// precedence of Python's operators; what is missing binds like a call.
var precedence = map[string]int{
	"if": 1, "or": 2, "and": 3, "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "!=": 5,
	"+": 6, "-": 6, "*": 7, "//": 7, "%": 7, "neg": 8,
}

// text writes e as Python in the holes of a template: X, Y and I.
func (e expr) text() string {
	arg := func(i, level int) string {
		s := e.args[i].text()
		if p, ok := precedence[e.args[i].op]; ok && p < level {
			return "(" + s + ")"
		}
		return s
	}
	switch p := precedence[e.op]; {
	case e.constant():
		return strconv.FormatInt(e.k, 10)
	case e.op == element:
		return "X"
	case e.op == neighbour:
		return "Y"
	case e.op == index:
		return "I"
	case e.op == "neg":
		return "-" + arg(0, p)
	case e.op == "abs":
		return "abs(" + arg(0, 0) + ")"
	case e.op == "if":
		return arg(1, p+1) + " if " + arg(0, p+1) + " else " + arg(2, p)
	case p == 0:
		return e.op + "(" + arg(0, 0) + ", " + arg(1, 0) + ")"
	default:
		return arg(0, p) + " " + e.op + " " + arg(1, p+1)
	}
}
