package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Keys in the order in which they are shown: those of the pane that has the keys
// first, which take theirs from the others.
func (p *Experiment) Keys() []page.Key {
	switch {
	case p.columns.open:
		return p.columns.keys()
	case p.runs.filter.typing:
		return p.runs.filter.keys()
	}
	return without(p.verbKeys(), p.paneKeys())
}

// do is a key that only changes the page.
func do(f func()) func() tea.Cmd {
	return func() tea.Cmd { f(); return nil }
}

// without joins two tables; a key that is in the second means that alone. What
// loses all its keys is still in the palette.
func without(first, second []page.Key) []page.Key {
	taken := map[string]bool{}
	for _, k := range second {
		for key := range strings.FieldsSeq(k.Keys) {
			taken[key] = true
		}
	}
	out := slices.Clone(first)
	for i := range out {
		keys := slices.DeleteFunc(strings.Fields(out[i].Keys), func(key string) bool { return taken[key] })
		if len(keys) == 0 && out[i].Keys != "" {
			out[i].Hint = ""
		}
		out[i].Keys = strings.Join(keys, " ")
	}
	return append(out, second...)
}

// verbKeys do something to runs, or to the page as a whole.
func (p *Experiment) verbKeys() []page.Key {
	return []page.Key{
		{Keys: "r", Name: "run", Hint: "run", Help: "run what is missing: new, failed, stopped and lost runs", Do: p.askRun},
		{Keys: "enter", Name: "enter", Hint: "open", Help: "open the run; a cell: its runs", Do: p.enter},
		{Keys: "s", Name: "stop", Hint: "stop", Help: "stop the marked runs, or those under the cursor", Do: p.askStop},
		{Keys: "S", Name: "stop all", Help: "stop all runs of the experiment", Do: p.askStopAll},
		{Keys: "p", Name: "pause", Hint: "pause", Help: "pause the marked runs, or those under the cursor; or go on", Do: p.askPause},
		{Keys: "t", Name: "retry", Hint: "retry", Help: "try failed and lost runs again; on a cell all that there are", Do: p.askRetry},
		{Keys: "space", Name: "mark", Hint: "mark", Help: "mark, go to the next; charts show marked runs one by one", Do: p.mark},
		{Keys: "/", Name: "filter", Hint: "filter", Help: "show the runs that match: status = failed, pass@1 > 0.4", Do: do(p.runs.filter.begin), Args: p.filterArgs, With: p.filterBy},
		{Keys: "v", Name: "compare", Hint: "compare", Help: "compare what is marked, else the two best cells", Do: p.compare},
		{Keys: "b", Name: "group seeds", Hint: "cells", Help: "fold the seeds into cells, or take them apart", Do: do(p.runs.group)},
		{Keys: "m", Name: "metric", Hint: "metric", Help: "the next metric in the second chart, or in the matrix", Do: p.nextMetric, Args: p.metricArgs, With: p.chooseMetric},
		{Keys: "a", Name: "axes", Help: "the next two axes of the matrix", Do: func() tea.Cmd { return page.Answer(p.grid.turn()) }, Args: p.grid.choices, With: p.chooseAxes},
		{Keys: "A", Name: "fix axes", Help: "the matrix at one value of the further axes", Do: func() tea.Cmd { return page.Answer(p.grid.fix()) }},
		{Keys: "i", Name: "columns", Help: "choose the columns of the table", Do: do(p.columns.begin), Args: p.runs.offered, With: p.showColumn},
		{Keys: "o", Name: "sort", Help: "sort by the next column", Do: p.sort, Args: p.runs.table.Chosen, With: p.sortBy},
		{Keys: "O", Name: "reverse", Help: "sort the other way", Do: p.reverse},
		{Keys: "tab", Name: "next pane", Hint: "pane", Help: "the keys go to the next pane: matrix, charts, log", Do: do(func() { p.next(1) })},
		{Keys: "shift+tab", Name: "pane before", Help: "the pane before", Do: do(func() { p.next(-1) })},
		{Keys: "z", Name: "zoom pane", Hint: "all the room", Help: "give the pane all the room, or less", Do: do(func() { p.whole = !p.whole })},
		{Keys: "n", Name: "new", Help: "make a new experiment", Do: p.open(page.New)},
		{Keys: "c", Name: "clone", Help: "make one like this", Do: p.open(page.Clone)},
		{Keys: "e", Name: "edit", Help: "edit this experiment", Do: p.open(page.Edit)},
		{Keys: "R", Name: "run file", Help: "run the design as the file has it now", Do: p.askRunFile},
		{Keys: "ctrl+a", Name: "mark shown", Help: "mark all that the filter shows", Do: do(p.runs.table.MarkShown)},
		{Keys: "u", Name: "unmark", Help: "unmark all: the charts show every cell again", Do: do(p.runs.table.ClearMarks)},
		{Keys: "*", Name: "star", Help: "star", Do: p.toggleStar},
		{Keys: "x", Name: "hide", Help: "hide", Do: p.toggleHidden},
		{Keys: "X", Name: "show hidden", Help: "show all", Do: p.showHidden},
		{Keys: "Y", Name: "copy", Help: "copy: the names of runs, or the matrix", Do: p.copy, Args: copyArgs, With: p.copyWhat},
	}
}

// paneKeys move in the pane that has the keys.
func (p *Experiment) paneKeys() []page.Key {
	switch p.focus {
	case paneMatrix:
		move := func(right, down int) func() tea.Cmd { return do(func() { p.grid.move(right, down) }) }
		return []page.Key{
			{Keys: "j ↓", Hint: "move", Help: "down", Do: move(0, 1)}, {Keys: "k ↑", Help: "up", Do: move(0, -1)},
			{Keys: "h ←", Help: "left", Do: move(-1, 0)}, {Keys: "l →", Help: "right", Do: move(1, 0)},
		}
	case paneObjective, paneSecond, paneScaling:
		return append(p.chart().Keys(), p.runMoves()[:2]...)
	case paneLog:
		scroll := func(n int) func() tea.Cmd { return do(func() { p.log.scroll(n) }) }
		return []page.Key{
			{Keys: "j ↓", Hint: "scroll", Help: "down", Do: scroll(1)}, {Keys: "k ↑", Help: "up", Do: scroll(-1)},
			{Keys: "pgdn ctrl+d", Help: "ten down", Do: scroll(10)}, {Keys: "pgup ctrl+u", Help: "ten up", Do: scroll(-10)},
			{Keys: "G end", Help: "newest", Do: scroll(1 << 30)}, {Keys: "g home", Help: "oldest", Do: scroll(-1 << 20)},
		}
	default:
		return p.runMoves()
	}
}

// runMoves move the cursor in the table.
func (p *Experiment) runMoves() []page.Key {
	by := func(f func()) func() tea.Cmd {
		return func() tea.Cmd { p.runs.moved = true; f(); return nil }
	}
	t := &p.runs.table
	return []page.Key{
		{Keys: "j ↓", Help: "down", Do: by(func() { t.Move(1) })},
		{Keys: "k ↑", Help: "up", Do: by(func() { t.Move(-1) })},
		{Keys: "pgdn", Help: "page down", Do: by(func() { t.Page(1) })},
		{Keys: "pgup", Help: "page up", Do: by(func() { t.Page(-1) })},
		{Keys: "ctrl+d", Help: "ten down", Do: by(func() { t.Move(10) })},
		{Keys: "ctrl+u", Help: "ten up", Do: by(func() { t.Move(-10) })},
		{Keys: "g home", Help: "first", Do: by(t.Top)},
		{Keys: "G end", Help: "last", Do: by(t.Bottom)},
	}
}

// enter goes into what is under the cursor: a run's page, a cell's runs.
func (p *Experiment) enter() tea.Cmd {
	p.runs.moved = true
	if p.focus == paneMatrix {
		return p.enterCell()
	}
	if _, _, ok := p.runs.table.CursorGroup(); ok {
		p.runs.table.Fold()
		return nil
	}
	return p.openRun(p.runs.cursor())
}

func (p *Experiment) openRun(id string) tea.Cmd {
	if _, known := p.study.records[id]; !known {
		return page.Answer("not run yet: r runs it")
	}
	return page.Send(page.Open{Place: page.Run, Names: []string{id}})
}

// enterCell opens the only run of a cell of the matrix, or shows all of them in the
// table.
func (p *Experiment) enterCell() tea.Cmd {
	cells := p.grid.under()
	if len(cells) == 0 {
		return page.Answer("the design has no cell here")
	}
	if ids := p.study.runsOf(cells); len(ids) == 1 && len(p.study.plan.Seeds) == 1 {
		return p.openRun(ids[0])
	}
	text := p.cellQuery(cells)
	if err := p.runs.filter.put(text); err != nil {
		return page.Fail(err.Error())
	}
	p.focus, p.grid.moved = paneRuns, false
	p.runs.table.Top()
	return nil
}

// cellQuery is a filter for cells that stand at one place of the matrix: what their
// axes have in common.
func (p *Experiment) cellQuery(cells []int) string {
	plan := p.study.plan
	var terms []string
	for i, axis := range plan.Axes {
		value := plan.Cells[cells[0]].Axes[i].Value
		if slices.ContainsFunc(cells, func(c int) bool { return plan.Cells[c].Axes[i].Value != value }) {
			continue
		}
		text := fmt.Sprint(value)
		if _, ok := asNumber(value); !ok {
			text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
		}
		terms = append(terms, axis+" = "+text)
	}
	return strings.Join(terms, " and ")
}

// mark marks what is under the cursor, and goes to the next.
func (p *Experiment) mark() tea.Cmd {
	p.runs.moved = true
	if p.focus != paneMatrix {
		p.runs.table.Mark()
		p.runs.table.Move(1)
		return nil
	}
	marked := p.runs.table.Marked()
	for _, id := range p.study.runsOf(p.grid.under()) {
		if !slices.Contains(marked, id) && p.runs.table.Point(id) {
			p.runs.table.Mark()
			marked = p.runs.table.Marked()
		}
	}
	return page.Answer(fmt.Sprintf("%d marked; u unmarks", len(marked)))
}

func (p *Experiment) sort() tea.Cmd    { return page.Answer(p.runs.sort()) }
func (p *Experiment) reverse() tea.Cmd { return page.Answer(p.runs.reverse()) }

func (p *Experiment) sortBy(key string) tea.Cmd {
	if !slices.Contains(p.runs.table.Chosen(), key) {
		return page.Fail(fmt.Sprintf("the table has no column %q: i chooses them", key))
	}
	p.runs.table.SortBy(key)
	return page.Answer(p.runs.sorted())
}

func (p *Experiment) showColumn(key string) tea.Cmd {
	if !slices.Contains(p.runs.offered(), key) {
		return page.Fail(fmt.Sprintf("there is no column %q", key))
	}
	p.runs.toggle(key)
	return nil
}

func (p *Experiment) filterArgs() []string {
	return []string{"status = failed", "status = done", "not status = done", "star = yes", "old = no"}
}

func (p *Experiment) filterBy(text string) tea.Cmd {
	p.runs.moved = true
	if err := p.runs.filter.put(text); err != nil {
		return page.Fail("filter: " + err.Error())
	}
	return nil
}

// nextMetric turns the matrix to another metric if it has the keys, else the second
// chart.
func (p *Experiment) nextMetric() tea.Cmd {
	if p.focus != paneMatrix {
		p.curves.turn()
		return nil
	}
	all := append([]string{""}, p.study.others()...)
	all = append(all, p.study.courseMetric())
	p.grid.metric = all[(max(slices.Index(all, p.grid.metric), 0)+1)%len(all)]
	return page.Answer("the matrix shows " + look.Harmless(p.grid.shown()))
}

func (p *Experiment) metricArgs() []string {
	objective, _ := p.study.objective()
	return append([]string{objective, p.study.courseMetric()}, p.study.others()...)
}

func (p *Experiment) chooseMetric(name string) tea.Cmd {
	i := slices.IndexFunc(p.metricArgs(), func(m string) bool { return m == name || report.ShortName(m) == name })
	if i < 0 {
		return page.Fail(fmt.Sprintf("no run has a metric %q", look.Harmless(name)))
	}
	if p.focus == paneMatrix {
		p.grid.metric = p.metricArgs()[i]
	} else {
		p.curves.metric = p.metricArgs()[i]
	}
	return nil
}

func (p *Experiment) chooseAxes(text string) tea.Cmd {
	if !p.grid.choose(text) {
		return page.Fail(fmt.Sprintf("the design has no axes %q: name one or two, and values of others as name=value", text))
	}
	return page.Answer(p.grid.says())
}
