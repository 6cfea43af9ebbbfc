package synth

// windows are the steps in which an element meets its neighbours, its place or
// itself once more.
func windows() []family {
	return append(neighbours(), repeats()...)
}

func neighbours() []family {
	return []family{
		{
			name: "prefix_sums",
			ask:  []string{"take the prefix sums", "form the prefix sums"},
			of:   of("prefix sums"),
			apply: func(dst, a []int64, _ int64) []int64 {
				s := int64(0)
				for _, x := range a {
					s += x
					dst = append(dst, s)
				}
				return dst
			},
			grow: summed,
			idioms: []string{
				"[sum(A[:I + 1]) for I in range(len(A))]",
				"[sum(A[:I]) for I in range(1, len(A) + 1)]",
				"B = []\nt = 0\nfor X in A:\n    t += X\n    B.append(t)",
			},
		},
		{
			name: "differences",
			ask:  []string{"take the differences", "form the differences"},
			of:   of("differences"),
			apply: func(dst, a []int64, _ int64) []int64 {
				for i := 1; i < len(a); i++ {
					dst = append(dst, a[i]-a[i-1])
				}
				return dst
			},
			grow: func(r reach, _ float64) reach { r.abs *= 2; return r },
			idioms: []string{
				"[Y - X for X, Y in zip(A, A[1:])]",
				"[A[I + 1] - A[I] for I in range(len(A) - 1)]",
				"[A[I] - A[I - 1] for I in range(1, len(A))]",
				"B = []\nfor I in range(1, len(A)):\n    B.append(A[I] - A[I - 1])",
			},
		},
		{
			name: "pair_sums",
			ask:  []string{"take the pair sums", "form the pair sums"},
			of:   of("pair sums"),
			apply: func(dst, a []int64, _ int64) []int64 {
				for i := 1; i < len(a); i++ {
					dst = append(dst, a[i]+a[i-1])
				}
				return dst
			},
			grow: func(r reach, _ float64) reach { r.abs *= 2; return r },
			idioms: []string{
				"[X + Y for X, Y in zip(A, A[1:])]",
				"[A[I + 1] + A[I] for I in range(len(A) - 1)]",
				"[A[I] + A[I - 1] for I in range(1, len(A))]",
				"B = []\nfor I in range(1, len(A)):\n    B.append(A[I] + A[I - 1])",
			},
		},
		{
			name: "times_index",
			ask:  []string{"multiply each number by its index", "multiply every number by its index"},
			of:   []string{"index times each of L", "index times each from L"},
			apply: func(dst, a []int64, _ int64) []int64 {
				for i, x := range a {
					dst = append(dst, int64(i)*x)
				}
				return dst
			},
			grow: summed,
			idioms: []string{
				"[I * X for I, X in enumerate(A)]",
				"[I * A[I] for I in range(len(A))]",
				"B = []\nfor I, X in enumerate(A):\n    B.append(I * X)",
			},
		},
	}
}

func repeats() []family {
	return []family{
		{
			name: "repeat_each",
			ask:  []string{"repeat each number twice", "repeat every number twice"},
			of:   []string{"two of each of L", "two of each from L"},
			apply: func(dst, a []int64, _ int64) []int64 {
				for _, x := range a {
					dst = append(dst, x, x)
				}
				return dst
			},
			grow: lengthened,
			idioms: []string{
				"[Y for X in A for Y in [X, X]]",
				"[X for X in A for I in range(2)]",
				"B = []\nfor X in A:\n    B += [X, X]",
			},
		},
		{
			name: "mirror",
			ask:  []string{"append the reverse", "add the reverse"},
			of:   of("mirror"),
			apply: func(dst, a []int64, _ int64) []int64 {
				dst = append(dst, a...)
				for i := len(a) - 1; i >= 0; i-- {
					dst = append(dst, a[i])
				}
				return dst
			},
			grow: lengthened,
			idioms: []string{
				"A + A[::-1]", "A + list(reversed(A))",
				"B = A + []\nfor X in A[::-1]:\n    B.append(X)",
			},
		},
	}
}

func summed(r reach, _ float64) reach {
	r.abs *= max(r.length, 1)
	return r
}

func lengthened(r reach, _ float64) reach {
	r.length *= 2
	return r
}
