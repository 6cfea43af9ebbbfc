package synth

import (
	"go.starlark.net/syntax"
)

// sink is where a loop puts the value of each element: into a list ("append"), a
// total ("+", "*") or an extreme ("max", "min").
type sink struct {
	op     string
	target string
}

// into reads the body of a loop: conditions and names on the way, one sink at
// the end. What it finds is added to l.
func (l *loop) into(body []syntax.Stmt) (sink, error) {
	for i, s := range body {
		last := i == len(body)-1
		switch s := s.(type) {
		case *syntax.IfStmt:
			if b, ok := s.True[0].(*syntax.BranchStmt); ok && len(s.False) == 0 && b.Token == syntax.CONTINUE {
				if err := l.only(&syntax.UnaryExpr{OpPos: s.If, Op: syntax.NOT, X: s.Cond}); err != nil {
					return sink{}, err
				}
				continue
			}
			if last {
				return l.branch(s)
			}
			return sink{}, refuse(s, "a loop that does two things")
		case *syntax.AssignStmt:
			if last {
				return l.assign(s)
			}
			name, ok := s.LHS.(*syntax.Ident)
			if !ok || s.Op != syntax.EQ {
				return sink{}, refuse(s, "a loop that does two things")
			}
			e, err := l.scope.value(s.RHS)
			if err != nil {
				return sink{}, err
			}
			l.scope = l.with(name.Name, e)
			continue
		case *syntax.ExprStmt:
			if last {
				return l.appended(s)
			}
		}
		return sink{}, refuse(s, "a loop that does two things")
	}
	return sink{}, nil
}

// branch reads the if at the end of a loop: a condition, a running extreme, or a
// choice of values.
func (l *loop) branch(s *syntax.IfStmt) (sink, error) {
	if len(s.False) == 0 {
		if to, ok := l.extreme(s); ok {
			return to, nil
		}
		if err := l.only(s.Cond); err != nil {
			return sink{}, err
		}
		return l.into(s.True)
	}
	cond, err := l.condition(s.Cond)
	if err != nil {
		return sink{}, err
	}
	yes, no := &loop{scope: l.scope}, &loop{scope: l.scope}
	to, err := yes.into(s.True)
	if err != nil {
		return to, err
	}
	other, err := no.into(s.False)
	if err != nil {
		return other, err
	}
	if to != other || len(yes.conds)+len(no.conds)+len(yes.unseen)+len(no.unseen) > 0 {
		return to, refuse(s, "branches that do different things")
	}
	l.value = operation("if", cond, yes.value, no.value)
	return to, nil
}

// extreme reads "if x > best: best = x".
func (l *loop) extreme(s *syntax.IfStmt) (sink, bool) {
	c, ok := s.Cond.(*syntax.BinaryExpr)
	set, isSet := s.True[0].(*syntax.AssignStmt)
	if !ok || !isSet || len(s.True) > 1 || set.Op != syntax.EQ || (c.Op != syntax.GT && c.Op != syntax.LT) {
		return sink{}, false
	}
	best, ok := set.LHS.(*syntax.Ident)
	value, op := c.X, map[syntax.Token]string{syntax.GT: "max", syntax.LT: "min"}[c.Op]
	if ok && rendered(c.X) == rendered(best) {
		value, op = c.Y, map[syntax.Token]string{syntax.LT: "max", syntax.GT: "min"}[c.Op]
	} else if !ok || rendered(c.Y) != rendered(best) {
		return sink{}, false
	}
	if rendered(value) != rendered(set.RHS) {
		return sink{}, false
	}
	e, err := l.scope.value(value)
	l.value = e
	return sink{op, best.Name}, err == nil
}

// appended reads "out.append(value)".
func (l *loop) appended(s *syntax.ExprStmt) (sink, error) {
	if call, ok := s.X.(*syntax.CallExpr); ok && len(call.Args) == 1 {
		if dot, ok := call.Fn.(*syntax.DotExpr); ok && dot.Name.Name == "append" {
			if list, ok := dot.X.(*syntax.Ident); ok {
				return l.put("append", list.Name, call.Args[0])
			}
		}
	}
	return sink{}, refuse(s, "a call that is no append")
}

// assign reads an assignment that gathers: "s += value" and its likes.
func (l *loop) assign(s *syntax.AssignStmt) (sink, error) {
	target, ok := s.LHS.(*syntax.Ident)
	if !ok {
		return sink{}, refuse(s, "an assignment to an element")
	}
	ops := map[syntax.Token]string{
		syntax.PLUS_EQ: "+", syntax.MINUS_EQ: "-", syntax.STAR_EQ: "*", syntax.PLUS: "+", syntax.MINUS: "-", syntax.STAR: "*",
	}
	switch rhs := s.RHS.(type) {
	case *syntax.BinaryExpr:
		if s.Op == syntax.EQ && ops[rhs.Op] != "" {
			if rendered(rhs.X) == rendered(target) {
				return l.gather(ops[rhs.Op], target.Name, rhs.Y)
			}
			if _, list := rhs.X.(*syntax.ListExpr); rendered(rhs.Y) == rendered(target) && rhs.Op != syntax.MINUS && !list {
				return l.gather(ops[rhs.Op], target.Name, rhs.X)
			}
		}
	case *syntax.CallExpr:
		f, ok := rhs.Fn.(*syntax.Ident)
		if ok && s.Op == syntax.EQ && (f.Name == "max" || f.Name == "min") && len(rhs.Args) == 2 {
			for i, arg := range rhs.Args {
				if rendered(arg) == rendered(target) {
					return l.put(f.Name, target.Name, rhs.Args[1-i])
				}
			}
		}
	}
	if s.Op != syntax.EQ && ops[s.Op] != "" {
		return l.gather(ops[s.Op], target.Name, s.RHS)
	}
	return sink{}, refuse(s, "an assignment that gathers nothing")
}

// gather adds to a total, or to a list as [value].
func (l *loop) gather(op, target string, value syntax.Expr) (sink, error) {
	if list, ok := value.(*syntax.ListExpr); ok && len(list.List) == 1 && op == "+" {
		return l.put("append", target, list.List[0])
	}
	to, err := l.put(op, target, value)
	if op == "-" {
		to.op, l.value = "+", operation("neg", l.value)
	}
	return to, err
}

func (l *loop) put(op, target string, value syntax.Expr) (sink, error) {
	e, err := l.scope.value(value)
	l.value = e
	return sink{op, target}, err
}
