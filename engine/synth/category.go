package synth

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// traits are the features of a program in the categories other than algorithm,
// read from the same tree: sorted paths.
func traits(def *syntax.DefStmt, c composition) []string {
	t := trait{paths: map[string]bool{}}
	result := "list to list"
	if c.scalar() {
		result = "list to integer"
	}
	last := c[len(c)-1]
	t.add(ProblemType, result, last.group()+" "+last.formName())
	if len(def.Body) == 1 {
		t.add(Logic, "layout", "one expression")
	} else {
		t.add(Logic, "layout", "several statements")
	}
	t.block(def.Body, 0)
	t.add(Complexity, "time", [...]string{"O(1)", "O(n)", "O(n log n)", "O(n^2)", "O(n^3)"}[min(t.time, 4)])
	t.add(Complexity, "space", map[bool]string{true: "O(n)", false: "O(1)"}[t.lists])
	for i := 1; i < len(c); i++ {
		if c[i-1].group() == "cut" && (c[i].group() == "map" || c[i].group() == "filter") {
			t.add(Optimisation, "order", "cut before "+c[i].group()+" "+c[i].formName())
		}
	}
	return sortedKeys(t.paths)
}

// formName is the form of a feature, the last but one part of its path.
func (f feature) formName() string { return strings.Split(f.path(), "/")[2] }

// trait gathers what a program shows.
type trait struct {
	paths map[string]bool
	time  int  // 0: constant, 1: linear, 2: with a logarithm, 3: quadratic, 4: beyond
	lists bool // makes lists
}

func (t *trait) add(category, group, name string) { t.paths[category+"/"+group+"/"+name] = true }

// cost notes work inside so many loops; sorting is work of n log n.
func (t *trait) cost(loops int, sorting bool) {
	at := [...]int{0, 1, 3, 4}[min(loops, 3)]
	if sorting {
		at = max(at, 2)
	}
	t.time = max(t.time, at)
}

// block looks at statements inside so many loops.
func (t *trait) block(body []syntax.Stmt, loops int) {
	for i, s := range body {
		switch s := s.(type) {
		case *syntax.ForStmt:
			t.head(s.Vars, s.X, "loop", loops)
			t.block(s.Body, loops+1)
		case *syntax.IfStmt:
			t.expression(s.Cond, loops)
			t.condition("statement", s.Cond)
			t.block(s.True, loops)
			t.block(s.False, loops)
			if _, ok := s.True[0].(*syntax.ReturnStmt); ok {
				t.add(Logic, "control", "early return")
				t.add(Optimisation, "exit", "early return")
			}
		case *syntax.AssignStmt:
			t.expression(s.RHS, loops)
			if loops > 0 && s.Op != syntax.EQ {
				t.add(Logic, "accumulator", s.Op.String())
				if i < len(body)-1 {
					t.add(Optimisation, "reuse", "running accumulator")
				}
			}
		case *syntax.ExprStmt:
			t.expression(s.X, loops)
		case *syntax.ReturnStmt:
			if s.Result != nil {
				t.expression(s.Result, loops)
			}
		case *syntax.BranchStmt:
			t.add(Logic, "control", s.Token.String())
		}
	}
}

// head looks at what a loop goes over.
func (t *trait) head(vars, list syntax.Expr, by string, loops int) {
	t.cost(loops+1, false)
	over := "elements"
	if call, ok := list.(*syntax.CallExpr); ok {
		if f, ok := call.Fn.(*syntax.Ident); ok {
			over = f.Name
		}
	}
	t.add(Logic, by, "over "+over)
	if len(variables(vars)) > 1 {
		t.add(DataStructures, "tuple", over)
	}
	t.expression(list, loops)
}

// condition names the form of a condition on an element.
func (t *trait) condition(by string, cond syntax.Expr) {
	t.add(Logic, "condition", strings.TrimSpace(by+" "+conditionForm(cond)))
}

// conditionForm is the condition's operators, from the outside in.
func conditionForm(n syntax.Node) string {
	if b, ok := n.(*syntax.BinaryExpr); ok {
		inner := []string{strings.ReplaceAll(b.Op.String(), "//", "div")} // paths are cut at slashes
		for _, e := range []syntax.Expr{b.X, b.Y} {
			if f := conditionForm(e); f != "" {
				inner = append(inner, f)
			}
		}
		return strings.Join(inner, " ")
	}
	if u, ok := n.(*syntax.UnaryExpr); ok && u.Op == syntax.NOT {
		return strings.TrimSpace("not " + conditionForm(u.X))
	}
	return ""
}

// expression looks at an expression inside so many loops.
func (t *trait) expression(e syntax.Expr, loops int) {
	switch e := e.(type) {
	case *syntax.Comprehension:
		t.comprehended(e, loops)
		return
	case *syntax.CallExpr:
		t.called(e, loops)
	case *syntax.SliceExpr:
		t.lists = true
		t.cost(loops+1, false)
		label, _ := sliceParts(e)
		t.add(DataStructures, "slice", strings.NewReplacer("slice", "", " -", "_", " +", "k").Replace(label))
	case *syntax.ListExpr:
		t.lists = true
		t.add(DataStructures, "list", "literal")
	case *syntax.DictExpr:
		t.lists = true
		t.add(DataStructures, "dict", "literal")
	case *syntax.IndexExpr:
		t.add(DataStructures, "list", "element by index")
	case *syntax.CondExpr:
		t.add(Logic, "control", "conditional expression")
		t.condition("choice", e.Cond)
	case *syntax.BinaryExpr:
		switch e.Op {
		case syntax.IN, syntax.NOT_IN:
			t.cost(loops+1, false)
			t.add(Logic, "control", "membership test")
		case syntax.OR:
			if _, ok := e.Y.(*syntax.ListExpr); ok {
				t.add(Logic, "control", "default by or")
			}
		default: // arithmetic and comparisons say nothing of control
		}
	}
	_, children := parts(e)
	for _, c := range children {
		if x, ok := c.(syntax.Expr); ok {
			t.expression(x, loops)
		}
	}
}

func (t *trait) comprehended(e *syntax.Comprehension, loops int) {
	t.lists = true
	if e.Curly {
		t.add(DataStructures, "dict", "comprehension")
		t.add(Optimisation, "lookup", "dict membership")
	} else {
		t.add(DataStructures, "list", "comprehension")
	}
	filtered := false
	for _, c := range e.Clauses {
		switch c := c.(type) {
		case *syntax.ForClause:
			t.head(c.Vars, c.X, "comprehension", loops)
			loops++
		case *syntax.IfClause:
			filtered = true
			t.expression(c.Cond, loops)
			t.condition("clause", c.Cond)
		}
	}
	if entry, ok := e.Body.(*syntax.DictEntry); ok {
		t.expression(entry.Key, loops)
		return
	}
	t.expression(e.Body, loops)
	_, plain := e.Body.(*syntax.Ident)
	if _, constant := integer(e.Body); filtered && !plain && !constant {
		t.add(Optimisation, "fusion", "filter and map in one pass "+conditionForm(e.Body))
	}
}

func (t *trait) called(e *syntax.CallExpr, loops int) {
	switch f := e.Fn.(type) {
	case *syntax.Ident:
		t.add(Logic, "function", f.Name)
		switch f.Name {
		case "sorted":
			t.lists = true
			t.cost(loops+1, true)
		case "sum", "max", "min", "list", "reversed":
			t.cost(loops+1, false)
		}
		for _, arg := range e.Args {
			if _, ok := arg.(*syntax.Comprehension); ok {
				t.add(Optimisation, "fusion", f.Name+" of a comprehension")
			}
		}
	case *syntax.DotExpr:
		t.lists = true
		t.add(DataStructures, "list", f.Name.Name)
	}
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
