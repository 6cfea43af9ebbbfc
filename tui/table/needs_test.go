package table_test

import (
	"strings"
	"testing"

	"ablate/tui/look"
	"ablate/tui/table"
)

// In as many cells as columns need they are there in full, and in one less one of them
// is not.
func TestNeeds(t *testing.T) {
	t.Parallel()
	var tb table.Table
	text := func(s string) func(string) string { return func(string) string { return s } }
	tb.SetColumns([]table.Column{
		{Key: "name", Head: "name", Min: 5, Cell: text("abcdefgh")},
		{Key: "a", Head: "A", Right: true, Priority: 2, Cell: text("0.578 ±.029")},
		{Key: "x", Head: "X", Right: true, Priority: 3, Cell: text("of no use")},
		{Key: "d", Head: "B - A", Right: true, Priority: 1, Cell: text("-0.237 [-.274, -.201]")},
	})
	tb.SetRows([]string{"one"})
	need := tb.Needs("a", "d")
	if want := 2 + 5 + 2 + 11 + 2 + 21; need != want {
		t.Errorf("it needs %d cells, want %d", need, want)
	}
	seen := func(w int) bool {
		out := look.Strip(strings.Join(tb.View(look.Look{}, w, 4), "\n"))
		return strings.Contains(out, "±.029") && strings.Contains(out, "[-.274, -.201]")
	}
	if !seen(need) || seen(need-1) {
		t.Errorf("in %d cells: %v, in one less: %v", need, seen(need), seen(need-1))
	}
}
