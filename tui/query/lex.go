package query

import (
	"strings"
	"unicode"
)

type kind uint8

// What a text is made of.
const (
	ending kind = iota
	word
	quoted
	pattern
	operator
	opening
	closing
	andSign
	orSign
	notSign
	hasSign
)

// token is a piece of the text from rune at to rune end. An unclosed quote or
// regular expression has open.
type token struct {
	kind    kind
	text    string // without quotes and their escapes
	at, end int
	open    bool
}

type lexer struct {
	text []rune
	at   int
}

// next reads the next token.
func (l *lexer) next() token {
	for l.at < len(l.text) && unicode.IsSpace(l.text[l.at]) {
		l.at++
	}
	t := token{at: l.at}
	if l.at == len(l.text) {
		t.end = l.at
		return t
	}
	switch r := l.text[l.at]; {
	case r == '"':
		t.kind = quoted
		t.text, t.open = l.until('"', true)
	case r == '/':
		t.kind = pattern
		t.text, t.open = l.until('/', false)
	case special(r):
		t.kind, t.text = l.sign()
	default:
		start := l.at
		for l.at < len(l.text) && !special(l.text[l.at]) && l.text[l.at] != '"' && !unicode.IsSpace(l.text[l.at]) {
			l.at++
		}
		t.text = string(l.text[start:l.at])
		t.kind = keyword(t.text)
	}
	t.end = l.at
	return t
}

func special(r rune) bool { return strings.ContainsRune("(),=!<>~&|", r) }

func keyword(text string) kind {
	switch strings.ToLower(text) {
	case "and":
		return andSign
	case "or":
		return orSign
	case "not":
		return notSign
	case "has":
		return hasSign
	}
	return word
}

// sign reads one of the signs; what is written twice by habit (==, &&) is read
// as once.
func (l *lexer) sign() (kind, string) {
	r := l.text[l.at]
	l.at++
	follows := func(next rune) bool {
		if l.at < len(l.text) && l.text[l.at] == next {
			l.at++
			return true
		}
		return false
	}
	switch r {
	case '(':
		return opening, "("
	case ')':
		return closing, ")"
	case ',':
		return andSign, ","
	case '&':
		follows('&')
		return andSign, "&"
	case '|':
		follows('|')
		return orSign, "|"
	case '=':
		if follows('~') {
			return operator, "~"
		}
		follows('=')
		return operator, "="
	case '!':
		switch {
		case follows('='):
			return operator, "!="
		case follows('~'):
			return operator, "!~"
		}
		return notSign, "!"
	case '<', '>':
		if follows('=') {
			return operator, string(r) + "="
		}
	}
	return operator, string(r)
}

// until reads what stands between two marks. In it a backslash takes the meaning
// from the mark, and from itself if escapes says so.
func (l *lexer) until(mark rune, escapes bool) (text string, open bool) {
	var b strings.Builder
	for l.at++; l.at < len(l.text); l.at++ {
		r := l.text[l.at]
		if r == mark {
			l.at++
			return b.String(), false
		}
		if r == '\\' && l.at+1 < len(l.text) {
			switch next := l.text[l.at+1]; {
			case next == mark, escapes && next == '\\':
				r = next
				l.at++
			case next == '\\': // a pair stays one, so that \\/ ends a regular expression
				b.WriteRune(r)
				l.at++
			}
		}
		b.WriteRune(r)
	}
	return b.String(), true
}

// clean reports whether a text is a word as it stands.
func clean(text string) bool {
	l := lexer{text: []rune(text)}
	t := l.next()
	return t.kind == word && t.text == text
}

// quote is a text as a query has it.
func quote(text string) string {
	if clean(text) {
		return text
	}
	return inQuotes(text)
}

func inQuotes(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
