package experiments

import (
	"fmt"
	"strings"
)

// maxDepth bounds nested lists and tables and the parts of a dotted key.
const maxDepth = 32

// scanner walks a TOML text and notes where things stand. It accepts a little
// more than TOML, since the TOML library judges the text afterwards, and stops
// at the first thing it cannot read.
type scanner struct {
	*atlas
	pos   int
	depth int
	table string         // path of the table that keys go to now
	lists map[string]int // arrays of tables, and their elements so far
}

// part is one name of a dotted key.
type part struct {
	name string
	at   span
}

// locate scans text; it never fails, the atlas says where it stopped.
func locate(text string) *atlas {
	a := &atlas{text: text, places: map[string]place{}, children: map[string][]string{}}
	a.index()
	s := &scanner{atlas: a, lists: map[string]int{}}
	for s.skip(true) && s.statement() && s.lineEnd() {
	}
	return a
}

// stop records why the scanner gives up.
func (s *scanner) stop(at int, format string, args ...any) bool {
	s.fault = &fault{at: at, message: fmt.Sprintf(format, args...)}
	return false
}

// deeper counts a level of nesting.
func (s *scanner) deeper(levels int) bool {
	if s.depth += levels; s.depth <= maxDepth {
		return true
	}
	s.stop(s.pos, "more than %d levels of nesting", maxDepth)
	s.fault.limit = true
	return false
}

// peek is the byte at the position, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.text[s.pos:], prefix) }

// skip passes blanks, and with lines also newlines and comments. It is false at
// the end of the text.
func (s *scanner) skip(lines bool) bool {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case lines && c == '\n':
			s.pos++
		case lines && c == '#':
			s.comment()
		default:
			return true
		}
	}
	return false
}

// comment passes the rest of the line.
func (s *scanner) comment() {
	if i := strings.IndexByte(s.text[s.pos:], '\n'); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.text)
	}
}

// lineEnd passes what may follow a statement: blanks and a comment.
func (s *scanner) lineEnd() bool {
	if !s.skip(false) {
		return true
	}
	switch s.peek() {
	case '\n':
		return true
	case '#':
		s.comment()
		return true
	}
	return s.stop(s.pos, "expected the end of the line")
}

func (s *scanner) statement() bool {
	s.depth = 0
	if s.peek() == '[' {
		return s.header()
	}
	return s.pair(s.table)
}

// header reads [a.b] or [[a.b]]. A name that is an array of tables stands for
// its last element.
func (s *scanner) header() bool {
	opening, closing := "[", "]"
	if s.has("[[") {
		opening, closing = "[[", "]]"
	}
	s.pos += len(opening)
	parts, ok := s.key()
	if !ok {
		return false
	}
	if !s.has(closing) {
		return s.stop(s.pos, "expected %q", closing)
	}
	s.pos += len(closing)
	p := ""
	for i, k := range parts {
		p = s.note(p, k.name, k.at)
		n := s.lists[p]
		if i == len(parts)-1 && closing == "]]" {
			s.lists[p] = n + 1
			p = item(p, n)
			s.value(p, k.at)
		} else if n > 0 {
			p = item(p, n-1)
		}
	}
	s.table = p
	return true
}

// pair reads key = value into the table at base.
func (s *scanner) pair(base string) bool {
	parts, ok := s.key()
	if !ok {
		return false
	}
	if s.peek() != '=' {
		return s.stop(s.pos, "expected '=' after a key")
	}
	s.pos++
	s.skip(false)
	for _, k := range parts {
		base = s.note(base, k.name, k.at)
	}
	return s.read(base)
}

// key reads a dotted key and the blanks around it.
func (s *scanner) key() ([]part, bool) {
	var parts []part
	for {
		s.skip(false)
		k, ok := s.name()
		if !ok {
			return nil, false
		}
		if parts = append(parts, k); !s.deeper(1) {
			return nil, false
		}
		s.skip(false)
		if s.peek() != '.' {
			s.depth -= len(parts)
			return parts, true
		}
		s.pos++
	}
}

// name reads one bare or quoted name of a key.
func (s *scanner) name() (part, bool) {
	start := s.pos
	if c := s.peek(); c == '"' || c == '\'' {
		if !s.quoted(string(c)) {
			return part{}, false
		}
		body := s.text[start+1 : s.pos-1]
		if c == '"' {
			body = unescape(body)
		}
		return part{body, span{start, s.pos}}, true
	}
	for s.pos < len(s.text) && !strings.ContainsRune(" \t\r\n.=[]{},#\"'", rune(s.text[s.pos])) {
		s.pos++
	}
	if s.pos == start {
		return part{}, s.stop(start, "expected a key")
	}
	return part{s.text[start:s.pos], span{start, s.pos}}, true
}
