package synth

import (
	"fmt"

	"go.starlark.net/syntax"
)

// unreadError is a piece of a program that reading has no place for.
type unreadError struct {
	at     syntax.Position
	reason string
}

func (u *unreadError) Error() string { return fmt.Sprintf("line %d: %s", u.at.Line, u.reason) }

func refuse(n syntax.Node, format string, args ...any) error {
	start, _ := n.Span()
	return &unreadError{at: start, reason: fmt.Sprintf(format, args...)}
}

// scope is what the names in a loop stand for.
type scope struct {
	names map[string]expr // loop variables, and what was assigned from them

	// A loop over places reads its list by index.
	list  string // rendered
	place string // the loop variable
	shift int64  // from it to the element's place

	param bool // K is the constant of a template
}

// with is the scope with one more name.
func (sc scope) with(name string, e expr) scope {
	names := map[string]expr{name: e}
	for n, e := range sc.names {
		if n != name {
			names[n] = e
		}
	}
	sc.names = names
	return sc
}

// value reads what an expression computes, an integer.
func (sc scope) value(n syntax.Expr) (expr, error) {
	if k, ok := integer(n); ok {
		return constantOf(k), nil
	}
	switch n := n.(type) {
	case *syntax.ParenExpr:
		return sc.value(n.X)
	case *syntax.Ident:
		if e, ok := sc.names[n.Name]; ok {
			return e, nil
		}
		if sc.param && n.Name == "K" {
			return expr{op: "param"}, nil
		}
		return expr{}, refuse(n, "%s is not of the loop", n.Name)
	case *syntax.UnaryExpr:
		if n.Op == syntax.MINUS {
			return sc.operation("neg", n.X)
		}
	case *syntax.BinaryExpr:
		switch op := n.Op.String(); op {
		case "+", "-", "*", "//", "%":
			return sc.operation(op, n.X, n.Y)
		}
	case *syntax.CondExpr:
		return sc.choice(n)
	case *syntax.CallExpr:
		return sc.call(n)
	case *syntax.IndexExpr:
		return sc.element(n)
	}
	return expr{}, refuse(n, "no value of one element")
}

func (sc scope) operation(op string, args ...syntax.Expr) (expr, error) {
	e := expr{op: op, args: make([]expr, len(args))}
	for i, a := range args {
		var err error
		if e.args[i], err = sc.value(a); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (sc scope) choice(n *syntax.CondExpr) (expr, error) {
	c, err := sc.condition(n.Cond)
	if err != nil {
		return c, err
	}
	e, err := sc.operation("if", n.True, n.False)
	return expr{op: "if", args: append([]expr{c}, e.args...)}, err
}

func (sc scope) call(n *syntax.CallExpr) (expr, error) {
	f, ok := n.Fn.(*syntax.Ident)
	switch {
	case ok && f.Name == "abs" && len(n.Args) == 1, ok && (f.Name == "min" || f.Name == "max") && len(n.Args) == 2:
		return sc.operation(f.Name, n.Args...)
	}
	return expr{}, refuse(n, "no value of one element")
}

// element reads a[i] and its neighbour, in a loop over places.
func (sc scope) element(n *syntax.IndexExpr) (expr, error) {
	if sc.list == "" || rendered(n.X) != sc.list {
		return expr{}, refuse(n, "an element by a place that is not of the loop")
	}
	shift := int64(0)
	place := n.Y
	if b, ok := n.Y.(*syntax.BinaryExpr); ok {
		if k, ok := integer(b.Y); ok && (b.Op == syntax.PLUS || b.Op == syntax.MINUS) {
			place, shift = b.X, k
			if b.Op == syntax.MINUS {
				shift = -k
			}
		}
	}
	id, ok := place.(*syntax.Ident)
	switch {
	case !ok || id.Name != sc.place:
	case shift == sc.shift:
		return variable(element), nil
	case shift == sc.shift+1 && sc.names[id.Name].op != index:
		return variable(neighbour), nil
	}
	return expr{}, refuse(n, "an element by a place that is not of the loop")
}

// condition reads what an expression says of an element; an integer is true if
// it is not 0.
func (sc scope) condition(n syntax.Expr) (expr, error) {
	switch n := n.(type) {
	case *syntax.ParenExpr:
		return sc.condition(n.X)
	case *syntax.UnaryExpr:
		if n.Op == syntax.NOT {
			e, err := sc.condition(n.X)
			if err != nil {
				return e, err
			}
			return e.negated(), nil
		}
	case *syntax.BinaryExpr:
		switch op := n.Op.String(); op {
		case "and", "or":
			a, err := sc.condition(n.X)
			if err != nil {
				return a, err
			}
			b, err := sc.condition(n.Y)
			return operation(op, a, b), err
		case "<", "<=", ">", ">=", "==", "!=":
			e, err := sc.operation(op, n.X, n.Y)
			if err == nil && e.args[0].constant() {
				e = operation(mirrored[op], e.args[1], e.args[0])
			}
			return e, err
		}
	}
	e, err := sc.value(n)
	return operation("!=", e, constantOf(0)), err
}
