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
		if cond, ok := passedOn(s); ok {
			if err := l.only(cond); err != nil {
				return sink{}, err
			}
			continue
		}
		if i == len(body)-1 {
			return l.end(s)
		}
		if err := l.named(s); err != nil {
			return sink{}, err
		}
	}
	return sink{}, nil
}

// passedOn gives the condition under which "if ...: continue" lets an element by.
func passedOn(s syntax.Stmt) (syntax.Expr, bool) {
	choice, ok := s.(*syntax.IfStmt)
	if !ok || len(choice.False) > 0 {
		return nil, false
	}
	b, ok := choice.True[0].(*syntax.BranchStmt)
	if !ok || b.Token != syntax.CONTINUE {
		return nil, false
	}
	return &syntax.UnaryExpr{OpPos: choice.If, Op: syntax.NOT, X: choice.Cond}, true
}

// end reads the last statement of a loop.
func (l *loop) end(s syntax.Stmt) (sink, error) {
	switch s := s.(type) {
	case *syntax.IfStmt:
		return l.branch(s)
	case *syntax.AssignStmt:
		return l.assign(s)
	case *syntax.ExprStmt:
		return l.appended(s)
	}
	return sink{}, refuse(s, "a loop that does two things")
}

// named reads a statement before it: a name for a value.
func (l *loop) named(s syntax.Stmt) error {
	assignment, ok := s.(*syntax.AssignStmt)
	if !ok || assignment.Op != syntax.EQ {
		return refuse(s, "a loop that does two things")
	}
	name, ok := assignment.LHS.(*syntax.Ident)
	if !ok {
		return refuse(s, "a loop that does two things")
	}
	e, err := l.scope.value(assignment.RHS)
	if err != nil {
		return err
	}
	l.scope = l.with(name.Name, e)
	return nil
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
		if how, value, ok := runningExtreme(rhs, target); ok && s.Op == syntax.EQ {
			return l.put(how, target.Name, value)
		}
	}
	if s.Op != syntax.EQ && ops[s.Op] != "" {
		return l.gather(ops[s.Op], target.Name, s.RHS)
	}
	return sink{}, refuse(s, "an assignment that gathers nothing")
}

// runningExtreme reads "max(target, value)" and "min(target, value)", in either order.
func runningExtreme(call *syntax.CallExpr, target *syntax.Ident) (how string, value syntax.Expr, ok bool) {
	f, ok := call.Fn.(*syntax.Ident)
	if !ok || f.Name != "max" && f.Name != "min" || len(call.Args) != 2 {
		return "", nil, false
	}
	for i, arg := range call.Args {
		if rendered(arg) == rendered(target) {
			return f.Name, call.Args[1-i], true
		}
	}
	return "", nil, false
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
