package compare

import (
	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
	"ablate/tui/table"
)

// click puts the focus where the mouse is: the cursor of a table, the crosshair of
// a chart. A second click on a row picks it, where something is chosen.
func (p *Compare) click(msg page.Click) tea.Cmd {
	switch t, y := p.listed(); {
	case t == nil:
	case t.Click(msg.X, msg.Y-y) && p.choice != nil:
		return p.choice.pick(t.Cursor())
	case p.tasks != nil:
		return p.programs()
	default:
		return nil
	}
	at, ok := p.under(msg.X, msg.Y)
	if !ok {
		return nil
	}
	p.focus = at.pane
	if t := p.tableOf(); t != nil {
		t.Click(msg.X-at.x, msg.Y-at.y)
		return p.moved()
	}
	if pl := p.plot(); pl != nil {
		pl.Click(msg.X-at.x, msg.Y-at.y)
		p.link()
	}
	return nil
}

// wheel moves the table under the mouse, or zooms the chart.
func (p *Compare) wheel(msg page.Wheel) tea.Cmd {
	if t, _ := p.listed(); t != nil {
		t.Move(msg.Lines)
		if p.tasks != nil {
			return p.programs()
		}
		return nil
	}
	at, ok := p.under(msg.X, msg.Y)
	if !ok {
		return nil
	}
	was := p.focus
	p.focus = at.pane
	defer func() { p.focus = was }()
	if t := p.tableOf(); t != nil {
		t.Move(msg.Lines)
		return p.moved()
	}
	if pl := p.plot(); pl != nil {
		pl.Wheel(msg.X-at.x, msg.Y-at.y, msg.Lines)
		p.link()
	}
	return nil
}

// listed is the table that has the page to itself, with the line that it begins on;
// nil: none has.
func (p *Compare) listed() (*table.Table, int) {
	switch {
	case p.choice != nil:
		return &p.choice.table, p.choice.above
	case p.tasks != nil:
		return &p.tasks.table, tasksHead
	case p.strata != nil:
		return &p.strata.table, strataHead
	}
	return nil, 0
}

// under is the pane on a cell of the page.
func (p *Compare) under(x, y int) (place, bool) {
	for _, at := range p.places {
		if x >= at.x && x < at.x+at.w && y >= at.y && y < at.y+at.h {
			return at, true
		}
	}
	return place{}, false
}
