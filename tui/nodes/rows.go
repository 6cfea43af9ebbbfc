package nodes

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/filter"
	"ablate/tui/page"
	"ablate/tui/query"
	"ablate/tui/table"
)

// rows is a table that can be filtered.
type rows struct {
	table  table.Table
	filter filter.Filter
}

// values is a row as a filter sees it.
type values map[string]query.Value

// Field is what the row has in a field.
func (v values) Field(name string) (query.Value, bool) {
	x, ok := v[name]
	return x, ok
}

func (v values) text(name, text string) {
	if text != "" {
		v[name] = query.Value{Text: text}
	}
}

func (v values) number(name string, x float64, text string) {
	v[name] = query.Value{Text: text, Num: x, IsNum: true}
}

// texts are what rows have in a field, in words.
func texts(ids []string, of func(id string) query.Fields, field string) (list []string) {
	for _, id := range ids {
		if v, ok := of(id).Field(field); ok && !v.IsNum && !slices.Contains(list, v.Text) {
			list = append(list, v.Text)
		}
	}
	slices.Sort(list)
	return list
}

// keys are those of every table.
func (r *rows) keys() []page.Key {
	return append([]page.Key{
		{Keys: "/", Name: "filter", Hint: "filter", Help: "show only what matches: words, busy < 10%, run ~ /^paper/", Do: page.Do(r.filter.Begin)},
		{Keys: "space", Name: "mark", Hint: "mark", Help: "mark it for the next key, go to the next", Do: page.Do(func() { r.table.Mark(); r.table.Move(1) })},
		{Keys: "u", Name: "unmark", Help: "unmark all", Do: page.Do(r.table.ClearMarks)},
	}, page.Moves(&r.table, nil)...)
}

// back leaves the filter, then the marks.
func (r *rows) back() bool {
	if r.filter.Clear() {
		return true
	}
	marked := len(r.table.Marked()) > 0
	r.table.ClearMarks()
	return marked
}

// update takes in the mouse and the keys of the filter. again reports a click on
// what had the cursor already.
func (r *rows) update(msg tea.Msg, top int) (again bool) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		if r.filter.Typing() {
			r.filter.Update(msg)
		}
	case page.Click:
		return r.table.Click(msg.X, msg.Y-top)
	case page.Wheel:
		r.table.Move(msg.Lines)
	}
	return false
}

// sortKeys sort by one column after the other.
func (r *rows) sortKeys(columns func() []string) []page.Key {
	next := func() tea.Cmd {
		keys := append([]string{""}, columns()...)
		at, _ := r.table.Sorted()
		key := keys[(slices.Index(keys, at)+1)%len(keys)]
		if key == "" {
			r.table.Sort("", false)
			return page.Answer("in their own order")
		}
		r.table.SortBy(key)
		return page.Answer("sorted by " + key + "; O turns it round")
	}
	return []page.Key{
		{Keys: "o", Name: "sort", Hint: "sort", Help: "sort by the next column", Do: next, Args: columns, With: func(key string) tea.Cmd {
			if !slices.Contains(columns(), key) {
				return page.Fail("sort: there is no column " + key)
			}
			r.table.SortBy(key)
			return nil
		}},
		{Keys: "O", Name: "reverse", Help: "sort the other way", Do: func() tea.Cmd {
			if key, _ := r.table.Sorted(); key != "" {
				r.table.SortBy(key)
			}
			return nil
		}},
	}
}
