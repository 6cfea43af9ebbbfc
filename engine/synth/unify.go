package synth

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// parts takes a node apart: what it is, and its children in order. Parentheses
// say nothing that the tree does not.
func parts(n syntax.Node) (label string, children []syntax.Node) {
	switch n := n.(type) {
	case *syntax.ParenExpr:
		return parts(n.X)
	case *syntax.Ident:
		return "name " + n.Name, nil
	case *syntax.Literal:
		return "literal " + n.Raw, nil
	case *syntax.CallExpr:
		return "call", append([]syntax.Node{n.Fn}, nodes(n.Args)...)
	case *syntax.DotExpr:
		return "." + n.Name.Name, []syntax.Node{n.X}
	case *syntax.Comprehension:
		return "comprehension", append([]syntax.Node{n.Body}, n.Clauses...)
	case *syntax.ForClause:
		return "for", []syntax.Node{n.Vars, n.X}
	case *syntax.IfClause:
		return "if", []syntax.Node{n.Cond}
	case *syntax.DictExpr:
		return "{}", nodes(n.List)
	case *syntax.DictEntry:
		return ":", []syntax.Node{n.Key, n.Value}
	case *syntax.ListExpr:
		return "[]", nodes(n.List)
	case *syntax.TupleExpr:
		return ",", nodes(n.List)
	case *syntax.CondExpr:
		return "if else", []syntax.Node{n.Cond, n.True, n.False}
	case *syntax.UnaryExpr:
		return "unary " + n.Op.String(), []syntax.Node{n.X}
	case *syntax.BinaryExpr:
		return n.Op.String(), []syntax.Node{n.X, n.Y}
	case *syntax.IndexExpr:
		return "index", []syntax.Node{n.X, n.Y}
	case *syntax.SliceExpr:
		return sliceParts(n)
	}
	return statementParts(n)
}

func sliceParts(n *syntax.SliceExpr) (label string, children []syntax.Node) {
	label, children = "slice", []syntax.Node{n.X}
	for _, e := range []syntax.Expr{n.Lo, n.Hi, n.Step} {
		if e == nil {
			label += " -"
			continue
		}
		label, children = label+" +", append(children, e)
	}
	return label, children
}

func statementParts(n syntax.Node) (label string, children []syntax.Node) {
	switch n := n.(type) {
	case *syntax.AssignStmt:
		return n.Op.String(), []syntax.Node{n.LHS, n.RHS}
	case *syntax.ExprStmt:
		return "expression", []syntax.Node{n.X}
	case *syntax.ForStmt:
		return "for", append([]syntax.Node{n.Vars, n.X}, nodes(n.Body)...)
	case *syntax.IfStmt:
		label := "if"
		if n.False != nil {
			label = "if else"
		}
		return label, append(append([]syntax.Node{n.Cond}, nodes(n.True)...), nodes(n.False)...)
	case *syntax.ReturnStmt:
		if n.Result == nil {
			return "return nothing", nil
		}
		return "return", []syntax.Node{n.Result}
	case *syntax.BranchStmt:
		return n.Token.String(), nil
	}
	return "something else", nil
}

func nodes[N syntax.Node](list []N) []syntax.Node {
	all := make([]syntax.Node, len(list))
	for i, n := range list {
		all[i] = n
	}
	return all
}

// rendered writes a tree so that equal trees give equal text.
func rendered(n syntax.Node) string {
	label, children := parts(n)
	if len(children) == 0 {
		return label
	}
	var b strings.Builder
	b.WriteString("(" + label)
	for _, c := range children {
		b.WriteString(" " + rendered(c))
	}
	return b.String() + ")"
}

// bindings are what the holes of a template stand for.
type bindings map[string]syntax.Node

// unify matches a template with a program's tree. Its holes are one capital
// letter, or t for a local variable: A binds any expression, K a constant, the
// others a name.
func unify(template, tree syntax.Node, b bindings) bool {
	if id, ok := template.(*syntax.Ident); ok && (len(id.Name) == 1) {
		return bind(id.Name, tree, b)
	}
	label, children := parts(template)
	other, others := parts(tree)
	return label == other && len(children) == len(others) && !slices.ContainsFunc(children, func(c syntax.Node) bool {
		o := others[0]
		others = others[1:]
		return !unify(c, o, b)
	})
}

func bind(hole string, tree syntax.Node, b bindings) bool {
	if p, ok := tree.(*syntax.ParenExpr); ok {
		return bind(hole, p.X, b)
	}
	if before, ok := b[hole]; ok {
		return rendered(before) == rendered(tree)
	}
	var fits bool
	switch hole {
	case "A":
		_, fits = tree.(syntax.Expr)
	case "K":
		k, ok := integer(tree)
		fits = ok && k > 0
	default:
		_, fits = tree.(*syntax.Ident)
	}
	if !fits {
		return false
	}
	b[hole] = tree
	return true
}

// integer reads an integer constant.
func integer(n syntax.Node) (k int64, ok bool) {
	switch n := n.(type) {
	case *syntax.ParenExpr:
		return integer(n.X)
	case *syntax.Literal:
		k, ok = n.Value.(int64)
		return k, ok
	case *syntax.UnaryExpr:
		if n.Op == syntax.MINUS && n.X != nil {
			k, ok = integer(n.X)
			return -k, ok
		}
	}
	return 0, false
}
