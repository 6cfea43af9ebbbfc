package synth

import "strings"

// maps are the steps that replace each element by a value computed from it.
func maps() []family {
	return []family{
		elementwise("square", constants{}, func(x, _ int64) int64 { return x * x },
			[]string{"X * X"},
			"square each number", "squares").
			growing(func(r reach, _ float64) reach { r.abs *= r.abs; return r }),
		elementwise("double", constant(2), func(x, k int64) int64 { return x * k },
			[]string{"X * 2", "2 * X", "X + X"},
			"double each number", "doubles").
			growing(func(r reach, _ float64) reach { r.abs *= 2; return r }),
		elementwise("add", choice(3, 5), func(x, k int64) int64 { return x + k },
			[]string{"X + K", "K + X"},
			"add K to each number", "values plus K").
			growing(func(r reach, k float64) reach { r.abs += k; return r }),
		elementwise("subtract", choice(3, 5), func(x, k int64) int64 { return x - k },
			[]string{"X - K", "-K + X"},
			"subtract K from each number", "values minus K").
			growing(func(r reach, k float64) reach { r.abs += k; return r }),
		elementwise("multiply", choice(3, 5), func(x, k int64) int64 { return x * k },
			[]string{"X * K", "K * X"},
			"multiply each number by K", "values times K").
			growing(func(r reach, k float64) reach { r.abs *= k; return r }),
		elementwise("negate", constants{}, func(x, _ int64) int64 { return -x },
			[]string{"-X", "0 - X"},
			"negate each number", "negation"),
		elementwise("absolute", constants{}, func(x, _ int64) int64 { return max(x, -x) },
			[]string{"abs(X)", "max(X, -X)"},
			"make each number absolute", "absolute values"),
		elementwise("modulo", choice(3, 5), modulo,
			[]string{"X % K"},
			"take each number modulo K", "values modulo K"),
		elementwise("cap", choice(5), func(x, k int64) int64 { return min(x, k) },
			[]string{"min(X, K)", "X if X < K else K", "min(K, X)"},
			"cap each number at K", "values capped at K"),
		elementwise("raise_negatives", constant(0), func(x, k int64) int64 { return max(x, k) },
			[]string{"max(X, 0)", "X if X > 0 else 0", "max(0, X)"},
			"make each negative number zero", "non negative parts"),
		elementwise("halve", constant(2), func(x, k int64) int64 { return (x - modulo(x, k)) / k },
			[]string{"X // 2"},
			"halve and floor each number", "floored halves"),
	}
}

// elementwise makes the family of a value computed from each element, with what
// to do in words and what comes of it. values are ways to write it, the usual
// one first.
func elementwise(name string, c constants, result func(x, k int64) int64, values []string, do, words string) family {
	f := family{
		name: name, constants: c.values, hidden: c.hidden, value: values[0],
		ask: []string{do, strings.Replace(do, "each", "every", 1)}, of: of(words),
		apply: func(dst, a []int64, k int64) []int64 {
			for _, x := range a {
				dst = append(dst, result(x, k))
			}
			return dst
		},
	}
	for _, value := range values {
		f.idioms = append(f.idioms, "["+value+" for X in A]")
	}
	f.idioms = append(f.idioms,
		"B = []\nfor X in A:\n    B.append("+values[0]+")")
	return f
}

// growing returns the family with a bound on what comes out of it.
func (f family) growing(grow func(r reach, k float64) reach) family {
	f.grow = grow
	return f
}
