package synth

import (
	"slices"

	"go.starlark.net/syntax"
)

// reading is a program on its way to a composition: what each variable holds so
// far, as operations on the argument.
type reading struct {
	*knowledge
	vars    map[string]composition
	pending map[string]syntax.Expr // what a loop is going to fill
	guards  []guard
}

// guard is a list that is not empty from here on, since the program has returned
// something else otherwise.
type guard struct {
	list    string // the id of the composition
	n       int    // its length
	instead string // rendered
}

// read gives the operations of a function's body, or what could not be read.
func (k *knowledge) read(def *syntax.DefStmt) (composition, error) {
	arg, ok := soleParameter(def)
	if !ok {
		return nil, refuse(def, "a function of other than one list")
	}
	r := &reading{knowledge: k, vars: map[string]composition{arg: {}}, pending: map[string]syntax.Expr{}}
	for i, s := range def.Body {
		switch s := s.(type) {
		case *syntax.ReturnStmt:
			if s.Result == nil || i < len(def.Body)-1 {
				return nil, refuse(s, "a return that is not the last")
			}
			c, err := r.list(s.Result)
			if err != nil {
				return nil, err
			}
			return c, r.ends(c, s)
		default:
			if err := r.statement(s); err != nil {
				return nil, err
			}
		}
	}
	return nil, refuse(def, "no return at the end")
}

func soleParameter(def *syntax.DefStmt) (name string, ok bool) {
	if len(def.Params) != 1 {
		return "", false
	}
	id, ok := def.Params[0].(*syntax.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

// ends checks what a composition has to be as a whole.
func (r *reading) ends(c composition, at syntax.Node) error {
	for i, f := range c {
		if f.final && i < len(c)-1 {
			return refuse(at, "%s is no list", c[:i+1].id())
		}
	}
	switch {
	case len(c) == 0:
		return refuse(at, "nothing is done")
	case !c.bounded():
		return refuse(at, "a value may pass 2^53, or a list %d elements", longest)
	}
	// An early return has to say what the operations say of an empty list.
	for _, g := range r.guards {
		var m machine
		want := literal(m.run(c[g.n:], nil), c.scalar())
		if got := map[string]string{"literal 0": "0", "[]": "[]", "literal 1": "1"}[g.instead]; got != want {
			return refuse(at, "an empty list gives another value than %s", want)
		}
	}
	return nil
}

func (r *reading) statement(s syntax.Stmt) error {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		return r.assign(s)
	case *syntax.ForStmt:
		return r.loop(s)
	case *syntax.IfStmt:
		return r.early(s)
	case *syntax.ExprStmt:
		if l, ok := s.X.(*syntax.Literal); ok && l.Token == syntax.STRING {
			return nil // a docstring
		}
	}
	return refuse(s, "a statement of no known form")
}

func (r *reading) assign(s *syntax.AssignStmt) error {
	name, ok := s.LHS.(*syntax.Ident)
	if !ok || s.Op != syntax.EQ {
		return refuse(s, "an assignment of no known form")
	}
	delete(r.pending, name.Name)
	list, isList := s.RHS.(*syntax.ListExpr)
	if _, isInteger := integer(s.RHS); isInteger || isList && len(list.List) == 0 {
		r.pending[name.Name] = s.RHS
		delete(r.vars, name.Name)
		return nil
	}
	c, err := r.list(s.RHS)
	r.vars[name.Name] = c
	return err
}

// early reads "if not a: return 0".
func (r *reading) early(s *syntax.IfStmt) error {
	result, ok := s.True[0].(*syntax.ReturnStmt)
	list := emptiness(s.Cond)
	if !ok || result.Result == nil || len(s.True) > 1 || len(s.False) > 0 || list == nil {
		return refuse(s, "a condition on the list as a whole")
	}
	c, err := r.list(list)
	if err != nil {
		return err
	}
	r.guards = append(r.guards, guard{list: c.id(), n: len(c), instead: rendered(result.Result)})
	return nil
}

// emptiness gives the list that a condition says to be empty.
func emptiness(cond syntax.Expr) syntax.Expr {
	switch c := cond.(type) {
	case *syntax.UnaryExpr:
		if c.Op == syntax.NOT {
			return c.X
		}
	case *syntax.BinaryExpr:
		b := bindings{}
		if k, ok := integer(c.Y); ok && k == 0 && c.Op == syntax.EQL && unify(lengthOf(), c.X, b) {
			list, _ := b["A"].(syntax.Expr)
			return list
		}
	}
	return nil
}

var lengthOf = parsedOnce("len(A)")

// list reads an expression: operations on the argument.
func (r *reading) list(e syntax.Expr) (composition, error) {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return r.list(e.X)
	case *syntax.Ident:
		if c, ok := r.vars[e.Name]; ok {
			return c, nil
		}
		return nil, refuse(e, "%s is no list made of the argument", e.Name)
	case *syntax.CondExpr:
		return r.choice(e)
	case *syntax.Comprehension:
		c, err := r.comprehension(e)
		if err == nil {
			return c, nil
		}
		if c, byTemplate := r.byTemplate(e); byTemplate == nil {
			return c, nil
		}
		return nil, err
	case *syntax.SliceExpr:
		if c, err := r.slice(e); err == nil {
			return c, nil
		}
	}
	return r.byTemplate(e)
}

// choice reads "value if list else 0".
func (r *reading) choice(e *syntax.CondExpr) (composition, error) {
	c, err := r.list(e.Cond)
	if err != nil {
		return nil, refuse(e, "a condition on the list as a whole")
	}
	r.guards = append(r.guards, guard{list: c.id(), n: len(c), instead: rendered(e.False)})
	return r.list(e.True)
}

func (r *reading) comprehension(e *syntax.Comprehension) (composition, error) {
	l, err := scope{}.comprehension(e)
	if err != nil {
		return nil, err
	}
	return r.gathered(l, e, "", e.Curly)
}

// gathered is the composition that makes the values of a loop a list, each of
// them once if the loop or its target says so.
func (r *reading) gathered(l *loop, at syntax.Node, target string, once bool) (composition, error) {
	c, err := r.list(l.source)
	if err != nil {
		return nil, err
	}
	seen, err := l.seen(target)
	if err != nil {
		return nil, err
	}
	shapes, err := l.shapes(at)
	if err != nil {
		return nil, err
	}
	c = slices.Clone(c)
	for _, s := range shapes {
		if !s.expr.defined() {
			return nil, refuse(at, "a division that may be by 0")
		}
		c = append(c, r.feature(s))
	}
	if once || seen {
		c = append(c, r.called("unique"))
	}
	return c, nil
}

// byTemplate reads an expression that has the form of a listed operation, the
// most telling form first.
func (r *reading) byTemplate(e syntax.Expr) (composition, error) {
	var inner error
	for _, t := range r.templates {
		b := bindings{}
		if !unify(t.tree, e, b) {
			continue
		}
		a, _ := b["A"].(syntax.Expr)
		c, err := r.list(a)
		if err != nil {
			if inner == nil {
				inner = err
			}
			continue
		}
		if t.family == nil {
			return c, nil // a copy
		}
		if t.guarded && !slices.ContainsFunc(r.guards, func(g guard) bool { return g.list == c.id() }) {
			inner = refuse(e, "no value for an empty list")
			continue
		}
		f := feature{family: t.family, k: t.k}
		if k, ok := b["K"]; ok {
			f.k, _ = integer(k)
		}
		c = append(slices.Clone(c), f)
		if _, fused := a.(*syntax.Comprehension); fused {
			c = r.fuse(c)
		}
		return c, nil
	}
	if inner != nil {
		return nil, inner
	}
	return nil, refuse(e, "no listed operation has this form")
}

// fuse makes one operation of the last two, where an expression says them at
// once: the sum of squares.
func (r *reading) fuse(c composition) composition {
	if len(c) < 2 {
		return c
	}
	last, before := c[len(c)-1], c[len(c)-2]
	rest := c[:len(c)-2]
	s := before.asShape()
	switch {
	case last.name == "count" && before.name == "unique":
		return append(rest, r.called("distinct"))
	case last.name == "count" && s.kind == mapping:
		return r.fuse(append(rest, last))
	case last.name == "sum" && s.kind == mapping && s.expr.is(1):
		return r.fuse(append(rest, r.called("count")))
	case last.name == "count" && s.kind == keeping:
		return append(rest, r.feature(shape{kind: tallying, expr: s.expr}))
	case s.kind == mapping && !s.expr.uses(index) && (last.name == "sum" || last.name == "max" || last.name == "min"):
		return append(rest, r.feature(shape{kind: reducing, how: last.name, expr: s.expr}))
	}
	return c
}

// slice reads a slice with constants as cuts, one after the other.
func (r *reading) slice(e *syntax.SliceExpr) (composition, error) {
	bound := func(e syntax.Expr, missing int64) (int64, bool) {
		if e == nil {
			return missing, true
		}
		return integer(e)
	}
	lo, okLo := bound(e.Lo, 0)
	hi, okHi := bound(e.Hi, longest)
	step, okStep := bound(e.Step, 1)
	if !okLo || !okHi || !okStep || step < 1 || lo < 0 && hi < longest {
		return nil, refuse(e, "a slice of no known form")
	}
	c, err := r.list(e.X)
	if err != nil {
		return nil, err
	}
	c = slices.Clone(c)
	switch {
	case lo < 0:
		c = append(c, r.cut("last", -lo))
	case hi < longest && hi >= 0:
		c = append(c, r.cut("first", hi))
	case hi < 0:
		c = append(c, r.cut("drop_last", -hi))
	}
	switch {
	case step > 1 && lo >= 0 && lo < step:
		place := operation("%", variable(index), constantOf(step))
		c = append(c, r.feature(shape{kind: keeping, expr: operation("==", place, constantOf(lo))}))
	case lo > 0:
		c = append(c, r.cut("drop_first", lo))
	}
	if step > 1 && lo >= step || hi == 0 {
		return nil, refuse(e, "a slice of no known form")
	}
	return c, nil
}

func (r *reading) cut(name string, k int64) feature {
	f := r.called(name)
	f.k = k
	return f
}
