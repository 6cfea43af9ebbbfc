package look

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a corpus of one file.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.star"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const (
	sums = "def f(a):\n    return sum(a)\n\ndef g(b):\n    return sum(b)\n"
	odd  = "def h(a):\n    while_ = 1\n    return a[while_] + a[0]\n"
)

func TestExtract(t *testing.T) {
	t.Parallel()
	got := decoded[extracted](t, Request{Stage: "extract", Corpus: folder(t, sums+odd)})
	if got.Programs != 3 || got.Read != 2 || len(got.Unread) != 1 {
		t.Fatalf("%d programs, %d read, reasons %v", got.Programs, got.Read, got.Unread)
	}
	if u := got.Unread[0]; u.Programs != 1 || u.Function != "h" || !strings.HasPrefix(u.Example, "mine.star:") {
		t.Errorf("unread %+v", u)
	}
	if c := got.Categories[0]; c.Name != "algorithm" || c.Extracted != 1 {
		t.Errorf("first category %+v", c)
	}
	if f := got.Features[0]; f.Path != "algorithm/total/sum X/sum" || f.Programs != 2 || f.Program != "def f(a):\n    return sum(a)\n" {
		t.Errorf("first feature %+v", f)
	}
}

// Six categories, all of them counted before and after, and evolution adds up.
func TestEvolve(t *testing.T) {
	t.Parallel()
	got := decoded[evolved](t, Request{Stage: "evolve"})
	whole := decoded[tree](t, Request{Stage: "tree"})
	if len(got.Categories) != 6 {
		t.Errorf("%d categories", len(got.Categories))
	}
	for _, c := range got.Categories {
		if c.Extracted == 0 || c.Evolved < c.Extracted || c.Paper < 5 {
			t.Errorf("category %+v", c)
		}
	}
	if c := got.Categories[0]; c.Evolved-c.Extracted != len(got.Operations) {
		t.Errorf("%d operations, and algorithm went from %d to %d", len(got.Operations), c.Extracted, c.Evolved)
	}
	names := map[string]bool{}
	for _, f := range whole.Features {
		names[f.leaf()] = true
	}
	ways := map[bool]int{}
	for _, c := range got.Operations {
		ways[c.Depth]++
		if !names[c.Name] || !names[c.From] {
			t.Errorf("%s from %s is not in the tree", c.Name, c.From)
		}
	}
	if ways[true] == 0 || ways[false] == 0 {
		t.Errorf("breadth and depth made %v", ways)
	}
	tried := map[string]int{}
	for _, d := range got.Dropped {
		tried[d.Reason] = d.Tried
	}
	for _, reason := range []string{"does not execute", "behaves like another", "nearly always one output"} {
		if tried[reason] == 0 {
			t.Errorf("nothing was dropped since it %s: %v", reason, tried)
		}
	}
}

// What select drops leaves what it selects.
func TestSelect(t *testing.T) {
	t.Parallel()
	got := decoded[sampled](t, Request{Stage: "select", N: 200})
	left := got.Gates[0].Left
	for _, g := range got.Gates[1:] {
		if left -= g.Dropped; g.Left != left {
			t.Errorf("%s leaves %d, want %d", g.Name, g.Left, left)
		}
	}
	if left != 200 {
		t.Errorf("%d selected of 200", left)
	}
	for _, s := range got.Subtrees {
		for _, name := range s.Selected {
			if !strings.Contains(strings.Join(s.Leaves, "\n")+"\n", "/"+name+"\n") {
				t.Errorf("%s was selected out of %v", name, s.Leaves)
			}
		}
	}
}

func TestCorporaOfMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, corpus, stage, want string }{
		{"no program", folder(t, sums+"def h(a:\n"), "extract", "mine.star:6:9: got"},
		{"no function", folder(t, "x = 1\n"), "extract", "mine.star:1:1: not a function"},
		{"no file", t.TempDir(), "extract", "no file of the form *.star"},
		{"no folder", filepath.Join(t.TempDir(), "none"), "evolve", "no such file"},
		{"a file", filepath.Join(folder(t, sums), "mine.star"), "evolve", "is no folder"},
		{"peculiar alone", folder(t, odd), "tree", "no operation is shown by two programs"},
		{"sums alone", folder(t, sums), "select", "there is no compatible subtree"},
		{"sums alone", folder(t, sums), "verify", "there is no compatible subtree"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := run(t, Request{Stage: tt.stage, Corpus: tt.corpus, N: 3}, line{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || text != "" {
				t.Errorf("wrote %q, error %v, want one with %q", text, err, tt.want)
			}
		})
	}
}
