package tui

import (
	tea "charm.land/bubbletea/v2"

	"ablate/tui/compare"
	"ablate/tui/lab"
	"ablate/tui/page"
)

// open opens a page above the others. An experiment takes the place of all that
// is open.
func (m *Model) open(o page.Open) tea.Cmd {
	switch o.Place {
	case page.List:
		m.pages = nil
	case page.Experiment:
		if m.exp == nil || m.exp.Title() != o.Names[0] {
			m.exp = lab.NewExperiment(m.site, o.Names[0])
		}
		m.list.Point(o.Names[0])
		m.pages = []page.Page{m.exp}
	case page.Compare:
		p := compare.New(m.site, o.Names)
		m.pages = append(m.pages, p)
		return p.Start()
	default:
		m.say("there is no such page yet", true)
	}
	return nil
}
