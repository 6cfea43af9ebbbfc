package reference

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	list, err := parse(xcoder)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range list {
		if seen[s.Name] || s.Source == "" || len(s.Points) < 2 {
			t.Errorf("series %+v has no source, one point, or stands apart", s)
		}
		seen[s.Name] = true
		for _, p := range s.Points {
			if p.Y < 1 || p.Y > 100 { // fractions would be below 1
				t.Errorf("%s at %s is %v, which is no percentage", s.Name, p.X, p.Y)
			}
		}
	}
}

// Table 3 and Table 14 of arXiv 2601.06953v2, read off the paper.
func TestLookup(t *testing.T) {
	t.Parallel()
	for _, want := range []Series{
		{"lcb5_verify", "P T3", []Point{{"raw", 47, 0, 268}, {"verified", 53.4, 0, 268}}},
		{"label_acc", "P T14", []Point{{"4", 94.39, 0, 486}, {"8", 94.73, 0, 486}, {"16", 95.13, 0, 486}}},
		{"lcb6_qwen3", "P T1", []Point{{"sft", 55.4, 2.3, 0}, {"rl", 56.5, 1.3, 0}}},
	} {
		s, ok := Lookup(want.Name)
		if !ok {
			t.Fatalf("no series %s", want.Name)
		}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Error(diff)
		}
	}
	if s, ok := Lookup("lcb5"); ok {
		t.Errorf("lcb5 is %v", s)
	}
	if names := Names(); !slices.Contains(names, "passk_qwen25_base") {
		t.Errorf("names are %q", names)
	}
}

func TestDamagedTable(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"a\t1\t2", "a\t1\tx\t\t\tP", "a\t1\t2\tx\t\tP", "a\t1\t2\t\tx\tP"} {
		if _, err := parse("# c\nhead\n" + line + "\n"); err == nil || !strings.Contains(err.Error(), `"a\t1`) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestCite(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"P F3": "X-Coder figure 3", "P T14": "X-Coder table 14", "NW": "X-Coder news article", "mine": "mine"} {
		if got := (Series{Source: source}).Cite(); got != want {
			t.Errorf("%s is %q, want %q", source, got, want)
		}
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"lcb5_tasks_v2": 8, "lcb5_task_writing": 4, "label_acc": 0} {
		if s, ok := Lookup(name); !ok || s.Samples() != want {
			t.Errorf("%s has %d samples, want %d", name, s.Samples(), want)
		}
	}
}
