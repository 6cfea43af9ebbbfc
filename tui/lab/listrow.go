package lab

import (
	"fmt"
	"math"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/report"
	"ablate/tui/table"
)

// listRow is an experiment in the list.
type listRow struct {
	name, title, question string
	plan                  *experiments.Plan // of the file, or of what ships; nil if neither has it
	shipped               bool              // it only ships
	runs                  map[store.Status]int
	active                float64 // when anything happened last, 0: never
	known                 known
	list                  *List
}

func rowOf(site *page.Site, e *experiments.Experiment) listRow {
	return listRow{name: e.Name, title: e.Title, question: e.Question, plan: site.PlanOf(e)}
}

func (r listRow) cells() int {
	if r.plan == nil {
		return 0
	}
	return len(r.plan.Cells)
}

func (r listRow) seeds() int {
	if r.plan == nil {
		return 0
	}
	return len(r.plan.Seeds)
}

func (r listRow) running() int { return r.runs[store.Running] + r.runs[store.Stalled] }
func (r listRow) failed() int  { return r.runs[store.Failed] + r.runs[store.Lost] }

func (r listRow) total() (n int) {
	for _, k := range r.runs {
		n += k
	}
	return n
}

// counts is how the runs of an experiment stand.
func (r listRow) counts() string {
	var parts []string
	for _, s := range statuses {
		if n := r.runs[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", report.Glyph(s), n))
		}
	}
	if r.known.hidden > 0 {
		parts = append(parts, fmt.Sprintf("%d hidden", r.known.hidden))
	}
	if len(parts) == 0 {
		return "not run yet"
	}
	return strings.Join(parts, "  ")
}

// verdict is what the runs say, in a line.
func (r listRow) verdict() string {
	parts := make([]string, len(r.known.said))
	for i, s := range r.known.said {
		parts[i] = s.Line()
	}
	return strings.Join(parts, "; ")
}

// ago is how long ago anything happened, in one unit, so that it seldom changes.
func ago(seconds float64) string {
	switch {
	case seconds < 60:
		return "now"
	case seconds < 3600:
		return fmt.Sprintf("%.0fm", math.Floor(seconds/60))
	case seconds < 48*3600:
		return fmt.Sprintf("%.0fh", math.Floor(seconds/3600))
	}
	return fmt.Sprintf("%.0fd", math.Floor(seconds/86400))
}

// columns of the list.
func (p *List) columns() []table.Column {
	cell := func(f func(r listRow) string) func(string) string {
		return func(name string) string { return f(p.rows[name]) }
	}
	num := func(f func(r listRow) float64) func(string) (float64, bool) {
		return func(name string) (float64, bool) { v := f(p.rows[name]); return v, v != 0 }
	}
	design := func(r listRow) string {
		if r.cells() == 0 {
			return ""
		}
		return fmt.Sprintf("%d×%d", r.cells(), r.seeds())
	}
	last := func(r listRow) string {
		if r.active == 0 || p.now == 0 {
			return ""
		}
		return ago(p.now - r.active)
	}
	says := func(r listRow) string {
		switch v := report.Brief(r.known.said); {
		case v != "":
			return v
		case r.title == r.name:
			return r.question
		}
		return r.title
	}
	return []table.Column{
		{Key: "name", Head: "experiment", Width: 12, Min: 16, Cell: cell(func(r listRow) string { return r.name })},
		{Key: "design", Head: "cells×seeds", Right: true, Priority: 3, Cell: cell(design), Num: num(func(r listRow) float64 { return float64(r.cells() * r.seeds()) })},
		{Key: "runs", Head: "runs", Min: 11, Priority: 1, Down: true, Cell: cell(listRow.counts), Num: num(func(r listRow) float64 { return float64(r.total()) }), Paint: p.paintRuns},
		{Key: "last", Head: "last", Width: 4, Right: true, Priority: 2, Down: true, Cell: cell(last), Num: num(func(r listRow) float64 { return r.active })},
		{Key: "says", Head: "says so far", Min: 20, Priority: 4, Words: true, Cell: cell(says)},
	}
}

// paintRuns colours what goes on, and what went wrong.
func (p *List) paintRuns(l look.Look, name, text string) string {
	switch r := p.rows[name]; {
	case r.running() > 0:
		return l.Accent.Render(text)
	case r.failed() > 0:
		return l.Bad.Render(text)
	case len(r.runs) == 0:
		return l.Muted.Render(text)
	}
	return text
}

// candidates are what a filter of the list may speak of.
func (p *List) candidates() query.Candidates {
	fields := []string{"name", "title", "question", "recipe", "axis", "cells", "seeds", "runs", "shipped", "verdict", "hidden", "status"}
	for _, s := range statuses {
		fields = append(fields, string(s))
	}
	return query.Candidates{Fields: fields}
}

// Field is what an experiment has under a name.
func (r listRow) Field(name string) (query.Value, bool) {
	switch name {
	case "name", "cell":
		return text(r.name), true
	case "title":
		return text(r.title), true
	case "question":
		return text(r.question), true
	case "recipe":
		if r.plan != nil {
			return text(r.plan.Recipe), true
		}
	case "axis":
		if r.plan != nil {
			return query.Value{List: r.plan.Axes}, true
		}
	case "verdict":
		return text(r.verdict()), r.verdict() != ""
	case "shipped":
		return yes(r.shipped), true
	case "cells":
		return number(float64(r.cells())), true
	case "seeds":
		return number(float64(r.seeds())), true
	case "runs":
		return number(float64(r.total())), true
	case "hidden":
		return number(float64(r.known.hidden)), true
	case "status": // of any run
		var all []string
		for _, s := range statuses {
			if r.runs[s] > 0 {
				all = append(all, string(s))
			}
		}
		return query.Value{List: all}, true
	}
	for _, s := range statuses {
		if name == string(s) {
			return number(float64(r.runs[s])), true
		}
	}
	return query.Value{}, false
}
