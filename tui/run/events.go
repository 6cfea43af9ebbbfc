package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/report"
)

// happened is one line of the events.
type happened struct {
	time float64
	kind string
	text string
}

// eventLines are what was asked of the run, how its attempts went, and what
// happened in the newest.
func (p *Page) eventLines(l look.Look, w int) []string {
	all := p.happened()
	if len(all) == 0 {
		return []string{l.Muted.Render(" nothing has happened yet: what is asked of the run, its phases and its end come here")}
	}
	var lines []string
	day, start := "", all[0].time
	for _, h := range all {
		at := time.UnixMilli(int64(h.time * 1000))
		if d := at.Format(time.DateOnly); d != day {
			day = d
			lines = append(lines, l.Muted.Render(" "+d))
		}
		kind := look.Fit(h.kind, 9)
		switch h.kind {
		case "exit", "signal", "rule", "alert", "gpu":
			kind = l.Bold.Render(kind)
		}
		lead := fmt.Sprintf(" %s %s %s  ", at.Format(time.TimeOnly), l.Muted.Render(fmt.Sprintf("%8s", "+"+report.Duration(h.time-start))), kind)
		for _, text := range wrapped(h.text, w-look.Width(lead)-1) {
			lines = append(lines, lead+text)
			lead = strings.Repeat(" ", look.Width(lead))
		}
	}
	return lines
}

// happened is all that happened, oldest first.
func (p *Page) happened() (all []happened) {
	f := &p.facts
	for _, a := range f.asked {
		text := look.Harmless(strings.TrimSpace(a.Text))
		by := a.By
		if by == store.ByEngine {
			by = "the engine"
		}
		if by != "" {
			text = strings.TrimSpace("by " + look.Harmless(by) + "  " + text)
		}
		if a.Wish() {
			text = fmt.Sprintf("attempt %d, %s", a.Attempt, text)
		}
		all = append(all, happened{a.Time, a.Verb, strings.TrimSuffix(text, ", ")})
	}
	for _, a := range f.attempts {
		if a.n == f.record.Attempt {
			continue // its events tell
		}
		all = append(all, happened{a.began, "start", fmt.Sprintf("attempt %d", a.n)})
		if !a.alive {
			all = append(all, happened{a.ended, "exit", fmt.Sprintf("attempt %d: %s", a.n, ending(a))})
		}
	}
	for _, e := range f.events {
		text := e.Text
		if e.Kind == "exit" && text == "" {
			text = "done"
		}
		all = append(all, happened{e.Time, e.Kind, text})
	}
	slices.SortStableFunc(all, func(a, b happened) int { return cmp.Compare(a.time, b.time) })
	return all
}

// ending is how an attempt ended, in words.
func ending(a attempt) string {
	switch e := a.exit; {
	case a.alive:
		return "going"
	case e == nil:
		return "lost: it left no exit record"
	case e.Reason != "":
		return look.Harmless(e.Reason)
	case e.Signal != "":
		return "ended by " + look.Harmless(e.Signal)
	case e.Code != 0:
		return fmt.Sprintf("exit code %d", e.Code)
	default:
		return "done"
	}
}
