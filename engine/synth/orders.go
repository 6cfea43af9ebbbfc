package synth

import "slices"

// orders are the steps that choose and arrange elements by their place.
func orders() []family {
	return append(arrangements(), cuts()...)
}

func arrangements() []family {
	return []family{
		{
			name: "reverse",
			ask:  []string{"reverse the list", "reverse the numbers"},
			of:   of("reverse"),
			apply: func(dst, a []int64, _ int64) []int64 {
				dst = append(dst, a...)
				slices.Reverse(dst)
				return dst
			},
			idioms: []string{
				"A[::-1]", "list(reversed(A))", "[X for X in reversed(A)]",
				"B = []\nfor X in A:\n    B = [X] + B",
			},
		},
		{
			name: "sort",
			ask:  []string{"sort ascending", "sort the numbers ascending"},
			of:   of("ascending order"),
			apply: func(dst, a []int64, _ int64) []int64 {
				dst = append(dst, a...)
				slices.Sort(dst)
				return dst
			},
			idioms: []string{"sorted(A)", "sorted(A, reverse=True)[::-1]", "sorted([X for X in A])"},
		},
		{
			name: "sort_down",
			ask:  []string{"sort descending", "sort the numbers descending"},
			of:   of("descending order"),
			apply: func(dst, a []int64, _ int64) []int64 {
				dst = append(dst, a...)
				slices.Sort(dst)
				slices.Reverse(dst)
				return dst
			},
			idioms: []string{"sorted(A, reverse=True)", "sorted(A)[::-1]", "[-X for X in sorted([-X for X in A])]"},
		},
		{
			name: "rotate", constants: []int64{1}, hidden: true,
			ask: []string{"rotate left by one", "rotate the list left by one"},
			of:  of("left rotation"),
			apply: func(dst, a []int64, k int64) []int64 {
				n := clamp(k, a)
				return append(append(dst, a[n:]...), a[:n]...)
			},
			idioms: []string{
				"A[1:] + A[:1]", "[A[(I + 1) % len(A)] for I in range(len(A))]",
				"B = A[1:]\nB += A[:1]",
			},
		},
		{
			name: "unique",
			ask:  []string{"drop duplicates", "remove duplicates"},
			of:   of("distinct numbers"),
			apply: func(dst, a []int64, _ int64) []int64 {
				for _, x := range a {
					if !slices.Contains(dst, x) {
						dst = append(dst, x)
					}
				}
				return dst
			},
			idioms: []string{
				"list({X: 0 for X in A})", "[A[I] for I in range(len(A)) if A[I] not in A[:I]]",
				"B = []\nfor X in A:\n    if X not in B:\n        B.append(X)",
			},
		},
	}
}

func cuts() []family {
	return []family{
		{
			name: "first", constants: []int64{2, 3},
			ask:    []string{"take the first K", "keep the first K"},
			of:     of("first K"),
			apply:  func(dst, a []int64, k int64) []int64 { return append(dst, a[:clamp(k, a)]...) },
			grow:   shortened,
			idioms: []string{"A[:K]", "A[0:K]", "[X for I, X in enumerate(A) if I < K]"},
		},
		{
			name: "last", constants: []int64{2, 3},
			ask:    []string{"take the last K", "keep the last K"},
			of:     of("last K"),
			apply:  func(dst, a []int64, k int64) []int64 { return append(dst, a[len(a)-clamp(k, a):]...) },
			grow:   shortened,
			idioms: []string{"A[-K:]", "A[::-1][:K][::-1]", "A[max(len(A) - K, 0):]"},
		},
		{
			name: "drop_first", constants: []int64{2},
			ask:    []string{"drop the first K", "remove the first K"},
			of:     []string{"all but the first K of L", "all but the first K from L"},
			apply:  func(dst, a []int64, k int64) []int64 { return append(dst, a[clamp(k, a):]...) },
			idioms: []string{"A[K:]", "A[K:len(A)]", "[X for I, X in enumerate(A) if I >= K]"},
		},
		{
			name: "drop_last", constants: []int64{2},
			ask:    []string{"drop the last K", "remove the last K"},
			of:     []string{"all but the last K of L", "all but the last K from L"},
			apply:  func(dst, a []int64, k int64) []int64 { return append(dst, a[:len(a)-clamp(k, a)]...) },
			idioms: []string{"A[:-K]", "A[0:-K]", "A[:max(len(A) - K, 0)]"},
		},
		{
			name: "every_second", constants: []int64{2}, hidden: true,
			ask: []string{"keep every second number", "take every second number"},
			of:  []string{"every second number of L", "every second number from L"},
			apply: func(dst, a []int64, k int64) []int64 {
				for i := 0; i < len(a); i += int(k) {
					dst = append(dst, a[i])
				}
				return dst
			},
			idioms: []string{"A[::2]", "A[0::2]", "[X for I, X in enumerate(A) if I % 2 == 0]"},
		},
	}
}

// clamp is k as a number of elements that a has.
func clamp(k int64, a []int64) int { return int(min(max(k, 0), int64(len(a)))) }

func shortened(r reach, k float64) reach {
	r.length = min(r.length, k)
	return r
}
