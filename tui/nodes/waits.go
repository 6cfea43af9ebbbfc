package nodes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/query"
	"ablate/tui/report"
	"ablate/tui/table"
)

// columns of the queue.
func (p *Queue) columns() []table.Column {
	cell := func(of func(entry) string) func(string) string {
		return func(id string) string { return of(p.entries[id]) }
	}
	return []table.Column{
		{Key: "place", Head: "#", Width: 3, Cell: cell(entry.sign), Paint: p.paint},
		{Key: "run", Head: "run", Min: 20, Priority: 1, Cell: func(id string) string { return id }},
		{Key: "status", Head: "status", Priority: 2, Width: 9, Cell: cell(entry.status), Paint: p.paint},
		{Key: "time", Head: "for", Right: true, Width: 5, Priority: 4, Cell: func(id string) string {
			if t, ok := p.since(id); ok {
				return coarse(t)
			}
			return ""
		}},
		{Key: "starts", Head: "starts", Right: true, Width: 5, Priority: 3, Cell: func(id string) string { return p.starts(p.entries[id]) }},
		{Key: "why", Head: "why", Min: 18, Words: true, Priority: 5, Cell: cell(entry.why)},
		{Key: "by", Head: "by", Priority: 6, Cell: cell(func(e entry) string {
			if e.waits == nil {
				return ""
			}
			return e.waits.By
		})},
	}
}

func (p *Queue) paint(l look.Look, id, text string) string {
	switch e := p.entries[id]; {
	case e.live == nil:
		return l.Muted.Render(text)
	case e.live.Halted || e.live.Ends != "":
		return text
	}
	return l.Accent.Render(text)
}

// sign is the place in the queue, or the glyph of what the run does.
func (e entry) sign() string {
	switch {
	case e.place > 0:
		return fmt.Sprint(e.place)
	case e.live != nil && e.live.Halted:
		return report.Glyph(store.Paused)
	case e.live != nil:
		return report.Glyph(store.Running)
	}
	return report.Glyph(store.Queued)
}

func (e entry) status() string {
	switch {
	case e.live != nil && e.live.Ends != "":
		return map[string]string{string(store.Stopped): "stopping", string(store.Paused): "pausing"}[e.live.Ends]
	case e.live != nil && e.live.Halted:
		return "halted"
	case e.live != nil && e.live.Since == 0:
		return "launching"
	case e.live != nil:
		return "running"
	case e.place == 0:
		return "later"
	}
	return "waiting"
}

// since is how long a run goes or waits.
func (p *Queue) since(id string) (float64, bool) {
	e := p.entries[id]
	at := 0.0
	switch {
	case e.live != nil:
		at = e.live.Since
	case e.waits != nil:
		at = e.waits.Asked
	}
	return max(p.now-at, 0), at > 0 && p.now > 0
}

// starts is when a run may start, as far as anybody knows.
func (p *Queue) starts(e entry) string {
	switch {
	case e.waits == nil:
		return ""
	case e.waits.Due != nil:
		return clock(*e.waits.Due, p.now)
	case e.waits.Starts != nil && *e.waits.Starts > p.now+60:
		return "~" + clock(*e.waits.Starts, p.now)
	case e.waits.Starts != nil && e.place == 1:
		return "next"
	case e.waits.Starts != nil:
		return "<1m"
	}
	return ""
}

// clock is a time of day, which unlike what is left until then stands still.
func clock(at, now float64) string {
	t := time.UnixMilli(int64(at * 1000))
	if t.Format(time.DateOnly) != time.UnixMilli(int64(now*1000)).Format(time.DateOnly) {
		return t.Format("Mon 15:04")
	}
	return t.Format("15:04")
}

// why says what a run waits for, or has.
func (e entry) why() string {
	switch {
	case e.waits != nil && e.waits.Retries != "":
		return "tried again: " + e.waits.Retries
	case e.waits != nil && e.waits.Due != nil:
		return "launched again then"
	case e.waits != nil && e.waits.Lacks != "":
		return e.waits.Lacks
	case e.waits != nil && e.waits.Halted:
		return "goes on when a slot is free"
	case e.waits != nil:
		return "waits for a slot"
	case len(e.live.GPUs) == 1:
		return "has 1 GPU"
	case len(e.live.GPUs) > 1:
		return fmt.Sprintf("has %d GPUs", len(e.live.GPUs))
	case e.live.Workers > 0:
		return fmt.Sprintf("has %d of the cores", e.live.Workers)
	}
	return ""
}

// View draws the page.
func (p *Queue) View(l look.Look, w, h int) []string {
	lines := p.filter.View(l, w, 2)
	if why := p.trouble(); why != "" {
		for _, s := range look.Wrap(look.Harmless(why), w-2) {
			lines = append(lines, l.Bad.Render(look.Fit(" "+s, w)))
		}
	}
	paused := p.paused(l, w)
	if len(p.ids) == 0 {
		return look.Box(slices.Concat(lines, p.nothing(l, w), paused), w, h)
	}
	p.top = len(lines)
	room := max(h-len(lines)-len(paused), 0)
	below := p.budgets(l, w, min(room/2, len(p.status.Budgets)+1))
	room -= len(below)
	reason := p.reason(l, w, room)
	lines = append(lines, p.table.View(l, w, room-len(reason))...)
	return look.Box(slices.Concat(lines, paused, reason, below), w, h)
}

// paused is a line about the runs that stand nowhere here since they are paused.
func (p *Queue) paused(l look.Look, w int) []string {
	n, in := 0, []string{}
	for _, s := range p.site.Summaries {
		if k := s.Runs[store.Paused]; k > 0 {
			n, in = n+k, append(in, s.Name)
		}
	}
	for _, e := range p.entries {
		if e.live != nil && e.live.Halted {
			n--
		}
	}
	if n < 1 {
		return nil
	}
	text := fmt.Sprintf(" %s %s paused, of %s: p there goes on with them", report.Glyph(store.Paused), runs(n), strings.Join(in, ", "))
	return []string{l.Muted.Render(look.Fit(look.Harmless(text), w))}
}

// trouble is what keeps all from starting.
func (p *Queue) trouble() string {
	switch {
	case p.err != nil:
		return "the engine cannot be asked: " + p.err.Error()
	case engine.Busy(p.status.Trouble): // every run says what it waits for
	case p.status.Trouble != "":
		return "runs cannot be launched: " + p.status.Trouble
	case p.heard && !p.status.Serving && p.status.Live+p.status.Waiting > 0:
		return fmt.Sprintf("no engine serves this store: %s going, %d waiting. What is asked next starts one", runs(p.status.Live), p.status.Waiting)
	}
	return ""
}

func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// nothing says what would stand here.
func (p *Queue) nothing(l look.Look, w int) []string {
	title, text := "nothing goes and nothing waits", fmt.Sprintf("Runs stand here in the order in which they start, %d at a time on this machine; + and - change that. To fill it, open an experiment and press r.", p.slots())
	if !p.heard && p.err == nil && p.site.Client != nil {
		title, text = "", "asking the engine ..."
	}
	if p.status.Live+p.status.Waiting > 0 {
		return nil // what keeps them from being listed is said
	}
	lines := []string{"", " " + l.Bold.Render(title), ""}
	for _, s := range look.Wrap(text, w-2) {
		lines = append(lines, " "+s)
	}
	return lines
}

// budgets are what experiments used of their limits, in at most h lines.
func (p *Queue) budgets(l look.Look, w, h int) []string {
	if len(p.status.Budgets) == 0 || h < 2 {
		return nil
	}
	lines := []string{rule(l, "used of the limits", w)}
	for _, b := range p.status.Budgets {
		text := " " + look.Fit(look.Harmless(b.Experiment), min(24, w/3))
		for _, x := range []struct {
			name string
			used *engine.Used
			say  func(float64) string
		}{
			{"runs", b.Runs, func(x float64) string { return fmt.Sprintf("%.0f", x) }},
			{"time", b.Wall, coarse},
			{"GPU-hours", b.GPUHours, func(x float64) string { return fmt.Sprintf("%.1f", x) }},
		} {
			if x.used == nil {
				continue
			}
			bar := chart.Bar(x.used.Used/x.used.Limit, 8, l.Chart.Glyphs)
			part := fmt.Sprintf("  %s %s %s of %s", x.name, bar, x.say(x.used.Used), x.say(x.used.Limit))
			if look.Width(text)+look.Width(part) <= w {
				text += part
			}
		}
		lines = append(lines, look.Fit(text, w))
	}
	if over := len(lines) - h; over > 0 {
		lines = append(lines[:h-1], look.Fit(fmt.Sprintf(" and %d more experiments with limits", over+1), w))
	}
	return lines
}

// candidates are the fields of the filter.
func (p *Queue) candidates() query.Candidates {
	return query.Candidates{
		Fields: []string{"status", "name", "cell", "by", "place", "time", "why", "gpus"},
		Values: func(field string) []string { return texts(p.ids, p.values, field) },
	}
}

// values are a run's fields.
func (p *Queue) values(id string) query.Fields {
	e := p.entries[id]
	v := values{}
	v.text("name", id)
	v.text("cell", experiments.CellOf(id))
	v.text("status", e.status())
	v.text("why", e.why())
	if e.waits != nil {
		v.text("by", e.waits.By)
	}
	if e.place > 0 {
		v.number("place", float64(e.place), fmt.Sprint(e.place))
	}
	if t, ok := p.since(id); ok {
		v.number("time", t, coarse(t))
	}
	if e.live != nil {
		v.number("gpus", float64(len(e.live.GPUs)), fmt.Sprint(len(e.live.GPUs)))
	}
	return v
}
