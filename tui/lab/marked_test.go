package lab

import (
	"slices"
	"strings"
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

// Runs that are judged by their loss have how fast they are beside it, and one column
// of the loss.
func TestJudgedByTheLoss(t *testing.T) {
	t.Parallel()
	r, p := open(t, "line", 160, 50)
	r.send(data(p.study.plan, store.Done, store.Running))
	r.sees("perf/tokens_per_s")
	if got := p.curves.secondMetric(); got != "perf/tokens_per_s" {
		t.Errorf("the second chart shows %s", got)
	}
	heads := 0
	for _, c := range p.runs.say.usual() {
		heads += strings.Count(c.Head, "loss")
	}
	if heads != 1 {
		t.Errorf("%d columns of the loss", heads)
	}
	p.curves.turn()
	if got := p.curves.secondMetric(); got == "perf/tokens_per_s" || got == "train/loss" {
		t.Errorf("the next metric is %s", got)
	}
}

// Runs may end with results and no course: the chart waits for nothing then.
func TestResultsWithoutPoints(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	u := allDone(p)
	clear(u.Update.Histories)
	r.send(u).sees("the runs wrote their results only").lacks("no evaluation yet", "no step yet")
}

// Points that do not say when they were made have no course over time.
func TestNoTimes(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	u := allDone(p)
	r.send(u)
	if xs := p.study.xs(); !slices.Equal(xs, []string{"step", "tokens", "time"}) {
		t.Errorf("x axes %q", xs)
	}
	for _, h := range u.Update.Histories {
		for _, s := range h.Series {
			clear(s.Times)
		}
	}
	if xs := p.study.xs(); !slices.Equal(xs, []string{"step", "tokens"}) {
		t.Errorf("x axes %q of points without times", xs)
	}
}

// A design that was taken out of the file is shown as it was run, and says so.
func TestTakenOutOfTheFile(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(allDone(p)).lacks("not in the file any more")
	r.site.File = parse(t, "schema = 1\nproject = \"test\"\n")
	r.send(page.Source{}).sees("not in the file any more", "Does task diversity")
}

// Names that differ in their middle are not cut there while there are columns that
// say less.
func TestNamesAreWhole(t *testing.T) {
	t.Parallel()
	r, p := open(t, "cube", 80, 24)
	r.send(allDone(p)).press("G").sees("512×2×0.003 s2", "512×2×0.01 s2", "status", "pass@1")
}
