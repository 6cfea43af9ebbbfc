package form

import (
	"cmp"
	"fmt"
	"strings"

	"ablate/tui/look"
	"ablate/tui/page"
)

// How the page is divided.
const (
	besideW = 116 // from this width on the preview stands beside the fields
	gutter  = " │ "
	labelW  = 17
	detailH = 3 // lines about the field under the cursor
)

// View draws the fields, and the preview beside them or in their place.
func (f *Form) View(l look.Look, w, h int) []string {
	if f.narrow = w < besideW; f.narrow {
		if f.preview {
			return f.viewPreview(l, w, h)
		}
		return f.viewFields(l, w, h)
	}
	left := max(w*11/20, 72)
	return look.Beside(f.viewFields(l, left, h), f.viewPreview(l, w-left-len([]rune(gutter)), h), l.Muted.Render(gutter))
}

// heading is a line of the list that is no field but stands above one.
const heading = -1

// viewFields are the fields around the cursor and what is to be known of the one
// under it.
func (f *Form) viewFields(l look.Look, w, h int) []string {
	f.width, f.height = w, h
	list, at := f.list()
	room := max(h-detailH, 1)
	first := f.first(len(list), at, room)
	lines := make([]string, 0, h)
	for i := first; i < min(first+room, len(list)); i++ {
		if list[i] == heading {
			lines = append(lines, " "+l.Bold.Render(f.rows[list[i+1]].group))
		} else {
			lines = append(lines, f.row(l, f.rows[list[i]], w))
		}
	}
	if len(f.rows) == 0 {
		lines = append(lines, "", l.Muted.Render(" no field has these words; esc shows all"))
	}
	for len(lines) < room {
		lines = append(lines, "")
	}
	return look.Box(append(lines, f.details(l, w)...), w, h)
}

// first is the line of the list that is shown first.
func (*Form) first(lines, at, room int) int { return max(0, min(at-room/2, lines-room)) }

// list is what stands in every line, an index of rows or a heading, and the line
// that the cursor is on.
func (f *Form) list() (list []int, at int) {
	group := ""
	for i, q := range f.rows {
		if q.group != group {
			group = q.group
			list = append(list, heading)
		}
		if q.key == f.cursor {
			at = len(list)
		}
		list = append(list, i)
	}
	return list, at
}

// row is one field: whether it changed, its name, its value, and what it takes.
func (f *Form) row(l look.Look, q field, w int) string {
	mark := " "
	if q.changed {
		mark = l.Accent.Render("*")
	}
	wrong := f.wrong(q)
	if wrong != "" {
		mark = l.Bad.Render("✗")
	}
	name, here := look.Fit(q.label, labelW), q.key == f.cursor
	if here && f.typing.on && f.typing.key != "" {
		if name = look.Fit(f.typedLabel(), labelW); f.typing.wrong != "" {
			mark = l.Bad.Render("✗")
		}
		return "›" + mark + l.Accent.Render(name) + " " + f.typing.input.View(l, w-labelW-3)
	}
	valueW := max((w-labelW-4)*2/5, 16)
	value, info := q.shown(), q.about()
	if len(q.choose) > 0 {
		value = "‹ " + value + " ›"
	}
	if wrong != "" {
		info = wrong
	}
	if info == "" {
		valueW = max(w-labelW-4, 0)
	}
	if here && !f.preview {
		return l.Cursor.Render(look.Fit("›"+plainMark(mark)+name+" "+look.Fit(value, valueW)+" "+look.Harmless(info), w))
	}
	value, info = look.Fit(value, valueW), look.Fit(look.Harmless(info), max(w-labelW-valueW-4, 0))
	switch {
	case wrong != "":
		info = l.Bad.Render(info)
	case q.standard: // in one, since there are many
		return " " + mark + name + " " + l.Muted.Render(value+" "+info)
	default:
		info = l.Muted.Render(info)
	}
	switch {
	case q.standard:
		value = l.Muted.Render(value)
	case q.changed:
		value = l.Bold.Render(value)
	}
	return " " + mark + name + " " + value + " " + info
}

// plainMark is a mark without its colour, for a line that has one of its own.
func plainMark(mark string) string {
	for _, m := range []string{"*", "✗"} {
		if strings.Contains(mark, m) {
			return m
		}
	}
	return " "
}

// typedLabel is the name of what is typed, which may not be a field yet.
func (f *Form) typedLabel() string {
	group, name, _ := strings.Cut(f.typing.key, ".")
	switch {
	case f.typing.key == f.cursor:
		return f.at().label
	case group == "axes":
		return "axis " + name
	}
	return "new cell"
}

// wrong is what is wrong with a field, in words; "" for nothing.
func (f *Form) wrong(q field) string {
	if q.key == "name" && f.draft.Name == "" {
		return "" // it is only not there yet
	}
	for _, m := range f.seen.mistakes {
		group, rest, _ := strings.Cut(m.Field, ".")
		cell, _, _ := strings.Cut(rest, ".")
		if m.Field == q.key || group == "cell" && "cell."+cell == q.key {
			return m.Words()
		}
	}
	return ""
}

// details are the lines about the field under the cursor, or the filter.
func (f *Form) details(l look.Look, w int) []string {
	q := f.at()
	lines := []string{l.Muted.Render(strings.Repeat("─", w)), "", ""}
	switch wrong := f.wrong(q); {
	case f.typing.on && f.typing.key == "":
		lines[1] = " / " + f.typing.input.View(l, max(w-30, 10)) + l.Muted.Render(fmt.Sprintf(" %d of %d fields", len(f.rows), len(f.all)))
		lines[2] = l.Muted.Render(" enter keeps it, esc shows all")
		return lines
	case f.typing.wrong != "":
		return f.complain(l, lines, f.typing.wrong, w)
	case wrong != "":
		return f.complain(l, lines, wrong, w)
	}
	if before := f.was[q.key]; q.changed && before != "" {
		lines[1] = " " + l.Bold.Render("was "+look.Harmless(before)) + "  "
	}
	lines[1] += " " + l.Muted.Render(look.Harmless(q.label+"  "+q.about()))
	if f.filter != "" {
		head := fmt.Sprintf("── / %s  %d of %d fields, esc shows all ", look.Harmless(f.filter), len(f.rows), len(f.all))
		lines[0] = l.Muted.Render(look.Fit(head+strings.Repeat("─", max(w-look.Width(head), 0)), w))
	}
	lines[2] = " " + look.Harmless(q.doc)
	if text := f.general(); text != "" && f.narrow { // else it stands in the preview
		lines[2] = " " + l.Bad.Render("✗ "+look.Harmless(text))
	}
	return lines
}

// complain puts what is wrong into the last two lines.
func (*Form) complain(l look.Look, lines []string, text string, w int) []string {
	for i, t := range look.Wrap("✗ "+look.Harmless(text), w-2) {
		if i < 2 {
			lines[i+1] = " " + l.Bad.Render(t)
		}
	}
	return lines
}

// general is the first mistake that is of no field on the page.
func (f *Form) general() string {
	for _, m := range f.seen.mistakes {
		owned := false
		for _, q := range f.all {
			owned = owned || f.wrong(q) == m.Words()
		}
		if !owned {
			return m.Words()
		}
	}
	return cmp.Or(f.absent, f.seen.trouble)
}

// click puts the cursor on the field that was drawn there last.
func (f *Form) click(msg page.Click) {
	room := max(f.height-detailH, 1)
	list, at := f.list()
	i := f.first(len(list), at, room) + msg.Y
	if f.typing.on || f.preview && f.narrow || msg.X >= f.width || msg.Y >= room || i < 0 || i >= len(list) || list[i] == heading {
		return
	}
	f.preview, f.cursor = false, f.rows[list[i]].key
}
