package synth

import "strings"

// idioms are the ways to program the shape, in the holes of templates.
func (s shape) idioms() []string {
	switch s.kind {
	case keeping:
		return s.filterIdioms()
	case scanning:
		if s.how == "product" {
			return []string{"B = []\nt = 1\nfor X in A:\n    t *= X\n    B.append(t)"}
		}
		return []string{
			"[" + s.how + "(A[:I + 1]) for I in range(len(A))]",
			"[" + s.how + "(A[:I]) for I in range(1, len(A) + 1)]",
		}
	case tallying:
		return s.tallyIdioms()
	case pairing:
		v := s.expr.text()
		at := strings.NewReplacer("X", "A[I]", "Y", "A[I + 1]").Replace(v)
		back := strings.NewReplacer("X", "A[I - 1]", "Y", "A[I]").Replace(v)
		return []string{
			"[" + v + " for X, Y in zip(A, A[1:])]", "[" + at + " for I in range(len(A) - 1)]",
			"[" + back + " for I in range(1, len(A))]",
			"B = []\nfor I in range(1, len(A)):\n    B.append(" + back + ")",
		}
	case mapping:
		v, over := s.expr.text(), "X in A"
		if s.expr.uses(index) {
			over = "I, X in enumerate(A)"
		}
		return []string{"[" + v + " for " + over + "]", "B = []\nfor " + over + ":\n    B.append(" + v + ")"}
	default: // reducing
	}
	v := s.expr.text()
	switch s.how {
	case "sum":
		return []string{"sum([" + v + " for X in A])", "B = 0\nfor X in A:\n    B += " + v}
	case "product":
		return []string{"B = 1\nfor X in A:\n    B *= " + v, "B = 1\nfor X in A:\n    B = B * (" + v + ")"}
	}
	end := map[string]string{"max": "[-1]", "min": "[0]"}[s.how]
	return []string{s.how + "([" + v + " for X in A] or [0])", "sorted([" + v + " for X in A] or [0])" + end}
}

func (s shape) filterIdioms() []string {
	c := s.expr.text()
	if !s.expr.uses(index) {
		return []string{"[X for X in A if " + c + "]", "B = []\nfor X in A:\n" + indented(c, "B.append(X)")}
	}
	return []string{
		"[X for I, X in enumerate(A) if " + c + "]",
		"[A[I] for I in range(len(A)) if " + strings.ReplaceAll(c, "X", "A[I]") + "]",
		"B = []\nfor I, X in enumerate(A):\n" + indented(c, "B.append(X)"),
	}
}

func (s shape) tallyIdioms() []string {
	c, over := s.expr.text(), "X in A"
	if s.expr.uses(index) {
		over = "I, X in enumerate(A)"
	}
	return []string{
		"len([X for " + over + " if " + c + "])", "sum([1 for " + over + " if " + c + "])",
		"B = 0\nfor " + over + ":\n" + indented(c, "B += 1"),
	}
}
