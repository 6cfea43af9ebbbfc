package lab

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// Keys in the order in which they are shown: those of the pane that has the keys
// first, which take theirs from the others.
func (p *Experiment) Keys() []page.Key {
	switch {
	case p.columns.open:
		return p.columns.keys()
	case p.runs.filter.Typing():
		return p.runs.filter.Keys()
	}
	verbs, own := p.verbKeys(), p.paneKeys()
	keys := without(verbs, own)
	if p.focus != paneRuns { // who went there wants to know what it can do
		keys = append(slices.Clone(keys[len(verbs):]), keys[:len(verbs)]...)
	}
	return keys
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
		{Keys: "r", Name: "run", Hint: "run", Help: "run what is missing: new, failed, stopped and lost runs", Do: p.verbs.askRun},
		{Keys: "enter", Name: "enter", Hint: "open", Help: "open the run; a cell: its runs", Do: p.moves.enter},
		{Keys: "s", Name: "stop", Hint: "stop", Help: "stop the marked runs, or those under the cursor", Do: p.verbs.askStop},
		{Keys: "S", Name: "stop all", Help: "stop all runs of the experiment", Do: p.verbs.askStopAll},
		{Keys: "p", Name: "pause", Hint: "pause", Help: "pause the marked runs, or those under the cursor; or go on", Do: p.verbs.askPause},
		{Keys: "t", Name: "retry", Hint: "retry", Help: "try failed and lost runs again; on a cell all that there are", Do: p.verbs.askRetry},
		{Keys: "space", Name: "mark", Hint: "mark", Help: "mark, go to the next; charts show marked runs one by one", Do: p.moves.mark},
		{Keys: "/", Name: "filter", Hint: "filter", Help: "show the runs that match: status = failed, pass@1 > 0.4", Do: page.Do(p.runs.filter.Begin), Args: p.moves.filterArgs, With: p.moves.filterBy},
		{Keys: "v", Name: "compare", Hint: "compare", Help: "compare what is marked, else the two best cells", Do: p.verbs.compare},
		{Keys: "b", Name: "group seeds", Hint: "cells", Help: "fold the seeds into cells, or take them apart", Do: page.Do(p.runs.group)},
		{Keys: "m", Name: "metric", Hint: "metric", Help: "the next metric in the second chart, or in the matrix", Do: p.moves.nextMetric, Args: p.moves.metricArgs, With: p.moves.chooseMetric},
		{Keys: "a", Name: "axes", Help: "the next two axes of the matrix", Do: func() tea.Cmd { p.grid.moved = false; return page.Answer(p.grid.turn()) }, Args: p.grid.choices, With: p.moves.chooseAxes},
		{Keys: "A", Name: "fix axes", Help: "the matrix at one value of the further axes", Do: func() tea.Cmd { p.grid.moved = false; return page.Answer(p.grid.fix()) }},
		{Keys: "i", Name: "columns", Help: "choose the columns of the table", Do: page.Do(p.columns.begin), Args: p.runs.say.offered, With: p.moves.showColumn},
		{Keys: "o", Name: "sort", Help: "sort by the next column", Do: p.moves.sort, Args: p.runs.table.Chosen, With: p.moves.sortBy},
		{Keys: "O", Name: "reverse", Help: "sort the other way", Do: p.moves.reverse},
		{Keys: "tab", Name: "next pane", Hint: "pane", Help: "the keys go to the next pane: matrix, charts, log", Do: page.Do(func() { p.next(1) })},
		{Keys: "shift+tab", Name: "pane before", Help: "the pane before", Do: page.Do(func() { p.next(-1) })},
		{Keys: "z", Name: "zoom pane", Hint: "all the room", Help: "give the pane all the room, or less", Do: page.Do(func() { p.whole = !p.whole })},
		{Keys: "n", Name: "new", Help: "make a new experiment", Do: p.verbs.form(page.New)},
		{Keys: "c", Name: "clone", Help: "make one like this", Do: p.verbs.form(page.Clone)},
		{Keys: "e", Name: "edit", Help: "edit this experiment", Do: p.verbs.form(page.Edit)},
		{Keys: "R", Name: "run file", Help: "run the design as the file has it now", Do: p.verbs.askRunFile},
		{Keys: "ctrl+a", Name: "mark shown", Help: "mark all that the filter shows", Do: page.Do(p.runs.table.MarkShown)},
		{Keys: "u", Name: "unmark", Help: "unmark all: the charts show every cell again", Do: page.Do(p.runs.table.ClearMarks)},
		{Keys: "*", Name: "star", Help: "star", Do: p.verbs.toggleStar},
		{Keys: "x", Name: "hide", Help: "hide", Do: p.verbs.toggleHidden},
		{Keys: "X", Name: "show hidden", Help: "show all", Do: p.verbs.showHidden},
		{Keys: "Y", Name: "copy", Help: "copy: the names of runs, or the matrix", Do: p.moves.copy, Args: copyArgs, With: p.moves.copyWhat},
	}
}

// paneKeys move in the pane that has the keys.
func (p *Experiment) paneKeys() []page.Key {
	switch p.focus {
	case paneMatrix:
		move := func(right, down int) func() tea.Cmd { return page.Do(func() { p.grid.move(right, down) }) }
		return []page.Key{
			{Keys: "j ↓", Hint: "move", Help: "down", Do: move(0, 1)}, {Keys: "k ↑", Help: "up", Do: move(0, -1)},
			{Keys: "h ←", Help: "left", Do: move(-1, 0)}, {Keys: "l →", Help: "right", Do: move(1, 0)},
		}
	case paneObjective, paneSecond, paneScaling:
		return append(p.chart().Keys(), p.runMoves()[:2]...)
	case paneLog:
		scroll := func(n int) func() tea.Cmd { return page.Do(func() { p.log.scroll(n) }) }
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
	return page.Moves(&p.runs.table, func() tea.Cmd { p.runs.moved = true; return nil })
}
