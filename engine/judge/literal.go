package judge

import (
	"fmt"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// maxLiteralDepth is how deep lists and tuples may nest in a literal.
const maxLiteralDepth = 64

// parseLiteral reads one literal: an integer of any size, a string in single or
// double quotes, True, False, None, or a list or tuple of literals. Nothing is
// evaluated: "1+1" is an error, as is anything after the literal.
func parseLiteral(text string) (starlark.Value, error) {
	p := literalParser{text: text}
	v, err := p.value(0)
	if err == nil {
		if p.skipSpace(); p.at < len(text) {
			err = p.unexpected("the end")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("parse literal %.40q: %w", text, err)
	}
	return v, nil
}

// literalParser is a cursor over the text of a literal.
type literalParser struct {
	text string
	at   int // byte offset of the next unread byte
}

func (p *literalParser) skipSpace() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// unexpected says what stands where something else was wanted.
func (p *literalParser) unexpected(want string) error {
	if p.at >= len(p.text) {
		return fmt.Errorf("it ends where %s was expected", want)
	}
	return fmt.Errorf("%q at byte %d where %s was expected", p.text[p.at], p.at, want)
}

// value reads one value that stands depth brackets deep.
func (p *literalParser) value(depth int) (starlark.Value, error) {
	p.skipSpace()
	if p.at >= len(p.text) {
		return nil, p.unexpected("a value")
	}
	if depth > maxLiteralDepth {
		return nil, fmt.Errorf("brackets nest more than %d deep", maxLiteralDepth)
	}
	switch c := p.text[p.at]; {
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == '[':
		elems, _, err := p.elements(']', depth)
		return starlark.NewList(elems), err
	case c == '(':
		return p.tuple(depth)
	case c == '"' || c == '\'':
		return p.quoted()
	}
	return p.name()
}

// tuple reads a parenthesis: a value in brackets, or a tuple if a comma stands in it.
func (p *literalParser) tuple(depth int) (starlark.Value, error) {
	elems, comma, err := p.elements(')', depth)
	if err == nil && len(elems) == 1 && !comma {
		return elems[0], nil
	}
	return starlark.Tuple(elems), err
}

// elements reads values separated by commas up to the closing bracket, and
// reports whether the last of them had a comma behind it.
func (p *literalParser) elements(closing byte, depth int) (elems []starlark.Value, comma bool, err error) {
	p.at++
	for {
		if p.skipSpace(); p.at < len(p.text) && p.text[p.at] == closing {
			p.at++
			return elems, comma, nil
		}
		if len(elems) > 0 && !comma {
			return nil, false, p.unexpected("a comma")
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, false, err
		}
		elems = append(elems, v)
		p.skipSpace()
		if comma = p.at < len(p.text) && p.text[p.at] == ','; comma {
			p.at++
		}
	}
}

// number reads a decimal integer. Leading zeros and fractions are errors, as in
// the language.
func (p *literalParser) number() (starlark.Value, error) {
	start := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	first := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	if p.at == first {
		return nil, p.unexpected("a digit")
	}
	if p.text[first] == '0' && p.at > first+1 {
		return nil, fmt.Errorf("number %.40s has a leading zero", p.text[start:p.at])
	}
	if p.at-first <= 18 {
		n, err := strconv.ParseInt(p.text[start:p.at], 10, 64)
		return starlark.MakeInt64(n), err
	}
	return bigNumber(p.text[start:p.at])
}

// name reads one of the three constants.
func (p *literalParser) name() (starlark.Value, error) {
	for _, c := range []struct {
		name  string
		value starlark.Value
	}{{"True", starlark.True}, {"False", starlark.False}, {"None", starlark.None}} {
		if strings.HasPrefix(p.text[p.at:], c.name) {
			p.at += len(c.name)
			return c.value, nil
		}
	}
	return nil, p.unexpected("a value")
}

// quoted reads a string with the escapes \n \t \r \\ \' and \".
func (p *literalParser) quoted() (starlark.Value, error) {
	quote := p.text[p.at]
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case quote:
			p.at++
			return starlark.String(b.String()), nil
		case '\n':
			return nil, fmt.Errorf("a string breaks off at the end of its line")
		case '\\':
			p.at++
			plain, ok := p.escape()
			if !ok {
				return nil, p.unexpected("one of n t r \\ ' \"")
			}
			b.WriteByte(plain)
		default:
			b.WriteByte(c)
		}
	}
	return nil, p.unexpected("a closing quote")
}

// escape returns what the byte after a backslash stands for.
func (p *literalParser) escape() (byte, bool) {
	if p.at >= len(p.text) {
		return 0, false
	}
	i := strings.IndexByte(`ntr\'"`, p.text[p.at])
	if i < 0 {
		return 0, false
	}
	return "\n\t\r\\'\""[i], true
}
