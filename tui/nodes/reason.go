package nodes

import (
	"slices"

	"ablate/tui/look"
)

// reason is what is under the cursor, and why it is so, at length: below the table
// where that leaves room, else in a few lines of its room, so that a long queue has it
// too and does not jump from row to row.
func (p *Queue) reason(l look.Look, w, room int) []string {
	const few = 4 // lines
	e, ok := p.entries[p.table.Cursor()]
	if !ok {
		return nil
	}
	lines := []string{rule(l, p.table.Cursor(), w)}
	for _, s := range look.Wrap(look.Harmless(e.reason()), w-2) {
		lines = append(lines, look.Fit(" "+s, w))
	}
	switch left := room - len(p.ids) - 2; { // its head, and a line between the two
	case len(lines) <= left:
		return lines
	case room < 3*few:
		return nil
	case len(lines) > few:
		lines = append(slices.Clip(lines[:few-1]), look.Fit(" … enter tells the rest", w))
	}
	return look.Box(lines, w, few)
}

// reason is what a run does, why, and who asked for it.
func (e entry) reason() string {
	text := e.status()
	if why := e.why(); why != "" {
		text += ": " + why
	}
	if e.waits != nil && e.waits.By != "" {
		text += ", asked for by " + e.waits.By
	}
	return text
}
