package experiments

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// span is a piece of the text, in bytes.
type span struct{ at, end int }

// place is where a key and its value stand. For a table made by a header both
// are the name in the header.
type place struct{ key, value span }

// atlas says where every key path of a TOML text stands.
type atlas struct {
	text     string
	places   map[string]place
	children map[string][]string // the keys under a path, in order of appearance
	newer    []span              // syntax that TOML 1.0 does not have
	fault    *fault              // where the scanner gave up; nil: nowhere
	lines    []int               // the offset of every line's start
}

// fault is text the scanner cannot read.
type fault struct {
	at      int
	message string
	limit   bool // a limit of this program, not a mistake in the syntax
}

// child is the path of a key under a path; "" is the top of the file.
func child(path, key string) string { return path + "." + strconv.Quote(key) }

// item is the path of the i-th element of a list.
func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// path is the path of nested keys from the top of the file.
func path(keys ...string) string {
	p := ""
	for _, k := range keys {
		p = child(p, k)
	}
	return p
}

// note records a key the first time it is seen.
func (a *atlas) note(parent, key string, at span) string {
	p := child(parent, key)
	if _, ok := a.places[p]; !ok {
		a.places[p] = place{key: at, value: at}
		a.children[parent] = append(a.children[parent], key)
	}
	return p
}

// value records where the value at path stands.
func (a *atlas) value(path string, at span) {
	p, ok := a.places[path]
	if !ok {
		p.key = at
	}
	p.value = at
	a.places[path] = p
}

// index finds the start of every line.
func (a *atlas) index() {
	a.lines = append(a.lines, 0)
	for i := range len(a.text) {
		if a.text[i] == '\n' {
			a.lines = append(a.lines, i+1)
		}
	}
}

// problem is a Problem that marks s, as far as it lies on one line.
func (a *atlas) problem(s span, message, hint string) Problem {
	at := min(max(s.at, 0), len(a.text))
	line := sort.SearchInts(a.lines, at+1) - 1
	end := min(max(s.end, at), len(a.text))
	if i := strings.IndexByte(a.text[at:end], '\n'); i >= 0 {
		end = at + i
	}
	return Problem{
		Line:    line + 1,
		Col:     utf8.RuneCountInString(a.text[a.lines[line]:at]) + 1,
		Len:     max(1, utf8.RuneCountInString(strings.TrimRight(a.text[at:end], " \t\r"))),
		Message: message,
		Hint:    hint,
	}
}

// line is the offsets of line n, from 1, without its newline.
func (a *atlas) line(n int) span {
	n = min(max(n, 1), len(a.lines))
	s := span{a.lines[n-1], len(a.text)}
	if n < len(a.lines) {
		s.end = a.lines[n] - 1
	}
	return s
}
