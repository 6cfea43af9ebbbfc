package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/filter"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/report"
	"ablate/tui/table"
)

// List shows the experiments of the file, of the store, and those that ship.
type List struct {
	site    *page.Site
	rows    map[string]listRow
	table   table.Table
	filter  filter.Filter
	above   int // lines over the table in the last view
	now     float64
	reading reading
	moved   bool
}

// NewList is the page of all experiments.
func NewList(site *page.Site) *List {
	p := &List{site: site, rows: map[string]listRow{}, reading: reading{known: map[string]known{}}}
	p.filter = filter.New(&p.table, func(name string) query.Fields { return p.rows[name] }, p.candidates, "running > 0    name ~ rl    not has verdict")
	p.table.Empty = "the experiment file has no experiments yet: n makes one"
	p.table.SetColumns(p.columns())
	p.set()
	return p
}

// set takes in what the file and the store have. The cursor stays on its
// experiment.
func (p *List) set() {
	clear(p.rows)
	var names []string
	add := func(name string, r listRow) {
		if _, ok := p.rows[name]; !ok {
			names = append(names, name)
		}
		p.rows[name] = r
	}
	for _, e := range p.site.File.Experiments {
		add(e.Name, rowOf(p.site, e))
	}
	for _, s := range p.site.Summaries {
		r, ok := p.rows[s.Name]
		if !ok {
			r = listRow{name: s.Name, title: "not in the experiment file"}
			if e := find(p.site.Shipped, s.Name); e != nil {
				r = rowOf(p.site, e)
			}
		}
		r.runs, r.active = s.Runs, s.Active
		add(s.Name, r)
	}
	if p.site.Shipped != nil {
		for _, e := range p.site.Shipped.Experiments {
			if _, ok := p.rows[e.Name]; !ok {
				r := rowOf(p.site, e)
				r.shipped = true
				add(e.Name, r)
			}
		}
	}
	for name, r := range p.rows {
		r.known, r.list = p.reading.known[name], p
		p.rows[name] = r
	}
	ships := slices.ContainsFunc(names, func(name string) bool { return p.rows[name].shipped })
	if ships != p.table.Grouped() {
		if ships {
			p.table.Group(p.section, false)
		} else {
			p.table.Group(nil, false)
		}
	}
	p.table.SetRows(names)
	p.filter.Refresh()
	if !p.moved && len(names) > 0 {
		p.table.Point(names[0])
	}
}

// section heads the experiments of one kind.
func (p *List) section(name string) string {
	if p.rows[name].shipped {
		return "shipped"
	}
	return "yours"
}

func find(f *experiments.File, name string) *experiments.Experiment {
	if f == nil {
		return nil
	}
	for _, e := range f.Experiments {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Point puts the cursor on an experiment.
func (p *List) Point(name string) { p.moved = p.table.Point(name) || p.moved }

// belowHeading is the table with the first experiment on top, not the heading over it.
type belowHeading struct{ *List }

func (b belowHeading) Move(n int) { b.table.Move(n) }
func (b belowHeading) Page(n int) { b.table.Page(n) }
func (b belowHeading) Top()       { b.table.Top(); b.offHeading() }
func (b belowHeading) Bottom()    { b.table.Bottom() }

// offHeading moves the cursor from the heading of a section to what is below it:
// enter after a filter opens what was found.
func (p *List) offHeading() {
	if p.table.Cursor() == "" {
		p.table.Move(1)
	}
}

// Title is where the reader is.
func (p *List) Title() string { return "experiments" }

// State counts what goes on.
func (p *List) State(l look.Look) []string {
	running, failed := 0, 0
	for _, r := range p.rows {
		running += r.running()
		failed += r.failed()
	}
	var parts []string
	if running > 0 {
		parts = append(parts, l.Accent.Render(fmt.Sprintf("● %d running", running)))
	}
	if failed > 0 {
		parts = append(parts, l.Bad.Render(fmt.Sprintf("✗ %d failed", failed)))
	}
	return parts
}

// Typing is the case while a filter is written.
func (p *List) Typing() bool { return p.filter.Typing() }

// Back leaves the filter.
func (p *List) Back() bool { return p.filter.Clear() }

// Update takes in a message.
func (p *List) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Data, page.Source:
		p.set()
	case page.Tick:
		p.now = msg.Now
		return p.read()
	case listMsg:
		p.hear(msg)
	case page.Click:
		p.moved = true
		if p.table.Click(msg.X, msg.Y-p.above) {
			return p.enter()
		}
	case page.Wheel:
		p.moved = true
		p.table.Move(msg.Lines)
	case tea.KeyPressMsg, tea.PasteMsg:
		if p.filter.Typing() {
			p.moved = true
			p.filter.Update(msg)
			p.offHeading()
		}
	}
	return nil
}

// View draws the list, and under it what there is to say of the experiment under
// the cursor.
func (p *List) View(l look.Look, w, h int) []string {
	lines := []string{p.head(l, w)}
	lines = append(lines, p.filter.View(l, w, h-4)...)
	p.above = len(lines)
	room := h - len(lines)
	detail := p.detail(l, w, max(room-6, 0))
	lines = append(lines, p.table.View(l, w, room-len(detail))...)
	return fill(append(lines, detail...), w, h)
}

// head says what the list has, or what there is to do where nothing has been done.
func (p *List) head(l look.Look, w int) string {
	ran := 0
	for _, r := range p.rows {
		if len(r.runs) > 0 {
			ran++
		}
	}
	text := fmt.Sprintf(" %s, %d with runs", report.Count(len(p.rows), "experiment"), ran)
	if ran == 0 && len(p.rows) > 0 {
		text = " nothing has been run here yet: r runs the experiment under the cursor, enter looks at it first"
	}
	if p.site.Mistaken {
		text = " the experiment file has mistakes, as `ablate check` says: shown is what it was before"
	}
	return l.Muted.Render(look.Fit(text, w))
}

// detail is the question of the experiment under the cursor, and what its runs say
// to it, in at most h lines.
func (p *List) detail(l look.Look, w, h int) (lines []string) {
	r, ok := p.rows[p.table.Cursor()]
	if !ok {
		return nil
	}
	lines = append(lines, strings.Repeat(" ", w))
	for _, text := range []string{r.title, r.question} {
		if text != "" && text != r.name {
			lines = append(lines, " "+look.Fit(look.Harmless(text), w-1))
		}
	}
	v := verdict{study: &study{design: design{plan: r.plan}}, said: r.known.said, read: len(r.known.said) > 0, asking: len(r.runs) > 0 && !r.known.read}
	for _, line := range v.view(l, w-1, max(h-len(lines), 0)) {
		lines = append(lines, " "+line)
	}
	return lines[:min(len(lines), h)]
}

// Keys in the order in which they are shown.
func (p *List) Keys() []page.Key {
	if p.filter.Typing() {
		return p.filter.Keys()
	}
	t := &p.table
	return append([]page.Key{
		{Keys: "enter", Hint: "open", Help: "open the experiment", Do: p.enter},
		{Keys: "r", Name: "run", Hint: "run", Help: "run the experiment", Do: p.askRun},
		{Keys: "n", Name: "new", Hint: "new", Help: "make a new experiment", Do: p.form(page.New)},
		{Keys: "c", Name: "clone", Hint: "clone", Help: "make one like this", Do: p.form(page.Clone)},
		{Keys: "e", Name: "edit", Hint: "edit", Help: "edit the experiment", Do: p.form(page.Edit)},
		{Keys: "v", Name: "compare", Hint: "compare", Help: "compare the marked experiments, or this one with another or an earlier design", Do: p.compare},
		{Keys: "/", Name: "filter", Hint: "filter", Help: "show those that match: running > 0, name ~ rl", Do: page.Do(p.filter.Begin), With: p.filterBy},
		{Keys: "space", Name: "mark", Help: "mark, go to the next", Do: page.Do(func() { p.moved = true; t.Mark(); t.Move(1) })},
		{Keys: "u", Name: "unmark", Help: "unmark all", Do: page.Do(t.ClearMarks)},
		{Keys: "o", Name: "sort", Help: "sort by the next column", Do: page.Do(func() { sortNext(t) })},
		{Keys: "O", Name: "reverse", Help: "sort the other way", Do: page.Do(func() { sortBack(t) })},
		{Keys: "Y", Name: "copy", Help: "copy the name", Do: p.copy, Args: func() []string { return []string{"name", "table"} }, With: p.copyWhat},
	}, page.Moves(belowHeading{p}, func() tea.Cmd { p.moved = true; return nil })...)
}

func (p *List) enter() tea.Cmd {
	p.moved = true
	if name := p.table.Cursor(); name != "" {
		return p.openNamed(name)
	}
	p.table.Fold()
	return nil
}

func (p *List) openNamed(name string) tea.Cmd {
	if _, ok := p.rows[name]; !ok {
		return page.Fail(fmt.Sprintf("there is no experiment %q", name))
	}
	return page.Send(page.Open{Place: page.Experiment, Names: []string{name}})
}

// askRun runs what is under the cursor, after a question: from here one does not
// see what that is.
func (p *List) askRun() tea.Cmd {
	p.moved = true
	r, ok := p.rows[p.table.Cursor()]
	switch {
	case !ok:
		return page.Answer("move to an experiment")
	case r.plan == nil:
		return page.Fail("the experiment file has no such experiment any more: enter opens what was run")
	}
	return page.Send(page.Ask{
		Text: fmt.Sprintf("run %s: %s x %s?", r.name, report.Count(r.cells(), "cell"), report.Count(r.seeds(), "seed")),
		Yes:  p.site.Run(r.plan),
	})
}

func (p *List) form(place page.Place) func() tea.Cmd {
	return func() tea.Cmd {
		name := p.table.Cursor()
		switch {
		case place == page.New:
			return page.Send(page.Open{Place: place})
		case name == "":
			return page.Answer("move to an experiment")
		case place == page.Edit && p.rows[name].shipped:
			return page.Answer("what ships is not edited: c makes one like it in your file")
		}
		return page.Send(page.Open{Place: place, Names: []string{name}})
	}
}

// compare sets the marked experiments beside each other; with one, or where the
// cursor is on what was not run or on a heading, there is still to choose.
func (p *List) compare() tea.Cmd {
	if names := p.table.Marked(); len(names) > 0 {
		return openCompare(names)
	}
	if name := p.table.Cursor(); name != "" && len(p.rows[name].runs) > 0 {
		return openCompare([]string{name})
	}
	return openCompare(nil)
}

func (p *List) filterBy(text string) tea.Cmd {
	if err := p.filter.Put(text); err != nil {
		return page.Fail("filter: " + err.Error())
	}
	p.offHeading()
	return nil
}

func (p *List) copy() tea.Cmd { return p.copyWhat("name") }

func (p *List) copyWhat(what string) tea.Cmd {
	if what == "table" {
		head, rows := p.table.Texts()
		return copied(report.MarkdownTable(head, rows), "the list as Markdown")
	}
	return copied(strings.Join(p.table.Picked(), "\n"), "the name")
}
