// Package query is the language in which people say which runs they want to see:
// `pass@1.last > 0.4 and tasks >= 1024`. It reads and matches, and knows nothing
// of runs: what a row has comes through Fields.
//
//	query    = [ or ]
//	or       = and { "or" and }                    or: |, ||
//	and      = not { [ "and" ] not }               and: &, &&, a comma, or nothing
//	not      = { "not" } ( "(" or ")" | term )     not: !
//	term     = field operator value | "has" field | text | regexp
//	operator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "~" | "!~"
//	field    = text
//	value    = text | number | regexp
//	text     = a word, or anything in "quotes" with \" and \\ for " and \
//	regexp   = "/" Go's syntax, with \/ for / "/"
//
// A word ends at a space or at one of ( ) , = ! < > ~ & | ", so names like
// eval/pass@1.last and x-coder are words. Words that mean something here (and, or,
// not, has) are searched for in quotes. A comma means "and", so that the name of a
// cell, tasks=512,solutions=4, is a filter as it stands.
//
// A text alone is searched for in the fields of Searched; letters of either case
// are the same everywhere. Numbers may have a unit: 2h, 1h30m, 90s, 250ms, 3d, 2w
// are seconds, 1.5k, 3M, 2G, 4T are thousands and up, 40GB and 40GiB bytes, 40% a
// share of 1; a day, 2026-11-18, or minute, 2026-11-18T10:00, in local time is
// seconds since 1970. Numbers that differ by less than a billionth are equal. A
// value in quotes is never a number.
//
// What a row does not have answers no question: a comparison with a field that it
// lacks is false, with != and !~ too, and so "not" of it is true. A field of
// several values is equal to something if any of them is, and different (!=, !~)
// if none is.
package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Searched are the fields that a text alone is searched for in. The name tags
// means tag.
func Searched() []string { return []string{"name", "cell", "status", tagField} }

const tagField = "tag"

// Fields is a row as a filter sees it: what it has under a name, false if it has
// nothing. Names are those of the filter's text, but for tags, which is tag.
type Fields interface {
	Field(name string) (Value, bool)
}

// Value is what a row has in a field. Text is what = and ~ see and people read;
// with IsNum there is Num for numbers, in seconds, bytes or shares of 1 where it
// has a unit. A field of several values has them in List, and nothing else.
type Value struct {
	Text  string
	Num   float64
	IsNum bool
	// Percent says that people read the share as percent: 40 then means 40 %.
	Percent bool
	// In is what people read it in, such as 1<<30 of bytes: 40 then means 40 of these,
	// and 40e9B bytes. 0 is 1.
	In   float64
	List []string
}

// Filter is a parsed query. The zero value and nil match every row.
type Filter struct {
	root node
	used []use
}

// use is a field where it stands in the text.
type use struct {
	name string
	at   int // in runes
	end  bool
}

// Match reports whether a row is one of those asked for.
func (f *Filter) Match(row Fields) bool { return f == nil || f.root == nil || f.root.match(row) }

// All reports whether every row matches, as of an empty text.
func (f *Filter) All() bool { return f == nil || f.root == nil }

// Names are the fields that Match asks a row for, each once, in their order.
func (f *Filter) Names() []string {
	if f.All() {
		return nil
	}
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, u := range f.used {
		if u.name == "" { // a text alone
			for _, name := range Searched() {
				add(name)
			}
			continue
		}
		add(u.name)
	}
	return names
}

// String is the filter in full: parsed, it is the same filter.
func (f *Filter) String() string {
	if f.All() {
		return ""
	}
	var b strings.Builder
	f.root.write(&b)
	return b.String()
}

// Error says where a text is no query, and what is expected there.
type Error struct {
	Column     int    // from 1, in runes; one past the end where something is missing
	Message    string // "expected a value after >"
	Unfinished bool   // the text may become a query by what is typed next
}

// Error is the message with its column.
func (e *Error) Error() string { return fmt.Sprintf("read filter: column %d: %s", e.Column, e.Message) }

// Parse reads a query. An error is an *Error.
func Parse(text string) (*Filter, error) {
	if n := utf8.RuneCountInString(text); n > longest {
		return nil, &Error{Column: longest + 1, Message: fmt.Sprintf("a filter has at most %d characters, this one %d", longest, n)}
	}
	p := parser{lexer: lexer{text: []rune(text)}}
	p.advance()
	f := &Filter{}
	if p.token.kind != ending {
		f.root = p.or()
		if p.token.kind != ending {
			p.fail(p.token, "expected and, or or the end")
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	f.used = p.used
	return f, nil
}

// Line is a filter being typed.
type Line struct {
	Text   string
	Filter *Filter // what Text says, or as much of its beginning as is a filter; nil matches all
	Err    *Error  // why that is not all of Text
}

// Set takes in what is typed now; what is no field of c is an error.
func (l *Line) Set(text string, c Candidates) {
	l.Text, l.Err = text, nil
	f, err := read(text, c)
	if errors.As(err, &l.Err) { // Parse and Check give no other
		f = beginning(text, l.Err.Column-1, c)
	}
	l.Filter = f
}

func read(text string, c Candidates) (*Filter, error) {
	f, err := Parse(text)
	if err == nil {
		err = f.Check(c)
	}
	return f, err
}

// beginning is the longest beginning of a text that is a filter, which has a mistake
// at rune wrong. It ends between terms: a field whose comparison is no good is not
// searched for instead.
func beginning(text string, wrong int, c Candidates) *Filter {
	l := lexer{text: []rune(text)}
	tokens := []token{l.next()}
	for t := tokens[0]; t.kind != ending && t.at < wrong; {
		t = l.next()
		tokens = append(tokens, t)
	}
	for i := len(tokens) - 1; i > 0; i-- {
		if tokens[i].kind == operator {
			continue
		}
		if f, err := read(string(l.text[:tokens[i-1].end]), c); err == nil {
			return f
		}
	}
	return &Filter{}
}
