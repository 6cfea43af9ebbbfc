package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"ablate/engine/seed"
)

// randomValue and randomCondition draw expressions of x and i.
func randomValue(r *rand.Rand, deep int) expr {
	if deep == 0 {
		return []expr{variable(element), variable(index), constantOf(r.Int64N(9) - 3)}[r.IntN(3)]
	}
	a, b := randomValue(r, deep-1), randomValue(r, r.IntN(deep))
	switch op := []string{"+", "-", "*", "//", "%", "min", "max", "neg", "abs", "if"}[r.IntN(10)]; op {
	case "//", "%":
		return operation(op, a, constantOf(r.Int64N(5)+1))
	case "neg", "abs":
		return operation(op, a)
	case "if":
		return operation(op, randomCondition(r, deep-1), a, b)
	default:
		return operation(op, a, b)
	}
}

func randomCondition(r *rand.Rand, deep int) expr {
	if deep > 0 && r.IntN(3) == 0 {
		return operation([]string{"and", "or"}[r.IntN(2)], randomCondition(r, deep-1), randomCondition(r, deep-1))
	}
	return operation(comparisons[r.IntN(6)], randomValue(r, deep), randomValue(r, 0))
}

// An expression is worth what the interpreter says of its text, stays within its
// bound, and is read back as itself.
func TestExpressionsAreStarlark(t *testing.T) {
	t.Parallel()
	r := seed.Stream(1, "expressions", 0)
	for range 400 {
		e, condition := randomValue(r, 3), r.IntN(2) == 0
		if condition {
			e = randomCondition(r, 2)
		}
		text := strings.NewReplacer("X", "x", "I", "i").Replace(e.text())
		f, bound, complement := e.compile(), e.bound(20, 9), code(nil)
		if condition {
			complement = e.negated().compile()
		}
		for range 20 {
			x, i := r.Int64N(41)-20, r.Int64N(10)
			got, err := starlark.EvalOptions(&syntax.FileOptions{}, &starlark.Thread{}, "", fmt.Sprintf("int(%s)", text),
				starlark.StringDict{"x": starlark.MakeInt64(x), "i": starlark.MakeInt64(i), "abs": starlark.Universe["abs"]})
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			want := f(x, i, 0)
			if got.String() != fmt.Sprint(want) {
				t.Fatalf("%s at x = %d, i = %d is %s, compiled %d", text, x, i, got, want)
			}
			if float64(max(want, -want)) > bound {
				t.Errorf("%s at x = %d, i = %d is %d, past its bound %g", text, x, i, want, bound)
			}
			if condition && complement(x, i, 0) == want {
				t.Errorf("%s at x = %d, i = %d is as true as its complement", text, x, i)
			}
		}
		tree := mustParse(text)
		sc := scope{names: map[string]expr{"x": variable(element), "i": variable(index)}}
		read := sc.value
		if condition {
			read = sc.condition
		}
		back, err := read(tree)
		kind := mapping
		if condition {
			kind = keeping
		}
		if err != nil || (shape{kind: kind, expr: back}).key(0) != (shape{kind: kind, expr: e}).key(0) {
			t.Errorf("%s is read as %s, %v", text, back.text(), err)
		}
	}
}
