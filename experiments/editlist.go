package experiments

import (
	"slices"
	"strings"
)

// middle is what two lists do not share at their ends: old[from:to] has become
// new[from:end].
func middle[T any](old, new []T, equal func(a, b T) bool) (from, to, end int) {
	for from < min(len(old), len(new)) && equal(old[from], new[from]) {
		from++
	}
	to, end = len(old), len(new)
	for to > from && end > from && equal(old[to-1], new[end-1]) {
		to, end = to-1, end-1
	}
	return from, to, end
}

// setList makes the list at path, which is there, hold other values. Those that
// stay keep their spelling and their comments.
func (e *editor) setList(path string, old, new []any) {
	if _, ok := e.inline(path, "["); !ok || len(old) == 0 || len(new) == 0 {
		at := e.places[path].value
		if at == e.places[path].key {
			e.fail(path)
			return
		}
		e.put(at.at, at.end, listText(new))
		return
	}
	from, to, end := middle(old, new, func(a, b any) bool { return a == b })
	for ; from < min(to, end); from++ {
		s := e.places[item(path, from)].value
		e.put(s.at, s.end, literal(new[from]))
	}
	e.cutItems(path, from, to)
	texts := []string{}
	for _, v := range new[from:max(from, end)] {
		texts = append(texts, literal(v))
	}
	e.insertItems(path, from, texts)
}

// cutItems takes the elements from to to, itself excluded, out of a list in
// brackets.
func (e *editor) cutItems(path string, from, to int) {
	if from >= to {
		return
	}
	apart := true
	for i := from; i < to; i++ {
		apart = apart && e.alone(e.places[item(path, i)].value) >= 0
	}
	if !apart {
		e.cut(path, e.places[item(path, from)].value.at, e.places[item(path, to-1)].value.end)
		return
	}
	for i := from; i < to; i++ {
		s := e.places[item(path, i)].value
		e.cut(path, s.at, s.end)
	}
}

// alone is the end of the line of an element that has its lines for itself and a
// comma, else -1.
func (e *editor) alone(s span) int {
	start := strings.LastIndexByte(e.text[:s.at], '\n') + 1
	if strings.TrimSpace(e.text[start:s.at]) != "" {
		return -1
	}
	rest := strings.TrimLeft(e.text[s.end:], " \t")
	return e.restIsComment(len(e.text) - len(strings.TrimPrefix(rest, ",")))
}

// insertItems puts elements before element at of a list in brackets, which has
// elements.
func (e *editor) insertItems(path string, at int, texts []string) {
	if len(texts) == 0 {
		return
	}
	if at == 0 {
		first := e.places[item(path, 0)].value
		e.put(first.at, first.at, strings.Join(texts, ", ")+", ")
		return
	}
	s := e.places[item(path, at-1)].value
	end := e.alone(s)
	if end < 0 {
		e.put(s.end, s.end, ", "+strings.Join(texts, ", "))
		return
	}
	start := strings.LastIndexByte(e.text[:s.at], '\n') + 1
	indent, comma := e.text[start:s.at], ","
	if !strings.HasPrefix(strings.TrimLeft(e.text[s.end:], " \t"), ",") {
		e.put(s.end, s.end, ",")
		comma = ""
	}
	for i, text := range texts {
		tail := ","
		if i == len(texts)-1 {
			tail = comma
		}
		e.put(end, end, indent+text+tail+e.eol)
	}
}

// tableText is one table of an array of tables: its header's name and its pairs.
type tableText struct {
	header string
	pairs  []pair
}

func sameTable(a, b tableText) bool { return slices.Equal(a.pairs, b.pairs) }

// setTables makes the array of tables at path hold others. same says which stay;
// change, if it is not nil, turns one that stands there into another in place.
func (e *editor) setTables(path string, olds, news []tableText, change func(i int, pairs []pair)) {
	if len(news) == 0 {
		e.remove(path)
		return
	}
	from, to, end := middle(olds, news, sameTable)
	if change != nil {
		for ; from < min(to, end); from++ {
			change(from, news[from].pairs)
		}
	}
	if _, ok := e.inline(path, "["); ok {
		e.setInlineTables(path, from, to, news[from:max(from, end)])
		return
	}
	for i := from; i < to; i++ {
		e.removeLines(e.of(item(path, i)))
	}
	e.insertTables(path, from, news[from:max(from, end)])
}

func (e *editor) setInlineTables(path string, from, to int, news []tableText) {
	texts := make([]string, len(news))
	for i, t := range news {
		texts[i] = inlineText(t.pairs)
	}
	if from == 0 && !e.has(item(path, to)) && len(texts) > 0 { // none stays
		at := e.places[path].value
		e.put(at.at, at.end, "["+strings.Join(texts, ", ")+"]")
		return
	}
	e.cutItems(path, from, to)
	e.insertItems(path, from, texts)
}

// insertTables writes tables before element at of an array that is given by its
// headers.
func (e *editor) insertTables(path string, at int, news []tableText) {
	if len(news) == 0 {
		return
	}
	neighbour := e.of(item(path, max(0, at-1)))
	if len(neighbour) == 0 {
		e.fail(path)
		return
	}
	gap := ""
	if next := e.of(item(path, 1)); len(next) > 0 && e.blankAbove(e.above(next[0])) || len(next) == 0 {
		gap = e.eol
	}
	var b strings.Builder
	for _, t := range news {
		if at > 0 {
			b.WriteString(gap + e.block(t.header, t.pairs))
		} else {
			b.WriteString(e.block(t.header, t.pairs) + gap)
		}
	}
	if at > 0 {
		e.insertLines(e.list[neighbour[len(neighbour)-1]].lines.end, b.String())
	} else {
		e.put(e.list[neighbour[0]].lines.at, e.list[neighbour[0]].lines.at, b.String())
	}
}

// append writes a table that is new below everything of the experiment.
func (e *editor) append(root, text string) {
	list := e.of(root)
	if len(list) == 0 {
		e.fail(root)
		return
	}
	at := e.below(list[len(list)-1])
	if at < len(e.text) && e.blank(at) == at {
		text += e.eol
	}
	e.insertLines(at, e.eol+text)
}
