package experiments

import (
	"strconv"
	"strings"
)

// read reads the value of path.
func (s *scanner) read(path string) bool {
	start := s.pos
	var ok bool
	switch c := s.peek(); {
	case s.has(`"""`), s.has("'''"):
		ok = s.quotedLines(s.text[s.pos : s.pos+3])
	case c == '"' || c == '\'':
		ok = s.quoted(string(c))
	case c == '[':
		ok = s.list(path)
	case c == '{':
		ok = s.inline(path)
	default:
		ok = s.scalar()
	}
	s.value(path, span{start, s.pos})
	return ok
}

// scalar reads a number, a date or a word, to what may end it.
func (s *scanner) scalar() bool {
	start := s.pos
	end := len(s.text)
	if i := strings.IndexAny(s.text[start:], ",]}#\n"); i >= 0 {
		end = start + i
	}
	s.pos = start + len(strings.TrimRight(s.text[start:end], " \t\r"))
	if s.pos == start {
		return s.stop(start, "expected a value")
	}
	return true
}

// quoted reads a string on one line; quote is " or '.
func (s *scanner) quoted(quote string) bool {
	start := s.pos
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == quote[0]:
			s.pos++
			return true
		case c == '\n':
			return s.stop(start, "this string does not end on its line")
		case c == '\\' && quote == `"`:
			s.escape()
		}
	}
	s.pos = len(s.text)
	return s.stop(start, "this string does not end")
}

// quotedLines reads a string over several lines; quote is """ or three '. Up to
// two more quotes may stand before the closing ones.
func (s *scanner) quotedLines(quote string) bool {
	start := s.pos
	for s.pos += 3; s.pos < len(s.text); s.pos++ {
		if s.has(quote) {
			s.pos += 3
			for range 2 {
				if s.peek() == quote[0] {
					s.pos++
				}
			}
			return true
		}
		if s.text[s.pos] == '\\' && quote[0] == '"' {
			s.escape()
		}
	}
	s.pos = len(s.text)
	return s.stop(start, "this string does not end")
}

// escape passes a backslash; the caller passes the character after it.
func (s *scanner) escape() {
	s.pos++
	if c := s.peek(); c == 'e' || c == 'x' {
		s.newer = append(s.newer, span{s.pos - 1, s.pos + 1})
	}
}

// list reads [a, b].
func (s *scanner) list(path string) bool {
	start := s.pos
	s.pos++
	if !s.deeper(1) {
		return false
	}
	for i := 0; ; i++ {
		if !s.skip(true) {
			return s.stop(start, "this list does not end")
		}
		if s.peek() == ']' {
			break
		}
		if !s.read(item(path, i)) {
			return false
		}
		if !s.skip(true) {
			return s.stop(start, "this list does not end")
		}
		if s.peek() == ']' {
			break
		}
		if s.peek() != ',' {
			return s.stop(s.pos, "expected ',' or ']'")
		}
		s.pos++
	}
	s.pos++
	s.depth--
	return true
}

// inline reads { a = 1, b = 2 }. TOML 1.1 allows newlines and a last comma.
func (s *scanner) inline(path string) bool {
	start := s.pos
	s.pos++
	if !s.deeper(1) {
		return false
	}
	for comma := false; ; {
		if !s.inside(start) {
			return false
		}
		if s.peek() == '}' {
			if comma {
				s.newer = append(s.newer, span{s.pos, s.pos + 1})
			}
			break
		}
		if !s.pair(path) || !s.inside(start) {
			return false
		}
		if comma = s.peek() == ','; comma {
			s.pos++
		} else if s.peek() != '}' {
			return s.stop(s.pos, "expected ',' or '}'")
		}
	}
	s.pos++
	s.depth--
	return true
}

// inside passes blanks in an inline table that began at start, and notes newlines.
func (s *scanner) inside(start int) bool {
	from := s.pos
	if !s.skip(true) {
		return s.stop(start, "this table does not end")
	}
	if strings.Contains(s.text[from:s.pos], "\n") {
		s.newer = append(s.newer, span{start, start + 1})
	}
	return true
}

// unescape resolves the escapes of a basic string. What is no escape stays.
func unescape(body string) string {
	if !strings.Contains(body, `\`) {
		return body
	}
	const plain = "btnfre\"\\"
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		if j := strings.IndexByte(plain, body[i]); j >= 0 {
			b.WriteByte("\b\t\n\f\r\x1b\"\\"[j])
			continue
		}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[body[i]]
		if digits == 0 || i+digits >= len(body) {
			b.WriteString(body[i-1 : i+1])
			continue
		}
		n, err := strconv.ParseUint(body[i+1:i+1+digits], 16, 32)
		if err != nil {
			b.WriteString(body[i-1 : i+1])
			continue
		}
		b.WriteRune(rune(n))
		i += digits
	}
	return b.String()
}
