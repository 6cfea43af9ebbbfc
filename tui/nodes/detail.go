package nodes

import (
	"fmt"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/tui/look"
	"ablate/tui/table"
)

// pane is where what is under the cursor is told of at length.
type pane struct {
	*layout
	look   look.Look
	w      int
	zoomed bool // it has all the room
	whole  bool // it is of the node of what is under the cursor, whatever that is
}

// under is what is under the cursor of the table, in h lines.
func (q *pane) under(t *table.Table, h int) []string {
	d := q.devices[t.Cursor()]
	_, ids, group := t.CursorGroup()
	switch {
	case h < 1:
		return nil
	case group:
		return look.Box(q.node(q.devices[ids[0]].node, nil, h), q.w, h)
	case d == nil:
		return look.Box(nil, q.w, h)
	case d.node.hollow != nil || q.whole:
		return look.Box(q.node(d.node, d, h), q.w, h)
	}
	facts := q.facts(d)
	var drawn []string
	width := 0
	if need := q.chartRoom(d); d.unread() {
		facts = append([]string{" nothing of it was read yet"}, facts...)
	} else if q.zoomed {
		drawn, width = q.charts(d, max(h-1-len(facts), min(h*2/3, h-1)))
	} else if h > need+sayLines {
		drawn, width = q.charts(d, max(h-1-len(facts), need))
	} else if drawn, width = q.curves(d); width > 0 {
		drawn = drawn[:min(len(drawn), max(h-1-min(len(facts), 3), 1))]
	}
	lines := append([]string{q.title(d, width)}, drawn...)
	return look.Box(append(lines, q.cut(facts, h-len(lines))...), q.w, h)
}

// unread reports whether there is no reading of a device to draw.
func (d *device) unread() bool {
	return !slices.ContainsFunc(d.readings(look.Look{}), func(r reading) bool { return !r.curve.empty() })
}

// sayLines are those that are left to what is told in words where charts are drawn.
const sayLines = 7

// cut are as many lines as there is room for; the last says how many more there are.
func (q *pane) cut(lines []string, h int) []string {
	if len(lines) <= h || h < 1 {
		return lines
	}
	text := fmt.Sprintf(" and %d more lines", len(lines)-h+1)
	if !q.zoomed {
		text += ": z gives them room"
	}
	return append(lines[:h-1:h-1], look.Fit(text, q.w))
}

// title is the line above what is told of a device, with curves of so many cells.
func (q *pane) title(d *device, width int) string {
	text := d.label()
	if width > 0 {
		text += fmt.Sprintf("  last %d min", width*bucket/60)
	}
	text += fmt.Sprintf("  %s  %s", d.Name, d.UUID)
	if age := q.age(d); age > stale {
		text += fmt.Sprintf("  as it was %s ago", coarse(age))
	}
	return rule(q.look, strings.TrimRight(text, " "), q.w)
}

// node is what is told of one, in at most h lines: how it stands, what is wrong, and
// the curves of its GPUs.
func (q *pane) node(n *node, cursor *device, h int) []string {
	lines := []string{rule(q.look, n.title(), q.w)}
	if text, fault := q.says(n); text != "" {
		style := worn(q.look.Bad, fault)
		for _, s := range look.Wrap(look.Harmless(text), q.w-2) {
			lines = append(lines, " "+style.Render(s))
		}
	}
	var ids []string
	for _, d := range n.cards {
		ids = append(ids, d.id)
	}
	list := q.of(ids)
	if n.hollow == nil {
		var read []gpu.Device
		for _, d := range list {
			read = append(read, d.Device)
		}
		lines = append(lines, look.Fit(" "+look.Harmless(gpu.Summary(read)+", "+q.foldHolders(ids)), q.w))
	}
	most := max(h/6, 2)
	for i, x := range n.wrong {
		if i == most-1 && len(n.wrong) > most {
			lines = append(lines, fmt.Sprintf(" and %d more", len(n.wrong)-i))
			break
		}
		lines = append(lines, " "+wrongStyle(q.look, x.Grave).Render(look.Fit(look.Harmless(x.Text()), q.w-1)))
	}
	return q.cut(append(lines, q.board(list, cursor, h-len(lines))...), h)
}

// title is what a node is called, and by whom.
func (n *node) title() string {
	name := ""
	if len(n.cards) > 0 {
		name = string(n.cards[0].Host)
	}
	switch {
	case n.local() && name != "":
		return "this machine, " + name
	case n.local():
		return "this machine"
	}
	return n.Name
}

// rule is a line with a title.
func rule(l look.Look, title string, w int) string {
	text := "─ " + look.Harmless(title) + " "
	return l.Muted.Render(look.Fit(text+strings.Repeat("─", max(w-look.Width(text), 0)), w))
}
