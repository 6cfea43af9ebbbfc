package table

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/look"
)

const (
	gutter = 2  // for the cursor and a mark
	gap    = 2  // between columns
	indent = 2  // of a row in its group
	least  = 12 // cells that a text is shortened to where its column does not say
)

// placed is a column as it is drawn: the nth that was chosen, from cell x on, w
// cells wide.
type placed struct {
	*Column
	n, x, w int
}

// chosen are the columns that are shown where there is room.
func (t *Table) chosen() []placed {
	list := make([]placed, 0, len(t.choice))
	for n, key := range t.choice {
		list = append(list, placed{Column: t.column(key), n: n})
	}
	return list
}

// measure lets the columns that are shown grow to what all rows need, so that
// nothing moves as one scrolls.
func (t *Table) measure() {
	cols := t.chosen()
	for _, id := range t.rows {
		row := item{key: key{name: id}, ids: []string{id}, member: t.groups.of != nil}
		t.texts(cols, row)
	}
	for _, i := range t.items {
		if i.group {
			t.texts(cols, i)
		}
	}
}

// texts are what a line says in each column, and the columns grow to it.
func (t *Table) texts(cols []placed, i item) []string {
	list := make([]string, len(cols))
	for n, c := range cols {
		text := c.text(i)
		if n == 0 {
			text = t.lead(i, text)
		}
		list[n] = text
		if w := look.Width(text); w > t.widths[c.Key] {
			t.widths[c.Key] = w
		}
	}
	return list
}

// text is what a column says of a line.
func (c placed) text(i item) string {
	switch {
	case !i.group:
		return clean(c.Cell(i.name))
	case c.Fold != nil:
		return clean(c.Fold(i.ids))
	}
	return ""
}

// lead is what the first column says: a group's name and size, and what of a group
// stands under it.
func (t *Table) lead(i item, text string) string {
	switch {
	case i.member:
		return strings.Repeat(" ", indent) + text
	case !i.group:
		return text
	case t.groups.closed(i.name):
		return "▸ " + clean(i.name)
	}
	return "▾ " + clean(i.name)
}

// Needs is how many cells show the first column in its least width and others in full.
func (t *Table) Needs(keys ...string) int {
	used := gutter - gap
	for n, c := range t.chosen() {
		switch {
		case n == 0:
			used += cmp.Or(c.Min, least) + gap
		case slices.Contains(keys, c.Key):
			used += t.full(c) + gap
		}
	}
	return used
}

// full is the width in which a column shows all of its texts.
func (t *Table) full(c placed) int {
	return max(t.widths[c.Key], c.Width, look.Width(clean(c.Head))+1)
}

// fit gives the columns their places in w cells: texts are shortened down to their
// least width, then columns go by priority.
func (t *Table) fit(cols []placed, w int) []placed {
	room := w - gutter
	used := -gap
	for n := range cols {
		c := &cols[n]
		if c.w = t.full(*c); !c.Right {
			c.w = min(c.w, cmp.Or(c.Min, least))
		}
		used += c.w + gap
	}
	for used > room && len(cols) > 1 {
		out := 1 + greatest(cols[1:])
		used -= cols[out].w + gap
		cols = slices.Delete(cols, out, out+1)
	}
	if used > room {
		if len(cols) == 0 || cols[0].Right || room < 1 {
			return nil
		}
		cols[0].w, used = room, room
	}
	for ; used < room; used++ {
		narrow := -1
		for n, c := range cols {
			if c.w < t.full(c) && (narrow < 0 || c.w < cols[narrow].w) {
				narrow = n
			}
		}
		if narrow < 0 {
			break
		}
		cols[narrow].w++
	}
	x := gutter
	for n := range cols {
		cols[n].x = x
		x += cols[n].w + gap
	}
	return cols
}

// greatest is which column has the greatest priority, of several the last.
func greatest(cols []placed) (at int) {
	for n, c := range cols {
		if c.Priority >= cols[at].Priority {
			at = n
		}
	}
	return at
}

// clean is a text as a cell can show it. What would join what stands before it
// does not lead it.
func clean(text string) string {
	return strings.TrimLeftFunc(look.Harmless(text), func(r rune) bool { return r >= utf8.RuneSelf && unicode.In(r, unicode.M, unicode.Cf) })
}

// set puts a clean text into the column's cells.
func (c placed) set(text string) string {
	if c.Words && look.Width(text) > c.w {
		return look.Fit(text, c.w)
	}
	return set(text, c.w, c.Right)
}

// Middle is a text in w cells as it stands in a column of names: shortened in its middle.
func Middle(text string, w int) string { return set(clean(text), w, false) }

// set puts a clean text into w cells: on the right, or on the left and then
// shortened in its middle, where names differ least.
func set(text string, w int, right bool) string {
	n := look.Width(text)
	switch {
	case n == w:
		return text
	case n < w && right:
		return strings.Repeat(" ", w-n) + text
	case n < w:
		return text + strings.Repeat(" ", w-n)
	}
	tail := (w - 1) / 2
	if w < 3 {
		tail = 0
	}
	end := ansi.TruncateLeft(text, n-tail, "")
	if look.Width(end) > tail { // a wide rune stood across the cut
		end = ansi.TruncateLeft(text, n-tail+1, "")
	}
	head := ansi.Truncate(text, w-1-look.Width(end), "")
	return look.Fit(head+"…"+end, w)
}
