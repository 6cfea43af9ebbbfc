package synth

import (
	"cmp"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// knowledge is what reading knows of operations: the listed families by their
// behaviour, and the form of those that are no shape. It grows by the shapes
// that programs show.
type knowledge struct {
	names     map[string]*family
	byKey     map[uint64]feature
	templates []template // of expressions, the most telling first
	loops     []template // that end in a for statement
}

// template is an idiom of a family as a tree with holes.
type template struct {
	*family
	k       int64 // of what is hidden
	tree    syntax.Node
	starts  map[string]syntax.Expr // of a loop: what its variables are before
	guarded bool                   // only where the list is not empty
	size    int
}

// guardedForms are how programs write operations that an empty list has not,
// having left in time.
var guardedForms = []struct{ family, form string }{
	{"max", "max(A)"}, {"min", "min(A)"}, {"max", "sorted(A)[-1]"}, {"min", "sorted(A)[0]"},
	{"range", "max(A) - min(A)"}, {"head", "A[0]"}, {"tail", "A[-1]"}, {"tail", "A[len(A) - 1]"},
}

// moreForms are idioms that nobody is taught and many use.
var moreForms = []struct{ family, form string }{
	{"reverse", "reversed(A)"}, {"repeat_each", "[X for X in A for Y in range(2)]"},
}

// mostConstant is the largest constant with which a listed operation is known by
// its behaviour; beyond it, an operation is one of its own.
const mostConstant = 20

// learn makes the knowledge of the listed families.
func learn() *knowledge {
	k := &knowledge{names: map[string]*family{}, byKey: map[uint64]feature{}}
	all := newFamilies() // of its own, for they get their shapes here
	listed := slices.Concat(all.steps, all.finals)
	for _, f := range listed {
		k.names[f.name] = f
		for _, idiom := range f.idioms {
			k.learnIdiom(f, idiom)
		}
		if s := (shape{kind: reducing, how: f.name, expr: variable(element)}); f.name == "max" || f.name == "min" {
			f.shape = s
			k.byKey[s.key(0)] = feature{family: f}
		}
	}
	for _, s := range []shape{{kind: scanning, how: "sum"}, {kind: scanning, how: "max"}, {kind: scanning, how: "min"}} {
		if f := k.names["prefix_sums"]; s.how == "sum" {
			f.shape = s
			k.byKey[s.key(0)] = feature{family: f}
			continue
		}
		f := k.feature(s)
		for _, idiom := range f.idioms {
			k.learnIdiom(f.family, idiom)
		}
	}
	for _, g := range guardedForms {
		k.addTemplate(k.names[g.family], mustParse(g.form), true)
	}
	for _, m := range moreForms {
		k.addTemplate(k.names[m.family], mustParse(m.form), false)
	}
	k.addTemplate(nil, mustParse("list(A)"), false)
	slices.SortStableFunc(k.templates, func(a, b template) int { return cmp.Compare(b.size, a.size) })
	return k
}

// learnIdiom takes an idiom as a shape, or else as a form.
func (k *knowledge) learnIdiom(f *family, idiom string) {
	if !strings.Contains(idiom, "\n") {
		e := mustParse(idiom)
		if s, ok := k.shapeOf(e); ok {
			k.learnShape(f, s)
		} else {
			k.addTemplate(f, e, false)
		}
		return
	}
	file, err := dialect.Parse("", idiom, 0)
	if err != nil {
		return // a test reads every idiom
	}
	loop, ok := file.Stmts[len(file.Stmts)-1].(*syntax.ForStmt)
	if !ok {
		return
	}
	t := template{family: f, k: hidden(f), tree: loop, starts: map[string]syntax.Expr{}}
	for _, s := range file.Stmts[:len(file.Stmts)-1] {
		if a, ok := s.(*syntax.AssignStmt); ok {
			t.starts[rendered(a.LHS)[len("name "):]] = a.RHS
		}
	}
	if s, ok := k.loopShape(loop, t.starts); ok {
		k.learnShape(f, s)
	} else {
		k.loops = append(k.loops, t)
	}
}

func hidden(f *family) int64 {
	if f.hidden {
		return f.constants[0]
	}
	return 0
}

func (k *knowledge) addTemplate(f *family, tree syntax.Node, guarded bool) {
	t := template{family: f, tree: tree, guarded: guarded, size: size(tree)}
	if f != nil {
		t.k = hidden(f)
	}
	k.templates = append(k.templates, t)
}

func size(n syntax.Node) int {
	_, children := parts(n)
	s := 1
	for _, c := range children {
		s += size(c)
	}
	return s
}

// shapeOf reads an idiom as a loop of one operation over A.
func (k *knowledge) shapeOf(e syntax.Expr) (shape, bool) {
	n, ok := e.(*syntax.Comprehension)
	if !ok {
		return shape{}, false
	}
	l, err := scope{param: true}.comprehension(n)
	if err != nil || rendered(l.source) != "name A" || len(l.unseen) > 0 {
		return shape{}, false
	}
	s, err := l.shapes(n)
	if err != nil || len(s) != 1 {
		return shape{}, false
	}
	return s[0], true
}

// loopShape reads an idiom as a loop of one operation that fills B.
func (k *knowledge) loopShape(s *syntax.ForStmt, starts map[string]syntax.Expr) (shape, bool) {
	l, err := over(s.Vars, s.X)
	if err != nil || rendered(l.source) != "name A" {
		return shape{}, false
	}
	l.param = true
	to, err := l.into(s.Body)
	if err != nil || len(l.unseen) > 0 || to.target != "B" {
		return shape{}, false
	}
	start, ok := integer(starts["B"])
	value := l.value
	if to.op != "append" {
		l.value = variable(element)
	}
	all, err := l.shapes(s)
	switch {
	case err != nil || len(all) > 1:
	case to.op == "append" && len(all) == 1:
		return all[0], true
	case to.op == "append" || !ok:
	case len(all) == 1 && value.is(1) && to.op == "+":
		return shape{kind: tallying, expr: all[0].expr}, true
	case len(all) == 0 && to.op == "+" && start == 0 && !value.is(1):
		return shape{kind: reducing, how: "sum", expr: value}, true
	case len(all) == 0 && to.op == "*" && start == 1:
		return shape{kind: reducing, how: "product", expr: value}, true
	}
	return shape{}, false
}

// learnShape enters a family's operation for all its constants.
func (k *knowledge) learnShape(f *family, s shape) {
	constants := []int64{hidden(f)}
	if len(f.constants) > 0 && !f.hidden {
		constants = constants[:0]
		for c := int64(1); c <= mostConstant; c++ {
			constants = append(constants, c)
		}
	}
	if f.shape.kind == "" {
		f.shape = s
	}
	for _, c := range constants {
		if at := s.with(c); at.expr.defined() {
			if _, known := k.byKey[at.key(c)]; !known {
				k.byKey[at.key(c)] = feature{family: f, k: c}
			}
		}
	}
}

// asShape is the shape of a feature, of kind "" if it has none.
func (f feature) asShape() shape { return f.shape.with(f.k) }

// called gives a listed operation by its name.
func (k *knowledge) called(name string) feature {
	f := k.names[name]
	return feature{family: f, k: hidden(f)}
}

// feature gives the operation of a shape: a listed one if one behaves so.
func (k *knowledge) feature(s shape) feature {
	key := s.key(0)
	if f, ok := k.byKey[key]; ok {
		return f
	}
	f := feature{family: s.family()}
	f.k = hidden(f.family)
	k.byKey[key] = f
	return f
}
