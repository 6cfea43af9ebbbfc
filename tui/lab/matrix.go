package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// make fills the matrix if what it shows has changed.
func (g *grid) make() {
	now := made{g.study.version, g.near.read, g.shape()}
	if g.made == now {
		return
	}
	g.made = now
	g.chart = chart.Matrix{Empty: "no cells: the design is empty, e edits it"}
	g.cells, g.scores, g.kinds = nil, nil, [5]bool{}
	if len(g.pairs()) == 0 {
		return
	}
	g.settle()
	col, row := g.chosen()
	p := g.study.plan
	cols, rows := g.study.axisValues(col), g.study.axisValues(row)
	slices.Reverse(rows)
	if col >= 0 {
		g.chart.ColTitle = look.Harmless(p.Axes[col])
	}
	if row >= 0 {
		g.chart.RowTitle = look.Harmless(p.Axes[row])
	}
	for _, v := range cols {
		g.chart.Cols = append(g.chart.Cols, label(v))
	}
	for _, rv := range rows {
		g.chart.Rows = append(g.chart.Rows, label(rv))
		cells, scores := make([][]int, len(cols)), make([]score, len(cols))
		for j, cv := range cols {
			cells[j] = g.cellsAt(col, row, cv, rv)
			scores[j] = g.study.score(cells[j], g.shown())
		}
		g.cells, g.scores = append(g.cells, cells), append(g.scores, scores)
	}
	g.near.lend(g)
	g.fill()
	g.at.Row, g.at.Col = min(g.at.Row, len(rows)-1), min(g.at.Col, len(cols)-1)
}

// label is an axis value beside the matrix.
func label(v any) string {
	if v == nil {
		return ""
	}
	return look.Harmless(fmt.Sprint(v))
}

// fill puts the scores into the chart.
func (g *grid) fill() {
	goal := g.study.goal(g.shown())
	least := goal == experiments.Min
	best, lo, hi := math.NaN(), math.Inf(1), math.Inf(-1)
	g.best = chart.At{Row: -1}
	for r, row := range g.scores {
		for c, s := range row {
			if !math.IsInf(s.mean, 0) && !math.IsNaN(s.mean) {
				lo, hi = min(lo, s.mean), max(hi, s.mean)
			}
			switch {
			case s.now, goal == "":
			case better(s.mean, best, least):
				best, g.best = s.mean, chart.At{Row: r, Col: c}
			case s.mean == best: // neither is
				g.best.Row = -1
			}
			g.kinds[s.kind] = true
		}
	}
	g.decimals = g.finest()
	lines := g.equalLines()
	for r, row := range g.scores {
		g.chart.Cells = append(g.chart.Cells, make([]chart.MatrixCell, len(row)))
		for c, s := range row {
			if len(g.cells[r][c]) == 0 {
				g.chart.Cells[r][c] = chart.MatrixCell{Value: math.NaN(), Shade: math.NaN()}
				continue
			}
			cell := g.write(s, shade(s.mean, lo, hi, least))
			if g.best == (chart.At{Row: r, Col: c}) && cell.Label != "" && s.done > 0 {
				cell.Label = bestMark + cell.Label
			} else if g.isNear(r, c) && cell.Label != "" {
				cell.Label = nearMark + cell.Label
			}
			cell.Equal = lines[[2]int{r, c}]
			g.chart.Cells[r][c] = cell
		}
	}
}

// bestMark stands before the best number.
const bestMark = "▲"

// shade is how full a cell is: from nothing to the best where all is above 0, else
// from the worst to the best.
func shade(mean, lo, hi float64, least bool) float64 {
	switch {
	case math.IsNaN(mean) || math.IsInf(mean, 0):
		return 0
	case hi == 0 && lo == 0:
		return 0
	case hi == lo:
		return 1
	case least:
		return max((hi-mean)/(hi-lo), 0.05)
	case lo >= 0:
		return mean / max(hi, 1e-9)
	}
	return max((mean-lo)/(hi-lo), 0.05)
}

// write is a score as a cell shows it.
func (g *grid) write(s score, shade float64) chart.MatrixCell {
	out := chart.MatrixCell{Value: math.NaN(), Label: "–", Shade: 0, Status: fmt.Sprintf("%d/%d", s.done, s.of)}
	switch {
	case s.going:
		out.Status += "●"
	case s.failed:
		out.Status += "✗"
	}
	switch {
	case s.few:
		out.Label = report.FewSamples
	case !math.IsNaN(s.mean):
		out.Value, out.Shade, out.Label = s.mean, shade, short(s.mean, report.IsRate(g.shown()), g.decimals)
	}
	if !math.IsNaN(s.half) {
		out.Sub = s.kind.sign() + short(s.half, report.IsRate(g.shown()), g.decimals)
	}
	return out
}

// short is a number in few letters: a rate with so many decimals as .78, else three
// digits.
func short(x float64, rate bool, decimals int) string {
	if rate && x < 9.995 && x > -9.995 {
		return strings.Replace(strconv.FormatFloat(x, 'f', decimals, 64), "0.", ".", 1)
	}
	if math.Abs(x) >= 1e99 { // as much as five letters hold
		return fmt.Sprintf("%.0e", x)
	}
	return strings.TrimSpace(chart.Format(x, 5))
}

// finest is how many decimals of a rate the narrowest interval asks for: with two it
// could be ±.00.
func (g *grid) finest() int {
	const fewColumns = 6 // of many, each digit costs one that is then not to be seen
	for _, row := range g.scores {
		if len(row) > fewColumns {
			break
		}
		for _, s := range row {
			if s.half > 0 && s.half < 0.005 {
				return 3
			}
		}
	}
	return 2
}

// equalLines are the lines of equal budget: places whose cells all have the same
// number of rows, and at least two of which do. They are named in the chart.
func (g *grid) equalLines() map[[2]int]int {
	at := map[float64][][2]int{}
	for r := range g.cells {
		for c, cells := range g.cells[r] {
			if budget, ok := g.budget(cells); ok {
				at[budget] = append(at[budget], [2]int{r, c})
			}
		}
	}
	lines := map[[2]int]int{}
	var budgets []float64
	for b, places := range at {
		if len(places) > 1 {
			budgets = append(budgets, b)
		}
	}
	slices.Sort(budgets)
	for i, b := range budgets {
		g.chart.Equal = append(g.chart.Equal, fmt.Sprintf("equal rows %.0f", b))
		for _, place := range at[b] {
			lines[place] = i + 1
		}
	}
	return lines
}

// budget is how many rows the cells at a place train on, if they agree and that is
// something that the two axes trade: tasks times solutions.
func (g *grid) budget(cells []int) (rows float64, ok bool) {
	p := g.study.plan
	varied := func(name string) bool {
		col, row := g.chosen()
		return col >= 0 && p.Axes[col] == name || row >= 0 && p.Axes[row] == name
	}
	if len(cells) == 0 || !varied("tasks") || !varied("solutions") {
		return 0, false
	}
	of := func(c experiments.Cell) float64 { return c.Params.Float("tasks") * c.Params.Float("solutions") }
	rows = of(p.Cells[cells[0]])
	for _, c := range cells {
		if of(p.Cells[c]) != rows {
			return 0, false
		}
	}
	return rows, rows > 0
}

// view draws the matrix in at most h lines and gives back those it needs.
func (g *grid) view(l look.Look, w, h int, focused bool) []string {
	g.make()
	m := g.chart
	m.Style = l.Chart
	if len(g.cells) > 0 {
		m.Cursor = &g.at
	}
	if m.RowTitle == "" {
		m.RowTitle = " "
	}
	if focused {
		m.RowTitle = focusMark + strings.TrimSpace(m.RowTitle)
	}
	notes := g.notes(l, w, h)
	out := strings.Split(m.Render(w, h-len(notes)), "\n")
	for len(out) > 1 && strings.TrimSpace(out[len(out)-1]) == "" {
		out = out[:len(out)-1]
	}
	out = append(out, notes...)
	return fill(out, w, min(h, len(out)))
}

// notes are what stands under the matrix: what its numbers are, which of them may be
// the best, how far the one under the cursor is from that, and what further solutions of
// a task are worth. The last go first where
// every row of the matrix could not have a line.
func (g *grid) notes(l look.Look, w, h int) (lines []string) {
	const frame = 4 // the axes with their labels and lines of equal budget
	room := h - len(g.chart.Rows) - frame
	add := func(text string, paint look.Style) {
		if text != "" && (len(lines) < room || len(lines) == 0 && h > 1) {
			lines = append(lines, paint.Render(look.Fit(" "+text, w)))
		}
	}
	add(g.note(w-1), l.Muted)
	add(g.nearNote(w-1), l.Muted)
	add(g.behind(w-1), look.Style{})
	add(g.worth(w-1), l.Muted)
	return lines
}

// click puts the cursor where the mouse was pressed, and reports whether it was
// there already.
func (g *grid) click(x, y, w, h int) (again bool) {
	m := g.chart
	if m.RowTitle == "" {
		m.RowTitle = " "
	}
	at, ok := m.CellAt(w, h-len(g.notes(look.Look{}, w, h)), x, y)
	if !ok {
		return false
	}
	again = g.moved && at == g.at
	g.at, g.moved = at, true
	return again
}

// note explains the numbers of the matrix, the most important first.
func (g *grid) note(w int) string {
	if g.study.plan == nil {
		return ""
	}
	parts := []string{title(g.shown())}
	if g.more != "" {
		parts = append(parts, g.more)
	}
	switch {
	case g.kinds[overBoth]:
		parts = append(parts, overBoth.words())
	case g.kinds[overSeeds]:
		parts = append(parts, overSeeds.words())
	case g.kinds[seedsSD]:
		parts = append(parts, seedsSD.words())
	case g.kinds[overTasks]:
		parts = append(parts, overTasks.words())
	case len(g.study.plan.Seeds) > 1:
		parts = append(parts, "mean of seeds")
	default:
		parts = append(parts, "one seed")
	}
	if g.best.Row >= 0 {
		parts = append(parts, bestMark+" best")
	}
	if p := g.study.plan; p.Equal != "" {
		parts = append(parts, "equal "+p.Equal)
	}
	for len(parts) > 1 && look.Width(strings.Join(parts, " · ")) > w {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, " · ")
}

// title is a metric as a chart calls it.
func title(metric string) string {
	short, held := strings.CutPrefix(metric, "eval/")
	if held && !strings.Contains(short, "/") {
		return look.Harmless(short) + " held-out"
	}
	return look.Harmless(metric)
}

// runsOf are the runs of cells, by number in the plan, that were asked for.
func (s *study) runsOf(cells []int) (ids []string) {
	for _, c := range cells {
		for k := range s.plan.Seeds {
			if id := s.id(c, k); s.records[id].Status != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// progress counts runs by status.
func (s *study) count(of func(id string) bool, want func(store.Status) bool) (n int) {
	for id, r := range s.records {
		if of(id) && want(r.Status) {
			n++
		}
	}
	return n
}
