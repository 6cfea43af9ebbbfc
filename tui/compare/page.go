// Package compare is the page that sets two to eight runs, cells or experiments
// beside each other: the verdict, what differs, curves, the scaling view, and the
// tasks that flipped.
//
//	names -> report.Comparer (in a Cmd) -> readMsg -> tables and curves -> View
//
// What is read and worked out is the report's, so that the command line says the
// same. One read is in flight at a time; what was asked for meanwhile follows it.
package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/plot"
	"ablate/tui/report"
	"ablate/tui/table"
)

// Compare is one comparison, or the choice of what to compare.
type Compare struct {
	site   *page.Site
	reader reader
	choice *chooser // nil once there is something to compare
	data   *report.Comparison
	err    error // why there is none, or not all of it
	sides  facts // of the chosen row
	rows   facts // the matched cells, where there are several
	focus  pane
	zoomed bool // the focus has all the room
	all    bool // parameters that are equal, too
	bare   bool // the tables are narrow: means without intervals
	need   int  // cells of a table that says them
	curves plot.Plot
	course plot.Plot
	scale  plot.Plot
	axis   string  // of the scaling view; "": the first
	tasks  *tasks  // the list of tasks that flipped; nil: it is not open
	strata *strata // the kinds of tasks; nil: they are not open
	force  force
	said   []saying // of the chosen row
	places []place
	begun  bool // something was read, or is being read
	ticks  int  // since the last look
}

// facts is a table of texts by row and column.
type facts struct {
	table table.Table
	cells map[string]map[string]string // by row and column
	tones map[string]tone              // likewise
}

// New compares what the names mean; with fewer than two it asks for more.
func New(site *page.Site, names []string) *Compare {
	p := &Compare{site: site, focus: paneFacts}
	p.scale.Scaling = true
	p.reader.names = slices.Clone(names)
	if len(names) < report.MinSides {
		p.choice = newChooser(names)
	}
	return p
}

// start reads what is compared, or what there is to choose from.
func (p *Compare) start() tea.Cmd {
	p.begun = true
	if p.choice != nil {
		return p.candidates()
	}
	return p.read()
}

// Title is where the reader is.
func (p *Compare) Title() string { return "compare" }

// Typing is true while something is chosen by its name.
func (p *Compare) Typing() bool { return p.choice != nil }

// Back leaves the list of tasks, that of their kinds, the crosshair, the whole screen for one pane.
func (p *Compare) Back() bool {
	switch {
	case p.tasks != nil:
		p.tasks, p.reader.list = nil, false
		return true
	case p.strata != nil:
		p.strata = nil
		return true
	case p.choice == nil && p.plot() != nil && p.plot().Back():
		p.link()
		return true
	case p.zoomed:
		p.zoomed = false
		return true
	}
	return false
}

// State is what goes on: what is live, and which mean is the highest.
func (p *Compare) State(l look.Look) (parts []string) {
	if p.data == nil {
		return nil
	}
	if p.force.on {
		parts = append(parts, l.Warn.Render("forced"))
	}
	if n := p.data.Live; n > 0 {
		parts = append(parts, l.Accent.Render(fmt.Sprintf("● %d live", n)))
	}
	if text := p.best(); text != "" {
		parts = append(parts, text)
	}
	if p.err != nil {
		parts = append(parts, l.Bad.Render("not all could be read"))
	}
	return parts
}

// best names the side with the best mean in the chosen row, as a fact about means
// and no verdict; none where two share it.
func (p *Compare) best() string {
	row, goal := p.data.Chosen, p.data.Goal
	if row == nil || goal == "" {
		return ""
	}
	word, at, shared := "highest", -1, false
	if goal == experiments.Min {
		word = "lowest"
	}
	for i, m := range row.Means {
		if math.IsNaN(m.Mean) {
			continue
		}
		switch {
		case at >= 0 && m.Mean == row.Means[at].Mean:
			shared = true
		case at < 0 || (m.Mean > row.Means[at].Mean) == (goal == experiments.Max):
			at, shared = i, false
		}
	}
	if at < 0 || shared {
		return ""
	}
	return fmt.Sprintf("%s %s %s %s", word, p.data.Sides[at].Letter, look.Harmless(row.Units[at].Label), report.Decimals(row.Means[at].Mean))
}

// Update takes in a message.
func (p *Compare) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Data:
		if !p.begun { // it is what a page that was just opened is told first
			return p.start()
		}
	case readMsg:
		if msg.to == p {
			return p.take(msg)
		}
	case candidatesMsg:
		if msg.to == p && p.choice != nil {
			p.choice.take(msg)
		}
	case earlierMsg:
		if msg.to == p {
			return p.set(msg.names)
		}
	case page.Tick:
		return p.tick()
	case tea.KeyPressMsg:
		if p.choice != nil {
			return p.choose(msg)
		}
	case page.Click:
		return p.click(msg)
	case page.Wheel:
		return p.wheel(msg)
	case tea.PasteMsg:
		if p.choice != nil {
			p.choice.typed(msg)
		}
	}
	return nil
}

// tick looks again: each second while runs are live, and seldom at what is at rest.
func (p *Compare) tick() tea.Cmd {
	const seldom = 5
	if p.choice != nil || p.reader.busy {
		return nil
	}
	if p.ticks++; p.ticks < seldom && (p.data == nil || p.data.Live == 0) {
		return nil
	}
	p.ticks = 0
	return p.read()
}

// side is the one that is set against A.
func (p *Compare) side() int { return p.data.Detail.Side }

// turnSide sets another side against A.
func (p *Compare) turnSide(by int) tea.Cmd {
	if p.data == nil || p.data.Chosen == nil {
		return nil
	}
	n := len(p.data.Sides)
	at := p.side()
	for range n {
		if at = (at + by + n) % n; at != 0 && p.data.Chosen.Units[at] != nil {
			break
		}
	}
	p.reader.want.Side = at
	return p.read()
}

// metric goes to the next one that runs ended with.
func (p *Compare) metric() tea.Cmd {
	if p.data == nil || len(p.data.Metrics) == 0 {
		return page.Answer("no run is done with any metric yet")
	}
	all := p.data.Metrics
	return p.chooseMetric(all[(slices.Index(all, p.data.Metric)+1)%len(all)])
}

func (p *Compare) chooseMetric(name string) tea.Cmd {
	if p.data == nil {
		return nil
	}
	for _, m := range p.data.Metrics {
		if m == name || report.ShortName(m) == name {
			p.reader.want.Metric = m
			return p.read()
		}
	}
	return page.Fail(fmt.Sprintf("metric %q: no run ended with it", name))
}

// copyTable puts the tables and verdicts into the clipboard.
func (p *Compare) copyTable() tea.Cmd {
	if p.data == nil {
		return page.Answer("nothing to copy yet")
	}
	return page.Send(page.Copy{Text: p.data.Markdown(), What: "the comparison as Markdown"})
}

// names are the sides in a line.
func (p *Compare) sideNames() string {
	parts := make([]string, len(p.data.Sides))
	for i, s := range p.data.Sides {
		parts[i] = s.Letter + " " + look.Harmless(s.Label)
	}
	return strings.Join(parts, "  ")
}
