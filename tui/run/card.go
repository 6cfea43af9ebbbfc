package run

import (
	"fmt"
	"strings"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/report"
)

// card is what has to be known of a run that does not go as it should: one that
// failed, was lost, waits or stands still.
type card struct {
	title  string   // "✗ failed in sft at step 120 of 240, after 12s"
	bad    bool     // it is an error
	cause  string   // in words
	detail string   // as it is in the records
	lines  []string // of the log
	next   [][2]string
}

// badly is the word for an end that nobody wanted.
func badly(s store.Status) (word string, bad bool) {
	switch s {
	case store.Failed:
		return "failed", true
	case store.Lost:
		return "was lost", true
	case store.Stalled:
		return "is stalled", true
	default:
		return "", false
	}
}

// card is nil for a run that goes well.
func (p *Page) card() *card {
	f := &p.facts
	r := f.record
	if f.err != nil {
		return p.unreadable()
	}
	if word, bad := badly(r.Status); bad {
		return p.failure(word)
	}
	switch r.Status {
	case store.Queued:
		c := &card{title: "◌ queued", cause: "It has not begun: " + p.waiting() + "."}
		if r.Attempt > 0 && r.Started > 0 {
			c.cause = "It goes on later: " + p.waiting() + "."
		}
		c.next = [][2]string{{"Q", "the queue: what goes before it"}, {"s", "take it out of the queue"}}
		return c
	case store.Paused:
		return &card{title: "‖ paused", cause: look.Harmless(r.Reason), next: [][2]string{{"p", "go on"}, {"s", "stop it"}}}
	case store.Stopped:
		return &card{title: "– stopped" + p.place(), cause: look.Harmless(r.Reason), next: [][2]string{{"p", "go on" + p.goesOn()}}}
	default:
		return nil
	}
}

// unreadable is of a run that is not there, or not any more.
func (p *Page) unreadable() *card {
	c := &card{title: "? not to be read", bad: true, cause: "Its folder cannot be read: the store was moved or removed, or its disk is not there.", detail: look.Harmless(p.facts.err.Error())}
	if p.facts.record.ID == "" {
		c.title, c.cause = "? not in the store", "This run was never asked for, or its folder is gone."
		c.next = [][2]string{{"esc", "back to the experiment, where r runs it"}}
	} else {
		c.next = [][2]string{{"esc", "back; what was read stays on the screen until then"}}
	}
	return c
}

// failure is of a run that ended badly or is silent.
func (p *Page) failure(word string) *card {
	f := &p.facts
	r := f.record
	c := &card{title: report.Glyph(r.Status) + " " + word + p.place(), bad: true, detail: look.Harmless(r.Reason), lines: f.tail}
	advice := f.advice
	c.cause = f.cause
	switch {
	case r.Status == store.Lost:
		c.cause = "Nothing of it is alive and it left no record of its end: the machine went down, or its runner was killed, too."
	case r.Status == store.Stalled:
		c.cause, advice = "It is alive and has written nothing for long.", "s stops it; D shows whether its GPU is busy"
	case c.cause == "":
		c.cause = "Its program ended with an error."
	}
	from := 0.0
	if r.Status == store.Failed {
		const lately = 900 // seconds: what a program has outlived for longer did not end it
		from = r.Ended - lately
	}
	if text := ofGPU(f.events, from); text != "" && !p.ruled() {
		if r.Status == store.Failed {
			c.cause = f.cause // that it ended with an error goes without saying
		}
		c.cause, advice = strings.TrimSpace(text+". "+c.cause), "another GPU: t tries again; D shows what is wrong with this one"
	}
	if e := f.exit; e != nil && r.Status == store.Failed {
		c.detail = ended(e) + c.detail
	}
	switch {
	case p.ruled():
		c.next = append(c.next, [2]string{"t", "retry all the same"})
	case r.Status != store.Stalled:
		c.next = append(c.next, [2]string{"t", "retry" + p.goesOn()})
	}
	if advice != "" {
		c.next = append(c.next, [2]string{"", advice})
	}
	c.next = append(c.next, [2]string{"L", "the whole log"}, [2]string{"Y", "copy the error"})
	return c
}

// ruled reports whether a stop rule ended the run: the engine tries it again only if
// it is told to in so many words.
func (p *Page) ruled() bool {
	s, e := p.facts.record.Status, p.facts.exit
	return (s == store.Failed || s == store.Stopped) && e != nil && e.Rule() != ""
}

// ended is how the process ended, where the reason does not say it.
func ended(e *store.Exit) string {
	switch {
	case e.Signal != "" && !strings.Contains(e.Reason, e.Signal):
		return "signal " + look.Harmless(e.Signal) + ": "
	case e.Signal == "" && !strings.Contains(e.Reason, "exit code"):
		return fmt.Sprintf("exit code %d: ", e.Code)
	}
	return ""
}

// place is where in its course the run ended.
func (p *Page) place() string {
	text := ""
	if phase := p.phase(); phase != "" {
		text += " in " + phase
	}
	if q := p.curves.shown; q != nil && q.step > 0 {
		text += fmt.Sprintf(" at step %.0f", q.step)
		if total := p.total(); total > 0 {
			text += fmt.Sprintf(" of %.0f", total)
		}
	}
	if s := p.facts.record.Seconds; s >= 0.5 {
		text += ", after " + report.Duration(s)
	}
	if n := p.facts.record.Attempt; n > 1 {
		text += fmt.Sprintf(", attempt %d", n)
	}
	return text
}

// goesOn says what another attempt does.
func (p *Page) goesOn() string {
	switch {
	case p.command():
		return ": a new attempt starts its command again"
	default:
		return ": it goes on from its newest checkpoint"
	}
}

// phase is the newest one in a word, "" before any.
func (p *Page) phase() string {
	for i := len(p.facts.events) - 1; i >= 0; i-- {
		if e := p.facts.events[i]; e.Kind == "phase" {
			return phaseName(e.Text)
		}
	}
	return ""
}

// whyLines draw the card; the log's lines take what room is left of h.
func (p *Page) whyLines(l look.Look, w, h int) []string {
	c := p.card()
	if c == nil {
		return []string{l.Muted.Render(" nothing is wrong with this run")}
	}
	title := l.Bold.Render(c.title)
	if c.bad {
		title = l.Bad.Render(c.title)
	}
	lines := []string{" " + title}
	for _, t := range look.Wrap(c.cause, w-2) {
		lines = append(lines, " "+t)
	}
	next := nextLines(l, c.next, w)
	wanted := min(len(c.lines), 2) + min(len(c.detail), 1)
	for len(next) > 1 && h-len(lines)-len(next) < wanted {
		next = next[:len(next)-1]
	}
	room := max(h-len(lines)-len(next), 1)
	detail := look.Wrap(c.detail, w-3)
	if c.detail == "" {
		detail = nil
	}
	if len(detail) > 1 && len(detail) > room-min(len(c.lines), 3) {
		detail = []string{look.Fit(c.detail, w-3)}
	}
	for _, t := range detail {
		lines = append(lines, "  "+l.Muted.Render(t))
	}
	for _, t := range telling(c.lines, min(room-len(detail), 16)) {
		lines = append(lines, " "+l.Muted.Render("│")+" "+look.Fit(t, max(w-4, 1)))
	}
	return append(lines, next...)
}

// nextLines say what can be done, several in a line where they fit.
func nextLines(l look.Look, next [][2]string, w int) (lines []string) {
	line := ""
	for _, x := range next {
		text := l.Key.Render(x[0]) + " " + x[1]
		if x[0] == "" {
			text = l.Muted.Render("→ ") + x[1]
		}
		if line != "" && look.Width(line)+3+look.Width(text) > w {
			lines, line = append(lines, line), ""
		}
		if look.Width(text)+2 > w { // only an advice is as long as that
			for i, t := range look.Wrap("→ "+x[1], max(w-3, 1)) {
				lines = append(lines, " "+strings.Repeat(" ", 2*min(i, 1))+t)
			}
			continue
		}
		line += " " + text + " "
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// errorText is what of a failure is worth copying.
func (p *Page) errorText() string {
	c := p.card()
	if c == nil {
		return ""
	}
	lines := append([]string{p.id + " " + c.title, c.detail}, telling(c.lines, 30)...)
	return strings.Join(lines, "\n")
}
