package experiments

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cellOf makes a cell of "tasks=256 solutions=4 | lr=1": axes, then parameters that
// are none. All values are ints.
func cellOf(t *testing.T, text string) Cell {
	t.Helper()
	c := Cell{Params: Params{}}
	axes, fixed, _ := strings.Cut(text, "|")
	for i, part := range []string{axes, fixed} {
		for word := range strings.FieldsSeq(part) {
			name, digits, _ := strings.Cut(word, "=")
			var v int64
			if _, err := fmt.Sscan(digits, &v); err != nil {
				t.Fatal(err)
			}
			c.Params[name] = v
			if i == 0 {
				c.Axes = append(c.Axes, Setting{name, v})
			}
		}
	}
	return c
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		designs []string // cells between commas
		want    [][]int
	}{
		"the same axes, other parameters":            {[]string{"t=1 | n=5, t=2 | n=5", "t=2 | n=9, t=1 | n=9"}, [][]int{{0, 1}, {1, 0}}},
		"what one has not stands alone":              {[]string{"t=1, t=2", "t=2, t=3"}, [][]int{{0, -1}, {1, 0}, {-1, 1}}},
		"two axes":                                   {[]string{"t=1 s=1, t=1 s=2", "t=1 s=2, t=2 s=1"}, [][]int{{0, -1}, {1, 0}, {-1, 1}}},
		"an axis that the other has fixed":           {[]string{"t=1 s=1, t=1 s=4, t=2 s=4", "t=1 | s=4, t=2 | s=4"}, [][]int{{0, -1}, {1, 0}, {2, 1}}},
		"fixed at what is no value: alone":           {[]string{"t=1 s=1, t=1 s=2", "t=1 | s=9"}, [][]int{{0, -1}, {1, -1}, {-1, 0}}},
		"no choice: it need not agree":               {[]string{"t=1 s=1", "t=1 | s=9"}, [][]int{{0, 0}}},
		"an axis that the other does not know":       {[]string{"t=1 s=1, t=1 s=2", "t=1"}, [][]int{{0, 0}, {1, 0}}},
		"several agree: none":                        {[]string{"t=1 s=1, t=1 s=2", "t=1 u=1 | s=1, t=1 u=2 | s=1"}, [][]int{{0, -1}, {1, -1}, {-1, 0}, {-1, 1}}},
		"three designs":                              {[]string{"t=1, t=2", "t=1", "t=2, t=1"}, [][]int{{0, 0, 1}, {1, -1, 0}}},
		"one cell each without an axis in common":    {[]string{"a=1", "b=2"}, [][]int{{0, 0}}},
		"no axis in common, and a choice with facts": {[]string{"a=1 | b=1, a=2 | b=2", "b=2 | a=2"}, [][]int{{0, -1}, {1, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			designs := make([][]Cell, len(c.designs))
			for i, d := range c.designs {
				for text := range strings.SplitSeq(d, ",") {
					designs[i] = append(designs[i], cellOf(t, text))
				}
			}
			var got [][]int
			for _, m := range Match(designs) {
				got = append(got, m.Cells)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMatchNamesWhatIsShared(t *testing.T) {
	t.Parallel()
	rows := Match([][]Cell{{cellOf(t, "t=1 s=4")}, {cellOf(t, "s=4 t=1"), cellOf(t, "s=2 t=1")}})
	want := []Setting{{"t", int64(1)}, {"s", int64(4)}}
	if diff := cmp.Diff(want, rows[0].Shared); diff != "" {
		t.Errorf("shared (-want +got):\n%s", diff)
	}
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	got := Differing([]Params{
		{"lr": 0.1, "tasks": int64(4), "same": "x", "kind": int64(1), "gone": true},
		{"lr": 0.2, "tasks": int64(4), "same": "x", "kind": 1.0},
		{"lr": 0.1, "tasks": int64(4), "same": "x", "kind": int64(1), "new": ""},
	})
	if diff := cmp.Diff([]string{"gone", "kind", "lr", "new"}, got); diff != "" {
		t.Errorf("differing (-want +got):\n%s", diff)
	}
	if got := Differing(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
