package synth

import (
	"slices"
	"strconv"
	"strings"
)

// composition is what a task asks for: features applied one after the other,
// of which only the last may be final.
type composition []feature

const (
	maxValue  = 20 // magnitude of the numbers in any input
	maxLength = 10 // and their count

	// No value may pass the integers that a float64 holds exactly: outputs
	// travel through JSON, and int64 never overflows.
	largest = 1 << 53
	longest = 4 * maxLength
)

// scalar says whether the composition ends in an integer.
func (c composition) scalar() bool { return len(c) > 0 && c[len(c)-1].final }

// names are the names of the features, in order.
func (c composition) names() []string {
	names := make([]string, len(c))
	for i, f := range c {
		names[i] = f.String()
	}
	return names
}

// id is the canonical path of the composition.
func (c composition) id() string { return strings.Join(c.names(), ".") }

// bounded says whether every value on the way stays within bounds, whatever
// the input.
func (c composition) bounded() bool { return c.within(maxLength, longest) }

// within says whether no value passes the largest and no list the longest, given
// any input of a length.
func (c composition) within(length, longest float64) bool {
	r := reach{abs: maxValue, length: length}
	for _, f := range c {
		if f.grow != nil {
			r = f.grow(r, float64(f.k))
		}
		if r.abs > largest || r.length > longest {
			return false
		}
	}
	return true
}

// without gives c less the features whose bit is set in gone.
func (c composition) without(gone int) composition {
	rest := make(composition, 0, len(c))
	for i, f := range c {
		if gone>>i&1 == 0 {
			rest = append(rest, f)
		}
	}
	return rest
}

// with gives c with another feature at place i.
func (c composition) with(i int, f feature) composition {
	other := slices.Clone(c)
	other[i] = f
	return other
}

// shorter gives c with each of its features left out.
func (c composition) shorter() (others []composition) {
	if len(c) < 2 {
		return nil
	}
	for i := range c {
		others = append(others, c.without(1<<i))
	}
	return others
}

// swapped gives c with each two neighbours swapped that can be.
func (c composition) swapped() (others []composition) {
	for i := 1; i < len(c) && !c[i].final; i++ {
		others = append(others, c.with(i, c[i-1]).with(i-1, c[i]))
	}
	return others
}

// machine runs compositions in two buffers of its own: generation runs some
// millions of them.
type machine struct{ from, to []int64 }

// run gives what c makes of input: the list, or a list of the one integer. It
// is valid until the next run.
func (m *machine) run(c composition, input []int64) []int64 {
	from, to := append(m.from[:0], input...), m.to
	for _, f := range c {
		from, to = f.apply(to[:0], from, f.k), from
	}
	m.from, m.to = from, to
	return from
}

// literal writes values as Starlark and Python do: a list, or the one integer.
func literal(values []int64, scalar bool) string {
	b := make([]byte, 0, 48)
	if scalar {
		return string(strconv.AppendInt(b, values[0], 10))
	}
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return string(append(b, ']'))
}
