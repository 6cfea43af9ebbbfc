package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// List shows the experiments of the file and of the store.
type List struct {
	site   *page.Site
	rows   []listRow
	cursor int
}

type listRow struct {
	name, title, question string
	cells, seeds          int // of the file's design, 0 if it has none
	runs                  map[store.Status]int
}

// NewList is the page of all experiments.
func NewList(site *page.Site) *List {
	p := &List{site: site}
	p.set()
	return p
}

// set takes in what the file and the store have. The cursor stays on its
// experiment.
func (p *List) set() {
	f, all, at := p.site.File, p.site.Summaries, p.selected()
	p.rows = p.rows[:0]
	for _, e := range f.Experiments {
		plan := e.Plan()
		p.rows = append(p.rows, listRow{name: e.Name, title: e.Title, question: e.Question, cells: len(plan.Cells), seeds: len(plan.Seeds)})
	}
	for _, s := range all {
		i := slices.IndexFunc(p.rows, func(r listRow) bool { return r.name == s.Name })
		if i < 0 {
			p.rows = append(p.rows, listRow{name: s.Name, title: "not in the experiment file"})
			i = len(p.rows) - 1
		}
		p.rows[i].runs = s.Runs
	}
	p.Point(at)
}

// Point puts the cursor on an experiment.
func (p *List) Point(name string) {
	if i := slices.IndexFunc(p.rows, func(r listRow) bool { return r.name == name }); i >= 0 {
		p.cursor = i
	}
	p.move(0)
}

func (p *List) move(n int) { p.cursor = min(max(p.cursor+n, 0), max(len(p.rows)-1, 0)) }

func (p *List) selected() string {
	if p.cursor >= len(p.rows) {
		return ""
	}
	return p.rows[p.cursor].name
}

// View draws the list.
func (p *List) View(l look.Look, w, h int) []string {
	lines := []string{"", " " + l.Bold.Render("experiments"), ""}
	nameW := 0
	for _, r := range p.rows {
		nameW = max(nameW, len(r.name))
	}
	nameW = min(nameW, w/2)
	words, countW := w >= 110, 0
	for _, r := range p.rows {
		countW = max(countW, ansi.StringWidth(r.counts(words)))
	}
	countW = min(countW, w/2)
	room := max(h-len(lines)-2, 1)
	first := max(0, min(p.cursor-room/2, len(p.rows)-room))
	if above, below := first, len(p.rows)-first-room; above > 0 || below > 0 {
		lines[1] += l.Muted.Render(fmt.Sprintf("  %d of %d, %d above, %d below", min(room, len(p.rows)), len(p.rows), above, max(below, 0)))
	}
	for i, r := range p.rows[first:] {
		if i == room {
			break
		}
		design := ""
		if r.cells > 0 {
			design = fmt.Sprintf("%d × %d", r.cells, r.seeds)
		}
		line := fmt.Sprintf(" %s  %8s  %s  %s", look.Fit(r.name, nameW), design, look.Fit(r.counts(words), countW), look.Harmless(r.title))
		if first+i == p.cursor {
			line = l.Cursor.Render(look.Fit(line, w))
		}
		lines = append(lines, line)
	}
	if p.cursor < len(p.rows) {
		lines = append(lines, "", " "+l.Muted.Render(look.Harmless(p.rows[p.cursor].question)))
	}
	if len(p.rows) == 0 {
		lines = append(lines, " the experiment file has no experiments yet")
	}
	return look.Box(lines, w, h)
}

// counts is how the runs of an experiment stand, with the words for the glyphs
// where there is room.
func (r listRow) counts(words bool) string {
	var parts []string
	for _, s := range []store.Status{store.Running, store.Stalled, store.Queued, store.Failed, store.Lost, store.Paused, store.Stopped, store.Done} {
		if n := r.runs[s]; n > 0 {
			part := fmt.Sprintf("%s %d", report.Glyph(s), n)
			if words {
				part += " " + string(s)
			}
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "not run yet"
	}
	return strings.Join(parts, "  ")
}

// Title is where the reader is.
func (p *List) Title() string { return "experiments" }

// State is empty: every row says how its experiment stands.
func (p *List) State(look.Look) []string { return nil }

// Typing is never the case here.
func (p *List) Typing() bool { return false }

// Back has nothing to leave.
func (p *List) Back() bool { return false }

// Keys in the order in which they are shown.
func (p *List) Keys() []page.Key {
	move := func(n int) func() tea.Cmd {
		return func() tea.Cmd { p.move(n); return nil }
	}
	return []page.Key{
		{Keys: "enter", Hint: "open", Help: "open the experiment", Do: p.open},
		{Keys: "j ↓", Help: "down", Do: move(1)},
		{Keys: "k ↑", Help: "up", Do: move(-1)},
		{Keys: "pgdn", Help: "ten down", Do: move(10)},
		{Keys: "pgup", Help: "ten up", Do: move(-10)},
		{Keys: "g home", Help: "first", Do: move(-1 << 30)},
		{Keys: "G end", Help: "last", Do: move(1 << 30)},
	}
}

func (p *List) open() tea.Cmd {
	if name := p.selected(); name != "" {
		return page.Send(page.Open{Place: page.Experiment, Names: []string{name}})
	}
	return nil
}

// Update takes in a message.
func (p *List) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case page.Data, page.Source:
		p.set()
	}
	return nil
}
