package synth

// filters are the steps that keep the elements for which a condition holds.
func filters() []family {
	return []family{
		filter("keep_even", constant(2), func(x, k int64) bool { return modulo(x, k) == 0 },
			[]string{"X % 2 == 0", "not X % 2", "X % 2 != 1"},
			"even numbers"),
		filter("keep_odd", constant(2), func(x, k int64) bool { return modulo(x, k) == 1 },
			[]string{"X % 2 == 1", "X % 2 != 0", "X % 2"},
			"odd numbers"),
		filter("keep_positive", constant(0), func(x, k int64) bool { return x > k },
			[]string{"X > 0", "0 < X", "X >= 1"},
			"positive numbers"),
		filter("keep_negative", constant(0), func(x, k int64) bool { return x < k },
			[]string{"X < 0", "0 > X", "X <= -1"},
			"negative numbers"),
		filter("keep_greater", choice(3, 5), func(x, k int64) bool { return x > k },
			[]string{"X > K", "K < X", "not X <= K"},
			"numbers greater than K"),
		filter("keep_less", choice(3, 5), func(x, k int64) bool { return x < k },
			[]string{"X < K", "K > X", "not X >= K"},
			"numbers less than K"),
		filter("keep_divisible", choice(3, 5), func(x, k int64) bool { return modulo(x, k) == 0 },
			[]string{"X % K == 0", "not X % K"},
			"numbers divisible by K"),
	}
}

// constants are the numbers a family may take; hidden ones belong to the
// operation itself (the 2 of "even") and are varied only to find near-by tasks.
type constants struct {
	values []int64
	hidden bool
}

// of makes the noun phrases of a feature. Variants reuse the words of all others:
// a rare word costs a small vocabulary several tokens.
func of(words string) []string {
	return []string{"the " + words + " of L", "the " + words + " from L"}
}

func constant(k int64) constants      { return constants{values: []int64{k}, hidden: true} }
func choice(ks ...int64) constants    { return constants{values: ks} }
func indented(cond, do string) string { return "    if " + cond + ":\n        " + do }

func askFilter(words string) []string { return []string{"keep the " + words, "take the " + words} }

// filter makes the family of a condition on elements, those being words. conds
// are ways to write it, the usual one first.
func filter(name string, c constants, holds func(x, k int64) bool, conds []string, words string) family {
	f := family{
		name: name, constants: c.values, hidden: c.hidden, cond: conds[0],
		ask: askFilter(words), of: of(words),
		apply: func(dst, a []int64, k int64) []int64 {
			for _, x := range a {
				if holds(x, k) {
					dst = append(dst, x)
				}
			}
			return dst
		},
	}
	for _, cond := range conds {
		f.idioms = append(f.idioms, "[X for X in A if "+cond+"]")
	}
	f.idioms = append(f.idioms,
		"B = []\nfor X in A:\n"+indented(conds[0], "B.append(X)"))
	return f
}
