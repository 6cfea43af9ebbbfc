package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
)

// statuses are those of the experiment on the screen, by run.
func (p *experimentPage) statuses() map[string]store.Status {
	all := make(map[string]store.Status, len(p.records))
	for id, r := range p.records {
		all[id] = r.Status
	}
	return all
}

// ring calls who watches from another window when a run failed or the last one
// ended, once for each: by the bell, and by a note (OSC 9) where the terminal
// shows such. Who looks at the screen needs neither.
func (m *Model) ring(was map[string]store.Status) tea.Cmd {
	text := m.exp.news(was, m.config.File.Notify)
	if text == "" || m.focused {
		return nil
	}
	return tea.Raw("\a\x1b]9;ablate: " + harmless(text) + "\x1b\\")
}

// news is what happened since the runs were as they were, in words; "" for what
// nobody asked to hear. Without a word in the file everything is news.
func (p *experimentPage) news(was map[string]store.Status, n *experiments.Notify) string {
	hears := func(events ...string) bool {
		return n == nil || slices.ContainsFunc(events, func(e string) bool { return slices.Contains(n.On, e) })
	}
	went := 0
	for _, s := range was {
		if s.Live() {
			went++
		}
	}
	var failed []string
	for _, id := range p.rows {
		if s := p.records[id].Status; was[id].Live() && (s == store.Failed || s == store.Lost) {
			failed = append(failed, id)
		}
	}
	done, of := p.planDone()
	switch {
	case went > 0 && p.live() == 0 && done == of && hears("done", "verdict"):
		return fmt.Sprintf("%s is done, %d/%d", p.name, done, of)
	case went > 0 && p.live() == 0 && done < of && hears("done", "failed", "verdict"):
		return fmt.Sprintf("%s has ended, %d/%d done", p.name, done, of)
	case len(failed) > 1 && hears("failed"):
		return fmt.Sprintf("%s: %d runs failed", p.name, len(failed))
	case len(failed) == 1 && hears("failed"):
		return fmt.Sprintf("%s: %s %s: %s", p.name, p.runName(failed[0]), p.records[failed[0]].Status, p.records[failed[0]].Reason)
	}
	return ""
}
