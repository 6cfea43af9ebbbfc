package lab

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// moves go to other things on the page, or show them in another way.
type moves struct{ *screen }

// enter goes into what is under the cursor: a run's page, a cell's runs.
func (p moves) enter() tea.Cmd {
	p.runs.moved = true
	if p.focus == paneMatrix {
		return p.enterCell()
	}
	if _, _, ok := p.runs.table.CursorGroup(); ok {
		p.runs.table.Fold()
		return nil
	}
	return p.openRun(p.runs.cursor())
}

func (p moves) openRun(id string) tea.Cmd {
	if _, known := p.study.records[id]; !known {
		return page.Answer("not run yet: r runs it")
	}
	return page.Send(page.Open{Place: page.Run, Names: []string{id}})
}

// enterCell opens the only run of a cell of the matrix, or shows all of them in the
// table.
func (p moves) enterCell() tea.Cmd {
	cells := p.grid.under()
	if len(cells) == 0 {
		return page.Answer("the design has no cell here")
	}
	if ids := p.study.runsOf(cells); len(ids) == 1 && len(p.study.plan.Seeds) == 1 {
		return p.openRun(ids[0])
	}
	text := p.cellQuery(cells)
	if err := p.runs.filter.Put(text); err != nil {
		return page.Fail(err.Error())
	}
	p.focus, p.grid.moved = paneRuns, false
	p.runs.table.Top()
	return nil
}

// cellQuery is a filter for cells that stand at one place of the matrix: what their
// axes have in common.
func (p moves) cellQuery(cells []int) string {
	plan := p.study.plan
	var terms []string
	for i, axis := range plan.Axes {
		value := plan.Cells[cells[0]].Axes[i].Value
		if slices.ContainsFunc(cells, func(c int) bool { return plan.Cells[c].Axes[i].Value != value }) {
			continue
		}
		text := fmt.Sprint(value)
		if _, ok := experiments.Number(value); !ok {
			text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
		}
		terms = append(terms, axis+" = "+text)
	}
	return strings.Join(terms, " and ")
}

// mark marks what is under the cursor, and goes to the next.
func (p moves) mark() tea.Cmd {
	p.runs.moved = true
	if p.focus != paneMatrix {
		p.runs.table.Mark()
		p.runs.table.Move(1)
		return nil
	}
	marked := p.runs.table.Marked()
	for _, id := range p.study.runsOf(p.grid.under()) {
		if !slices.Contains(marked, id) && p.runs.table.Point(id) {
			p.runs.table.Mark()
			marked = p.runs.table.Marked()
		}
	}
	return page.Answer(fmt.Sprintf("%d marked; u unmarks", len(marked)))
}

func (p moves) sort() tea.Cmd    { return page.Answer(p.runs.sort()) }
func (p moves) reverse() tea.Cmd { return page.Answer(p.runs.reverse()) }

func (p moves) sortBy(key string) tea.Cmd {
	if !slices.Contains(p.runs.table.Chosen(), key) {
		return page.Fail(fmt.Sprintf("the table has no column %q: i chooses them", key))
	}
	p.runs.table.SortBy(key)
	return page.Answer(p.runs.sorted())
}

func (p moves) showColumn(key string) tea.Cmd {
	if !slices.Contains(p.runs.say.offered(), key) {
		return page.Fail(fmt.Sprintf("there is no column %q", key))
	}
	p.runs.toggle(key)
	return nil
}

func (p moves) filterArgs() []string {
	return []string{"status = failed", "status = done", "not status = done", "star = yes", "old = no"}
}

func (p moves) filterBy(text string) tea.Cmd {
	p.runs.moved = true
	if err := p.runs.filter.Put(text); err != nil {
		return page.Fail("filter: " + err.Error())
	}
	return nil
}

// nextMetric turns the matrix to another metric if it has the keys, else the second
// chart.
func (p moves) nextMetric() tea.Cmd {
	if p.focus != paneMatrix {
		p.curves.turn()
		return nil
	}
	all := append([]string{""}, p.study.others()...)
	all = append(all, p.study.courseMetric())
	p.grid.metric = all[(max(slices.Index(all, p.grid.metric), 0)+1)%len(all)]
	return page.Answer("the matrix shows " + look.Harmless(p.grid.shown()))
}

func (p moves) metricArgs() []string {
	objective, _ := p.study.objective()
	return append([]string{objective, p.study.courseMetric()}, p.study.others()...)
}

func (p moves) chooseMetric(name string) tea.Cmd {
	i := slices.IndexFunc(p.metricArgs(), func(m string) bool { return m == name || report.ShortName(m) == name })
	if i < 0 {
		return page.Fail(fmt.Sprintf("no run has a metric %q", look.Harmless(name)))
	}
	if p.focus == paneMatrix {
		p.grid.metric = p.metricArgs()[i]
	} else {
		p.curves.metric = p.metricArgs()[i]
	}
	return nil
}

func (p moves) chooseAxes(text string) tea.Cmd {
	if !p.grid.choose(text) {
		return page.Fail(fmt.Sprintf("the design has no axes %q: name one or two, and values of others as name=value", text))
	}
	p.grid.moved = false
	return page.Answer(p.grid.says())
}
