package store

import (
	"encoding/json"
	"math"
	"strconv"
)

// scanner reads lines of metrics.jsonl of the usual form: the keys step, time and
// m in this order, names of plain ASCII, spaces at most where Python puts them.
// That is how long histories are read fast; any other line is encoding/json's.
type scanner struct {
	step   int64
	time   float64
	names  [][]byte // good as long as the line is
	values []float64

	line []byte
	at   int
}

// read takes a line apart; false says that it is no point.
func (s *scanner) read(line []byte) bool {
	if s.usual(line) {
		return true
	}
	var p Point
	if json.Unmarshal(line, &p) != nil || p.M == nil {
		return false
	}
	s.set(p)
	return true
}

// set is read of a point.
func (s *scanner) set(p Point) {
	s.step, s.time = p.Step, p.Time
	s.names, s.values = s.names[:0], s.values[:0]
	for name, v := range p.M {
		s.names, s.values = append(s.names, []byte(name)), append(s.values, v)
	}
}

// point is what was read.
func (s *scanner) point() Point {
	p := Point{Step: s.step, Time: s.time, M: make(Values, len(s.names))}
	for i, name := range s.names {
		p.M[string(name)] = s.values[i]
	}
	return p
}

// usual reads a line of the usual form.
func (s *scanner) usual(line []byte) bool {
	s.line, s.at, s.time = line, 0, 0
	s.names, s.values = s.names[:0], s.values[:0]
	if !s.take('{') || !s.key("step") || !s.integer() || !s.take(',') {
		return false
	}
	if s.key("time") {
		t, ok := s.number()
		if !ok || !s.take(',') {
			return false
		}
		s.time = t
	}
	return s.key("m") && s.take('{') && s.metrics() && s.take('}') && s.at == len(line)
}

// metrics reads names and values up to the closing brace.
func (s *scanner) metrics() bool {
	if s.take('}') {
		return true
	}
	for {
		name, ok := s.text()
		if !ok || !s.take(':') {
			return false
		}
		v, ok := s.value()
		if !ok {
			return false
		}
		s.names, s.values = append(s.names, name), append(s.values, v)
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// take reads one character, and spaces before it.
func (s *scanner) take(c byte) bool {
	s.spaces()
	if s.at == len(s.line) || s.line[s.at] != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) spaces() {
	for s.at < len(s.line) && s.line[s.at] == ' ' {
		s.at++
	}
}

// key reads a key and its colon; where another one stands it reads nothing.
func (s *scanner) key(want string) bool {
	was := s.at
	if name, ok := s.text(); ok && string(name) == want && s.take(':') {
		return true
	}
	s.at = was
	return false
}

// text reads a string of plain ASCII.
func (s *scanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	for i, c := range s.line[s.at:] {
		if c == '"' {
			name := s.line[s.at : s.at+i]
			s.at += i + 1
			return name, true
		}
		if c < ' ' || c >= 0x7f || c == '\\' {
			break
		}
	}
	return nil, false
}

// integer reads the step.
func (s *scanner) integer() bool {
	b, whole := s.digits()
	if len(b) == 0 || !whole {
		return false
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	s.step = n
	return err == nil
}

// value reads a number, or one of the strings that stand for what is none.
func (s *scanner) value() (float64, bool) {
	if s.spaces(); s.at < len(s.line) && s.line[s.at] != '"' {
		return s.number()
	}
	name, ok := s.text()
	switch string(name) {
	case "NaN":
		return math.NaN(), ok
	case "Inf":
		return math.Inf(1), ok
	case "-Inf":
		return math.Inf(-1), ok
	}
	return 0, false
}

func (s *scanner) number() (float64, bool) {
	b, _ := s.digits()
	if len(b) == 0 {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}

// digits reads a number as JSON writes it; nothing if it is none.
func (s *scanner) digits() (number []byte, whole bool) {
	s.spaces()
	b := s.line[s.at:]
	i := 0
	run := func() bool {
		from := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	first := i
	if !run() || b[first] == '0' && i > first+1 {
		return nil, false
	}
	whole = true
	if i < len(b) && b[i] == '.' {
		i++
		whole = false
		if !run() {
			return nil, false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		whole = false
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !run() {
			return nil, false
		}
	}
	s.at += i
	return b[:i], whole
}
