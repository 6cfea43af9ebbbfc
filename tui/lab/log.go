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
	said  look.Tail
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
	text := g.said.Lines()
	var under []string
	switch {
	case g.run == "":
		lines[0] = l.Muted.Render(look.Fit(mark+"log", w))
	case !known:
		under = append(under, "not run yet: r runs it")
	case len(text) == 0 && r.Reason == "" && r.Status.Live():
		under = append(under, "nothing printed yet")
	case len(text) == 0 && r.Reason == "":
		under = append(under, "it printed nothing")
	}
	if r.Damaged > 0 {
		under = append(under, fmt.Sprintf("%d lines of metrics.jsonl could not be read", r.Damaged))
	}
	if r.Reason != "" {
		under = append(under, string(r.Status)+": "+r.Reason)
	}
	under = append(under, remarks...)
	for _, t := range g.rows(w, h-1, append(slices.Clone(text), under...), under) {
		lines = append(lines, l.Muted.Render(look.Fit(t, w)))
	}
	return fill(lines, w, h)
}

// rows are the end of the text, or what stands before it where the reader went back.
func (g *runLog) rows(w, h int, text, under []string) []string {
	if g.up == 0 {
		return g.said.Rows(w, h, under...)
	}
	var wrapped []string
	for _, t := range text[max(0, len(text)-h-1-g.up):] {
		wrapped = append(wrapped, look.Wrap(look.Harmless(t), w)...)
	}
	g.up = min(g.up, max(len(wrapped)-h, 0))
	end := len(wrapped) - g.up
	return wrapped[max(0, end-h):end]
}
