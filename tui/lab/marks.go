package lab

import (
	"fmt"
	"slices"

	"ablate/experiments/store"

	"ablate/tui/look"
)

// state is what people said about a run, its cell or its experiment.
func (p *Experiment) state(id string) store.State { return p.states[id] }

// trusted reports whether a run counts in means.
func (p *Experiment) trusted(id string) bool { return p.state(id).Distrusted == nil }

// show finds the rows that the table has. A cursor whose run is hidden goes to the
// next one that is not.
func (p *Experiment) show() {
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
func (p *Experiment) hidden() int { return len(p.rows) - len(p.shown) }

// badge is the mark before a run's name: what is marked for the next key first,
// then what must not be overlooked.
func (p *Experiment) badge(id string) string {
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
func (p *Experiment) remarks(id string) (title string, lines []string) {
	s := p.state(id)
	if s.Starred {
		title += "  ★"
	}
	for _, tag := range s.Tags {
		title += "  #" + look.Harmless(tag)
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
