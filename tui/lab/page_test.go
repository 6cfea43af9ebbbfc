package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/page"
	"ablate/tui/query"
)

// keys are the letters of a text.
func keys(text string) []string { return strings.Split(text, "") }

func TestFilterOfRuns(t *testing.T) {
	t.Parallel()
	_, p := open(t, "grid", 200, 60)
	p.Update(data(p.study.plan, half()...))
	id := p.study.id(0, 1)
	r := p.study.records[id]
	p.study.states[id] = store.State{Tags: []string{"good"}, Starred: true, Notes: []store.Mark{{Text: "for the talk"}}}
	f := &fields{study: p.study}
	for _, tt := range []struct {
		text string
		want int
	}{
		{"", 48}, {"status = done", 14}, {"status = failed", 2}, {"not status = queued", 18}, {"tasks >= 1024", 24}, {"tasks = 256 and solutions < 4", 6},
		{"256×1", 3}, {"name ~ /s2$/", 16}, {"tag = good", 1}, {"star = yes", 1}, {"note ~ talk", 1}, {"seed = 2", 16}, {"attempt >= 1", 18},
		// Of the first cell 0.1625 to 0.1825 is left at the end, and a sixth of it at step 40.
		{"pass@1 > 0.24", 1}, {"pass@1.first < 0.03 and cell ~ /solutions=1~/ and tasks = 256", 2}, {"pass@1.n = 6", 14}, {"pass@1.best > 0.2439", 1}, {"loss.min < 0.76", 1},
		{"time > 45s", 14}, {"eta > 20s", 2}, {"reason ~ signal", 2}, {"step = 80", 2}, {"hidden = no", 48}, {"steps = 240", 48}, {"old = yes", 0},
	} {
		q, err := query.Parse(tt.text)
		if err == nil {
			err = q.Check(f.candidates())
		}
		if err != nil {
			t.Fatalf("%s: %v", tt.text, err)
		}
		n := 0
		for _, id := range p.study.rows {
			if q.Match(&row{fields: f, id: id}) {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%q matches %d runs, want %d (of %s)", tt.text, n, tt.want, r.ID)
		}
	}
}

// The filter as one types it: the count goes along, a mistake names its column and
// changes nothing, tab takes what is offered, esc shows all.
func TestTypingAFilter(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, half()...)).press("/").sees("48 of 48")
	r.press(keys("stat")...).press("tab").sees("/ status").press(keys("= fai")...).press("tab").sees("/ status = failed", "2 of 48").
		press("enter").sees("/ status = failed", "esc shows all", "2 of 48").lacks("tab ")
	if p.Typing() {
		t.Error("letters are still text")
	}
	r.press("/").press(keys(" and taks > 3")...).sees("column 22: no field taks, the nearest is tasks").press("enter").sees("column 22")
	if !p.Typing() {
		t.Error("a filter with a mistake was kept")
	}
	r.press("esc").lacks("status = failed").sees("of 48")
	r.press("/").press(keys("x")...).press("esc").lacks("0 of 48")
}

// The cursor stays on its run while the filter changes around it.
func TestFilterKeepsTheCursor(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, half()...)).press("g", "j", "j", "j", "j", "j", "j", "j") // 256×4 s2, which failed
	on := p.runs.cursor()
	r.press("/").press(keys("status = failed")...).press("enter")
	if got := p.runs.cursor(); got != on {
		t.Errorf("the cursor went from %s to %s", on, got)
	}
	r.press("esc")
	if got := p.runs.cursor(); got != on {
		t.Errorf("and then to %s", got)
	}
}

func TestSeedsFoldIntoCells(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	// By hand: 0.1625, 0.1725, 0.1825 have the mean 0.1725 and 4.3027 x 0.01/sqrt(3) = 0.025.
	r.send(data(p.study.plan, half()...)).press("b", "g").sees("▸ 256×1", " ±.025", "3/3", "✗2")
	r.press("t")
	if want := []string{"retry " + p.study.id(2, 1) + " " + p.study.id(2, 2)}; !slices.Equal(r.asked, want) {
		t.Errorf("t on a cell asked for %q, want all that failed: %q", r.asked, want)
	}
	r.press("enter").sees("▾ 256×1", "256×1 s3").press("enter").lacks("256×1 s3")
	r.press("space", "v").got(page.Open{Place: page.Compare, Names: []string{"grid/" + p.study.plan.Cells[0].Name}})
	r.press("b").sees("256×1 s3", "3 marked")
}

func TestColumnsOfChoice(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	r.send(data(p.study.plan, half()...)).lacks("entropy")
	r.press("i").sees("[x] status", "[ ] metric train/entropy").press(keys("entropy")...).press("enter").sees("[x] metric train/entropy").press("esc").sees("train/entropy")
	if !slices.Contains(p.Focus().Metrics, "train/entropy") {
		t.Error("the metric of a column is not read")
	}
	r.press("i").press(keys("param lr")...).press("enter", "esc").sees("lr", "0.001")
	r.press("i").press(keys("status")...).press("enter", "esc").lacks("✓ done ")
	r.press("i").press(keys("nosuch")...).sees("no column has this").press("esc")
	if p.Typing() {
		t.Error("the list is still open")
	}
}

func TestSorting(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	r.send(data(p.study.plan, half()...))
	i := slices.IndexFunc(p.Keys(), func(k page.Key) bool { return k.Name == "sort" })
	r.do(p.Keys()[i].With("score"))
	r.press("g")
	if got := p.study.runName(p.runs.cursor()); got != "512×1 s3" { // 0.245, the best of what is done
		t.Errorf("the first is %s", got)
	}
	r.got(page.Say{Text: "by pass@1, from the greatest"}).press("O").got(page.Say{Text: "by pass@1, from the least"})
	r.do(p.Keys()[i].With("nosuch"))
	r.got(page.Say{Text: `the table has no column "nosuch": i chooses them`, Failed: true})
	for range len(p.runs.table.Chosen()) {
		r.press("o")
	}
	if key, _ := p.runs.table.Sorted(); key != "status" && key != "" && key != "step" {
		t.Logf("sorted by %s", key)
	}
}

// The matrix with the keys: it moves, opens and marks its cells, and the verbs are
// for the runs of the cell.
func TestKeysOfTheMatrix(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, half()...)).press("g", "tab").sees("› solutions")
	r.press("l", "k", "enter").sees("/ tasks = 512 and solutions = 2", "3 of 48", "512×2 s1").lacks("512×1 s1")
	r.press("esc").sees("48")
	r.press("tab", "k", "k").press("s")
	r.got(page.Ask{Text: "stop 3 runs? It keeps a checkpoint: r goes on from there."})
	_ = p
}

// An enter on a run opens its page; on one that nobody asked for it says so.
func TestEnter(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.press("enter").got(page.Say{Text: "not run yet: r runs it"})
	r.send(data(p.study.plan, half()...)).press("g", "enter").got(page.Open{Place: page.Run, Names: []string{p.study.id(0, 0)}})
	for key, place := range map[string]page.Place{"c": page.Clone, "e": page.Edit} {
		r.press(key).got(page.Open{Place: place, Names: []string{"grid"}})
	}
	r.press("n").got(page.Open{Place: page.New})
}

func TestCompareTheBest(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.press("v").got(page.Open{Place: page.Compare})
	r.send(data(p.study.plan, half()...)).press("v").
		got(page.Open{Place: page.Compare, Names: []string{"grid/" + p.study.plan.Cells[4].Name, "grid/" + p.study.plan.Cells[5].Name}},
			page.Say{Text: "nothing was marked: these are the two best cells"})
	r.press("g", "space", "space", "v").got(page.Open{Place: page.Compare, Names: []string{p.study.id(0, 0), p.study.id(0, 1)}})
}

func TestCopy(t *testing.T) {
	t.Parallel()
	r, p := open(t, "cube", 120, 40)
	r.send(data(p.study.plan, store.Done, store.Done)).press("g", "Y")
	r.got(page.Copy{Text: p.study.id(0, 0), What: "1 name; : copy path, copy table"})
	r.press("tab", "Y").got(page.Copy{What: "the matrix as Markdown", Text: `| solutions \ tasks | 256 | 512 |
|---|---|---|
| 2 | – 0/6 | – 0/6 |
| 1 | ▲.17 2/6 | – 0/6 |
`})
	r.do(p.moves.copyWhat("table"))
	got := r.sent[0].(page.Copy).Text
	if lines := strings.Split(got, "\n"); len(lines) != 24+3 || !strings.Contains(lines[2], "| 256×1×0.001 s1 | ✓ done |") {
		t.Errorf("the table is\n%s", got)
	}
	r.sent = nil
	r.do(p.moves.copyWhat("nonsense"))
	r.got(page.Say{Text: `"nonsense" cannot be copied: want name, path, table, matrix, verdict`, Failed: true})
}

// Failed runs of earlier designs are counted apart: nobody waits for them.
func TestEarlierDesignsAreCountedApart(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	u := data(p.study.plan, half()...)
	old := u.Records[0]
	old.ID, old.Cell, old.Status, old.Reason = "grid/tasks=7~abcdef/s1", "tasks=7~abcdef", store.Failed, "boom"
	u.Records = append(u.Records, old)
	u.Marks = said(t, store.Mark{On: p.study.id(0, 0), Kind: store.Distrusted, Text: "saw the tests"}, store.Mark{On: p.study.id(0, 1), Kind: store.Hidden})
	r.send(u).sees("✗ 2 failed", "earlier designs ✗ 1 failed", "1 hidden", "! 1 distrusted, in no mean").lacks("256×1 s2")
	if s := p.study.score([]int{0}, "eval/pass@1"); s.done != 2 {
		t.Errorf("%d runs of the cell count, and one of three is distrusted", s.done)
	}
	eta := p.forecast.eta
	old.ID, old.Status = "grid/tasks=8~abcdef/s1", store.Queued
	took := old
	took.ID, took.Status, took.Seconds = "grid/tasks=9~abcdef/s1", store.Done, 1e6
	u.Records = append(u.Records, old, took)
	if r.send(u); p.forecast.eta != eta {
		t.Errorf("runs of earlier designs change the eta from %v to %v", eta, p.forecast.eta)
	}
	if state := strings.Join(p.State(r.look), "  "); !strings.Contains(state, "✗ 2 failed") || !strings.Contains(state, "14/48 done") {
		t.Errorf("the state is %q", state)
	}
	r.press("g", "t").send(nil)
	if len(r.sent) != 1 || !strings.Contains(fmt.Sprint(r.sent[0]), "retry the 2 runs that did?") {
		t.Errorf("t asks %v", r.sent)
	}
}

// The mouse: a press gives a pane the keys and puts its cursor there, again opens.
func TestMouse(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, half()...))
	spotOf := func(pane pane) spot {
		return p.drawn.spots[slices.IndexFunc(p.drawn.spots, func(s spot) bool { return s.pane == pane })]
	}
	s := spotOf(paneRuns)
	r.send(page.Click{X: s.x + 5, Y: s.y + 3})
	on := p.runs.cursor()
	r.send(page.Click{X: s.x + 5, Y: s.y + 3}).got(page.Open{Place: page.Run, Names: []string{on}})
	m := spotOf(paneMatrix)
	r.send(page.Click{X: m.x + 8, Y: m.y + 1})
	if p.focus != paneMatrix || !p.grid.moved || p.grid.at.Row != 0 {
		t.Errorf("after a press on the matrix pane %d has the keys, at %+v", p.focus, p.grid.at)
	}
	c := spotOf(paneObjective)
	r.send(page.Click{X: c.x + c.w/2, Y: c.y + 3})
	if x, ok := p.curves.objective.Cursor(); !ok || x < 60 || x > 180 {
		t.Errorf("the crosshair is at %v, %v", x, ok)
	}
	r.send(page.Wheel{X: s.x + 5, Y: s.y + 3, Lines: 2})
	if p.runs.cursor() == on {
		t.Error("the wheel does not scroll the runs")
	}
	r.send(page.Click{X: s.x + 3, Y: s.y})
	if key, _ := p.runs.table.Sorted(); key != "run" {
		t.Errorf("a press on a head sorts by %q", key)
	}
}

// x of a chart can be tokens or time, and the metric behind it is read.
func TestXAxes(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	r.send(data(p.study.plan, half()...)).press("tab", "tab", "x").sees("tokens")
	if !slices.Contains(p.Focus().Metrics, "tokens") {
		t.Error("tokens are not read")
	}
	if p.curves.second.X() != "tokens" {
		t.Error("the chart below counts something else")
	}
	s, _, ok := p.curves.ofCell("eval/pass@1", "tokens", 0)
	if !ok || s.X[0] != 40*4096 || s.X[5] != 240*4096 {
		t.Errorf("in tokens: %v", s.X)
	}
	// A step took a quarter of a second, and the first point is at step 10.
	if s, _, _ := p.curves.ofCell("eval/pass@1", "time", 0); s.X[0] != 7.5 || s.X[5] != 57.5 {
		t.Errorf("in time: %v", s.X)
	}
}

// Without a name a curve is context; the best, and the one under the cursor, have
// names, and no two of these a colour.
func TestManyCurves(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, slices.Repeat([]store.Status{store.Done}, 48)...))
	series, more, _ := p.curves.series("train/loss", "step")
	named := slices.DeleteFunc(slices.Clone(series), func(s chart.Series) bool { return s.Name == "" })
	if len(series) != 16 || len(named) != maxCurves || more != 8 {
		t.Fatalf("%d curves, %d with a name, %d more", len(series), len(named), more)
	}
	colours := map[any]bool{}
	for _, s := range named {
		colours[s.Color] = true
	}
	if len(colours) != maxCurves || !slices.ContainsFunc(named, func(s chart.Series) bool { return s.Name == "256×1" }) {
		t.Errorf("%d colours; the cell under the cursor is not among %v", len(colours), named)
	}
	r.sees("8 ahead of 16")
	u := data(p.study.plan, slices.Repeat([]store.Status{store.Done}, 48)...)
	u.Behind = true
	r.send(u)
	if series, _, _ := p.curves.series("train/loss", "step"); len(series) != maxCurves {
		t.Errorf("%d curves are made while points are on their way", len(series))
	}
}

// Whatever the data are, the page keeps its size.
func TestHostileData(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		r, p := open(t, "grid", size[0], size[1])
		u := data(p.study.plan, half()...)
		for i := range u.Records {
			u.Records[i].Reason = "\x1b[2J\r\n日本語 \u200b\u0301 boom\x00"
			u.Records[i].Metrics = store.Values{"eval/pass@1": math.NaN(), "train/loss": math.Inf(-1)}
		}
		u.Metrics = []string{"\x1b]0;title\x07", "eval/pass@1", "日本語/\u0301"}
		u.Log = []string{strings.Repeat("字", 5000), "\x1b[31mred"}
		u.Focus.Run = p.Focus().Run
		r.send(u)
		for _, key := range []string{"tab", "m", "tab", "z", "+", "y", "tab", "w", "tab", "tab", "b", "i", "down", "enter", "esc", "o", "/", "日", "enter"} {
			r.press(key)
			if text := strings.Join(r.p.View(r.look, r.w, r.h), ""); strings.ContainsAny(text, "\r\x00\x07") || strings.Contains(text, "\x1b[2J") || strings.Contains(text, "\x1b]") {
				t.Fatalf("data reached the terminal at %v after %s", size, key)
			}
		}
	}
}

func TestPastedFilter(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, half()...)).press("/").send(tea.PasteMsg{Content: "status =\n done\x1b[2J"}).sees("/ status = done", "14 of 48")
	if diff := cmp.Diff("status = done", p.runs.filter.Text()); diff != "" {
		t.Error(diff)
	}
}
