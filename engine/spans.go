package engine

import "slices"

// span is some time, in seconds since 1970.
type span struct{ from, to float64 }

// spans are stretches of time that do not touch, in their order.
type spans []span

// with is the union with another stretch of time.
func (s spans) with(x span) spans {
	if x.to <= x.from {
		return s
	}
	var out spans
	for _, y := range s {
		if y.to < x.from || y.from > x.to {
			out = append(out, y)
			continue
		}
		x = span{min(x.from, y.from), max(x.to, y.to)}
	}
	at, _ := slices.BinarySearchFunc(out, x, func(a, b span) int {
		if a.from < b.from {
			return -1
		}
		return 1
	})
	return slices.Insert(out, at, x)
}

// without is what is left when another stretch is cut out.
func (s spans) without(x span) spans {
	var out spans
	for _, y := range s {
		for _, part := range []span{{y.from, min(y.to, x.from)}, {max(y.from, x.to), y.to}} {
			if part.from < part.to {
				out = append(out, part)
			}
		}
	}
	return out
}

func (s spans) total() (seconds float64) {
	for _, x := range s {
		seconds += x.to - x.from
	}
	return seconds
}
