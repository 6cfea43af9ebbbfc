package experiments

import (
	"reflect"
	"slices"
)

// change writes the ways in which is differs from was, the draft of the experiment
// as it stands in the text, and nothing else.
func (e *editor) change(was, is *Draft) {
	was, is = was.plain(), is.plain()
	root := path("experiment", is.Name)
	for _, key := range headKeys() {
		if was.head(key) != is.head(key) {
			e.changeHead(root, key, was, is)
		}
	}
	e.changeDesign(root, was, is)
	e.changePairs(root, "params", settings(was.Params), settings(is.Params))
	name := "experiment." + keyText(is.Name)
	e.changeTables(root, "finding", texts(name+".finding", was.Findings, findingPairs), texts(name+".finding", is.Findings, findingPairs), nil)
	e.changeTables(root, "stop", texts(name+".stop", was.Stop, stopPairs), texts(name+".stop", is.Stop, stopPairs), nil)
}

// changeHead changes a key of the experiment's own table.
func (e *editor) changeHead(root, key string, was, is *Draft) {
	p, value := child(root, key), is.head(key)
	there := e.has(p)
	switch {
	case value == "" && there:
		e.remove(p)
	case !there && key == "objective", !there && key == "limits", !there && value != "":
		e.addHead(root, pair{key, value})
	case !there:
	case key == "objective":
		e.changeEntries(p, valuesOf(objectivePairs(was.Objective)), valuesOf(objectivePairs(is.Objective)))
	case key == "limits":
		e.changeEntries(p, valuesOf(limitPairs(was.Limits)), valuesOf(limitPairs(is.Limits)))
	case key == "model":
		e.changeEntries(p, valuesOf(modelPairs(was.Model)), valuesOf(modelPairs(is.Model)))
	case key == "seeds" && value[0] == '[' && was.head(key) != "":
		if _, list := e.inline(p, "["); list {
			e.setList(p, anyOf(was.Seeds), anyOf(is.Seeds))
			return
		}
		e.set(root, key, value)
	default:
		e.set(root, key, value)
	}
}

func anyOf(seeds []int64) []any {
	list := make([]any, len(seeds))
	for i, s := range seeds {
		list[i] = s
	}
	return list
}

// entry is one key of a table, with its value as text and, if it is a list, its
// elements.
type entry struct {
	key, text string
	list      []any
	moves     bool // it will stand behind others than before, and is written anew
}

func valuesOf(pairs []pair) []entry {
	list := make([]entry, len(pairs))
	for i, p := range pairs {
		list[i] = entry{key: p.key, text: p.value}
	}
	return list
}

func pairsOf(list []entry) []pair {
	pairs := make([]pair, len(list))
	for i, v := range list {
		pairs[i] = pair{v.key, v.text}
	}
	return pairs
}

func settings(list []Setting) []entry {
	out := make([]entry, len(list))
	for i, s := range list {
		out[i] = entry{key: s.Name, text: literal(s.Value)}
	}
	return out
}

func axisEntries(axes []Axis) []entry {
	out := make([]entry, len(axes))
	for i, a := range axes {
		out[i] = entry{key: a.Name, text: listText(a.Values), list: a.Values}
	}
	return out
}

func find(list []entry, key string) (entry, bool) {
	i := slices.IndexFunc(list, func(e entry) bool { return e.key == key })
	if i < 0 {
		return entry{}, false
	}
	return list[i], true
}

// changeEntries changes the entries of the table at p, which is there.
func (e *editor) changeEntries(p string, was, is []entry) {
	gone := func(old entry) bool { _, stays := find(is, old.key); return !stays || old.moves }
	if at, ok := e.inline(p, "{"); ok && len(is) > 0 && !slices.ContainsFunc(was, func(old entry) bool { return !gone(old) }) {
		e.put(at.at, at.end, inlineText(pairsOf(is))) // nothing of it stays
		return
	}
	var keys []string
	for _, old := range was {
		if gone(old) {
			keys = append(keys, old.key)
		}
	}
	e.removeKeys(p, keys)
	for _, v := range is {
		old, there := find(was, v.key)
		switch {
		case !there || old.moves:
			e.add(p, pair{v.key, v.text})
		case old.text == v.text:
		case v.list != nil:
			e.setList(child(p, v.key), old.list, v.list)
		default:
			e.set(p, v.key, v.text)
		}
	}
}

// changePairs changes a table of the experiment, which may come or go.
func (e *editor) changePairs(root, key string, was, is []entry) {
	p := child(root, key)
	switch there := e.has(p); {
	case !there && len(is) > 0:
		e.append(root, e.block("[experiment."+keyText(keysOf(root)[1])+"."+key+"]", pairsOf(is)))
	case there && len(is) == 0 && len(was) > 0:
		e.remove(p)
	case there:
		e.changeEntries(p, was, is)
	}
}

// changeDesign changes axes or cells, or puts one in the place of the other.
func (e *editor) changeDesign(root string, was, is *Draft) {
	name := "experiment." + keyText(is.Name)
	switch grid := is.Cells == nil; {
	case grid && was.Cells == nil:
		e.changePairs(root, "axes", moving(axisEntries(was.Axes), axisEntries(is.Axes)), axisEntries(is.Axes))
	case grid:
		e.remove(child(root, "cell"))
		e.append(root, e.block("["+name+".axes]", axisPairs(is.Axes)))
	case was.Cells == nil:
		e.remove(child(root, "axes"))
		for _, c := range is.Cells {
			e.append(root, e.block("[["+name+".cell]]", cellPairs(is.Axes, c)))
		}
	default:
		olds, news := cellTexts(was), cellTexts(is)
		if !slices.Equal(e.firstKeys(child(root, "cell"), olds, news, is.axisNames()), is.axisNames()) {
			e.rewriteTables(child(root, "cell"), news)
			return
		}
		e.changeTables(root, "cell", olds, news, func(i int, pairs []pair) {
			e.changeEntries(item(child(root, "cell"), i), valuesOf(olds[i].pairs), valuesOf(pairs))
		})
	}
}

// moving is was with those marked that will stand behind others than before.
func moving(was, is []entry) []entry {
	last, moved := -1, false
	for _, v := range is {
		switch i := slices.IndexFunc(was, func(old entry) bool { return old.key == v.key }); {
		case i < 0:
		case i < last || moved:
			was[i].moves, moved = true, true
		default:
			last = i
		}
	}
	return was
}

// firstKeys are the keys of what would be the first cell, if cells were changed in
// place. Their order is that of the axes.
func (e *editor) firstKeys(p string, olds, news []tableText, names []string) []string {
	from, to, end := middle(olds, news, sameTable)
	switch {
	case from == 0 && min(to, end) > 0:
		there := e.children[item(p, 0)]
		return append(lacking(there, lacking(there, names)), lacking(names, there)...)
	case from == 0 && end == 0 && to < len(olds):
		return e.children[item(p, to)]
	}
	return names
}

// rewriteTables writes an array of tables anew.
func (e *editor) rewriteTables(p string, news []tableText) {
	if _, ok := e.inline(p, "["); ok {
		e.setInlineTables(p, 0, len(e.places), news)
		return
	}
	e.removeLines(e.of(p))
	e.insertTables(p, 0, news)
}

func cellTexts(d *Draft) []tableText {
	list := make([]tableText, len(d.Cells))
	for i, c := range d.Cells {
		list[i] = tableText{"[[experiment." + keyText(d.Name) + ".cell]]", cellPairs(d.Axes, c)}
	}
	return list
}

func texts[T any](name string, list []T, pairs func(T) []pair) []tableText {
	out := make([]tableText, len(list))
	for i, v := range list {
		out[i] = tableText{"[[" + name + "]]", pairs(v)}
	}
	return out
}

// changeTables changes an array of tables, which may come or go.
func (e *editor) changeTables(root, key string, was, is []tableText, change func(int, []pair)) {
	p := child(root, key)
	if reflect.DeepEqual(was, is) {
		return
	}
	if e.has(p) && len(was) > 0 {
		e.setTables(p, was, is, change)
		return
	}
	for _, t := range is {
		e.append(root, e.block(t.header, t.pairs))
	}
}
