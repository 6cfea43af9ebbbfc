package tui

import (
	"maps"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/page"
)

// kept is the newest of what comes by itself. A page that is opened gets it, and
// so do all when the screen was held still and goes on.
type kept struct {
	data     store.Update // all of the experiment
	readings *page.Readings
}

// stillness is what a screen that is held still has to know.
type stillness struct {
	kept   kept
	now    float64 // of the last tick, in seconds since 1970
	frozen float64 // since when the pages are held still; 0: they are not
}

// add brings an update in. Its maps are shared: they are copied, not changed.
func (k *kept) add(u store.Update) {
	if !u.Fresh && k.data.Focus.Experiment == u.Focus.Experiment {
		all := maps.Clone(k.data.Histories)
		if all == nil {
			all = map[string]*store.History{}
		}
		maps.Copy(all, u.Histories)
		u.Histories = all
	}
	u.Fresh = true // for whom it is the first one
	k.data = u
}

// toggleFreeze holds the pages still: they get no data, no readings and no ticks
// until it is pressed again, or the page is left.
func (m *Model) toggleFreeze() tea.Cmd {
	if m.frozen > 0 {
		return m.thaw()
	}
	m.frozen = max(m.now, 1)
	return nil
}

func (m *Model) thaw() tea.Cmd {
	if m.frozen == 0 {
		return nil
	}
	m.frozen = 0
	return tea.Batch(m.takeData(m.kept.data), m.tellReadings(), m.tell(page.Tick{Now: m.now}))
}

func (m *Model) tellReadings() tea.Cmd {
	if m.kept.readings == nil {
		return nil
	}
	return m.tell(*m.kept.readings)
}

// greet tells a page that was just opened what is known.
func (m *Model) greet(p page.Page) tea.Cmd {
	tell := func(msg tea.Msg) tea.Cmd { return m.safely(p, func() tea.Cmd { return p.Update(msg) }) }
	cmds := []tea.Cmd{tell(page.Data{Update: m.kept.data})}
	if m.kept.readings != nil {
		cmds = append(cmds, tell(*m.kept.readings))
	}
	cmds = append(cmds, tell(page.Tick{Now: m.now}))
	if b, ok := p.(page.Beginner); ok {
		cmds = append(cmds, m.safely(p, b.Begin))
	}
	return tea.Batch(cmds...)
}
