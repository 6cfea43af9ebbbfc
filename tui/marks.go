package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
)

// state is what people said about a run, its cell or its experiment.
func (p *experimentPage) state(id string) store.State { return p.states[id] }

// trusted reports whether a run counts in means.
func (p *experimentPage) trusted(id string) bool { return p.state(id).Distrusted == nil }

// show finds the rows that the table has. A cursor whose run is hidden goes to the
// next one that is not.
func (p *experimentPage) show() {
	p.states = make(map[string]store.State, len(p.rows))
	p.shown = p.shown[:0]
	at, next := slices.Index(p.rows, p.cursor), ""
	for i, id := range p.rows {
		s := p.marks.Of(id)
		p.states[id] = s
		if s.Hidden && !p.all {
			continue
		}
		p.shown = append(p.shown, id)
		if i >= at && next == "" {
			next = id
		}
	}
	switch {
	case !p.moved || at < 0:
		p.point(p.first())
	case next == "" && len(p.shown) > 0:
		p.point(p.shown[len(p.shown)-1])
	default:
		p.point(next)
	}
}

// hidden is how many runs the table leaves out.
func (p *experimentPage) hidden() int { return len(p.rows) - len(p.shown) }

// badge is the mark before a run's name: what is marked for the next key first,
// then what must not be overlooked.
func (p *experimentPage) badge(id string) string {
	switch s := p.state(id); {
	case p.marked[id]:
		return "*"
	case s.Distrusted != nil:
		return "!"
	case s.Starred:
		return "★"
	}
	return " "
}

// remarks are the marks of a run in words.
func (p *experimentPage) remarks(id string) (title string, lines []string) {
	s := p.state(id)
	if s.Starred {
		title += "  ★"
	}
	for _, tag := range s.Tags {
		title += "  #" + harmless(tag)
	}
	if s.Hidden {
		title += "  hidden"
	}
	for _, n := range s.Notes {
		lines = append(lines, fmt.Sprintf("%s: %s", n.By, n.Text))
	}
	if d := s.Distrusted; d != nil {
		lines = append(lines, fmt.Sprintf("distrusted by %s: %s", d.By, d.Text))
	}
	return title, lines
}

// toggle puts a mark on the chosen runs, or takes it away if all have it.
func (m *Model) toggle(has func(store.State) bool, set, unset string) tea.Cmd {
	p := &m.exp
	ids := p.chosen(func(store.Record) bool { return true })
	if len(ids) == 0 {
		m.say("only a run that was asked for can be marked: r runs it", false)
		return nil
	}
	kind := unset
	if slices.ContainsFunc(ids, func(id string) bool { return !has(p.state(id)) }) {
		kind = set
	}
	return m.backend.do(engine.Request{Verb: "mark", Runs: ids, Mark: &store.Mark{Kind: kind}})
}

func (m *Model) toggleStar() tea.Cmd {
	return m.toggle(func(s store.State) bool { return s.Starred }, store.Starred, store.Unstarred)
}

func (m *Model) toggleHidden() tea.Cmd {
	return m.toggle(func(s store.State) bool { return s.Hidden }, store.Hidden, store.Unhidden)
}

// showHidden shows the runs that are hidden, or hides them again.
func (m *Model) showHidden() tea.Cmd {
	p := &m.exp
	p.all = !p.all
	before := len(p.shown)
	p.show()
	switch n := len(p.shown) - before; {
	case n > 0:
		m.say(plural(n, "hidden run")+" shown", false)
	case n == 0:
		m.say("no run is hidden: x hides one", false)
	}
	return m.follow()
}

// askPause pauses the chosen runs that are going; where none is, those that are
// paused or stopped go on.
func (m *Model) askPause() tea.Cmd {
	if ids := m.exp.chosen(func(r store.Record) bool { return r.Status.Live() }); len(ids) > 0 {
		return m.backend.do(engine.Request{Verb: "pause", Runs: ids})
	}
	resting := func(r store.Record) bool { return r.Status == store.Paused || r.Status == store.Stopped }
	if ids := m.exp.chosen(resting); len(ids) > 0 {
		return m.backend.do(engine.Request{Verb: "resume", Runs: ids})
	}
	m.say("nothing to pause here: move to a run that is going or paused, or mark some", false)
	return nil
}

// askRetry tries failed and lost runs again. Nothing is lost by it: a new attempt
// leaves those before it as they are.
func (m *Model) askRetry() tea.Cmd {
	ids := m.exp.chosen(func(r store.Record) bool { return r.Status == store.Failed || r.Status == store.Lost })
	if len(ids) == 0 {
		m.say("nothing to retry here: move to a run that failed or was lost, or mark some", false)
		return nil
	}
	return m.backend.do(engine.Request{Verb: "retry", Runs: ids})
}
