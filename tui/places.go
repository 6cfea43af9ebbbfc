package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/compare"
	"ablate/tui/form"
	"ablate/tui/lab"
	"ablate/tui/nodes"
	"ablate/tui/page"
	"ablate/tui/run"
)

// open opens a page above the others. An experiment takes the place of all that
// is open.
func (m *Model) open(o page.Open) {
	switch o.Place {
	case page.List:
		m.pages = nil
	case page.Experiment:
		if m.exp == nil || m.exp.Title() != o.Names[0] {
			m.exp = lab.NewExperiment(m.site, o.Names[0])
		}
		m.list.Point(o.Names[0])
		m.pages = []page.Page{m.exp}
	case page.Run:
		m.pages = append(m.pages, run.New(m.site, o.Names[0]))
	case page.Compare:
		m.pages = append(m.pages, compare.New(m.site, o.Names))
	case page.GPUs:
		m.openGPUs()
	case page.Queue:
		if _, there := m.top().(*nodes.Queue); !there {
			m.pages = append(m.pages, nodes.NewQueue(m.site))
		}
	case page.New, page.Clone, page.Edit:
		m.pages = append(m.pages, form.New(m.site, o.Place, strings.Join(o.Names, "")))
	default:
		m.say("there is no such page yet", true)
	}
}

// openGPUs goes to the page of the GPUs: back to it where it is open. A new one knows
// what was read since the interface began.
func (m *Model) openGPUs() {
	was := m.gpus
	if at := slices.Index(m.pages, page.Page(was)); at >= 0 {
		m.pages = m.pages[:at+1]
		return
	}
	m.gpus = nodes.NewGPUs(m.site)
	if m.broken[was] == "" {
		m.safely(m.gpus, func() tea.Cmd { m.gpus.Inherit(was); return nil })
	}
	delete(m.broken, was)
	m.pages = append(m.pages, m.gpus)
}

// everyPage is every page by what it is, for the README and the tests that hold for
// all of them.
func everyPage(site *page.Site) []namedPage {
	return []namedPage{
		{"experiments", lab.NewList(site)},
		{"experiment", lab.NewExperiment(site, "")},
		{"run", run.New(site, "")},
		{"compare", compare.New(site, []string{"A", "B"})},
		{"new experiment", form.New(site, page.New, "x")},
		{"GPUs", nodes.NewGPUs(site)},
		{"queue", nodes.NewQueue(site)},
	}
}

type namedPage struct {
	name string
	page page.Page
}
