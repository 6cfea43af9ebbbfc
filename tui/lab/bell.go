package lab

import (
	"fmt"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Statuses are those of the experiment on the screen, by run.
func (p *Experiment) Statuses() map[string]store.Status {
	all := make(map[string]store.Status, len(p.study.records))
	for id, r := range p.study.records {
		all[id] = r.Status
	}
	return all
}

// News is what happened since the runs were as they were, in words; "" for what
// nobody asked to hear. Without a word in the file everything is news.
func (p *Experiment) News(was map[string]store.Status, n *experiments.Notify) string {
	hears := func(events ...string) bool {
		return n == nil || slices.ContainsFunc(events, func(e string) bool { return slices.Contains(n.On, e) })
	}
	went := 0
	for _, s := range was {
		if s.Live() {
			went++
		}
	}
	s := p.study
	var failed []string
	for _, id := range s.rows {
		if is := s.records[id].Status; was[id].Live() && (is == store.Failed || is == store.Lost) {
			failed = append(failed, id)
		}
	}
	done, of := s.count(s.planned, func(is store.Status) bool { return is == store.Done }), len(s.runs)
	switch {
	case went > 0 && p.Live() == 0 && done == of && hears("done", "verdict"):
		return fmt.Sprintf("%s is done, %d/%d", s.name, done, of)
	case went > 0 && p.Live() == 0 && done < of && hears("done", "failed", "verdict"):
		return fmt.Sprintf("%s has ended, %d/%d done", s.name, done, of)
	case len(failed) > 1 && hears("failed"):
		return fmt.Sprintf("%s: %d runs failed", s.name, len(failed))
	case len(failed) == 1 && hears("failed"):
		return fmt.Sprintf("%s: %s %s: %s", s.name, s.runName(failed[0]), s.records[failed[0]].Status, s.records[failed[0]].Reason)
	}
	return ""
}
