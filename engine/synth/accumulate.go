package synth

import (
	"slices"

	"go.starlark.net/syntax"
)

// loop reads a for statement: one sink filled from each element, or else the
// form of a listed operation.
func (r *reading) loop(s *syntax.ForStmt) error {
	target, c, err := r.fill(s)
	if err == nil {
		r.vars[target] = c
		delete(r.pending, target)
		return nil
	}
	if r.loopByTemplate(s) {
		return nil
	}
	return err
}

// fill gives the variable that a loop fills, and what is in it then.
func (r *reading) fill(s *syntax.ForStmt) (target string, c composition, err error) {
	l, err := over(s.Vars, s.X)
	if err != nil {
		return "", nil, err
	}
	to, err := l.into(s.Body)
	if err != nil {
		return "", nil, err
	}
	if to.op == "append" {
		if _, empty := r.pending[to.target].(*syntax.ListExpr); !empty {
			return "", nil, refuse(s, "%s is no empty list before the loop", to.target)
		}
		c, err = r.gathered(l, s, to.target, false)
		return to.target, c, err
	}
	value := l.value
	l.value = variable(element) // the filter alone; what is summed comes after
	if l.pairs || value.uses(index) {
		l.value, value = value, variable(element)
	}
	if c, err = r.gathered(l, s, "", false); err != nil {
		return "", nil, err
	}
	c, err = r.total(to, c, value, s)
	return to.target, c, err
}

// total ends a composition with a sum, product, count or extreme of the values.
func (r *reading) total(to sink, c composition, value expr, at syntax.Node) (composition, error) {
	if !value.defined() {
		return nil, refuse(at, "a division that may be by 0")
	}
	start, pending := integer(r.pending[to.target])
	reduction := func(how string) composition {
		return append(c, r.feature(shape{kind: reducing, how: how, expr: value}))
	}
	switch {
	case to.op == "+" && pending && start == 0 && value.is(1):
		if n := len(c); n > 0 && c[n-1].asShape().kind == keeping {
			return append(c[:n-1:n-1], r.feature(shape{kind: tallying, expr: c[n-1].asShape().expr})), nil
		}
		return append(c, r.called("count")), nil
	case to.op == "+" && pending && start == 0:
		return reduction("sum"), nil
	case to.op == "*" && pending && start == 1:
		return reduction("product"), nil
	case to.op == "max" && pending && start == 0:
		value = operation("max", value, constantOf(0))
		if value.args[0].bound(largest/8, 1) >= 0 && value.args[0].op == "abs" {
			value = value.args[0]
		}
		return reduction("max"), nil
	case to.op == "max" || to.op == "min":
		// The first element as the start, in a program that has left if there is none.
		first, ok := r.vars[to.target]
		n := len(c)
		if ok && value.op == element && len(first) == n+1 && first[n].name == "head" && first[:n].id() == c.id() {
			return reduction(to.op), nil
		}
	}
	return nil, refuse(at, "a total that starts elsewhere")
}

// loopByTemplate reads a loop that has the form of a listed operation, and says
// whether there is one.
func (r *reading) loopByTemplate(s *syntax.ForStmt) bool {
	for _, t := range r.loops {
		b := bindings{}
		if !unify(t.tree, s, b) || !r.starts(t, b) {
			continue
		}
		list, _ := b["A"].(syntax.Expr)
		c, err := r.list(list)
		if err != nil {
			continue
		}
		target, _ := b["B"].(*syntax.Ident)
		r.vars[target.Name] = append(slices.Clone(c), feature{family: t.family, k: t.k})
		return true
	}
	return false
}

// starts says whether the variables of a loop were set before it as the template
// has it.
func (r *reading) starts(t template, b bindings) bool {
	for hole, want := range t.starts {
		name, ok := b[hole].(*syntax.Ident)
		if !ok || r.pending[name.Name] == nil || rendered(r.pending[name.Name]) != rendered(want) {
			return false
		}
	}
	return true
}
