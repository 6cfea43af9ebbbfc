package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

const (
	chunk     = 256 << 10 // bytes that are read at a time, and the most of a file in memory
	longest   = 64 << 10  // bytes of a text that is kept: names and dates are short
	longToken = 400       // bytes of a number
	deepest   = 1000      // arrays and objects in each other
)

// scanner goes over JSON texts one after another, of any length, in little memory. It
// takes NaN, Infinity and -Infinity for numbers, as Python writes them. Texts that are
// skipped may hold what JSON forbids in them; all else is held to it.
type scanner struct {
	r       io.Reader
	buf     []byte
	at, to  int   // what of buf is not taken yet
	before  int64 // bytes of the file before buf
	depth   int
	readErr error
}

// newScanner reads from r, which stands that many bytes behind the start of its file.
func newScanner(r io.Reader, start int64) *scanner {
	return &scanner{r: r, buf: make([]byte, chunk), before: start}
}

// fill reads the next chunk once all of this one is taken; false at the end.
func (s *scanner) fill() bool {
	for s.at == s.to && s.readErr == nil {
		s.before += int64(s.to)
		s.at, s.to = 0, 0
		s.to, s.readErr = s.r.Read(s.buf)
	}
	return s.at < s.to
}

// peek is the next byte that is no space, which is not taken; 0 at the end.
func (s *scanner) peek() (byte, error) {
	for s.fill() {
		for ; s.at < s.to; s.at++ {
			switch c := s.buf[s.at]; c {
			case ' ', '\n', '\r', '\t':
			case 0:
				return 0, s.errorf("a zero byte: the file is damaged")
			default:
				return c, nil
			}
		}
	}
	if s.readErr != nil && !errors.Is(s.readErr, io.EOF) {
		return 0, s.readErr
	}
	return 0, nil
}

// take is peek, and takes the byte: it must be the one wanted.
func (s *scanner) take(want byte) error {
	c, err := s.peek()
	switch {
	case err != nil:
		return err
	case c != want:
		return s.unexpected(c, fmt.Sprintf("%q", want))
	}
	s.at++
	return nil
}

// end is nil where nothing follows.
func (s *scanner) end() error {
	c, err := s.peek()
	if err == nil && c != 0 {
		err = s.unexpected(c, "the end of the file")
	}
	return err
}

func (s *scanner) unexpected(c byte, want string) error {
	if c == 0 {
		return s.errorf("the file ends in the middle: it is not whole; fetch or write it again")
	}
	return s.errorf("%q, want %s", c, want)
}

func (s *scanner) errorf(form string, args ...any) error {
	return fmt.Errorf("byte %d: %s", s.before+int64(s.at), fmt.Sprintf(form, args...))
}

// object reads an object; each is called before the value of every key and takes it.
func (s *scanner) object(each func(key string) error) error {
	return s.list('{', '}', func(int) error {
		key, err := s.text()
		if err == nil {
			err = s.take(':')
		}
		if err != nil {
			return err
		}
		return each(key)
	})
}

// array reads an array; each is called before every element and takes it.
func (s *scanner) array(each func(i int) error) error { return s.list('[', ']', each) }

func (s *scanner) list(opens, closes byte, each func(i int) error) error {
	if err := s.take(opens); err != nil {
		return err
	}
	if s.depth++; s.depth > deepest {
		return s.errorf("more than %d arrays and objects in each other", deepest)
	}
	defer func() { s.depth-- }()
	for i := 0; ; i++ {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == closes {
			s.at++
			return nil
		}
		if i > 0 {
			if c != ',' {
				return s.unexpected(c, fmt.Sprintf("%q or %q", ',', closes))
			}
			s.at++
		}
		if err := each(i); err != nil {
			return err
		}
	}
}

// skip takes the next value, whatever it is, and keeps nothing of it.
func (s *scanner) skip() error {
	c, err := s.peek()
	switch {
	case err != nil:
		return err
	case c == '{':
		return s.list('{', '}', func(int) error {
			if c, err := s.peek(); err != nil || c != '"' {
				return errors.Join(err, s.unexpected(c, "a key"))
			}
			if err := s.pass(nil); err != nil {
				return err
			}
			if err := s.take(':'); err != nil {
				return err
			}
			return s.skip()
		})
	case c == '[':
		return s.array(func(int) error { return s.skip() })
	case c == '"':
		return s.pass(nil)
	}
	_, err = s.word()
	return err
}

// pass takes a text, and hands its pieces on as they stand in the file if anybody
// wants them. It looks for quotes alone; one behind an odd number of backslashes is
// none.
func (s *scanner) pass(piece func([]byte) error) error {
	s.at++ // the quote that opens it
	odd := false
	for s.fill() {
		rest := s.buf[s.at:s.to]
		quote := bytes.IndexByte(rest, '"')
		end := quote
		if quote < 0 {
			end = len(rest)
		}
		slashes := 0
		for slashes < end && rest[end-1-slashes] == '\\' {
			slashes++
		}
		escaped := slashes%2 == 1
		if slashes == end { // as far as this piece goes
			escaped = escaped != odd
		}
		closed := quote >= 0 && !escaped
		if odd = escaped; quote >= 0 {
			odd = false
			if !closed {
				end++
			}
		}
		if piece != nil {
			if err := piece(rest[:end]); err != nil {
				return err
			}
		}
		if s.at += end; closed {
			s.at++
			return nil
		}
	}
	return s.unexpected(0, "")
}

// text reads a text that is kept.
func (s *scanner) text() (string, error) {
	c, err := s.peek()
	if err != nil {
		return "", err
	}
	if c != '"' {
		return "", s.unexpected(c, "a text in quotes")
	}
	raw := []byte{'"'}
	err = s.pass(func(b []byte) error {
		if len(raw)+len(b) > longest {
			return s.errorf("a name of more than %d KiB", longest>>10)
		}
		raw = append(raw, b...)
		return nil
	})
	if err != nil {
		return "", err
	}
	if raw = append(raw, '"'); !bytes.ContainsRune(raw, '\\') && plainText(raw) {
		return string(raw[1 : len(raw)-1]), nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", s.errorf("a text that JSON does not have: %v", err)
	}
	return text, nil
}

// plainText is true of what stands for itself in JSON.
func plainText(raw []byte) bool {
	for _, c := range raw {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// word takes a number, true, false or null, and returns it as it stands.
func (s *scanner) word() (string, error) {
	c, err := s.peek()
	if err != nil {
		return "", err
	}
	if c == 0 {
		return "", s.unexpected(0, "")
	}
	var token []byte
	for s.fill() && !strings.ContainsRune(" \n\r\t,:[]{}\"", rune(s.buf[s.at])) {
		if token = append(token, s.buf[s.at]); len(token) > longToken {
			return "", s.errorf("a number of more than %d digits", longToken)
		}
		s.at++
	}
	text := string(token)
	switch text {
	case "true", "false", "null", "NaN", "Infinity", "-Infinity":
		return text, nil
	}
	if len(token) == 0 {
		return "", s.unexpected(c, "a value")
	}
	if !json.Valid(token) {
		return "", s.errorf("%q, want a value", text)
	}
	return text, nil
}

// optionalText reads a text, or null as "".
func (s *scanner) optionalText() (string, error) {
	if c, err := s.peek(); err != nil || c == '"' {
		return s.text()
	}
	word, err := s.word()
	if err == nil && word != "null" {
		err = s.errorf("%s, want a text", word)
	}
	return "", err
}

// name reads what names a task: a text or a whole number.
func (s *scanner) name() (string, error) {
	if c, err := s.peek(); err != nil || c == '"' || c == '[' || c == '{' {
		return s.text()
	}
	word, err := s.word()
	if err != nil {
		return "", err
	}
	if _, err := strconv.ParseInt(word, 10, 64); err != nil {
		return "", s.errorf("%s, want the name of a task", word)
	}
	return word, nil
}

// passed reads true or false.
func (s *scanner) passed() (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c != 't' && c != 'f' {
		return false, s.unexpected(c, "true or false")
	}
	word, err := s.word()
	return word == "true", err
}

// number reads a number, true as 1 and false as 0; NaN and the like are numbers.
func (s *scanner) number() (float64, error) {
	c, err := s.peek()
	if err != nil {
		return 0, err
	}
	if c == '"' || c == '[' || c == '{' {
		return 0, s.unexpected(c, "a number")
	}
	word, err := s.word()
	if err != nil {
		return 0, err
	}
	switch word {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	case "null":
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(word, 64) // which knows NaN and Infinity
	if err != nil {
		return 0, s.errorf("%s, want a number", word)
	}
	return x, nil
}

// lines calls each before every text of a file that has one object a line.
func (s *scanner) lines(each func(i int) error) error {
	for i := 0; ; i++ {
		c, err := s.peek()
		if err != nil || c == 0 {
			return err
		}
		if err := each(i); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
}
