package table

import "slices"

// index is the line the cursor is on.
func (t *Table) index() int {
	return max(slices.IndexFunc(t.items, func(i item) bool { return i.key == t.cursor }), 0)
}

// find puts the cursor back on its thing among new items. A row of a group that
// was closed becomes the group; else it is what came next, or before, among the
// items that were.
func (t *Table) find(before []item) {
	if len(t.items) == 0 {
		return // what it was on may come back
	}
	have := make(map[key]bool, len(t.items))
	for _, i := range t.items {
		have[i.key] = true
	}
	if have[t.cursor] {
		return
	}
	if g := t.groups.of; g != nil && !t.cursor.group && slices.Contains(t.rows, t.cursor.name) {
		if k := (key{group: true, name: g(t.cursor.name)}); have[k] {
			t.cursor = k
			return
		}
	}
	if t.cursor.group && t.groups.of == nil {
		t.cursor.group = false
		if i := slices.IndexFunc(before, func(i item) bool { return i.group && i.name == t.cursor.name }); i >= 0 {
			t.cursor.name = before[i].ids[0]
		}
		if have[t.cursor] {
			return
		}
	}
	at := slices.IndexFunc(before, func(i item) bool { return i.key == t.cursor })
	for _, i := range before[max(at, 0):] {
		if have[i.key] {
			t.cursor = i.key
			return
		}
	}
	for _, i := range slices.Backward(before[:max(at, 0)]) {
		if have[i.key] {
			t.cursor = i.key
			return
		}
	}
	t.cursor = t.items[0].key
}

// Move moves the cursor by some lines.
func (t *Table) Move(by int) {
	if len(t.items) > 0 {
		t.cursor = t.items[min(max(t.index()+by, 0), len(t.items)-1)].key
	}
}

// Page moves the cursor by some screens of the last View, less a line.
func (t *Table) Page(by int) { t.Move(by * max(t.room-1, 1)) }

// Top moves the cursor to the first line.
func (t *Table) Top() { t.Move(-len(t.items)) }

// Bottom moves the cursor to the last line.
func (t *Table) Bottom() { t.Move(len(t.items)) }

// Point puts the cursor on a row, or on its group if that is closed. It reports
// whether the row is shown.
func (t *Table) Point(id string) bool {
	want := key{name: id}
	if t.groups.of != nil && slices.Contains(t.rows, id) && t.groups.closed(t.groups.of(id)) {
		want = key{group: true, name: t.groups.of(id)}
	}
	if !slices.ContainsFunc(t.items, func(i item) bool { return i.key == want }) {
		return false
	}
	t.cursor = want
	return true
}

// Cursor is the row under the cursor; "" on a group, and where there is nothing.
func (t *Table) Cursor() string {
	if i, ok := t.under(); ok && !i.group {
		return i.name
	}
	return ""
}

// CursorGroup is the group that the cursor is on, with its rows.
func (t *Table) CursorGroup() (name string, ids []string, ok bool) {
	i, ok := t.under()
	if !ok || !i.group {
		return "", nil, false
	}
	return i.name, slices.Clone(i.ids), true
}

func (t *Table) under() (item, bool) {
	if len(t.items) == 0 {
		return item{}, false
	}
	return t.items[t.index()], true
}

// Mark marks the row under the cursor, or takes its mark away. Of a group it is
// all rows: they lose their marks only if all have one.
func (t *Table) Mark() {
	if i, ok := t.under(); ok {
		t.mark(i.ids)
	}
}

// MarkShown marks all rows that the filter lets through, or takes their marks away
// if all have one.
func (t *Table) MarkShown() { t.mark(t.through()) }

// ClearMarks takes all marks away.
func (t *Table) ClearMarks() { clear(t.marks) }

func (t *Table) mark(ids []string) {
	if t.marks == nil {
		t.marks = map[string]bool{}
	}
	ids = slices.DeleteFunc(slices.Clone(ids), t.hollow)
	set := slices.ContainsFunc(ids, func(id string) bool { return !t.marks[id] })
	for _, id := range ids {
		if set {
			t.marks[id] = true
		} else {
			delete(t.marks, id)
		}
	}
}

// Marked are the rows that are marked, in the order of the table. Those that a
// filter hides are none: nobody acts on what he does not see.
func (t *Table) Marked() []string {
	return slices.DeleteFunc(t.through(), func(id string) bool { return !t.marks[id] })
}

// Picked are the rows that a key is for: those marked, else those under the
// cursor.
func (t *Table) Picked() []string {
	if m := t.Marked(); len(m) > 0 {
		return m
	}
	i, _ := t.under()
	return slices.Clone(i.ids)
}

// through are the rows that the filter lets through, in the order of the table.
func (t *Table) through() []string {
	var ids []string
	for _, i := range t.items {
		if i.group || !i.member {
			ids = append(ids, i.ids...)
		}
	}
	return ids
}

// Click is a press of the mouse on a cell of the last View: a head sorts, a row has
// the cursor. again reports that it had it already.
func (t *Table) Click(x, y int) (again bool) {
	if y == 0 {
		for _, p := range t.drawn {
			if x >= p.x && x < p.x+p.w {
				t.SortBy(p.Key)
			}
		}
		return false
	}
	i := t.first + y - 1
	if y < 1 || y > t.room || i >= len(t.items) {
		return false
	}
	again = t.items[i].key == t.cursor
	t.cursor = t.items[i].key
	return again
}
