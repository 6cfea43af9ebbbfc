package table_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/table"
)

func plainLook() look.Look { return look.New(chart.Style{Theme: chart.Theme{NoColor: true}}) }

// run is a row of the tests; a negative score is none.
type run struct {
	id, cell, status string
	score            float64
}

func runs() []run {
	return []run{
		{"b/s10", "b", "done", 0.5},
		{"a/s1", "a", "failed", -1},
		{"b/s2", "b", "running", 0.7},
		{"a/s2", "a", "done", 0.4},
		{"c/s1", "c", "queued", -1},
	}
}

func ids(list []run) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.id)
	}
	return out
}

func columns(list []run) []table.Column {
	of := func(id string) run { return list[slices.IndexFunc(list, func(r run) bool { return r.id == id })] }
	score := func(id string) (float64, bool) { return of(id).score, of(id).score >= 0 }
	return []table.Column{
		{Key: "run", Head: "run", Cell: func(id string) string { return id }},
		{Key: "status", Head: "status", Priority: 1, Cell: func(id string) string { return of(id).status }},
		{
			Key: "score", Head: "score", Right: true, Down: true, Priority: 2, Num: score,
			Cell: func(id string) string {
				if s, ok := score(id); ok {
					return fmt.Sprintf("%.3f", s)
				}
				return ""
			},
			Fold: func(ids []string) string {
				sum, n := 0.0, 0
				for _, id := range ids {
					if s, ok := score(id); ok {
						sum, n = sum+s, n+1
					}
				}
				if n == 0 {
					return ""
				}
				return fmt.Sprintf("%.3f (%d)", sum/float64(n), n)
			},
		},
		{Key: "order", Head: "order", Off: true, Cell: func(string) string { return "" }, Sort: func(a, b string) int { return strings.Compare(b, a) }},
	}
}

func newTable(list []run) *table.Table {
	t := &table.Table{Empty: "no runs yet: r runs the design"}
	t.SetColumns(columns(list))
	t.SetRows(ids(list))
	return t
}

func cellOf(id string) string { return id[:1] }

// sees compares the table, blanks at the ends of lines apart.
func sees(t *testing.T, tb *table.Table, w, h int, want string) {
	t.Helper()
	lines := tb.View(plainLook(), w, h)
	if len(lines) != h {
		t.Errorf("%d lines, want %d", len(lines), h)
	}
	for i, s := range lines {
		if got := ansi.StringWidth(s); got != w {
			t.Errorf("line %d has %d cells, want %d", i, got, w)
		}
		lines[i] = strings.TrimRight(ansi.Strip(s), " ")
	}
	got := strings.Trim(strings.Join(lines, "\n"), "\n")
	if diff := cmp.Diff(strings.Trim(want, "\n"), got); diff != "" {
		t.Errorf("screen (-want +got):\n%s", diff)
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	tb := newTable(runs())
	tb.Point("b/s10")
	sees(t, tb, 40, 7, `
  run    status    score
› b/s10  done      0.500
  a/s1   failed
  b/s2   running   0.700
  a/s2   done      0.400
  c/s1   queued`)
	tb.Mark()
	tb.Badge = func(id string) string { return map[string]string{"a/s1": "★", "c/s1": "中"}[id] }
	tb.Move(3)
	sees(t, tb, 60, 4, `
  run    status    score                  2-4 of 5, 1 marked
 ★a/s1   failed
  b/s2   running   0.700
› a/s2   done      0.400`)
	sees(t, tb, 26, 4, `
  run    status    score
  b/s2   running   0.700
› a/s2   done      0.400
  3-4 of 5, 1 marked`)
	// The score goes first, its number is never clipped; names are shortened last.
	sees(t, tb, 22, 3, `
  run    status
› a/s2   done
  4-4 of 5, 1 marked`)
	sees(t, tb, 6, 3, `
  run
› a/s2
  4-4…`)
	sees(t, tb, 5, 2, `
  run
› a…2`)
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	tb := newTable(nil)
	sees(t, tb, 26, 4, `
  run   status    score
  no runs yet: r runs the
  design`)
	if tb.Cursor() != "" || tb.Picked() != nil || tb.Marked() != nil {
		t.Error("the cursor is on something")
	}
	tb.Move(1)
	tb.Mark()
	tb.Fold()
	tb = newTable(runs())
	tb.Filter(func(string) bool { return false })
	sees(t, tb, 60, 3, `
  run    status    score                        0 of 5 match
  none of 5 matches the filter`)
}

func TestSort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key  string
		down bool
		want string
	}{
		{"", false, "b/s10 a/s1 b/s2 a/s2 c/s1"},
		{"run", false, "a/s1 a/s2 b/s2 b/s10 c/s1"}, // numbers in names count as numbers
		{"run", true, "c/s1 b/s10 b/s2 a/s2 a/s1"},
		{"status", false, "b/s10 a/s2 a/s1 c/s1 b/s2"}, // stable: both that are done
		{"status", true, "b/s2 c/s1 a/s1 b/s10 a/s2"},  // and so the other way round
		{"score", false, "a/s2 b/s10 b/s2 a/s1 c/s1"},  // without one: last
		{"score", true, "b/s2 b/s10 a/s2 a/s1 c/s1"},   // either way
		{"order", false, "c/s1 b/s2 b/s10 a/s2 a/s1"},
		{"unknown", false, "b/s10 a/s1 b/s2 a/s2 c/s1"},
	} {
		tb := newTable(runs())
		tb.Point("a/s2")
		tb.Sort(tt.key, tt.down)
		tb.MarkShown()
		if got := strings.Join(tb.Marked(), " "); got != tt.want {
			t.Errorf("by %s, down %v: %s, want %s", tt.key, tt.down, got, tt.want)
		}
		if tb.Cursor() != "a/s2" {
			t.Errorf("by %s the cursor is on %q", tt.key, tb.Cursor())
		}
	}
	tb := newTable(runs())
	for _, tt := range []struct {
		key  string
		down bool
	}{{"score", true}, {"score", false}, {"run", false}, {"run", true}} {
		tb.SortBy(tt.key)
		if key, down := tb.Sorted(); key != tt.key || down != tt.down {
			t.Errorf("sorted by %s, down %v; want %+v", key, down, tt)
		}
	}
	tb.SortBy("unknown")
	sees(t, tb, 40, 3, `
  run↓   status    score        1-2 of 5
  c/s1   queued
› b/s10  done      0.500`)
}

func TestGroups(t *testing.T) {
	t.Parallel()
	tb := newTable(runs())
	tb.Point("a/s2")
	tb.Group(cellOf, true)
	sees(t, tb, 40, 5, `
  run      status       score
  ▸ b               0.600 (2)
› ▸ a               0.400 (1)
  ▸ c`)
	name, of, ok := tb.CursorGroup()
	if name != "a" || !ok || !slices.Equal(of, []string{"a/s1", "a/s2"}) || tb.Cursor() != "" {
		t.Errorf("on group %q of %v, row %q", name, of, tb.Cursor())
	}
	tb.Mark()
	tb.Fold()
	tb.Move(1)
	tb.Mark() // a/s1 loses its mark
	sees(t, tb, 60, 7, `
  run      status       score                       1 marked
  ▸ b               0.600 (2)
 +▾ a               0.400 (1)
›   a/s1   failed
 *  a/s2   done         0.400
  ▸ c`)
	tb.Fold() // closes the group that the row is in: the cursor is on the group
	if name, _, ok := tb.CursorGroup(); !ok || name != "a" {
		t.Errorf("the cursor is on %q of %q", tb.Cursor(), name)
	}
	// Groups are sorted by their means, the one without last; rows within, too.
	tb.Group(cellOf, false)
	tb.Sort("score", false)
	sees(t, tb, 40, 9, `
  run      status      score↑   1 marked
›+▾ a               0.400 (1)
 *  a/s2   done         0.400
    a/s1   failed
  ▾ b               0.600 (2)
    b/s10  done         0.500
    b/s2   running      0.700
  ▾ c
    c/s1   queued`)
	if !tb.Point("b/s2") || tb.Point("z") {
		t.Error("a row cannot be pointed at")
	}
	tb.Group(cellOf, true)
	if !tb.Point("c/s1") || len(tb.Picked()) != 1 || tb.Picked()[0] != "a/s2" {
		t.Errorf("picked %v, want what is marked", tb.Picked())
	}
	tb.ClearMarks()
	if got := tb.Picked(); !slices.Equal(got, []string{"c/s1"}) {
		t.Errorf("picked %v, want the group's row", got)
	}
	tb.Group(nil, false)
	if tb.Cursor() != "c/s1" || tb.Grouped() {
		t.Errorf("without groups the cursor is on %q", tb.Cursor())
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	tb := newTable(runs())
	tb.MarkShown()
	tb.Point("b/s2")
	tb.Filter(func(id string) bool { return strings.HasPrefix(id, "a") })
	if shown, all := tb.Count(); shown != 2 || all != 5 {
		t.Errorf("%d of %d", shown, all)
	}
	if tb.Cursor() != "a/s2" { // the next that is left
		t.Errorf("the cursor is on %q", tb.Cursor())
	}
	if got := tb.Marked(); !slices.Equal(got, []string{"a/s1", "a/s2"}) {
		t.Errorf("marked %v, want only what is seen", got)
	}
	sees(t, tb, 60, 4, `
  run    status    score              2 of 5 match, 5 marked
 *a/s1   failed
›*a/s2   done      0.400`)
	tb.MarkShown() // all shown were marked
	tb.Filter(nil)
	if got := tb.Marked(); !slices.Equal(got, []string{"b/s10", "b/s2", "c/s1"}) {
		t.Errorf("marked %v", got)
	}
	if tb.Cursor() != "a/s2" {
		t.Errorf("the cursor is on %q", tb.Cursor())
	}
}

// What comes and goes around it does not move the cursor, on the screen either.
func TestNewRows(t *testing.T) {
	t.Parallel()
	var list []run
	for i := range 30 {
		list = append(list, run{id: fmt.Sprintf("r%02d", i), status: "done", score: -1})
	}
	tb := newTable(list)
	tb.View(plainLook(), 40, 11)
	tb.Point("r15")
	at := lineOf(tb, "r15")
	more := append([]run{{id: "new1", score: -1}, {id: "new2", score: -1}}, list...)
	tb.SetColumns(columns(more))
	tb.SetRows(ids(more))
	if tb.Cursor() != "r15" || lineOf(tb, "r15") != at {
		t.Errorf("on %q in line %d, want r15 in %d", tb.Cursor(), lineOf(tb, "r15"), at)
	}
	tb.Top()
	tb.View(plainLook(), 40, 11)
	tb.Move(2)
	tb.SetRows(append([]string{"r29"}, ids(more)[:31]...))
	if lineOf(tb, "r29") != 1 || tb.Cursor() != "r00" {
		t.Errorf("the top is not seen any more: what is new stands in line %d", lineOf(tb, "r29"))
	}
	tb.Point("r15")
	// It is gone: the next one has the cursor; at the end the one before.
	tb.SetRows(slices.DeleteFunc(ids(more), func(id string) bool { return id == "r15" || id == "r16" }))
	if tb.Cursor() != "r17" {
		t.Errorf("on %q, want r17", tb.Cursor())
	}
	tb.Bottom()
	tb.SetRows(ids(list[:20]))
	if tb.Cursor() != "r19" {
		t.Errorf("on %q, want r19", tb.Cursor())
	}
	tb.Mark()
	tb.SetRows(nil)
	tb.SetRows(ids(list))
	if tb.Cursor() != "r19" || len(tb.Marked()) != 0 {
		t.Errorf("on %q, marked %v", tb.Cursor(), tb.Marked())
	}
}

func lineOf(tb *table.Table, id string) int {
	return slices.IndexFunc(tb.View(plainLook(), 40, 11), func(line string) bool {
		fields := strings.Fields(strings.TrimLeft(line, "› *"))
		return len(fields) > 0 && fields[0] == id
	})
}

func TestMoves(t *testing.T) {
	t.Parallel()
	var list []run
	for i := range 30 {
		list = append(list, run{id: fmt.Sprint(i), score: -1})
	}
	tb := newTable(list)
	for _, tt := range []struct {
		do   func()
		want string
	}{
		{func() { tb.Move(1) }, "1"},
		{func() { tb.Move(-5) }, "0"},
		{tb.Bottom, "29"},
		{tb.Top, "0"},
		{func() { tb.View(plainLook(), 40, 11); tb.Page(1) }, "9"}, // ten rows, less one to go on from
		{func() { tb.Page(2) }, "27"},
		{func() { tb.Page(-1) }, "18"},
		{func() { tb.Page(5) }, "29"},
	} {
		if tt.do(); tb.Cursor() != tt.want {
			t.Errorf("on %s, want %s", tb.Cursor(), tt.want)
		}
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	tb := newTable(runs())
	tb.Group(cellOf, false)
	tb.View(plainLook(), 60, 10)
	for _, tt := range []struct {
		y    int
		want string
	}{{-1, ""}, {1, ""}, {2, "b/s10"}, {3, "b/s2"}, {4, ""}, {8, "c/s1"}, {9, ""}, {99, ""}} {
		tb.Top()
		tb.Click(5, tt.y)
		if got := tb.Cursor(); got != tt.want {
			t.Errorf("a click on line %d is on %q, want %q", tt.y, got, tt.want)
		}
	}
	for _, tt := range []struct {
		x, y int
		want string
	}{{2, 0, "run"}, {1, 0, ""}, {11, 0, "status"}, {10, 0, ""}, {25, 0, "score"}, {59, 0, ""}, {2, 1, ""}} {
		tb.Sort("", false)
		tb.Click(tt.x, tt.y)
		if got, _ := tb.Sorted(); got != tt.want {
			t.Errorf("a click at %d, %d sorts by %q, want %q", tt.x, tt.y, got, tt.want)
		}
	}
	tb.Sort("", false)
	if tb.Click(11, 0) {
		t.Error("a head was clicked twice")
	}
	if key, _ := tb.Sorted(); key != "status" {
		t.Errorf("sorted by %q", key)
	}
	tb.Sort("", false)
	if tb.Click(5, 3) || !tb.Click(5, 3) || tb.Cursor() != "b/s2" || tb.Click(0, 50) || tb.Cursor() != "b/s2" {
		t.Errorf("the cursor is on %q", tb.Cursor())
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	tb := newTable(runs())
	chosen := func(want string) {
		t.Helper()
		if got := strings.Join(tb.Chosen(), " "); got != want {
			t.Errorf("columns %s, want %s", got, want)
		}
	}
	chosen("run status score")
	tb.Toggle("order")
	chosen("run status score order")
	tb.Toggle("status")
	tb.Toggle("unknown")
	chosen("run score order")
	tb.Shift("order", -1)
	tb.Shift("run", -9)
	tb.Shift("unknown", 1)
	chosen("run order score")
	tb.Shift("run", 9)
	chosen("order score run")
	// What is new stands in its place; the rest is as it was chosen.
	cols := append([]table.Column{{Key: "new", Head: "new", Cell: func(string) string { return "" }}}, columns(runs())...)
	tb.SetColumns(slices.Insert(cols, 2, table.Column{Key: "late", Head: "late", Cell: func(string) string { return "" }}))
	chosen("new order score run late")
	tb.SetColumns(columns(runs()))
	chosen("order score run")
	tb.Toggle("order")
	chosen("score run")
	tb.Toggle("score")
	tb.Toggle("run")
	chosen("run")
}

func TestPaint(t *testing.T) {
	t.Parallel()
	tb := &table.Table{}
	tb.SetColumns([]table.Column{{Key: "a", Head: "a", Cell: func(id string) string { return "\x1b[31m" + id + "\x1b[0m\n\t中\u0301é" }, Paint: func(_ look.Look, _, text string) string {
		return "\x1b[32m" + text + "\x1b[m"
	}}})
	tb.SetRows([]string{"x", "y"})
	lines := tb.View(plainLook(), 12, 3)
	if !strings.HasPrefix(lines[2], "  \x1b[32my  中\u0301é") || strings.Contains(lines[2], "\x1b[31m") || strings.Contains(lines[1], "[32m") {
		t.Errorf("lines %q", lines)
	}
}

// A name loses its middle, a sentence its end; a wide rune is never cut in two.
func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text       string
		w          int
		name, word string
	}{
		{"tasks=64k,solutions=1/s1", 12, "tasks=…=1/s1", "tasks=64k,s…"},
		{"中文中文中文", 7, "中文…文", "中文中…"},
		{"中文中文中文", 6, "中…文", "中文…"},
		{"中文中文中文", 8, "中文…文", "中文中…"},
		{"中文", 1, "…", "…"},
		{"ab", 2, "ab", "ab"},
		{"abc", 2, "a…", "a…"},
	} {
		for words, want := range map[bool]string{false: tt.name, true: tt.word} {
			tb := &table.Table{}
			tb.SetColumns([]table.Column{{Key: "a", Min: 1, Words: words, Cell: func(string) string { return tt.text }}})
			tb.SetRows([]string{"x", "y"})
			sees(t, tb, tt.w+2, 3, "› "+want+"\n  "+want)
		}
	}
}

// Values that are no numbers do not upset the order.
func TestSortNaN(t *testing.T) {
	t.Parallel()
	list := []run{{id: "a", score: 2}, {id: "b", score: math.NaN()}, {id: "c", score: 1}, {id: "d", score: math.Inf(1)}}
	cols := columns(list)
	cols[2].Num = func(id string) (float64, bool) { return list[id[0]-'a'].score, true }
	tb := &table.Table{}
	tb.SetColumns(cols)
	tb.SetRows(ids(list))
	for _, tt := range []struct {
		down bool
		want []string
	}{{false, []string{"c", "a", "d", "b"}}, {true, []string{"d", "a", "c", "b"}}} {
		tb.Sort("score", tt.down)
		tb.ClearMarks()
		tb.MarkShown()
		if got := tb.Marked(); !slices.Equal(got, tt.want) {
			t.Errorf("down %v: %v, want %v", tt.down, got, tt.want)
		}
	}
}
