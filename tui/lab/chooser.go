package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
)

// chooser is a list out of which one chooses the columns of a table. What is typed
// narrows it.
type chooser struct {
	table  *runTable
	open   bool
	input  look.Input
	cursor string
}

// begin opens the list.
func (c *chooser) begin() {
	c.open = true
	c.input.Set("")
	c.cursor = c.table.table.Chosen()[0]
}

// keys are those that work in the list; letters narrow it.
func (c *chooser) keys() []page.Key {
	return []page.Key{
		{Keys: "enter", Hint: "show or not", Help: "show the column, or not", Do: func() tea.Cmd { c.toggle(); return nil }},
		{Keys: "↓ ↑", Help: "the next column, or the one before", Do: func() tea.Cmd { c.move(1); return nil }},
		{Keys: "→", Hint: "further right", Help: "move the column to the right", Do: func() tea.Cmd { c.shift(1); return nil }},
		{Keys: "←", Help: "move the column to the left", Do: func() tea.Cmd { c.shift(-1); return nil }},
		{Keys: "esc", Hint: "done", Help: "close the list", Do: func() tea.Cmd { c.open = false; return nil }},
	}
}

// press takes in a key while the list is open.
func (c *chooser) press(msg tea.Msg) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "esc", "tab":
			c.open = false
			return
		case "enter":
			c.toggle()
			return
		case "up":
			c.move(-1)
			return
		case "down":
			c.move(1)
			return
		case "right":
			c.shift(1)
			return
		case "left":
			c.shift(-1)
			return
		}
	}
	if c.input.Update(msg) {
		c.move(0)
	}
}

func (c *chooser) shift(by int) { c.table.table.Shift(c.cursor, by) }

func (c *chooser) toggle() {
	if c.cursor != "" {
		c.table.toggle(c.cursor)
	}
}

// list are the keys that are offered: those shown first, in their order.
func (c *chooser) list() []string {
	shown := c.table.table.Chosen()
	keys := slices.Clone(shown)
	for _, k := range c.table.say.offered() {
		if !slices.Contains(shown, k) {
			keys = append(keys, k)
		}
	}
	narrow := strings.ToLower(c.input.Text())
	return slices.DeleteFunc(keys, func(k string) bool { return !strings.Contains(strings.ToLower(k), narrow) })
}

func (c *chooser) move(by int) {
	list := c.list()
	if len(list) == 0 {
		c.cursor = ""
		return
	}
	at := max(slices.Index(list, c.cursor), 0)
	c.cursor = list[min(max(at+by, 0), len(list)-1)]
}

// view draws the list in h lines of w cells.
func (c *chooser) view(l look.Look, w, h int) []string {
	list, shown := c.list(), c.table.table.Chosen()
	lines := []string{
		look.Fit(l.Bold.Render(" columns ")+c.input.View(l, max(w-30, 1))+l.Muted.Render(fmt.Sprintf("%d of %d shown", len(shown), len(c.table.say.offered()))), w),
	}
	room := max(h-len(lines), 1)
	at := max(slices.Index(list, c.cursor), 0)
	first := max(0, min(at-room/2, len(list)-room))
	for _, k := range list[first:min(first+room, len(list))] {
		box := "[ ] "
		if slices.Contains(shown, k) {
			box = "[x] "
		}
		text := box + look.Harmless(k)
		if k == "course" || k == "score" {
			text += "  " + c.table.say.headOf(k)
		}
		line := look.Fit(" "+text, w)
		if k == c.cursor {
			line = l.Accent.Render("›") + l.Cursor.Render(look.Fit(text, w-1))
		}
		lines = append(lines, line)
	}
	if len(list) == 0 {
		lines = append(lines, l.Muted.Render(look.Fit("   no column has this in its name", w)))
	}
	return look.Box(lines, w, h)
}
