package lab

import (
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/filter"
	"ablate/tui/look"
	"ablate/tui/table"
)

// runTable is the table of runs: what of them it has, in which columns.
type runTable struct {
	study  *study
	table  table.Table
	all    bool // hidden runs are in it
	moved  bool // the cursor is where somebody put it, and no more where something goes on
	say    *columns
	known  []string // the columns that the table has now
	filter filter.Filter
	above  int // lines of it above the table
}

func newRunTable(s *study) *runTable {
	t := &runTable{study: s, say: &columns{study: s, hosts: map[string]string{}}}
	t.table.Badge = t.badge
	rows := &fields{study: s}
	t.filter = filter.New(&t.table, rows.row, rows.candidates, "pass@1 > 0.4 and tasks >= 1024    status = failed or not tag = good    /2048.*s1/")
	return t
}

// take has the table show what the study knows now.
func (t *runTable) take() {
	t.setColumns()
	rows := make([]string, 0, len(t.study.rows))
	for _, id := range t.study.rows {
		if t.all || !t.study.states[id].Hidden {
			rows = append(rows, id)
		}
	}
	switch {
	case len(t.study.rows) == 0:
		t.table.Empty = "no runs: the design is empty, e edits it"
	case len(rows) == 0:
		t.table.Empty = "every run is hidden: X shows them"
	}
	if _, all := t.table.Count(); !t.study.behind || all != len(rows) { // what is on its way is there in a moment
		t.table.SetRows(rows)
		t.filter.Refresh()
	}
	if !t.moved {
		t.table.Point(t.first())
	}
}

// first is where the cursor stands on opening: on the first run that is going.
func (t *runTable) first() string {
	first := ""
	for _, id := range t.study.rows {
		if !t.all && t.study.states[id].Hidden {
			continue
		}
		if t.study.records[id].Status == store.Running {
			return id
		}
		if first == "" {
			first = id
		}
	}
	return first
}

// hidden is how many runs the table leaves out.
func (t *runTable) hidden() int {
	if t.all {
		return 0
	}
	n := 0
	for _, id := range t.study.rows {
		if t.study.states[id].Hidden {
			n++
		}
	}
	return n
}

// cursor is the run under the cursor; of a cell its first.
func (t *runTable) cursor() string {
	if id := t.table.Cursor(); id != "" {
		return id
	}
	if _, ids, ok := t.table.CursorGroup(); ok {
		return ids[0]
	}
	return ""
}

// picked are of the marked runs, else of those under the cursor, those that a key
// is for. Who acts on a run looks at it: from then on the cursor stays there.
func (t *runTable) picked(want func(store.Record) bool) (ids []string) {
	t.moved = true
	for _, id := range t.table.Picked() {
		if r, ok := t.study.records[id]; ok && want(r) {
			ids = append(ids, id)
		}
	}
	return ids
}

// markedCells are the cells all of whose runs in the table are marked, where runs
// stand in cells; nil where they do not, or where a cell is marked in part.
func (t *runTable) markedCells() (names []string) {
	if !t.table.Grouped() {
		return nil
	}
	marked := t.table.Marked()
	runs := map[string]int{}
	for _, id := range marked {
		runs[experiments.CellOf(id)]++
	}
	for _, id := range t.study.rows {
		if t.all || !t.study.states[id].Hidden {
			runs[experiments.CellOf(id)]--
		}
	}
	for _, id := range marked {
		switch name := t.study.name + "/" + experiments.CellOf(id); {
		case runs[experiments.CellOf(id)] < 0:
			return nil // a part of a cell is not the cell
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names
}

// group folds the runs into their cells, or takes them apart again.
func (t *runTable) group() {
	t.moved = true
	if t.table.Grouped() {
		t.table.Group(nil, false)
	} else {
		t.table.Group(t.study.groupOf, true)
	}
	t.setColumns()
}

// groupOf names the cell of a run so that no other cell has the name.
func (s *study) groupOf(id string) string {
	if s.planned(id) {
		return s.groupName(id)
	}
	return "old " + look.Harmless(experiments.CellOf(id))
}

// sort goes to the next column, and says which.
func (t *runTable) sort() string {
	sortNext(&t.table)
	return t.sorted()
}

// reverse turns the order round.
func (t *runTable) reverse() string {
	sortBack(&t.table)
	return t.sorted()
}

// sortNext sorts a table by its next column, and after the last one in the order in
// which its rows were given.
func sortNext(t *table.Table) {
	keys := append(t.Chosen(), "")
	now, _ := t.Sorted()
	if next := keys[(slices.Index(keys, now)+1)%len(keys)]; next != "" {
		t.SortBy(next)
	} else {
		t.Sort("", false)
	}
}

// sortBack turns the order of a table round.
func sortBack(t *table.Table) {
	if key, _ := t.Sorted(); key != "" {
		t.SortBy(key)
	}
}

func (t *runTable) sorted() string {
	key, down := t.table.Sorted()
	if key == "" {
		return "in the order of the plan: o sorts by a column"
	}
	way := "from the least"
	if down {
		way = "from the greatest"
	}
	return "by " + t.say.headOf(key) + ", " + way
}

// badge is the mark before a run's name: what must not be overlooked first.
func (t *runTable) badge(id string) string {
	switch s := t.study.states[id]; {
	case s.Distrusted != nil:
		return "!"
	case s.Starred:
		return "★"
	}
	return " "
}

// view draws the table, with the line of the filter where there is one.
func (t *runTable) view(l look.Look, w, h int, focused bool) []string {
	if h < 1 {
		return nil
	}
	t.say.glyphs = l.Chart.Glyphs
	lines := t.filter.View(l, w, h-2)
	t.above = len(lines)
	body := t.table.View(l, w, h-len(lines))
	if focused && len(body) > 0 {
		body[0] = l.Accent.Render(focusMark[:len(focusMark)-1]) + strings.TrimPrefix(body[0], " ")
	}
	return append(lines, body...)
}

// said is what people said about a run in words: for the title of its log, and
// in lines under it.
func (s *study) said(id string) (title string, lines []string) {
	state := s.states[id]
	if state.Starred {
		title += "  ★"
	}
	for _, tag := range state.Tags {
		title += "  #" + look.Harmless(tag)
	}
	if state.Hidden {
		title += "  hidden"
	}
	for _, n := range state.Notes {
		lines = append(lines, fmt.Sprintf("%s: %s", n.By, n.Text))
	}
	if d := state.Distrusted; d != nil {
		lines = append(lines, fmt.Sprintf("distrusted by %s: %s", d.By, d.Text))
	}
	return title, lines
}

// focusMark stands before the title of the pane that has the keys.
const focusMark = "› "
