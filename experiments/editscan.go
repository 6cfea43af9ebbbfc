package experiments

import (
	"slices"
	"strings"
)

// statement is a header or a pair of a TOML text, with the lines that it takes.
type statement struct {
	path   string // of the table that a header opens, or of the value that a pair gives
	table  string // of a pair: the table that its keys go into
	keys   []part // as they stand
	header bool
	lines  span // from the start of its first line through the end of its last
}

// outline is a text as its statements, in order; what stands between them is
// blank or comment.
type outline struct {
	*atlas
	list []statement
}

// outlined reads text, which was parsed without a mistake and has no mark of byte
// order.
func outlined(text string) *outline {
	a := &atlas{text: text, places: map[string]place{}, children: map[string][]string{}}
	a.index()
	o := &outline{atlas: a}
	s := &scanner{atlas: a, lists: map[string]int{}}
	for s.skip(true) {
		st := statement{header: s.peek() == '[', table: s.table, lines: span{at: s.lineStart()}}
		start := s.pos
		for st.header && s.peek() == '[' {
			s.pos++
		}
		st.keys, _ = s.key()
		s.pos, st.path = start, s.table
		if !s.statement() || !s.lineEnd() {
			break
		}
		if st.header {
			st.path = s.table
		} else {
			for _, k := range st.keys {
				st.path = child(st.path, k.name)
			}
		}
		st.lines.end = min(s.pos+1, len(text))
		o.list = append(o.list, st)
	}
	return o
}

// lineStart is the start of the line at the position.
func (s *scanner) lineStart() int { return strings.LastIndexByte(s.text[:s.pos], '\n') + 1 }

// under is true for root itself and for what is in it.
func under(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// of are the indices of the statements that give what is under root.
func (o *outline) of(root string) []int {
	var list []int
	for i, s := range o.list {
		if under(s.path, root) {
			list = append(list, i)
		}
	}
	return list
}

// manner is how the file is written.
func (o *outline) manner() manner {
	m := manner{eol: "\n"}
	if i := strings.IndexByte(o.text, '\n'); i > 0 && o.text[i-1] == '\r' {
		m.eol = "\r\n"
	}
	inside, aligned, pairs := false, 0, 0
	for _, s := range o.list {
		if s.header {
			inside = strings.HasPrefix(s.path, path("experiment"))
			continue
		}
		last := s.keys[len(s.keys)-1].at
		gap := strings.IndexByte(o.text[last.end:], '=')
		if pairs++; gap > 1 {
			aligned++
		}
		if inside && m.indent == "" {
			m.indent = o.text[s.lines.at:s.keys[0].at.at]
		}
	}
	m.loose = pairs > 1 && aligned == 0
	return m
}

// piece of text that belongs to an experiment, without the lines of others.
func (o *outline) section(name string) (text string, names []span, ok bool) {
	root := path("experiment", name)
	list := o.of(root)
	if len(list) == 0 || !o.list[list[0]].header {
		return "", nil, false
	}
	var b strings.Builder
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		run := span{o.above(list[i]), o.below(list[j])}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		for _, k := range list[i : j+1] {
			s := o.list[k]
			if !s.header && !under(s.table, root) || s.header && len(s.keys) < 2 {
				return "", nil, false
			}
			if s.header {
				at := s.keys[1].at
				names = append(names, span{b.Len() + at.at - run.at, b.Len() + at.end - run.at})
			}
		}
		b.WriteString(o.text[run.at:run.end])
		i = j + 1
	}
	return b.String(), names, true
}

// above is the start of the comment that stands directly above statement i.
func (o *outline) above(i int) int {
	line := o.lineOf(o.list[i].lines.at)
	for line > 1 && o.isComment(line-1) {
		line--
	}
	return o.lines[line-1]
}

// below is the end of the comment that stands directly below statement i, if what
// follows it is blank: else it may be about that.
func (o *outline) below(i int) int {
	end := o.list[i].lines.end
	if end >= len(o.text) {
		return end
	}
	line := o.lineOf(end)
	for line <= len(o.lines) && o.isComment(line) {
		line++
	}
	if line > len(o.lines) {
		return len(o.text)
	}
	if s := o.line(line); strings.TrimSpace(o.text[s.at:s.end]) != "" {
		return end
	}
	return o.lines[line-1]
}

// lineOf is the number of the line at an offset, from 1.
func (o *outline) lineOf(at int) int {
	n, found := slices.BinarySearch(o.lines, at)
	if found {
		n++
	}
	return n
}

// isComment is true for a line that is nothing else.
func (o *outline) isComment(line int) bool {
	s := o.line(line)
	return strings.HasPrefix(strings.TrimSpace(o.text[s.at:s.end]), "#")
}

// renamed is the experiment's section under another name, as far as it is written
// in tables of its own.
func (o *outline) renamed(name, to string) (string, bool) {
	text, names, ok := o.section(name)
	if !ok {
		return "", false
	}
	for _, s := range slices.Backward(names) {
		text = text[:s.at] + keyText(to) + text[s.end:]
	}
	return text, true
}
