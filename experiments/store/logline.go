package store

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// LogLine is a line of a log as a screen may show it: without escape sequences and
// control characters, with spaces for tabs, what is no UTF-8 as U+FFFD; and of what
// a progress bar wrote over itself only the last state.
type LogLine struct {
	At   int64 // offset of its first byte
	Text string
	Cut  int64 // bytes that the text leaves out since the line is too long
	Open bool  // its end is not yet written
}

// stripper makes the text of a line of its bytes, piece by piece, in a bounded
// memory.
type stripper struct {
	limit   int // bytes of text that are kept
	text    []byte
	column  int   // characters so far
	more    int64 // bytes behind those
	state   escape
	carried bool // a carriage return was last: what comes next is written over the text
}

// escape is where in an escape sequence the bytes are.
type escape byte

const (
	plainText    escape = iota
	escaped             // behind ESC
	intermediate        // in one that ends with its first byte from '0' on
	control             // in ESC [ ...
	quoted              // in a string, until BEL or ESC \
	quotedEscape        // behind an ESC in that
)

// clear begins a new line.
func (s *stripper) clear() {
	s.text, s.column, s.more, s.state, s.carried = s.text[:0], 0, 0, plainText, false
}

// add takes bytes of the line without its newline.
func (s *stripper) add(b []byte) {
	for len(b) > 0 {
		if s.state == plainText {
			n := ordinary(b)
			if n > 0 {
				s.put(b[:n])
			}
			if b = b[n:]; len(b) == 0 {
				return
			}
		}
		s.byte(b[0])
		b = b[1:]
	}
}

// ordinary is how many bytes there are before the first that is not text.
func ordinary(b []byte) int {
	for i, c := range b {
		if c < ' ' || c == 0x7f {
			return i
		}
	}
	return len(b)
}

// put adds text.
func (s *stripper) put(b []byte) {
	if s.carried {
		s.text, s.column, s.more, s.carried = s.text[:0], 0, 0, false
	}
	for _, c := range b {
		if utf8.RuneStart(c) {
			s.column++
		}
	}
	n := min(len(b), s.limit-len(s.text))
	s.text = append(s.text, b[:n]...)
	s.more += int64(len(b) - n)
}

// byte takes one that is no text, or is in an escape sequence.
func (s *stripper) byte(c byte) {
	switch {
	case s.state == plainText:
		s.mark(c)
	case c == 0x1b && s.state != quoted:
		s.state = escaped
	case s.state == escaped:
		s.state = begun(c)
	case s.state == intermediate && c >= '0', s.state == control && c >= '@':
		s.state = plainText
	case s.state == quoted && c == 0x1b:
		s.state = quotedEscape
	case s.state == quoted && c == '\a', s.state == quotedEscape:
		s.state = plainText
	}
}

// begun is the state behind ESC and this byte.
func begun(c byte) escape {
	switch {
	case c == '[':
		return control
	case bytes.IndexByte([]byte("]PX^_"), c) >= 0:
		return quoted
	case c >= ' ' && c < '0':
		return intermediate
	default:
		return plainText
	}
}

// mark does what a control character does.
func (s *stripper) mark(c byte) {
	switch c {
	case 0x1b:
		s.state = escaped
	case '\r':
		s.carried = true
	case '\t':
		n := 8 - s.column%8
		if s.carried {
			n = 8
		}
		s.put([]byte("        ")[:n])
	case '\b':
		if _, n := utf8.DecodeLastRune(s.text); n > 0 && !s.carried && s.more == 0 {
			s.text, s.column = s.text[:len(s.text)-n], max(s.column-1, 0)
		}
	}
}

// line is the text of the bytes since clear.
func (s *stripper) line() (text string, cut int64) {
	b := s.text
	if s.more > 0 { // no half of a character
		for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
			if utf8.RuneStart(b[len(b)-i]) {
				if !utf8.FullRune(b[len(b)-i:]) {
					b = b[:len(b)-i]
				}
				break
			}
		}
		cut = s.more + int64(len(s.text)-len(b))
	}
	if text = string(b); !isASCII(text) {
		text = strings.Map(visible, strings.ToValidUTF8(text, "\ufffd"))
	}
	return strings.TrimRight(text, " "), cut
}

// visible leaves out a character that could move the cursor or turn the text round.
func visible(r rune) rune {
	if r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}
