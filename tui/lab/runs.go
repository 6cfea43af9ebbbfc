package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// column is one column of the runs table.
type column struct {
	head  string
	width int
	need  int // the least width of the table that it is shown in
	right bool
	cell  func(p *Experiment, l look.Look, id string, r store.Record) string
}

// columns of the runs table, in their order; the first takes the room that is
// left.
func runColumns() []column {
	return []column{
		{head: "run", width: 12, cell: func(p *Experiment, _ look.Look, id string, _ store.Record) string { return p.runName(id) }},
		{head: "status", width: 9, cell: func(_ *Experiment, l look.Look, _ string, r store.Record) string {
			if r.Status == "" {
				return l.Muted.Render("· not run")
			}
			return l.Status(r.Status)
		}},
		{head: "progress", width: 8, need: 62, cell: (*Experiment).progress},
		{head: "step", width: 7, right: true, cell: (*Experiment).reached},
		{head: "course", width: 6, right: true, cell: func(p *Experiment, _ look.Look, id string, _ store.Record) string {
			return p.latest(id, p.courseMetric())
		}},
		{head: "score", width: 6, right: true, cell: func(p *Experiment, _ look.Look, id string, _ store.Record) string {
			return p.latest(id, p.metric())
		}},
		{head: "tok/s", width: 6, need: 72, right: true, cell: func(p *Experiment, _ look.Look, id string, r store.Record) string {
			v, ok := p.history(id).Series["perf/tokens_per_s"].Last()
			if !ok || r.Status != store.Running {
				return ""
			}
			return strings.TrimSpace(chart.Format(v, 6))
		}},
		{head: "time", width: 9, need: 50, right: true, cell: func(p *Experiment, _ look.Look, id string, r store.Record) string {
			switch e := report.ETA(r, p.history(id)); {
			case e > 0:
				return "eta " + report.Duration(e)
			case r.Seconds > 0 && r.Status != store.Queued:
				return report.Duration(r.Seconds)
			}
			return ""
		}},
	}
}

// table draws the runs in h lines of w cells, the cursor in view.
func (p *Experiment) table(l look.Look, w, h int) []string {
	if h < 1 {
		return nil
	}
	cols := p.columns(l, w)
	head := make([]string, len(cols))
	for i, c := range cols {
		head[i] = c.set(c.head)
	}
	lines := []string{l.Muted.Render(look.Fit("  "+strings.Join(head, " "), w))}
	room := h - 1
	at := slices.Index(p.shown, p.cursor)
	first := max(0, min(at-room/2, len(p.shown)-room))
	for i, id := range p.shown[min(first, len(p.shown)):] {
		if i == room {
			break
		}
		lines = append(lines, p.row(l, cols, id, w))
	}
	switch {
	case len(p.rows) == 0:
		lines = append(lines, l.Muted.Render("  no runs: the design is empty"))
	case len(p.shown) == 0:
		lines = append(lines, l.Muted.Render("  every run is hidden: X shows them"))
	}
	return look.Box(lines, w, h)
}

// columns are those that fit a table of w cells, with their heads and widths.
func (p *Experiment) columns(l look.Look, w int) []column {
	cols := slices.DeleteFunc(runColumns(), func(c column) bool { return c.need > w })
	p.widen(l, cols)
	used := 0
	for i := range cols {
		switch c := &cols[i]; c.head {
		case "score":
			c.head = look.Harmless(report.ShortName(p.metric()))
		case "course":
			c.head = report.CourseWord(p.courseMetric())
			c.width = max(c.width, len(c.head))
		}
		if i > 0 {
			used += cols[i].width + 1
		}
	}
	cols[0].width = max(w-used-2, 6)
	if h := p.runHead(); ansi.StringWidth(h) <= cols[0].width {
		cols[0].head = h
	}
	return cols
}

// widen gives the steps, of which there may be a million, the width they need.
func (p *Experiment) widen(l look.Look, cols []column) {
	for i, c := range cols {
		if c.head != "step" {
			continue
		}
		for _, id := range p.shown {
			cols[i].width = min(max(cols[i].width, ansi.StringWidth(c.cell(p, l, id, p.records[id]))), 15)
		}
	}
}

func (p *Experiment) row(l look.Look, cols []column, id string, w int) string {
	r := p.records[id]
	cells := make([]string, len(cols))
	for i, c := range cols {
		cells[i] = c.set(c.cell(p, l, id, r))
	}
	mark := p.badge(id)
	line := strings.Join(cells, " ")
	if id == p.cursor {
		// Without its colours, so that the cursor's own stand.
		return look.Fit(l.Accent.Render("›")+mark+l.Cursor.Render(ansi.Strip(line)), w)
	}
	if p.state(id).Hidden {
		return look.Fit(" "+mark+l.Muted.Render(ansi.Strip(line)), w)
	}
	return look.Fit(" "+mark+line, w)
}

// set puts a cell's text into its column.
func (c column) set(text string) string {
	text = look.Fit(text, max(c.width, 0))
	if !c.right {
		return text
	}
	trimmed := strings.TrimRight(text, " ")
	return strings.Repeat(" ", len(text)-len(trimmed)) + trimmed
}

// runName is the cell and the seed in short. A run of an earlier design says so,
// and has the whole name of its cell where that had other axes.
func (p *Experiment) runName(id string) string {
	rest := strings.TrimPrefix(id, p.name+"/")
	cell, seed, _ := strings.Cut(rest, "/")
	i := p.cellOf(id)
	if i < 0 {
		if axes := p.records[id].Axes; len(axes) > 0 && p.plan != nil && slices.EqualFunc(axes, p.plan.Axes, func(a experiments.Setting, name string) bool { return a.Name == name }) {
			cell = shortCell(axes)
		}
		return "old " + look.Harmless(cell) + " " + seed
	}
	return look.Harmless(shortCell(p.plan.Cells[i].Axes)) + " " + seed
}

// runHead names the axes in the order in which runName has their values.
func (p *Experiment) runHead() string {
	if p.plan == nil || len(p.plan.Axes) == 0 {
		return "run"
	}
	return look.Harmless(strings.Join(p.plan.Axes, "×"))
}

func (p *Experiment) progress(l look.Look, id string, r store.Record) string {
	if share := p.done(id); share > 0 && r.Status != store.Queued {
		return chart.Bar(share, 8, l.Chart.Glyphs)
	}
	return ""
}

// reached is how far a run is; nothing while it waits, whatever an earlier attempt
// did.
func (p *Experiment) reached(_ look.Look, id string, r store.Record) string {
	if p.histories[id] == nil || r.Status == store.Queued {
		return ""
	}
	h := p.history(id)
	total, ok := h.Series["train/total_steps"].Last()
	if steps := report.Steps(h); !ok || len(steps) <= 11 {
		return steps
	}
	return strings.TrimSpace(chart.Format(float64(h.Last), 5)) + "/" + strings.TrimSpace(chart.Format(total, 5))
}

func (p *Experiment) latest(id, metric string) string {
	if p.records[id].Status == store.Queued {
		return ""
	}
	v, ok := p.history(id).Series[metric].Last()
	switch {
	case !ok:
		return ""
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprint(v)
	default:
		return report.Decimals(v)
	}
}

// logPane shows what the run under the cursor says, or why it ended.
func (p *Experiment) logPane(l look.Look, w, h int) []string {
	r, known := p.records[p.cursor]
	title := "log  " + p.runName(p.cursor)
	if p.phase != "" && r.Status == store.Running {
		title += "  ·  phase " + look.Harmless(p.phase)
	}
	if r.Attempt > 1 {
		title += fmt.Sprintf("  ·  attempt %d", r.Attempt)
	}
	said, remarks := p.remarks(p.cursor)
	lines := []string{l.Bold.Render(look.Fit(title+said, w))}
	text := p.log
	if r.Reason != "" {
		text = append(slices.Clone(text), string(r.Status)+": "+r.Reason)
	}
	switch {
	case p.cursor == "":
		lines[0] = l.Muted.Render(look.Fit("log", w))
	case !known:
		text = []string{"not run yet: r runs it"}
	case len(text) == 0:
		text = []string{"nothing printed yet"}
	}
	if r.Damaged > 0 {
		text = append(slices.Clone(text), fmt.Sprintf("%d lines of metrics.jsonl could not be read", r.Damaged))
	}
	text = append(slices.Clone(text), remarks...)
	var wrapped []string
	for _, t := range text[max(0, len(text)-h):] {
		wrapped = append(wrapped, look.Wrap(look.Harmless(t), w)...)
	}
	for _, t := range wrapped[max(0, len(wrapped)-h+1):] {
		lines = append(lines, l.Muted.Render(look.Fit(t, w)))
	}
	return look.Box(lines, w, h)
}
