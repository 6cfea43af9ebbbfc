package experiments

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// splice puts text in the place of a span.
type splice struct {
	span
	text string
}

// editor collects changes to a text. What it cannot change it remembers, and then
// nothing is.
type editor struct {
	*outline
	manner
	splices []splice
	trouble error
}

func newEditor(text string) *editor {
	o := outlined(text)
	return &editor{outline: o, manner: o.manner()}
}

func (e *editor) fail(path string) {
	e.trouble = cmp.Or(e.trouble, fmt.Errorf("%s is written in a way that cannot be changed here; change it in the file", fieldOf(path)))
}

// fieldOf is a path without the names of the experiment, for people.
func fieldOf(p string) string {
	words := keysOf(p)
	return cmp.Or(strings.Join(words[min(2, len(words)):], "."), "the experiment")
}

func (e *editor) put(at, end int, text string) {
	e.splices = append(e.splices, splice{span{at, end}, text})
}

// apply is the text with all changes, or why there is none.
func (e *editor) apply() (string, error) {
	if e.trouble != nil {
		return "", e.trouble
	}
	slices.SortStableFunc(e.splices, func(a, b splice) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.end, b.end)) })
	var b strings.Builder
	at := 0
	for _, s := range e.splices {
		if s.at == s.end {
			s.at, s.end = max(s.at, at), max(s.at, at) // what went may have reached beyond it
		}
		if s.at < at {
			return "", errors.New("two changes meet in one place; change them one by one")
		}
		b.WriteString(e.text[at:s.at])
		b.WriteString(s.text)
		at = s.end
	}
	b.WriteString(e.text[at:])
	return b.String(), nil
}

// has is true if the text gives what is at path.
func (e *editor) has(path string) bool { _, ok := e.places[path]; return ok }

// inline is where the value at path stands, if it is a list or table in brackets.
func (e *editor) inline(path, bracket string) (span, bool) {
	p, ok := e.places[path]
	return p.value, ok && strings.HasPrefix(e.text[p.value.at:], bracket)
}

// set gives the key in table a value: where it stands, or in a line of its own.
func (e *editor) set(table, key, value string) {
	p := child(table, key)
	if place, ok := e.places[p]; ok {
		if place.key == place.value { // a table by its headers, or dotted
			e.fail(p)
			return
		}
		e.put(place.value.at, place.value.end, value)
		return
	}
	e.add(table, pair{key, value})
}

// add writes a pair that is new in its table.
func (e *editor) add(table string, p pair) {
	if at, ok := e.inline(table, "{"); ok {
		e.addInline(at, p)
		return
	}
	last, header := -1, false
	for i, s := range e.list {
		if s.header && s.path == table || !s.header && s.table == table && last >= 0 {
			last, header = i, header || s.header
		}
	}
	if header {
		e.addLine(last, "", p)
		return
	}
	for i, s := range e.list {
		if !s.header && under(s.path, table) && s.path != table {
			last = i
		}
	}
	if last < 0 {
		e.fail(table)
		return
	}
	s := e.list[last] // its keys begin in another table: a.b.c = 1
	depth := len(keysOf(s.path)) - len(keysOf(table))
	if n := len(s.keys) - depth; n > 0 {
		e.addLine(last, e.text[s.keys[0].at.at:s.keys[n-1].at.end]+".", p)
		return
	}
	e.fail(table)
}

// addHead writes a pair of the experiment's own table where it usually stands:
// below the nearest of the keys that come before it, or first.
func (e *editor) addHead(root string, p pair) {
	header, below := -1, -1
	keys := headKeys()
	keys = keys[:slices.Index(keys, p.key)]
	for i, s := range e.list {
		switch {
		case s.header && s.path == root:
			header = i
		case !s.header && s.table == root && slices.Contains(keys, s.keys[0].name):
			below = i
		}
	}
	switch {
	case header < 0:
		e.add(root, p)
	case below >= 0:
		e.addLine(below, "", p)
	case header+1 < len(e.list) && !e.list[header+1].header:
		first, at := e.list[header+1], e.list[header].lines.end
		m := e.manner
		m.indent = e.text[first.lines.at:first.keys[0].at.at]
		e.insertLines(at, m.pairLine("", p, e.width(first)))
	default:
		e.addLine(header, "", p)
	}
}

// addLine writes a pair below statement i, its sign = below that one's.
func (e *editor) addLine(i int, before string, p pair) {
	m, s, width := e.manner, e.list[i], 0
	if !s.header {
		m.indent = e.text[s.lines.at:s.keys[0].at.at]
		width = e.width(s)
	}
	e.insertLines(s.lines.end, m.pairLine(before, p, width))
}

// width is how many characters the keys beside a pair take, up to the blank before
// the sign =; 0 where that is each one's own affair.
func (e *editor) width(s statement) int {
	if e.loose {
		return 0
	}
	first, last := s.keys[0].at, s.keys[len(s.keys)-1].at
	gap := max(0, strings.IndexByte(e.text[last.end:], '=')-1)
	return len([]rune(e.text[first.at:last.end])) + gap
}

// insertLines puts whole lines where a line ends.
func (e *editor) insertLines(at int, lines string) {
	if at == len(e.text) && at > 0 && e.text[at-1] != '\n' {
		lines = e.eol + strings.TrimSuffix(lines, e.eol)
	}
	e.put(at, at, lines)
}

// addInline writes a pair at the end of a table in braces.
func (e *editor) addInline(at span, p pair) {
	text := keyText(p.key) + " = " + p.value
	body := strings.TrimRight(e.text[at.at+1:at.end-1], " \t\r\n")
	end := at.at + 1 + len(body)
	switch {
	case strings.TrimSpace(body) == "":
		e.put(at.at, at.end, "{ "+text+" }")
	case strings.HasSuffix(body, ","):
		e.put(end, end, " "+text)
	default:
		e.put(end, end, ", "+text)
	}
}

// remove takes away what is at path, by whatever lines or brackets it is given.
func (e *editor) remove(path string) {
	if list := e.of(path); len(list) > 0 {
		e.removeLines(list)
		return
	}
	place, ok := e.places[path]
	if !ok || place.key.at == place.value.at {
		e.fail(path)
		return
	}
	e.cut(path, place.key.at, place.value.end)
}

// removeKeys takes keys out of the table at p. In braces those that stand beside
// each other go in one piece, with one comma.
func (e *editor) removeKeys(p string, keys []string) {
	if _, ok := e.inline(p, "{"); !ok {
		for _, k := range keys {
			e.remove(child(p, k))
		}
		return
	}
	there := e.children[p]
	for i := 0; i < len(there); i++ {
		if !slices.Contains(keys, there[i]) {
			continue
		}
		first := e.places[child(p, there[i])]
		for i+1 < len(there) && slices.Contains(keys, there[i+1]) {
			i++
		}
		if last := e.places[child(p, there[i])]; first.key.at == first.value.at || last.key.at == last.value.at {
			e.fail(p) // by a dotted key
		} else {
			e.cut(p, first.key.at, last.value.end)
		}
	}
}

// cut takes an element out of a list or an inline table, with one of its commas.
func (e *editor) cut(path string, at, end int) {
	before := strings.TrimRight(e.text[:at], " \t\r\n")
	after := strings.TrimLeft(e.text[end:], " \t\r\n")
	if before == "" || after == "" {
		e.fail(path)
		return
	}
	lineStart := strings.LastIndexByte(e.text[:at], '\n') + 1
	alone := strings.TrimSpace(e.text[lineStart:at]) == ""
	next, comma := len(e.text)-len(after), e.significant(end)
	switch open := before[len(before)-1]; {
	case alone && after[0] == ',' && e.restIsComment(next+1) >= 0:
		e.put(lineStart, e.restIsComment(next+1), "")
	case alone && e.restIsComment(end) >= 0 && e.text[comma] != ',':
		e.put(lineStart, e.restIsComment(end), "")
	case e.text[comma] == ',' && strings.Contains(e.text[end:comma], "\n"): // its comma leads a line below
		e.put(at, end, "")
		e.put(comma, comma+1, "")
	case open == ',':
		e.put(len(before)-1, end, "")
	case (open == '[' || open == '{') && after[0] == ',':
		e.put(at, next+1+len(after[1:])-len(strings.TrimLeft(after[1:], " \t")), "")
	case (open == '[' || open == '{') && (after[0] == ']' || after[0] == '}'):
		e.put(at, end, "")
	default:
		e.fail(path)
	}
}

// significant is the offset of what is neither blank nor comment, from one on.
func (e *editor) significant(at int) int {
	for at < len(e.text) {
		switch {
		case strings.IndexByte(" \t\r\n", e.text[at]) >= 0:
			at++
		case e.text[at] == '#':
			at = e.restIsComment(at)
		default:
			return at
		}
	}
	return len(e.text) - 1
}

// restIsComment is the end of the line at an offset if nothing else is left on
// it, else -1.
func (e *editor) restIsComment(at int) int {
	rest := e.text[at:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i+1]
	}
	if t := strings.TrimSpace(rest); t != "" && t[0] != '#' {
		return -1
	}
	return at + len(rest)
}

// removeLines takes statements away, and those blank lines that would then stand
// below a blank line.
func (e *editor) removeLines(list []int) {
	last, open := -1, false
	for _, i := range list {
		s := e.list[i].lines
		if s.at != last {
			open = e.blankAbove(s.at)
		}
		if last = s.end; open {
			last = e.blank(s.end)
		}
		e.put(s.at, last, "")
	}
}

// blank is the end of the blank lines from an offset on.
func (e *editor) blank(at int) int {
	for at < len(e.text) {
		i := strings.IndexByte(e.text[at:], '\n')
		if i < 0 || strings.TrimSpace(e.text[at:at+i]) != "" {
			break
		}
		at += i + 1
	}
	return at
}

// blankAbove is true if the line above an offset is blank or there is none.
func (e *editor) blankAbove(at int) bool {
	if at == 0 {
		return true
	}
	line := e.outline.line(e.lineOf(at - 1))
	return strings.TrimSpace(e.text[line.at:line.end]) == ""
}
