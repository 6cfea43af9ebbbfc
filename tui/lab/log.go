package lab

import (
	"fmt"
	"slices"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// runLog is what the run under the cursor says, or why it ended.
type runLog struct {
	run   string
	lines []string
	phase string
	up    int // lines that the reader went back
}

// point turns to another run.
func (g *runLog) point(id string) {
	if id != g.run {
		*g = runLog{run: id}
	}
}

func (g *runLog) scroll(down int) { g.up = max(g.up-down, 0) }

// view draws the end of the log under a title, in h lines of w cells.
func (g *runLog) view(l look.Look, s *study, w, h int, mark string) []string {
	if h < 1 {
		return nil
	}
	r, known := s.records[g.run]
	title := mark + "log  " + s.runName(g.run)
	if g.phase != "" && r.Status == store.Running {
		title += "  ·  phase " + look.Harmless(g.phase)
	}
	if r.Attempt > 1 {
		title += fmt.Sprintf("  ·  attempt %d", r.Attempt)
	}
	said, remarks := s.said(g.run)
	lines := []string{l.Bold.Render(look.Fit(title+said, w))}
	text := g.lines
	switch {
	case g.run == "":
		lines[0] = l.Muted.Render(look.Fit(mark+"log", w))
	case !known:
		text = []string{"not run yet: r runs it"}
	case len(text) == 0 && r.Reason == "":
		text = []string{"nothing printed yet"}
	}
	if r.Damaged > 0 {
		text = append(slices.Clone(text), fmt.Sprintf("%d lines of metrics.jsonl could not be read", r.Damaged))
	}
	if r.Reason != "" {
		text = append(slices.Clone(text), string(r.Status)+": "+r.Reason)
	}
	text = append(slices.Clone(text), remarks...)
	var wrapped []string
	for _, t := range text[max(0, len(text)-h-g.up):] {
		wrapped = append(wrapped, look.Wrap(look.Harmless(t), w)...)
	}
	g.up = min(g.up, max(len(wrapped)-h+1, 0))
	end := len(wrapped) - g.up
	for _, t := range wrapped[max(0, end-h+1):end] {
		lines = append(lines, l.Muted.Render(look.Fit(t, w)))
	}
	return fill(lines, w, h)
}
