package look

import (
	"fmt"
	"slices"
	"testing"
)

// A log that grows is drawn again once in half its height, and always ends with its
// last line.
func TestTail(t *testing.T) {
	t.Parallel()
	const kept, h = 200, 20
	var tail Tail
	var all []string
	jumps, before := 0, ""
	for n := range 1000 {
		all = append(all, fmt.Sprintf("line %d", n))
		tail.Set(slices.Clone(all[max(0, len(all)-kept):]))
		rows := tail.Rows(40, h)
		if rows[len(rows)-1] != all[n] || len(rows) > h || n > h && len(rows) <= h/2-1 {
			t.Fatalf("line %d: %d rows that end with %q", n, len(rows), rows[len(rows)-1])
		}
		if rows[0] != before {
			jumps++
		}
		before = rows[0]
	}
	if want := 1000/(h/2) + 1; jumps > want {
		t.Errorf("%d jumps, want at most %d", jumps, want)
	}
	tail.Set([]string{"a", "日本語日本語日本語日本語日本語", "b"})
	if rows := tail.Rows(10, 3, "under"); rows[len(rows)-1] != "under" || len(rows) > 3 {
		t.Errorf("rows are %q", rows)
	}
	if rows := (&Tail{}).Rows(10, 3, "nothing printed yet"); len(rows) != 3 {
		t.Errorf("rows are %q", rows)
	}
	if rows := (&Tail{}).Rows(10, 0); len(rows) != 0 {
		t.Errorf("rows are %q", rows)
	}
}
