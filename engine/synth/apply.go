package synth

import "math"

// behave sets what the operation does, and how far results may grow.
func (s shape) behave(f *family) {
	value := code(nil)
	if s.kind != scanning {
		value = s.expr.compile()
	}
	switch s.kind {
	case keeping:
		f.apply = keepWhere(value)
		f.cond = s.expr.text()
	case mapping:
		f.apply = eachValue(value)
		f.value = s.expr.text()
	case pairing:
		f.apply = pairValues(value)
	case scanning:
		f.apply = running(s.how)
	case tallying:
		f.final, f.apply = true, countWhere(value)
	case reducing:
		f.final, f.apply = true, reduced(s.how, value)
	}
	if s.expr.uses(index) { // the short form of a filter or a map has no index
		f.cond, f.value = "", ""
	}
	f.grow = s.grow
}

// grow bounds the result, whatever the constant is near to.
func (s shape) grow(r reach, _ float64) reach {
	b := r.abs
	if s.kind != scanning {
		second := r.abs
		if s.kind != pairing {
			second = max(r.length, 1)
		}
		b = s.expr.bound(r.abs, second)
	}
	switch {
	case math.IsInf(b, 1):
		r.abs = b
	case s.kind == tallying:
		r.abs = max(r.abs, r.length)
	case s.kind == mapping || s.kind == pairing:
		r.abs = b
	case s.how == "sum":
		r.abs = float64(b * max(r.length, 1))
	case s.how == "product":
		r.abs = max(math.Pow(max(b, 1), r.length), 1)
	case s.kind == reducing:
		r.abs = b
	}
	return r
}

type application = func(dst, a []int64, k int64) []int64

func keepWhere(holds code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			if holds(x, int64(i), k) != 0 {
				dst = append(dst, x)
			}
		}
		return dst
	}
}

func countWhere(holds code) application {
	return func(dst, a []int64, k int64) []int64 {
		n := int64(0)
		for i, x := range a {
			n += truth(holds(x, int64(i), k) != 0)
		}
		return append(dst, n)
	}
}

func eachValue(value code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			dst = append(dst, value(x, int64(i), k))
		}
		return dst
	}
}

func pairValues(value code) application {
	return func(dst, a []int64, k int64) []int64 {
		for i := 1; i < len(a); i++ {
			dst = append(dst, value(a[i-1], a[i], k))
		}
		return dst
	}
}

func running(how string) application {
	together := binary(map[string]string{"sum": "+", "product": "*", "max": "max", "min": "min"}[how],
		variable(element).compile(), variable(neighbour).compile())
	return func(dst, a []int64, _ int64) []int64 {
		for i, x := range a {
			if i > 0 {
				x = together(x, dst[i-1], 0)
			}
			dst = append(dst, x)
		}
		return dst
	}
}

func reduced(how string, value code) application {
	together := running(how)
	return func(dst, a []int64, k int64) []int64 {
		for i, x := range a {
			dst = append(dst, value(x, int64(i), k))
		}
		result := truth(how == "product") // of no values
		if len(a) > 0 {
			result = together(nil, dst, 0)[len(a)-1]
		}
		return append(dst[:0], result)
	}
}
