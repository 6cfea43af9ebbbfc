// Package table is a table of things that have ids: columns of choice, sorted,
// grouped and filtered, with marks, and a cursor that stays on its thing whatever
// happens around it.
//
//	SetRows, Sort, Group, Filter -> items: rows, or groups with their rows
//	items, columns               -> View
//
// It knows what things look like only by the functions of its columns, which it
// calls with ids that SetRows has had. All of it computes; none waits.
package table

import (
	"slices"

	"ablate/tui/look"
)

// Column is one thing that is told of every row.
type Column struct {
	Key      string // by which it is chosen and sorted
	Head     string
	Width    int  // at least so many cells; it grows with what it shows, and stays so
	Min      int  // a text may be shortened to so many cells; 0: 6
	Priority int  // where there is no room the greatest goes first; the first column stays
	Right    bool // a number: on the right, never shortened
	Words    bool // a text that is shortened at its end, as sentences are; a name is in its middle
	Off      bool // only shown when chosen
	Down     bool // sorted from the greatest at first

	Cell func(id string) string
	Fold func(ids []string) string // what a group shows; nil: nothing
	// Sort compares two rows, Num is what they are compared by: whoever has none
	// comes last in either direction, and a group counts by the mean of its rows. A
	// column with neither is sorted by its texts.
	Sort func(a, b string) int
	Num  func(id string) (float64, bool)
	// Paint styles a text that has its width already; nil leaves it as it is. Of a
	// group it gets the first row, unless there is Shade.
	Paint func(l look.Look, id, text string) string
	Shade func(l look.Look, ids []string, text string) string // the same for a group
}

// Table is the state of a table. The zero value has neither columns nor rows.
type Table struct {
	// Badge is what stands before a row that is not marked, in one cell; nil: nothing.
	Badge func(id string) string
	// Across is what a line says, styled, from its second column on, where the columns
	// have nothing to say; "": they do. A group is asked for by its first row; nil: all
	// lines have columns.
	Across func(l look.Look, id string, group bool) string
	// Hollow reports that a row stands for its group alone: the group is there without
	// it, and it is not counted; nil: no row does.
	Hollow func(id string) bool
	// Empty is said where there are no rows.
	Empty string

	columns []Column
	choice  []string       // the keys of the columns that are shown, in their order
	widths  map[string]int // of columns, only growing

	rows   []string // all, in the order they were given
	filter func(id string) bool
	order  order
	groups grouping
	items  []item
	shown  int // rows that the filter lets through
	all    int // rows that count

	cursor key
	marks  map[string]bool

	// Of the last View, to page, to click and to keep the place.
	first, room int
	drawn       []placed
}

// key is what the cursor is on: a row by its id, or a group by its name.
type key struct {
	group bool
	name  string
}

// item is a line of the table: a row, or a group with all its rows.
type item struct {
	key
	ids    []string // a row's own
	member bool     // a row of a group
}

// SetRows takes in what there is now; what was marked and is gone is forgotten. It
// is to be called when what the columns say changed, too. The row under the cursor
// keeps its place on the screen, unless the top is seen: that stays.
func (t *Table) SetRows(ids []string) {
	t.rows = slices.Clone(ids)
	if len(t.marks) > 0 {
		kept := make(map[string]bool, len(t.marks))
		for _, id := range ids {
			if t.marks[id] {
				kept[id] = true
			}
		}
		t.marks = kept
	}
	place := t.index() - t.first
	t.arrange()
	if t.first > 0 {
		t.first = t.index() - place
	}
	t.measure()
}

// SetColumns has other columns. Those that were chosen stay so if they are still
// there; new ones are shown where they stand, unless they are Off.
func (t *Table) SetColumns(columns []Column) {
	known := t.columns
	t.columns = slices.Clone(columns)
	t.choice = slices.DeleteFunc(t.choice, func(k string) bool { return t.column(k) == nil })
	for i, c := range columns {
		was := slices.ContainsFunc(known, func(k Column) bool { return k.Key == c.Key })
		if was || c.Off {
			continue
		}
		at := 0
		for _, before := range columns[:i] {
			at = max(at, slices.Index(t.choice, before.Key)+1)
		}
		t.choice = slices.Insert(t.choice, at, c.Key)
	}
	t.widths = map[string]int{}
	t.arrange()
	t.measure()
}

// Chosen are the keys of the columns that are shown where there is room.
func (t *Table) Chosen() []string { return slices.Clone(t.choice) }

// Toggle shows a column, as the last one, or takes it away; the only one stays.
func (t *Table) Toggle(key string) {
	at := slices.Index(t.choice, key)
	switch {
	case at >= 0 && len(t.choice) > 1:
		t.choice = slices.Delete(t.choice, at, at+1)
	case at < 0 && t.column(key) != nil:
		t.choice = append(t.choice, key)
		t.measure()
	}
}

// Shift moves a column by some places.
func (t *Table) Shift(key string, by int) {
	at := slices.Index(t.choice, key)
	if at < 0 {
		return
	}
	t.choice = slices.Delete(t.choice, at, at+1)
	t.choice = slices.Insert(t.choice, min(max(at+by, 0), len(t.choice)), key)
}

func (t *Table) column(key string) *Column {
	i := slices.IndexFunc(t.columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		return nil
	}
	return &t.columns[i]
}
