package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// listPage shows the experiments of the file and of the store.
type listPage struct {
	rows   []listRow
	cursor int
}

type listRow struct {
	name, title, question string
	cells, seeds          int // of the file's design, 0 if it has none
	runs                  map[store.Status]int
}

// set takes in what the file and the store have. The cursor stays on its
// experiment.
func (p *listPage) set(f *experiments.File, all []store.Summary) {
	at := p.selected()
	p.rows = p.rows[:0]
	for _, e := range f.Experiments {
		plan := e.Plan()
		p.rows = append(p.rows, listRow{name: e.Name, title: e.Title, question: e.Question, cells: len(plan.Cells), seeds: len(plan.Seeds)})
	}
	for _, s := range all {
		i := slices.IndexFunc(p.rows, func(r listRow) bool { return r.name == s.Name })
		if i < 0 {
			p.rows = append(p.rows, listRow{name: s.Name, title: "not in the experiment file"})
			i = len(p.rows) - 1
		}
		p.rows[i].runs = s.Runs
	}
	p.point(at)
}

func (p *listPage) point(name string) {
	if i := slices.IndexFunc(p.rows, func(r listRow) bool { return r.name == name }); i >= 0 {
		p.cursor = i
	}
	p.move(0)
}

func (p *listPage) move(n int) { p.cursor = min(max(p.cursor+n, 0), max(len(p.rows)-1, 0)) }

func (p *listPage) selected() string {
	if p.cursor >= len(p.rows) {
		return ""
	}
	return p.rows[p.cursor].name
}

// view draws the list in h lines of w cells.
func (p *listPage) view(l look, w, h int) []string {
	lines := []string{"", " " + l.bold.Render("experiments"), ""}
	nameW := 0
	for _, r := range p.rows {
		nameW = max(nameW, len(r.name))
	}
	nameW = min(nameW, w/2)
	words, countW := w >= 110, 0
	for _, r := range p.rows {
		countW = max(countW, ansi.StringWidth(r.counts(words)))
	}
	countW = min(countW, w/2)
	room := max(h-len(lines)-2, 1)
	first := max(0, min(p.cursor-room/2, len(p.rows)-room))
	if above, below := first, len(p.rows)-first-room; above > 0 || below > 0 {
		lines[1] += l.muted.Render(fmt.Sprintf("  %d of %d, %d above, %d below", min(room, len(p.rows)), len(p.rows), above, max(below, 0)))
	}
	for i, r := range p.rows[first:] {
		if i == room {
			break
		}
		design := ""
		if r.cells > 0 {
			design = fmt.Sprintf("%d × %d", r.cells, r.seeds)
		}
		line := fmt.Sprintf(" %s  %8s  %s  %s", fit(r.name, nameW), design, fit(r.counts(words), countW), harmless(r.title))
		if first+i == p.cursor {
			line = l.cursor.Render(fit(line, w))
		}
		lines = append(lines, line)
	}
	if p.cursor < len(p.rows) {
		lines = append(lines, "", " "+l.muted.Render(harmless(p.rows[p.cursor].question)))
	}
	if len(p.rows) == 0 {
		lines = append(lines, " the experiment file has no experiments yet")
	}
	return box(lines, w, h)
}

// counts is how the runs of an experiment stand, with the words for the glyphs
// where there is room.
func (r listRow) counts(words bool) string {
	var parts []string
	for _, s := range []store.Status{store.Running, store.Stalled, store.Queued, store.Failed, store.Lost, store.Paused, store.Stopped, store.Done} {
		if n := r.runs[s]; n > 0 {
			part := fmt.Sprintf("%s %d", report.Glyph(s), n)
			if words {
				part += " " + string(s)
			}
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "not run yet"
	}
	return strings.Join(parts, "  ")
}
