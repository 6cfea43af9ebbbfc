package lab

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Title is the name of the experiment.
func (p *Experiment) Title() string { return p.name }

// Typing is never the case here.
func (p *Experiment) Typing() bool { return false }

// Back gives the room back to the charts.
func (p *Experiment) Back() bool {
	zoomed := p.zoom != zoomCharts
	p.zoom = zoomCharts
	return zoomed
}

// Keys in the order in which they are shown.
func (p *Experiment) Keys() []page.Key {
	move := func(n int) func() tea.Cmd {
		return func() tea.Cmd { p.move(n); return nil }
	}
	return []page.Key{
		{Keys: "r", Name: "run", Hint: "run", Help: "run what is missing: new, failed, stopped and lost runs", Do: p.askRun},
		{Keys: "s", Name: "stop", Hint: "stop", Help: "stop the marked runs, or the one under the cursor", Do: p.askStop},
		{Keys: "S", Name: "stop all", Help: "stop all runs of the experiment", Do: p.askStopAll},
		{Keys: "p", Name: "pause", Hint: "pause", Help: "pause the marked runs, or the one under the cursor; or go on", Do: p.askPause},
		{Keys: "t", Name: "retry", Hint: "retry", Help: "try failed and lost runs again", Do: p.askRetry},
		{Keys: "R", Name: "run file", Help: "run the design as the file has it now", Do: p.askRunFile},
		{Keys: "space", Name: "mark", Hint: "mark", Help: "mark the run, go to the next; charts show marked runs one by one", Do: func() tea.Cmd { p.mark(); return nil }},
		{Keys: "u", Name: "unmark", Help: "unmark all: the charts show every cell again", Do: func() tea.Cmd { clear(p.marked); return nil }},
		{Keys: "tab", Hint: "pane", Help: "give the room to charts, matrix or log", Do: func() tea.Cmd { p.zoom = p.zoom.next(); return nil }},
		{Keys: "m", Name: "metric", Hint: "metric", Help: "the next metric in the second chart: entropy, verdicts, ...", Do: func() tea.Cmd { p.turn(); return nil }},
		{Keys: "*", Name: "star", Help: "star", Do: p.toggleStar},
		{Keys: "x", Name: "hide", Help: "hide", Do: p.toggleHidden},
		{Keys: "X", Name: "show hidden", Help: "show all", Do: p.showHidden},
		{Keys: "j ↓", Help: "down", Do: move(1)},
		{Keys: "k ↑", Help: "up", Do: move(-1)},
		{Keys: "pgdn", Help: "ten down", Do: move(10)},
		{Keys: "pgup", Help: "ten up", Do: move(-10)},
		{Keys: "g home", Help: "first", Do: move(-1 << 30)},
		{Keys: "G end", Help: "last", Do: move(1 << 30)},
	}
}

// Update takes in a message.
func (p *Experiment) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Data:
		if msg.Focus.Experiment == p.name {
			p.take(msg.Update)
		}
	case page.Source:
		p.redesign()
	}
	return nil
}

// State is how the experiment stands.
func (p *Experiment) State(l look.Look) (parts []string) {
	is := func(want store.Status) int { return p.count(func(s store.Status) bool { return s == want }) }
	if n := p.running(); n > 0 {
		parts = append(parts, l.Accent.Render(fmt.Sprintf("● %d running", n)))
	}
	if p.site.Waits != "" && p.running() == 0 {
		parts = append(parts, l.Muted.Render("◌ "+p.site.Waits))
	}
	for _, s := range []store.Status{store.Failed, store.Lost} {
		if n := is(s); n > 0 {
			parts = append(parts, l.Bad.Render(fmt.Sprintf("%s %d %s", report.Glyph(s), n, s)))
		}
	}
	for _, s := range []store.Status{store.Paused, store.Stopped} {
		if n := is(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", report.Glyph(s), n, s))
		}
	}
	done, of := p.planDone()
	parts = append(parts, fmt.Sprintf("%d/%d done", done, of))
	if n := p.hidden(); n > 0 {
		parts = append(parts, l.Muted.Render(fmt.Sprintf("%d hidden", n)))
	}
	if eta := p.eta(p.site.Slots); eta > 0 {
		parts = append(parts, "eta "+report.Duration(eta))
	}
	return parts
}

// View draws the page.
func (p *Experiment) View(v look.Look, w, h int) []string {
	l := arrange(w, h, max(len(p.shown), min(len(p.rows), 1)), p.zoom)
	lines := p.header(v, w, l.header)
	if l.right == 0 {
		return look.Box(append(lines, p.column(v, l)...), w, h)
	}
	return look.Box(append(lines, p.sideBySide(v, l)...), w, h)
}

// header is the question, or what has to be known before it, and a rule.
func (p *Experiment) header(l look.Look, w, n int) (lines []string) {
	if n > 0 {
		question, design := "not in the experiment file any more", ""
		if p.plan != nil {
			question, design = p.plan.Question, report.Design(p.plan)
			if question == "" {
				question = p.plan.Title
			}
		}
		if p.differs {
			question = "R runs the file's design: " + p.difference()
		}
		if p.site.Mistaken {
			question = "the experiment file has mistakes, as `ablate check` says: shown is what it was before"
		}
		right := l.Muted.Render(look.Harmless(design) + " ")
		room := max(w-look.Width(right), w/2)
		lines = append(lines, look.Fit(look.Fit(" "+look.Harmless(question), room-1)+" "+right, w))
	}
	if n > 1 {
		lines = append(lines, l.Muted.Render(strings.Repeat("─", w)))
	}
	return lines
}

// column stacks the panes of a narrow terminal.
func (p *Experiment) column(v look.Look, l layout) (lines []string) {
	if l.matrix > 0 {
		lines = append(lines, p.matrix(v, l.left, l.matrix)...)
		l.runs += l.matrix - len(lines)
	}
	if l.pass > 0 {
		lines = append(lines, p.passChart(v, l.left, l.pass)...)
	}
	if l.loss > 0 {
		lines = append(lines, p.secondChart(v, l.left, l.loss)...)
	}
	if l.log > 2 {
		lines = append(lines, p.logPane(v, l.left, l.log)...)
	}
	lines = append(lines, p.table(v, l.left, l.runs)...)
	if l.log == 2 {
		lines = append(lines, p.logPane(v, l.left, l.log)...)
	}
	return lines
}

// sideBySide sets the panes of a wide terminal side by side.
func (p *Experiment) sideBySide(v look.Look, l layout) []string {
	var left []string
	if l.matrix > 0 {
		left = append(p.matrix(v, l.left, l.matrix-1), strings.Repeat(" ", l.left))
	}
	left = append(left, p.table(v, l.left, l.runs)...)
	left = append(left, strings.Repeat(" ", l.left))
	left = append(left, p.logPane(v, l.left, l.pass+l.loss-len(left))...)
	right := append(p.passChart(v, l.right, l.pass), p.secondChart(v, l.right, l.loss)...)
	return look.Beside(left, right, v.Muted.Render(" │ "))
}
