package store

import "slices"

// Span is some time, in seconds since 1970.
type Span struct{ From, To float64 }

// Spans are stretches of time that do not touch, in their order.
type Spans []Span

// With is the union with another stretch of time.
func (s Spans) With(x Span) Spans {
	if x.To <= x.From {
		return s
	}
	var out Spans
	for _, y := range s {
		if y.To < x.From || y.From > x.To {
			out = append(out, y)
			continue
		}
		x = Span{min(x.From, y.From), max(x.To, y.To)}
	}
	at, _ := slices.BinarySearchFunc(out, x, func(a, b Span) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	return slices.Insert(out, at, x)
}

// Without is what is left when another stretch is cut out.
func (s Spans) Without(x Span) Spans {
	var out Spans
	for _, y := range s {
		for _, part := range []Span{{y.From, min(y.To, x.From)}, {max(y.From, x.To), y.To}} {
			if part.From < part.To {
				out = append(out, part)
			}
		}
	}
	return out
}

// Total is how long they are together.
func (s Spans) Total() (seconds float64) {
	for _, x := range s {
		seconds += x.To - x.From
	}
	return seconds
}
