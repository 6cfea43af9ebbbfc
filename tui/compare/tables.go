package compare

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ablate/tui/look"
	"ablate/tui/report"
	"ablate/tui/table"
)

// arrange takes what was read into the tables and the verdict. The cursor stays on its row.
func (p *Compare) arrange(first bool) {
	if p.data.Chosen == nil {
		return
	}
	p.tables()
	if first {
		p.focus = p.top()
	}
	if !p.has(p.focus) {
		p.focus = p.top()
	}
	p.reader.want.Side, p.reader.want.Row = p.data.Detail.Side, p.data.Chosen.Key
	p.said = p.sayings()
}

// tables fills both of them, and finds what width they need for means with intervals.
func (p *Compare) tables() {
	bare := p.bare
	p.bare = false
	p.fill()
	letter := p.data.Sides[p.side()].Letter
	keys := []string{p.data.Sides[0].Letter, letter, diffColumn(letter)}
	p.need = max(p.rows.table.Needs(keys...), p.sides.table.Needs(keys...))
	if p.bare = bare; bare {
		p.fill()
	}
}

func (p *Compare) fill() {
	p.cellRows()
	p.factRows()
	p.rows.table.Point(p.data.Chosen.Key)
}

// suit fills the tables anew where their width lets them say more, or less: without
// their intervals the means of both sides have room beside the difference.
func (p *Compare) suit(w int) {
	if bare := w < p.need; bare != p.bare {
		p.bare = bare
		p.fill()
	}
}

// mean is a mean as there is room for it.
func (p *Compare) mean(e report.Interval) string {
	if p.bare {
		text, _, _ := strings.Cut(e.Text(), " ±")
		return text
	}
	return e.Text()
}

// begin empties the texts.
func (f *facts) begin() { f.cells, f.tones = map[string]map[string]string{}, map[string]tone{} }

// set puts down a text.
func (f *facts) set(row, column, text string) {
	if f.cells[row] == nil {
		f.cells[row] = map[string]string{}
	}
	f.cells[row][column] = look.Harmless(text)
}

// column shows a column of the texts.
func (f *facts) column(key, head string, priority int, right bool) table.Column {
	return table.Column{
		Key: key, Head: look.Harmless(head), Priority: priority, Right: right,
		Cell: func(id string) string { return f.cells[id][key] },
		Paint: func(l look.Look, id, text string) string {
			return f.tones[id+"\n"+key].inTable(l).Render(text)
		},
	}
}

// contrast puts down a difference and what it shows.
func (f *facts) contrast(row, column string, x report.Contrast) {
	f.set(row, column, x.Text())
	f.tones[row+"\n"+column] = toneOf(x)
}

// show brings ids and columns into the table.
func (f *facts) show(ids []string, columns []table.Column) {
	f.table.SetColumns(columns)
	f.table.SetRows(ids)
}

// keys of the columns beside those of the sides, which are their letters.
const (
	nameColumn = "name"
	wordColumn = "word"
)

func diffColumn(letter string) string { return letter + " - A" }

// valueColumns are a column a side and one a difference from A. Where there is no
// room, the sides that are not set against A go first, and A and the other last.
func (p *Compare) valueColumns(f *facts, name string) []table.Column {
	first := f.column(nameColumn, name, 0, false)
	if first.Min = 12; p.bare { // both sides and the difference come before whole names
		first.Min = 9
	}
	columns := []table.Column{first}
	for i, s := range p.data.Sides {
		priority := 2
		if i != 0 && i != p.side() {
			priority = 4 + i
		}
		columns = append(columns, f.column(s.Letter, s.Letter+p.sideHead(i), priority, true))
	}
	for i, s := range p.data.Sides[1:] {
		priority := 1
		if i+1 != p.side() {
			priority = 20 + i
		}
		columns = append(columns, f.column(diffColumn(s.Letter), s.Letter+" - A", priority, true))
	}
	return columns
}

// sideHead is the cell of a side, short enough for the head of a column.
func (p *Compare) sideHead(i int) string {
	const most = 9
	if p.has(paneCells) || p.bare {
		return "" // the first line says it
	}
	if label := p.data.Sides[i].Label; look.Width(label) <= most {
		return " " + label
	}
	return ""
}

// cellRows are the matched cells, each with its means and differences.
func (p *Compare) cellRows() {
	f := &p.rows
	f.begin()
	var ids []string
	for _, row := range p.data.Rows {
		ids = append(ids, row.Key)
		f.set(row.Key, nameColumn, row.Label)
		for i, s := range p.data.Sides {
			f.set(row.Key, s.Letter, p.mean(row.Means[i]))
			if i > 0 {
				f.contrast(row.Key, diffColumn(s.Letter), row.Against[i])
			}
		}
		f.set(row.Key, wordColumn, row.Against[p.side()].Word())
		f.tones[row.Key+"\n"+wordColumn] = toneOf(row.Against[p.side()])
	}
	name := "cell"
	if len(p.data.Shared) > 0 {
		name = strings.Join(p.data.Shared, "×")
	}
	columns := append(p.valueColumns(f, name), f.column(wordColumn, p.data.Sides[p.side()].Letter, 3, false))
	f.show(ids, columns)
}

// factRows are the parameters that differ, or all, the metrics and the cost of the
// chosen row.
func (p *Compare) factRows() {
	p.sides.begin()
	ids := slices.Concat(p.paramFacts(), p.metricFacts(), p.costFacts())
	p.sides.show(ids, p.valueColumns(&p.sides, p.factsHead()))
}

func (p *Compare) paramFacts() (ids []string) {
	for i, s := range p.data.Detail.Params {
		if i >= p.data.Detail.Differ && !p.all {
			break
		}
		id := "parameter " + s.Name
		ids = append(ids, id)
		p.sides.set(id, nameColumn, s.Name)
		for j, v := range s.Values {
			p.sides.set(id, p.data.Sides[j].Letter, v)
		}
		if s.Equal {
			p.sides.set(id, diffColumn(p.data.Sides[p.side()].Letter), "equal")
		}
	}
	return ids
}

func (p *Compare) metricFacts() (ids []string) {
	for _, m := range p.data.Detail.Metrics {
		if !p.all && m.Equal() && m.Metric != p.data.Metric {
			continue
		}
		id := "metric " + m.Metric
		ids = append(ids, id)
		p.sides.set(id, nameColumn, factName(m.Metric, p.data.Metric)+report.Arrow(m.Goal))
		for i, s := range p.data.Sides {
			p.sides.set(id, s.Letter, p.mean(m.Means[i]))
			if i > 0 {
				p.sides.contrast(id, diffColumn(s.Letter), m.Against[i])
			}
		}
	}
	return ids
}

// factName is what a row calls a metric: one kind of task alone by the kind, as all
// of them end in the objective, and a narrow column cut the kind.
func factName(metric, objective string) string {
	if kind, ok := strings.CutSuffix(metric, "/"+path.Base(objective)); ok && strings.Contains(kind, "=") {
		metric = kind
	}
	return report.ShortName(metric)
}

func (p *Compare) costFacts() (ids []string) {
	for _, line := range p.data.Detail.CostLines() {
		if !slices.ContainsFunc(line[1:], func(text string) bool { return text != "–" }) {
			continue // as of results that were made elsewhere
		}
		id := "cost " + line[0]
		ids = append(ids, id)
		p.sides.set(id, nameColumn, line[0])
		for i, v := range line[1:] {
			p.sides.set(id, p.data.Sides[i].Letter, v)
		}
	}
	const id = "runs done"
	p.sides.set(id, nameColumn, id)
	for i, u := range p.data.Chosen.Units {
		if u != nil {
			p.sides.set(id, p.data.Sides[i].Letter, u.Words())
		}
	}
	ids = append(ids, id)
	for _, line := range p.data.PointLines(true) {
		id := "cost " + line[0]
		ids = append(ids, id)
		p.sides.set(id, nameColumn, line[0])
		for i, v := range line[2:] {
			p.sides.set(id, diffColumn(p.data.Sides[i+1].Letter), v)
		}
	}
	return ids
}

// factsHead says what the facts are of.
func (p *Compare) factsHead() string {
	d := p.data.Detail
	equal := len(d.Params) - d.Differ
	for _, m := range d.Metrics {
		if m.Equal() && m.Metric != p.data.Metric {
			equal++
		}
	}
	if !p.all && equal > 0 {
		return fmt.Sprintf("%d equal", equal)
	}
	return "all"
}
