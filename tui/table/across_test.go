package table_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/look"
	"ablate/tui/table"
)

// A row that stands for its group alone is not seen and not counted, what has nothing
// for the columns says it across them, and a group is shaded by its rows.
func TestAcross(t *testing.T) {
	t.Parallel()
	list := runs()
	var tab table.Table
	tab.Across = func(_ look.Look, id string, group bool) string {
		switch {
		case group && id == "c/s1":
			return "not a word from it"
		case !group && id == "a/s1":
			return "its columns are empty"
		}
		return ""
	}
	tab.Hollow = func(id string) bool { return id == "c/s1" }
	cols := columns(list)
	cols[2].Shade = func(_ look.Look, ids []string, text string) string { return "<" + strings.Join(ids, " ") + ">" + text }
	tab.SetColumns(cols)
	tab.SetRows(ids(list))
	if n, of := tab.Count(); n != 5 || of != 5 {
		t.Errorf("%d of %d without groups", n, of)
	}
	tab.Group(func(id string) string { return id[:1] }, false)
	if n, of := tab.Count(); n != 4 || of != 4 {
		t.Errorf("%d of %d rows", n, of)
	}
	screen := strings.Join(strings.Fields(ansi.Strip(strings.Join(tab.View(plainLook(), 60, 12), "\n"))), " ")
	for _, s := range []string{"▾ c not a word from it", "a/s1 its columns are empty", "<b/s10 b/s2>", "<a/s1 a/s2>"} {
		if !strings.Contains(screen, s) {
			t.Errorf("%q is not there: %s", s, screen)
		}
	}
	if strings.Contains(screen, "c/s1") || strings.Contains(screen, "failed") {
		t.Errorf("what is not to be seen is: %s", screen)
	}
	tab.Bottom()
	if tab.Mark(); len(tab.Marked()) > 0 {
		t.Errorf("marked %v", tab.Marked())
	}
	tab.Filter(func(id string) bool { return id == "c/s1" })
	if n, of := tab.Count(); n != 0 || of != 4 {
		t.Errorf("%d of %d match", n, of)
	}
}
