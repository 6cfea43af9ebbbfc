package lab

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// laws are those through the curves of the scaling chart. To fit them takes a while, so
// that is done beside, when their points have changed.
type laws struct {
	curves [][]report.FitPoint // one of each set of the chart; nil: none is to be fitted
	of     string              // the points that were fitted
	lines  []*report.FitLine
	asking bool
}

// lawsMsg brings laws that were fitted.
type lawsMsg struct {
	experiment, of string
	lines          []*report.FitLine
}

// askLaws fits the laws if the points of the chart are others than those of the last
// ones.
func (s *scaling) askLaws() tea.Cmd {
	s.make()
	l := &s.laws
	if l.asking || !slices.ContainsFunc(l.curves, lawful) || l.key(s.grid.shown()) == l.of {
		return nil
	}
	l.asking = true
	metric, goal := s.grid.shown(), experiments.Max
	if s.grid.study.least(metric) {
		goal = experiments.Min
	}
	name, curves, key := s.grid.study.name, l.curves, l.key(metric)
	return func() tea.Msg {
		lines := make([]*report.FitLine, len(curves))
		for i, points := range curves {
			if lawful(points) {
				lines[i] = report.FitOf(points, metric, goal).Line()
			}
		}
		return lawsMsg{name, key, lines}
	}
}

// hearLaws takes in what was fitted.
func (s *scaling) hearLaws(msg lawsMsg) {
	if msg.experiment == s.grid.study.name {
		s.laws.asking, s.laws.of, s.laws.lines = false, msg.of, msg.lines
		s.made = made{} // the chart has more to show
	}
}

// key tells apart what laws are fitted to.
func (l *laws) key(metric string) string { return fmt.Sprint(metric, l.curves) }

// lawful reports whether there is a law to look for: of three points, none of them the
// mean of several cells, whose other axes a law would follow as well.
func lawful(points []report.FitPoint) bool {
	return len(points) >= 3 && !slices.ContainsFunc(points, func(p report.FitPoint) bool { return p.Runs == nil })
}

// draw puts the laws of these very points into their sets, and says what the first one
// is.
func (l *laws) draw(sets []chart.Set, metric string) (brief string) {
	if l.of == "" || l.key(metric) != l.of {
		return ""
	}
	for i, line := range l.lines {
		if line == nil {
			continue
		}
		if brief == "" {
			if brief = line.Brief; sets[i].Name != "" && len(l.lines) > 1 {
				brief = sets[i].Name + ": " + brief
			}
		}
		sets[i].Fit = chart.Series{X: line.X, Y: line.Y, Low: line.Lo, High: line.Hi}
	}
	return brief
}

// fitPoint is what a place of the chart came to, with its runs if it is one cell.
func (s *scaling) fitPoint(cells []int, at float64, sc score) report.FitPoint {
	lo, hi := sc.ends()
	p := report.FitPoint{X: at, Mean: sc.mean, Lo: lo, Hi: hi}
	if len(cells) != 1 {
		return p
	}
	study := s.grid.study
	p.Runs = []float64{}
	for k := range study.plan.Seeds {
		id := study.id(cells[0], k)
		if v, ok := study.final(id, s.grid.shown()); ok && study.trusted(id) && study.records[id].Status == store.Done {
			p.Runs = append(p.Runs, v)
		}
	}
	return p
}
