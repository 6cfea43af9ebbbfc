package page

import tea "charm.land/bubbletea/v2"

// Do is for a key that only changes its page.
func Do(f func()) func() tea.Cmd {
	return func() tea.Cmd { f(); return nil }
}

// Mover is what has a cursor that goes up and down, such as a table.
type Mover interface {
	Move(lines int)
	Page(pages int)
	Top()
	Bottom()
}

// Moves are the keys of a cursor, the same in every table. then comes after each; it
// may be nil.
func Moves(m Mover, then func() tea.Cmd) []Key {
	do := func(move func()) func() tea.Cmd {
		if then == nil {
			return Do(move)
		}
		return func() tea.Cmd { move(); return then() }
	}
	return []Key{
		{Keys: "j ↓", Help: "down", Do: do(func() { m.Move(1) })},
		{Keys: "k ↑", Help: "up", Do: do(func() { m.Move(-1) })},
		{Keys: "pgdn ctrl+d", Help: "page down", Do: do(func() { m.Page(1) })},
		{Keys: "pgup ctrl+u", Help: "page up", Do: do(func() { m.Page(-1) })},
		{Keys: "g home", Help: "first", Do: do(m.Top)},
		{Keys: "G end", Help: "last", Do: do(m.Bottom)},
	}
}
