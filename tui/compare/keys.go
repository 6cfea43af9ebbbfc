package compare

import (
	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
	"ablate/tui/plot"
	"ablate/tui/report"
	"ablate/tui/table"
)

// Keys in the order in which they are shown.
func (p *Compare) Keys() []page.Key {
	switch {
	case p.choice != nil:
		return p.choiceKeys()
	case p.tasks != nil:
		return p.taskKeys()
	case p.strata != nil:
		return p.strata.keys(p)
	case p.data == nil && p.err != nil, p.data != nil && p.data.Chosen == nil:
		return []page.Key{{Keys: "c", Name: "choose", Hint: "choose", Help: "compare something else", Do: p.reopen}}
	}
	keys := []page.Key{
		p.force.key(p),
		{Keys: "enter", Name: "flips", Hint: "flips", Help: "the tasks that flipped, with the programs where they were kept", Do: p.openTasks},
		{Keys: "H", Name: "kinds of tasks", Hint: "kinds", Help: "the kinds of tasks: where the difference is, each with its interval", Do: p.openStrata},
		{Keys: "K", Name: "next k", Hint: p.ksHint(), Help: "the same metric at the next k: pass@1, pass@8, avg@8", Do: p.nextK},
		{Keys: "W", Name: "write report", Hint: "report", Help: "write a report of the experiment as HTML, beside the experiment file", Do: p.write},
		{Keys: "tab", Hint: "pane", Help: "the next pane", Do: page.Do(func() { p.turn(1) })},
		{Keys: "shift+tab", Help: "the pane before", Do: page.Do(func() { p.turn(-1) })},
		{
			Keys: "@", Name: "earlier", Hint: "earlier", Help: "the experiment against the design that it was run with before", Do: func() tea.Cmd { return p.earlier("") },
			Args: func() []string { return []string{"7d", "yesterday"} }, With: p.earlier,
		},
		{Keys: "z", Name: "zoom pane", Hint: "zoom", Help: "give the pane all the room, or take it back", Do: page.Do(func() { p.zoomed = !p.zoomed })},
		{Keys: "m", Name: "metric", Hint: "metric", Help: "the next metric: for verdict, curves, cells and scaling view", Do: p.metric, Args: p.metricNames, With: p.chooseMetric},
		{Keys: "d", Name: "parameters", Hint: "parameters", Help: "all parameters, or those that differ", Do: page.Do(p.toggleAll)},
		{Keys: "]", Name: "next side", Help: "the next side against A", Do: func() tea.Cmd { return p.turnSide(1) }},
		{Keys: "[", Name: "side before", Help: "the side before against A", Do: func() tea.Cmd { return p.turnSide(-1) }},
		{Keys: "Y", Name: "copy", Hint: "copy", Help: "copy the table and the verdicts as Markdown", Do: p.copyTable},
		{Keys: "c", Name: "choose", Help: "compare something else", Do: p.reopen},
	}
	if p.data != nil && len(p.data.Scaling) > 1 {
		keys = append(keys, page.Key{Keys: "a", Name: "axis", Help: "the next axis of the scaling view", Do: p.turnAxis})
	}
	if pl := p.plot(); pl != nil {
		return append(keys, p.plotKeys(pl)...)
	}
	if p.data != nil && p.has(paneScaling) {
		for _, k := range p.scale.Keys() {
			if k.Keys == "x" || k.Keys == "y" {
				k.Help += " (scaling view)"
				keys = append(keys, k)
			}
		}
	}
	if t := p.tableOf(); t != nil {
		keys = append(keys, page.Moves(t, p.moved)...)
	}
	return keys
}

// plotKeys steer the chart that has the focus; the other one goes with it.
func (p *Compare) plotKeys(pl *plot.Plot) []page.Key {
	keys := pl.Keys()
	for i := range keys {
		do := keys[i].Do
		keys[i].Do = func() tea.Cmd { cmd := do(); p.link(); return cmd }
	}
	return keys
}

// tableOf is the table that has the focus; nil: a chart has it.
func (p *Compare) tableOf() *table.Table {
	switch p.focus {
	case paneCells:
		return &p.rows.table
	case paneFacts:
		return &p.sides.table
	default:
		return nil
	}
}

// plot is the chart that has the focus, nil: a table has it.
func (p *Compare) plot() *plot.Plot {
	switch p.focus {
	case paneCurves:
		return &p.curves
	case paneCourse:
		return &p.course
	case paneScaling:
		return &p.scale
	default:
		return nil
	}
}

// link has the two charts of training show the same steps and the same crosshair.
func (p *Compare) link() {
	if p.focus == paneCourse {
		p.curves.Link(&p.course)
	} else if p.focus == paneCurves {
		p.course.Link(&p.curves)
	}
}

// moved reads the row that the cursor came to in full.
func (p *Compare) moved() tea.Cmd {
	if p.focus != paneCells || p.data == nil {
		return nil
	}
	if key := p.rows.table.Cursor(); key != "" && key != p.data.Chosen.Key {
		p.reader.want.Row = key
		return p.read()
	}
	return nil
}

func (p *Compare) metricNames() (names []string) {
	if p.data != nil {
		for _, m := range p.data.Metrics {
			names = append(names, report.ShortName(m))
		}
	}
	return names
}

func (p *Compare) toggleAll() {
	p.all = !p.all
	if p.data != nil {
		p.arrange(false)
	}
}

// turnAxis puts the next axis under the scaling view.
func (p *Compare) turnAxis() tea.Cmd {
	for i, s := range p.data.Scaling {
		if s.Axis == p.scaling().Axis {
			p.axis = p.data.Scaling[(i+1)%len(p.data.Scaling)].Axis
			p.scale.Back()
			return page.Answer("the scaling view goes along " + p.axis)
		}
	}
	return nil
}

// reopen goes back to the choice.
func (p *Compare) reopen() tea.Cmd {
	p.choice = newChooser(p.reader.names)
	return p.candidates()
}
