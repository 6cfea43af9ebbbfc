package synth

import (
	"math"
	"slices"
)

// finals are the operations that end a task with an integer. Those that have
// no value for an empty list say in words that it is 0.
func finals() []family {
	return append(append(totals(), extremes()...), counts()...)
}

// number makes the family of an integer computed from a list, in words.
func number(words string, f family, value func(a []int64) int64) family {
	return final(words, f, func(a []int64, _ int64) int64 { return value(a) })
}

// final is number for what needs the constant as well.
func final(words string, f family, value func(a []int64, k int64) int64) family {
	f.final = true
	f.ask, f.of = askFinal(words), of(words)
	f.apply = func(dst, a []int64, k int64) []int64 { return append(dst, value(a, k)) }
	return f
}

// partial is number for what an empty list has not: it is 0 there.
func partial(words string, f family, value func(a []int64) int64) family {
	f = number(words, f, func(a []int64) int64 {
		if len(a) == 0 {
			return 0
		}
		return value(a)
	})
	f.sayOrZero()
	return f
}

// orZero ends the phrases of what an empty list has not.
const orZero = " or zero if empty"

func (f *family) sayOrZero() {
	for _, ways := range [][]string{f.ask, f.of} {
		for i := range ways {
			ways[i] += orZero
		}
	}
}

func askFinal(words string) []string { return []string{"return the " + words, "give the " + words} }

func total(a []int64) int64 {
	s := int64(0)
	for _, x := range a {
		s += x
	}
	return s
}

func totals() []family {
	return []family{
		number("sum", family{
			name: "sum", grow: summed,
			idioms: []string{
				"sum(A)", "sum(A, 0)",
				"B = 0\nfor X in A:\n    B += X", "B = 0\nfor X in A:\n    B = B + X",
			},
		}, total),
		number("sum of squares", family{
			name: "sum_squares",
			grow: func(r reach, _ float64) reach { r.abs *= r.abs * max(r.length, 1); return r },
			idioms: []string{
				"sum([X * X for X in A])",
				"B = 0\nfor X in A:\n    B += X * X", "B = 0\nfor X in A:\n    B = B + X * X",
			},
		}, func(a []int64) int64 {
			s := int64(0)
			for _, x := range a {
				s += x * x
			}
			return s
		}),
		number("alternating sum", family{
			name: "alternating", grow: summed,
			idioms: []string{
				"sum(A[::2]) - sum(A[1::2])",
				"sum([X if I % 2 == 0 else -X for I, X in enumerate(A)])",
				"B = 0\nfor X in A[::-1]:\n    B = X - B",
			},
		}, func(a []int64) int64 {
			s := int64(0)
			for _, x := range slices.Backward(a) {
				s = x - s
			}
			return s
		}),
		number("product", family{
			name: "product",
			grow: func(r reach, _ float64) reach { r.abs = math.Pow(r.abs, r.length); return r },
			idioms: []string{
				"B = 1\nfor X in A:\n    B *= X", "B = 1\nfor X in A:\n    B = B * X",
			},
		}, func(a []int64) int64 {
			p := int64(1)
			for _, x := range a {
				p *= x
			}
			return p
		}),
	}
}

func extremes() []family {
	return []family{
		partial("maximum", family{
			name:   "max",
			idioms: []string{"max(A or [0])", "max(A) if A else 0", "sorted(A or [0])[-1]"},
		}, slices.Max[[]int64]),
		partial("minimum", family{
			name:   "min",
			idioms: []string{"min(A or [0])", "min(A) if A else 0", "sorted(A or [0])[0]"},
		}, slices.Min[[]int64]),
		partial("range", family{
			name:   "range",
			grow:   func(r reach, _ float64) reach { r.abs *= 2; return r },
			idioms: []string{"max(A or [0]) - min(A or [0])", "max(A) - min(A) if A else 0"},
		}, func(a []int64) int64 { return slices.Max(a) - slices.Min(a) }),
		partial("first number", family{
			name:   "head",
			idioms: []string{"(A or [0])[0]", "A[0] if A else 0", "sum(A[:1])"},
		}, func(a []int64) int64 { return a[0] }),
		partial("last number", family{
			name:   "tail",
			idioms: []string{"(A or [0])[-1]", "A[-1] if A else 0", "sum(A[-1:])"},
		}, func(a []int64) int64 { return a[len(a)-1] }),
	}
}

func counts() []family {
	return []family{
		number("count", family{
			name: "count", grow: counted,
			idioms: []string{"len(A)", "sum([1 for X in A])", "B = 0\nfor X in A:\n    B += 1"},
		}, func(a []int64) int64 { return int64(len(a)) }),
		number("number of distinct values", family{
			name: "distinct", grow: counted,
			idioms: []string{
				"len({X: 0 for X in A})",
				"len([X for I, X in enumerate(A) if X not in A[:I]])",
				"B = 0\nfor I in range(len(A)):\n    if A[I] not in A[:I]:\n        B += 1",
			},
		}, func(a []int64) int64 {
			n := int64(0)
			for i, x := range a {
				if !slices.Contains(a[:i], x) {
					n++
				}
			}
			return n
		}),
		tally("count_even", "even values", constant(2), "X % 2 == 0", func(x, k int64) bool { return modulo(x, k) == 0 }),
		tally("count_positive", "positive values", constant(0), "X > 0", func(x, k int64) bool { return x > k }),
		tally("count_greater", "values greater than K", choice(3, 5), "X > K", func(x, k int64) bool { return x > k }),
	}
}

// tally makes the family that counts the elements for which cond holds, in words.
func tally(name, words string, c constants, cond string, holds func(x, k int64) bool) family {
	return final("number of "+words, family{
		name: name, constants: c.values, hidden: c.hidden, grow: counted,
		idioms: []string{
			"len([X for X in A if " + cond + "])", "sum([1 for X in A if " + cond + "])",
			"B = 0\nfor X in A:\n" + indented(cond, "B += 1"),
		},
	}, func(a []int64, k int64) int64 {
		n := int64(0)
		for _, x := range a {
			if holds(x, k) {
				n++
			}
		}
		return n
	})
}

func counted(r reach, _ float64) reach {
	r.abs = max(r.abs, r.length)
	return r
}
