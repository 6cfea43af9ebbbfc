package query

import (
	"slices"
	"strings"
)

// Completion is a text to stand in place of the runes from Start to End.
type Completion struct {
	Start, End int
	Text       string
}

// Complete offers what may stand at a cursor, 0 to the number of runes of text:
// fields, operators, values, or what joins two terms. What begins with the word
// under the cursor comes first, then what contains it.
func Complete(text string, cursor int, c Candidates) []Completion {
	runes := []rune(text)
	cursor = min(max(cursor, 0), len(runes))
	before, part := cut(runes[:cursor])
	at := Completion{Start: part.at, End: cursor}
	if whole := tokenAt(runes, part.at); part.kind != ending && !whole.open {
		at.End = max(whole.end, cursor)
	}
	return at.offer(part.text, expected(before, part, c))
}

// cut separates the word that is being written, which is none after a space or a
// sign, from the tokens before it.
func cut(runes []rune) (before []token, part token) {
	l := lexer{text: runes}
	for {
		t := l.next()
		if t.kind == ending {
			return before, t
		}
		if t.end == len(runes) && (t.open || t.kind == word || t.kind >= andSign && !special(runes[t.at])) {
			return before, t
		}
		before = append(before, t)
	}
}

// tokenAt is the token that begins at a rune.
func tokenAt(runes []rune, at int) token {
	l := lexer{text: runes, at: at}
	return l.next()
}

// expected are the texts, as a query has them, that may follow some tokens, part
// being written.
func expected(before []token, part token, c Candidates) []string {
	last := func(n int) token {
		if n > len(before) {
			return token{}
		}
		return before[len(before)-n]
	}
	isText := func(t token) bool { return t.kind == word || t.kind == quoted }
	switch t := last(1); {
	case part.kind == pattern:
		return nil
	case t.kind == operator && isText(last(2)):
		if c.Values == nil {
			return nil
		}
		return quoteAll(c.Values(canonical(last(2).text)))
	case t.kind == hasSign:
		return c.offered(part.text)
	case isText(t) && last(2).kind != operator && last(2).kind != hasSign && c.known(t.text):
		return operators()
	case isText(t), t.kind == pattern, t.kind == closing:
		return append([]string{"and", "or"}, c.terms(part.text)...)
	}
	return c.terms(part.text)
}

// terms are what a term may begin with. A field that is written in full is
// followed by an operator.
func (c Candidates) terms(part string) []string {
	var list []string
	if c.known(part) {
		for _, op := range operators() {
			list = append(list, quote(part)+" "+op)
		}
	}
	return append(append(list, c.offered(part)...), "has", "not")
}

// offered are the fields, with the statistics of the metric that is written.
func (c Candidates) offered(part string) []string {
	names := c.names()
	i := strings.LastIndexByte(part, '.')
	if i < 0 {
		i = len(part)
	}
	if _, ok := full(part[:i], c.Metrics); ok {
		for _, s := range Stats() {
			names = append(names, part[:i]+"."+s)
		}
	}
	return quoteAll(names)
}

func operators() []string { return []string{"=", "!=", ">", ">=", "<", "<=", "~", "!~"} }

// offer keeps of some texts those that have a part, each once.
func (at Completion) offer(part string, texts []string) []Completion {
	part = strings.ToLower(part)
	var begin, contain []Completion
	for i, text := range texts {
		n := strings.Index(strings.ToLower(strings.TrimPrefix(text, `"`)), part)
		if n < 0 || slices.Contains(texts[:i], text) {
			continue
		}
		at.Text = text
		if n == 0 {
			begin = append(begin, at)
		} else {
			contain = append(contain, at)
		}
	}
	return append(begin, contain...)
}

func quoteAll(texts []string) []string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = quote(t)
	}
	return list
}
