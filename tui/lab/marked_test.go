package lab

import (
	"slices"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/page"
	"ablate/tui/report"
)

func allDone(p *Experiment) page.Data {
	return data(p.study.plan, slices.Repeat([]store.Status{store.Done}, len(p.study.rows))...)
}

// What is marked is compared, and no more: a cell only if all of its seeds are.
func TestCompareWhatIsMarked(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(allDone(p)).press("g", "space", "b", "v").got(page.Open{Place: page.Compare, Names: []string{p.study.id(0, 0)}})
	r.press("g", "space", "v").got(page.Open{Place: page.Compare, Names: []string{"grid/" + p.study.plan.Cells[0].Name}})
	p.runs.table.Filter(func(id string) bool { return p.study.seed(id) == 2 })
	r.press("v").got(page.Open{Place: page.Compare, Names: []string{p.study.id(0, 1)}})
}

// Cells that are marked have their curves with a name and a colour, however far
// behind they are.
func TestMarkedCellsAreNamed(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(allDone(p)).press("b", "g")
	ranked := p.study.ranked("eval/pass@1")
	last := ranked[len(ranked)-2:]
	var ids []string
	for _, c := range last {
		p.runs.table.Point(p.study.id(c, 0))
		p.runs.table.Mark()
		ids = append(ids, report.CellLabel(p.study.plan.Cells[c].Axes))
	}
	p.sync()
	series, more, _ := p.curves.series("eval/pass@1", "step")
	var names []string
	for _, s := range series {
		if s.Color == chart.Faint {
			t.Errorf("%q is faint", s.Name)
		}
		names = append(names, s.Name)
	}
	slices.Sort(names)
	slices.Sort(ids)
	if !slices.Equal(names, ids) || more != 0 {
		t.Errorf("curves %q and %d more, want %q", names, more, ids)
	}
}

// Bands help as long as they can be told apart.
func TestFewBands(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	for _, tt := range []struct {
		cells int
		want  string
	}{{maxBands, "95 % over seeds"}, {maxBands + 1, ""}} {
		r.send(data(p.study.plan, slices.Repeat([]store.Status{store.Done}, 3*tt.cells)...))
		series, _, band := p.curves.series("eval/pass@1", "step")
		if band != tt.want || (series[0].Low != nil) != (tt.want != "") {
			t.Errorf("%d cells: band %q and %d values of it", tt.cells, band, len(series[0].Low))
		}
	}
}

// The standard deviation of two seeds is not to be taken for a narrow interval: the
// table and the matrix say which it is.
func TestTwoSeedsHaveNoInterval(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, store.Done, store.Done, store.Failed, store.Done, store.Done, store.Done)).press("b")
	r.sees(" sd.007", " ±.025", "sd.01", "±.02").lacks("±.007", "±.01")
}

// Where an interval is narrow, two decimals would make it nothing.
func TestNarrowIntervalsHaveDigits(t *testing.T) {
	t.Parallel()
	for half, want := range map[float64]int{0.02: 2, 0.0049: 3, 0: 2} {
		g := grid{scores: [][]score{{{half: 0.3}, {half: half}}}}
		if got := g.finest(); got != want {
			t.Errorf("%d decimals for ±%v, want %d", got, half, want)
		}
	}
	many := grid{scores: [][]score{slices.Repeat([]score{{half: 0.001}}, 7)}}
	if got := many.finest(); got != 2 {
		t.Errorf("%d decimals in seven columns", got)
	}
	if got := short(0.2188, true, 3); got != ".219" {
		t.Errorf("short is %q", got)
	}
}

// A log without a line says so, and promises none of a run that ended.
func TestSilentLogs(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, store.Running)).sees("nothing printed yet")
	r.send(data(p.study.plan, store.Done)).sees("it printed nothing").lacks("nothing printed yet")
}

// Runs may end with results and no course: the chart waits for nothing then.
func TestResultsWithoutPoints(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	u := allDone(p)
	clear(u.Update.Histories)
	r.send(u).sees("the runs wrote their results only").lacks("no evaluation yet", "no step yet")
}
