package query

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

const (
	deepest = 100  // how far parentheses may be nested
	longest = 1000 // characters of a filter
	// steps is how many instructions a regular expression may have, beside two for
	// each of its characters. What repeats repeats has more, and takes as long.
	steps = 250
)

// parser reads by descent. The first mistake stays in err; from then on every
// token is the end.
type parser struct {
	lexer
	token token
	depth int
	used  []use
	err   *Error
}

func (p *parser) advance() {
	if p.err == nil {
		p.token = p.next()
	}
	switch {
	case p.token.open && p.token.kind == quoted:
		p.fail(token{at: p.token.at, end: p.token.end}, `expected the " that ends this`)
	case p.token.open:
		p.fail(token{at: p.token.at, end: p.token.end}, "expected the / that ends this regular expression")
	}
}

// fail keeps the first mistake.
func (p *parser) fail(at token, message string) {
	if p.err == nil {
		p.err = &Error{Column: at.at + 1, Message: message, Unfinished: at.end >= len(p.text) && (at.kind == ending || at.kind == word)}
	}
	p.token = token{at: len(p.text), end: len(p.text)}
}

func (p *parser) or() node {
	terms := some{p.and()}
	for p.token.kind == orSign {
		p.advance()
		terms = append(terms, p.and())
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return terms
}

func (p *parser) and() node {
	terms := all{p.not()}
	for {
		switch p.token.kind {
		case andSign:
			p.advance()
		case word, quoted, pattern, opening, notSign, hasSign:
		default:
			if len(terms) == 1 {
				return terms[0]
			}
			return terms
		}
		terms = append(terms, p.not())
	}
}

func (p *parser) not() node {
	inverted := false
	for p.token.kind == notSign {
		inverted = !inverted
		p.advance()
	}
	n := p.term()
	if inverted {
		return inverse{n}
	}
	return n
}

func (p *parser) term() node {
	t := p.token
	switch t.kind {
	case opening:
		if p.depth++; p.depth > deepest {
			p.fail(t, "the parentheses are nested too deep")
			return all{}
		}
		p.advance()
		n := p.or()
		if p.token.kind != closing {
			p.fail(p.token, "expected ) or one more term")
		}
		p.depth--
		p.advance()
		return n
	case hasSign:
		p.advance()
		return p.has()
	case pattern:
		p.advance()
		p.used = append(p.used, use{at: t.at})
		return search{in: p.regexp(t), text: inSlashes(t.text)}
	case word, quoted:
		p.advance()
		if p.token.kind == operator && t.text != "" {
			return p.comparison(t)
		}
		p.used = append(p.used, use{at: t.at})
		return newSearch(t)
	case closing:
		p.fail(t, "expected a term before )")
	case operator:
		p.fail(t, "expected a field before "+t.text)
	case ending:
		p.fail(t, "expected a term, as in failed or lr > 3e-4")
	default:
		p.fail(t, "expected a term before "+t.text+`; to search for it, put it in "quotes"`)
	}
	return all{}
}

func (p *parser) has() node {
	if p.token.kind != word && p.token.kind != quoted {
		p.fail(p.token, "expected a field after has")
		return all{}
	}
	name := p.field(p.token)
	p.advance()
	return has(name)
}

// field notes that one is used.
func (p *parser) field(t token) string {
	name := canonical(t.text)
	p.used = append(p.used, use{name: name, at: t.at, end: t.end == len(p.text)})
	return name
}

// canonical is the name by which rows know a field.
func canonical(name string) string {
	if name == "tags" {
		return tagField
	}
	return name
}

// comparison reads operator and value; the field was read.
func (p *parser) comparison(field token) node {
	c := compare{field: p.field(field), op: p.token.text}
	after := " after " + c.op
	p.advance()
	t := p.token
	switch t.kind {
	case word, andSign, orSign, notSign, hasSign:
		if special(rune(t.text[0])) {
			p.fail(t, "expected a value"+after)
			return all{}
		}
		c.want, c.text = t.text, t.text
		c.num, c.isNum = number(t.text)
	case quoted:
		c.want, c.text = t.text, inQuotes(t.text)
	case pattern:
		c.text = inSlashes(t.text)
		switch c.op {
		case "=":
			c.op = "~"
		case "!=":
			c.op = "!~"
		}
	default:
		p.fail(t, "expected a value"+after)
		return all{}
	}
	switch c.op {
	case "~", "!~":
		c.in = p.regexp(t)
		c.text = inSlashes(t.text)
	case "=", "!=":
	default:
		if !c.isNum {
			p.fail(t, "expected a number"+after+", as 0.4, 3e-4, 1.5k, 30m or 40%")
			return all{}
		}
	}
	p.advance()
	return c
}

// regexp compiles what a token has.
func (p *parser) regexp(t token) func(string) bool {
	text := "(?i)" + t.text
	re, err := regexp.Compile(text)
	if err == nil {
		err = tame(text)
	}
	if err != nil {
		p.fail(t, "expected a regular expression: "+reason(err))
		return func(string) bool { return false }
	}
	return re.MatchString
}

// tame says why a regular expression takes too long for a thousand rows while
// somebody types.
func tame(text string) error {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err == nil && len(prog.Inst) > steps+2*len(text) {
		err = errors.New("this one repeats too much")
	}
	return err
}
