package query

import (
	"errors"
	"math"
	"regexp/syntax"
	"slices"
	"strings"
)

// node is a part of a query.
type node interface {
	match(Fields) bool
	write(*strings.Builder)
}

type (
	all     []node
	some    []node
	inverse struct{ node }
	has     string
	// search is a text or regular expression alone.
	search struct {
		in   func(string) bool
		text string // as written
	}
	// compare is a field with a value.
	compare struct {
		field, op string
		want      string            // of = and !=
		num       float64           // of all but ~ and !~
		isNum     bool              // it is one
		in        func(string) bool // of ~ and !~
		text      string            // the value as written
	}
)

func (a all) match(row Fields) bool {
	for _, n := range a {
		if !n.match(row) {
			return false
		}
	}
	return true
}

func (s some) match(row Fields) bool {
	for _, n := range s {
		if n.match(row) {
			return true
		}
	}
	return false
}

func (i inverse) match(row Fields) bool { return !i.node.match(row) }

func (h has) match(row Fields) bool {
	_, ok := row.Field(string(h))
	return ok
}

func newSearch(t token) search {
	s := search{text: t.text}
	if t.kind == quoted {
		s.text = inQuotes(t.text)
	}
	want := strings.ToLower(t.text)
	s.in = func(text string) bool { return strings.Contains(strings.ToLower(text), want) }
	return s
}

func (s search) match(row Fields) bool {
	for _, name := range [...]string{"name", "cell", "status", tagField} {
		v, ok := row.Field(name)
		if ok && (s.in(v.Text) && v.List == nil || slices.ContainsFunc(v.List, s.in)) {
			return true
		}
	}
	return false
}

func (c compare) match(row Fields) bool {
	v, ok := row.Field(c.field)
	if !ok {
		return false
	}
	switch c.op {
	case "=":
		return c.equal(v)
	case "!=":
		return !c.equal(v)
	case "~":
		return c.like(v)
	case "!~":
		return !c.like(v)
	}
	if !v.IsNum {
		return false
	}
	num := c.number(v)
	same := near(v.Num, num)
	switch c.op {
	case ">":
		return v.Num > num && !same
	case "<":
		return v.Num < num && !same
	case ">=":
		return v.Num > num || same
	default:
		return v.Num < num || same
	}
}

// number is what a value is compared with. What is written without a unit is what people
// read: above 1 a number of percent, or of what the value is told in.
func (c compare) number(v Value) float64 {
	if last := c.text[max(len(c.text)-1, 0):]; v.In > 0 && strings.Contains("0123456789.", last) {
		return c.num * v.In
	}
	if v.Percent && c.num > 1 && !strings.HasSuffix(c.text, "%") {
		return c.num / 100
	}
	return c.num
}

func (c compare) equal(v Value) bool {
	if v.List != nil {
		return slices.ContainsFunc(v.List, func(s string) bool { return strings.EqualFold(s, c.want) })
	}
	if c.isNum && v.IsNum {
		return near(v.Num, c.number(v))
	}
	return strings.EqualFold(v.Text, c.want)
}

func (c compare) like(v Value) bool {
	if v.List != nil {
		return slices.ContainsFunc(v.List, c.in)
	}
	return c.in(v.Text)
}

// near reports whether two numbers are the same but for rounding.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*min(math.Abs(a), math.Abs(b))
}

func (a all) write(b *strings.Builder) {
	for i, n := range a {
		if i > 0 {
			b.WriteString(" and ")
		}
		switch n.(type) {
		case some, all:
			enclose(b, n)
		default:
			n.write(b)
		}
	}
}

func (s some) write(b *strings.Builder) {
	for i, n := range s {
		if i > 0 {
			b.WriteString(" or ")
		}
		if _, ok := n.(some); ok {
			enclose(b, n)
			continue
		}
		n.write(b)
	}
}

func (i inverse) write(b *strings.Builder) {
	b.WriteString("not ")
	switch i.node.(type) {
	case some, all:
		enclose(b, i.node)
	default:
		i.node.write(b)
	}
}

func enclose(b *strings.Builder, n node) {
	b.WriteByte('(')
	n.write(b)
	b.WriteByte(')')
}

func (h has) write(b *strings.Builder)     { b.WriteString("has " + quote(string(h))) }
func (s search) write(b *strings.Builder)  { b.WriteString(s.text) }
func (c compare) write(b *strings.Builder) { b.WriteString(quote(c.field) + " " + c.op + " " + c.text) }

// inSlashes is a regular expression as a query has it.
func inSlashes(re string) string {
	var b strings.Builder
	b.WriteByte('/')
	escaped := false
	for _, r := range re {
		if r == '/' && !escaped {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		escaped = r == '\\' && !escaped
	}
	b.WriteByte('/')
	return b.String()
}

// reason is why a regular expression is none, without the expression.
func reason(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return e.Code.String()
	}
	return err.Error()
}
