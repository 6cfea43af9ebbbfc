package run

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
)

// view draws the lines of the log.
func (g *logPane) view(l look.Look, w, h int) []string {
	var rows []string
	if g.still {
		for i := g.top; i < len(g.lines) && len(rows) < h; i++ {
			rows = append(rows, g.rows(l, g.lines[i], w)...)
		}
		return look.Box(rows[:min(len(rows), h)], w, h)
	}
	for i := len(g.lines) - 1; i >= 0 && len(rows) < h; i-- {
		part := g.rows(l, g.lines[i], w)
		slices.Reverse(part)
		rows = append(rows, part...)
	}
	rows = rows[:min(len(rows), h)]
	slices.Reverse(rows)
	return look.Box(rows, w, h)
}

// rows are what a line of the log takes on the screen: one row, or as many as it
// needs where lines are wrapped.
func (g *logPane) rows(l look.Look, line store.LogLine, w int) []string {
	lead := " "
	if line.At == g.match {
		lead = l.Accent.Render("▸")
	}
	text := look.Harmless(line.Text)
	if line.Cut > 0 {
		text += fmt.Sprintf(" … %d bytes more", line.Cut)
	}
	parts := []string{text}
	if g.wrap {
		parts = strings.Split(ansi.Hardwrap(text, max(w-1, 1), true), "\n")
	}
	for i, part := range parts {
		parts[i] = look.Fit(lead+g.marked(l, part), w)
		lead = " "
	}
	return parts
}

// marked is a text with what was looked for in it.
func (g *logPane) marked(l look.Look, text string) string {
	if g.query == nil {
		return text
	}
	from, to, ok := g.query.Find(text)
	if !ok || from == to {
		return text
	}
	return text[:from] + l.Cursor.Render(text[from:to]) + text[to:]
}

// note says where in the log the window is.
func (g *logPane) note() string {
	switch {
	case g.prompt != nil:
		return "/" + g.prompt.Bar()
	case g.err != nil:
		return g.err.Error()
	case g.seek.on:
		return "looking for " + g.text
	}
	var words []string
	if g.text != "" {
		words = append(words, "/"+g.text)
	}
	if g.said != "" {
		words = append(words, g.said)
	}
	switch {
	case !g.still:
		words = append(words, "end")
	case g.size > 0 && g.top < len(g.lines):
		words = append(words, fmt.Sprintf("%d %%", 100*g.lines[g.top].At/g.size))
	}
	return strings.Join(words, " · ")
}

// keys are those of the log while it has the focus.
func (p *Page) logKeys() []page.Key {
	g := &p.log
	move := func(by func() int) func() tea.Cmd { return func() tea.Cmd { return g.move(by(), p.places.log) } }
	by := func(n int) func() int { return func() int { return n } }
	return []page.Key{
		{Keys: "/", Name: "search log", Hint: "search", Help: "search the log: a text, or /regular expression/", Do: func() tea.Cmd { g.prompt = new(look.Input); return nil }},
		{Keys: "n", Name: "next match", Hint: "next", Help: "the next match", Do: func() tea.Cmd { return g.again(false) }},
		{Keys: "N", Name: "match before", Help: "the match before", Do: func() tea.Cmd { return g.again(true) }},
		{Keys: "j ↓", Help: "down", Do: move(by(1))},
		{Keys: "k ↑", Help: "up", Do: move(by(-1))},
		{Keys: "pgdn ctrl+d", Help: "a screen down", Do: move(func() int { return max(p.places.log-1, 1) })},
		{Keys: "pgup ctrl+u", Help: "a screen up", Do: move(func() int { return -max(p.places.log-1, 1) })},
		{Keys: "g home", Help: "the first line", Do: g.toStart},
		{Keys: "G end", Hint: "end", Help: "the end, and follow it", Do: g.toEnd},
		{Keys: "w", Name: "wrap", Hint: "wrap", Help: "wrap long lines, or cut them", Do: func() tea.Cmd { g.wrap = !g.wrap; return nil }},
	}
}

// typed takes a key or a paste while a search is being typed.
func (g *logPane) typed(msg tea.Msg) tea.Cmd {
	switch pressed(msg) {
	case "enter":
		text := g.prompt.Text()
		g.prompt = nil
		if text == "" {
			g.query, g.text, g.match, g.said = nil, "", -1, ""
			return nil
		}
		return g.search(text)
	case "esc":
		g.prompt = nil
	default:
		g.prompt.Update(msg)
	}
	return nil
}

// bottom is the line at the bottom of the screen, "" for none.
func (g *logPane) bottom(h int) string {
	i := len(g.lines) - 1
	if g.still {
		i = min(g.top+h-1, i)
	}
	if at := g.indexOf(g.match); at >= 0 {
		i = at
	}
	if i < 0 {
		return ""
	}
	return g.lines[i].Text
}
