package table

import (
	"fmt"
	"strings"

	"ablate/tui/look"
)

// View draws the table in exactly h lines of exactly w cells, the head first, the
// cursor in sight. Where not all is seen it says how much of what is.
func (t *Table) View(l look.Look, w, h int) []string {
	if h < 1 || w < 1 {
		return look.Box(nil, max(w, 0), max(h, 0))
	}
	texts, used := t.place(w, h-1)
	where := t.where()
	below := where != "" && h > 2 && used+gap+look.Width(where) > w
	if below {
		texts, _ = t.place(w, h-2)
		where = t.where()
	}
	lines := make([]string, 0, h)
	lines = append(lines, t.head(l, w, used, where))
	for n, i := range t.sight() {
		lines = append(lines, t.line(l, i, texts[n], w))
	}
	if len(t.items) == 0 {
		lines = append(lines, t.nothing(l, w)...)
	}
	lines = lines[:min(len(lines), h)]
	for len(lines) < h {
		lines = append(lines, strings.Repeat(" ", w))
	}
	if below {
		lines[h-1] = l.Muted.Render(look.Fit("  "+where, w))
	}
	return lines
}

// place settles what is seen in a number of lines below the head, and where the
// columns stand; used is how many cells they take.
func (t *Table) place(w, room int) (texts [][]string, used int) {
	t.settle(room)
	cols := t.chosen()
	for _, i := range t.sight() {
		texts = append(texts, t.texts(cols, i))
	}
	t.drawn = t.fit(cols, w)
	if n := len(t.drawn); n > 0 {
		return texts, t.drawn[n-1].x + t.drawn[n-1].w
	}
	return texts, 0
}

// sight are the lines that are seen.
func (t *Table) sight() []item { return t.items[t.first:min(t.first+t.room, len(t.items))] }

// settle says how many rows there is room for, and brings the cursor in sight.
func (t *Table) settle(room int) {
	t.room = room
	at := t.index()
	t.first = min(max(t.first, at-room+1), at)
	t.first = max(min(t.first, len(t.items)-room), 0)
}

// head has the names of the columns and, where there is room, where the rows in
// sight are.
func (t *Table) head(l look.Look, w, used int, where string) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", gutter))
	for n, c := range t.drawn {
		if n > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		text := clean(c.Head)
		if c.Key == t.order.key {
			text = set(text, min(look.Width(text), c.w-1), false) + map[bool]string{false: "↑", true: "↓"}[t.order.down]
		}
		b.WriteString(c.set(text))
	}
	if n := w - used - look.Width(where); n >= gap && where != "" {
		b.WriteString(strings.Repeat(" ", n) + where)
	}
	return l.Muted.Render(look.Fit(b.String(), w))
}

// where says which lines are in sight, how many rows the filter lets through, and
// how many are marked; nothing where all is seen.
func (t *Table) where() string {
	var parts []string
	if n := len(t.items); n > t.room {
		digits := len(fmt.Sprint(n))
		parts = append(parts, fmt.Sprintf("%*d-%*d of %d", digits, t.first+1, digits, t.first+t.room, n))
	}
	if t.shown < t.all {
		parts = append(parts, fmt.Sprintf("%d of %d match", t.shown, t.all))
	}
	if n := len(t.marks); n > 0 {
		parts = append(parts, fmt.Sprintf("%d marked", n))
	}
	return strings.Join(parts, ", ")
}

// line draws a row or a group.
func (t *Table) line(l look.Look, i item, texts []string, w int) string {
	under := i.key == t.cursor
	across := t.across(l, i, under)
	var b strings.Builder
	x := gutter
	for n, c := range t.drawn {
		if n > 0 && across != "" {
			break
		}
		b.WriteString(strings.Repeat(" ", c.x-x))
		x = c.x + c.w
		text := c.set(texts[c.n])
		switch {
		case under:
		case i.group && c.n == t.drawn[0].n:
			text = l.Bold.Render(text)
		case i.group && c.Shade != nil:
			text = c.Shade(l, i.ids, text)
		case c.Paint != nil:
			text = c.Paint(l, i.ids[0], text)
		}
		b.WriteString(text)
	}
	b.WriteString(across)
	x += look.Width(across)
	b.WriteString(strings.Repeat(" ", max(w-x, 0)))
	body := look.Fit(b.String(), w-gutter)
	if under {
		return look.Fit(l.Accent.Render("›")+t.badge(i)+l.Cursor.Render(body), w)
	}
	return look.Fit(" "+t.badge(i), min(w, gutter)) + body
}

// across is what a line says in place of its columns, behind a gap.
func (t *Table) across(l look.Look, i item, under bool) string {
	if t.Across == nil {
		return ""
	}
	text := t.Across(l, i.ids[0], i.group)
	switch {
	case text == "":
		return ""
	case under:
		text = look.Strip(text)
	}
	return strings.Repeat(" ", gap) + text
}

// badge is what stands before a line: * where all of it is marked, + where some is.
func (t *Table) badge(i item) string {
	n := 0
	for _, id := range i.ids {
		if t.marks[id] {
			n++
		}
	}
	switch {
	case n == len(i.ids):
		return "*"
	case n > 0:
		return "+"
	case i.group || t.Badge == nil:
		return " "
	}
	return look.Fit(clean(t.Badge(i.name)), 1)
}

// nothing says why there are no rows.
func (t *Table) nothing(l look.Look, w int) []string {
	text := t.Empty
	if t.all > 0 {
		text = fmt.Sprintf("none of %d matches the filter", t.all)
	}
	var lines []string
	for _, s := range look.Wrap(clean(text), w-gutter) {
		lines = append(lines, l.Muted.Render(look.Fit("  "+s, w)))
	}
	return lines
}

// Texts are the heads of the columns that are chosen and what they say of every
// line, in the order of the table: what can be copied.
func (t *Table) Texts() (head []string, lines [][]string) {
	cols := t.chosen()
	for _, c := range cols {
		head = append(head, clean(c.Head))
	}
	for _, i := range t.items {
		lines = append(lines, t.texts(cols, i))
	}
	return head, lines
}
