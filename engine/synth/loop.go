package synth

import (
	"sync"

	"go.starlark.net/syntax"
)

// loop is what a comprehension or a loop does with the elements of a list.
type loop struct {
	scope
	source syntax.Expr
	pairs  bool          // over neighbours
	conds  []expr        // of elements that count
	unseen []syntax.Expr // what has to be new, see seen
	value  expr          // of each
}

// over reads the head of a loop: the list it goes over, and what the loop
// variables stand for.
func over(vars, list syntax.Expr) (*loop, error) {
	l := &loop{source: list, scope: scope{names: map[string]expr{}}}
	names := variables(vars)
	if call, ok := list.(*syntax.CallExpr); ok {
		f, _ := call.Fn.(*syntax.Ident)
		switch {
		case f == nil:
		case f.Name == "enumerate" && len(call.Args) == 1 && len(names) == 2:
			l.source, l.list, l.place = call.Args[0], rendered(call.Args[0]), names[0]
			l.names[names[0]], l.names[names[1]] = variable(index), variable(element)
			return l, nil
		case f.Name == "zip" && len(call.Args) == 2 && len(names) == 2:
			return l, l.neighbours(call, names)
		case f.Name == "range" && len(names) == 1:
			return l, l.places(call, names[0])
		}
	}
	if len(names) != 1 {
		return nil, refuse(vars, "a loop with %d variables over a list", len(names))
	}
	l.names[names[0]] = variable(element)
	return l, nil
}

// variables are the names of loop variables, none if they are anything else.
func variables(vars syntax.Expr) []string {
	switch v := vars.(type) {
	case *syntax.Ident:
		return []string{v.Name}
	case *syntax.ParenExpr:
		return variables(v.X)
	case *syntax.TupleExpr:
		var names []string
		for _, e := range v.List {
			names = append(names, variables(e)...)
		}
		return names
	}
	return nil
}

// The heads of loops over neighbours and over places. They are parsed at first use,
// as all that takes time is.
var (
	tailOf     = parsedOnce("A[1:]")
	placesOf   = parsedOnce("range(len(A))")
	untilLast  = parsedOnce("range(len(A) - 1)")
	fromSecond = parsedOnce("range(1, len(A))")
)

func (l *loop) neighbours(zip *syntax.CallExpr, names []string) error {
	b := bindings{}
	if !unify(tailOf(), zip.Args[1], b) || rendered(b["A"]) != rendered(zip.Args[0]) {
		return refuse(zip, "two lists at once")
	}
	l.source, l.pairs = zip.Args[0], true
	l.names[names[0]], l.names[names[1]] = variable(element), variable(neighbour)
	return nil
}

func (l *loop) places(call *syntax.CallExpr, name string) error {
	b := bindings{}
	switch {
	case unify(placesOf(), call, b):
		l.names[name] = variable(index)
	case unify(untilLast(), call, b):
		l.pairs = true
	case unify(fromSecond(), call, b):
		l.pairs, l.shift = true, -1
	default:
		return refuse(call, "a loop over other places than those of a list")
	}
	l.source, _ = b["A"].(syntax.Expr)
	l.list, l.place = rendered(b["A"]), name
	return nil
}

// comprehension reads one with a single loop. Its value is nil for a dict, whose
// keys are what the value says.
func (sc scope) comprehension(n *syntax.Comprehension) (*loop, error) {
	head, ok := n.Clauses[0].(*syntax.ForClause)
	if !ok {
		return nil, refuse(n, "a comprehension without a loop")
	}
	l, err := over(head.Vars, head.X)
	if err != nil {
		return nil, err
	}
	l.param = sc.param
	for _, c := range n.Clauses[1:] {
		i, ok := c.(*syntax.IfClause)
		if !ok {
			return nil, refuse(c, "a loop in a loop")
		}
		if err := l.only(i.Cond); err != nil {
			return nil, err
		}
	}
	body := n.Body
	if e, ok := body.(*syntax.DictEntry); ok {
		body = e.Key
	}
	l.value, err = l.scope.value(body)
	return l, err
}

// only adds a condition. A conjunct of the form "not in" is set aside.
func (l *loop) only(cond syntax.Expr) error {
	if b, ok := cond.(*syntax.BinaryExpr); ok {
		switch b.Op {
		case syntax.AND:
			if err := l.only(b.X); err != nil {
				return err
			}
			return l.only(b.Y)
		case syntax.NOT_IN:
			l.unseen = append(l.unseen, b)
			return nil
		default: // a condition like any other
		}
	}
	e, err := l.condition(cond)
	l.conds = append(l.conds, e)
	return err
}

// seen says whether the one "not in" of the loop leaves out what has come
// before: in the list that is being made of it, or among the elements so far.
func (l *loop) seen(target string) (bool, error) {
	if len(l.unseen) == 0 {
		return false, nil
	}
	b, _ := l.unseen[0].(*syntax.BinaryExpr)
	e, err := l.scope.value(b.X)
	if err != nil {
		return false, err
	}
	if id, ok := b.Y.(*syntax.Ident); ok && len(l.unseen) == 1 && id.Name == target && e.equal(l.value) {
		return true, nil
	}
	s, ok := b.Y.(*syntax.SliceExpr)
	if ok && len(l.unseen) == 1 && len(l.conds) == 0 && e.op == element && l.list != "" && !l.pairs &&
		rendered(s) == "(slice - + - "+l.list+" name "+l.place+")" {
		return true, nil
	}
	return false, refuse(b, "a membership test that is not of what came before")
}

// shapes are the operations of the loop on its source, but for what becomes of
// the values.
func (l *loop) shapes(at syntax.Node) ([]shape, error) {
	cond := expr{}
	for i, c := range l.conds {
		if i == 0 {
			cond = c
		} else {
			cond = operation("and", cond, c)
		}
	}
	plain := l.value.op == element
	if l.pairs {
		if len(l.conds) > 0 || len(l.unseen) > 0 {
			return nil, refuse(at, "a condition on neighbours")
		}
		return []shape{{kind: pairing, expr: l.value}}, nil
	}
	var all []shape
	if len(l.conds) > 0 {
		if l.value.uses(index) {
			return nil, refuse(at, "the index of an element of a filtered list")
		}
		all = append(all, shape{kind: keeping, expr: cond})
	}
	if !plain {
		all = append(all, shape{kind: mapping, expr: l.value})
	}
	return all, nil
}

func mustParse(template string) syntax.Expr {
	e, err := dialect.ParseExpr("", template, 0)
	if err != nil {
		return &syntax.Ident{Name: err.Error()} // matches nothing; a test reads every template
	}
	return e
}

func parsedOnce(template string) func() syntax.Expr {
	return sync.OnceValue(func() syntax.Expr { return mustParse(template) })
}
