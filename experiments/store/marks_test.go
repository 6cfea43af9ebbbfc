package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// markedStore is a store with marks.jsonl as given, and with runs e/c~0a1b2c/s1,
// s2 and e/d~aaaaaa/s1.
func markedStore(t *testing.T, lines string) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &experiments.Plan{Experiment: "e", Seeds: []int64{1, 2}, Cells: []experiments.Cell{{Name: "c~0a1b2c"}, {Name: "d~aaaaaa"}}}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for _, run := range p.Runs()[:3] {
		if err := os.MkdirAll(s.RunDir(run.ID), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := store.WriteJSON(filepath.Join(s.RunDir(run.ID), "run.json"), run); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.MarksFile(), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMarksFold(t *testing.T) {
	t.Parallel()
	line := func(on, kind, text string) string {
		return `{"time":5,"by":"ann@h","on":"` + on + `","kind":"` + kind + `","text":"` + text + `"}` + "\n"
	}
	note := func(on, kind, text string) store.Mark {
		return store.Mark{Time: 5, By: "ann@h", On: on, Kind: kind, Text: text}
	}
	bad := note("e/c", "distrust", "NaN")
	for _, tt := range []struct {
		name, lines, of string
		want            store.State
	}{
		{"none", "", "e/c/s1", store.State{}},
		{"the last word counts", line("e/c/s1", "star", "") + line("e/c/s1", "unstar", ""), "e/c/s1", store.State{}},
		{"of a cell for its runs", line("e/c", "distrust", "NaN") + line("e/c/s2", "star", ""), "e/c/s1", store.State{Distrusted: &bad}},
		{"of a run not for its cell", line("e/c/s1", "hide", ""), "e/c", store.State{}},
		{"a narrower word after a wider", line("e", "hide", "") + line("e/c/s1", "unhide", ""), "e/c/s1", store.State{}},
		{"a wider word after a narrower", line("e/c/s1", "unhide", "") + line("e", "hide", ""), "e/c/s1", store.State{Hidden: true}},
		{"names are whole", line("e/c", "star", "") + line("e", "star", ""), "ef/c/s1", store.State{}},
		{"notes stay in order", line("e", "note", "one") + line("e/c/s1", "note", "two"), "e/c/s1",
			store.State{Notes: []store.Mark{note("e", "note", "one"), note("e/c/s1", "note", "two")}}},
		{"tags are a set", line("e", "tag", "b") + line("e/c/s1", "tag", "a") + line("e", "tag", "a") + line("e/c/s1", "untag", "b"), "e/c/s1", store.State{Tags: []string{"a"}}},
		{"trusted again", line("e/c", "distrust", "NaN") + line("e/c", "trust", ""), "e/c/s1", store.State{}},
		{"damaged and torn lines", "{\x00}\n" + line("e", "star", "") + `{"on":"e","kind":"unstar"`, "e/c/s1", store.State{Starred: true}},
		{"kinds of a later version", line("e", "frame", ""), "e", store.State{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := store.ReadMarks(markedStore(t, tt.lines))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, m.Of(tt.of)); diff != "" {
				t.Errorf("state of %s (-want +got):\n%s", tt.of, diff)
			}
		})
	}
}

// Thousands of marks on an experiment are put together once, and not for each of
// its runs; those of one run are not another's. It is not parallel: it counts what
// is allocated.
func TestMarksOfManyRuns(t *testing.T) {
	line := func(on, text string) string {
		return `{"time":1,"by":"ada@lab","on":"` + on + `","kind":"note","text":"` + text + `"}`
	}
	var lines []string
	for i := range 20000 {
		lines = append(lines, line("e", strconv.Itoa(i)))
	}
	m, err := store.ReadMarks(markedStore(t, strings.Join(append(lines, line("e/c/s7", "its own")), "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	allocated := testing.AllocsPerRun(1, func() {
		for i := range 300 {
			want := 20000
			if i == 7 {
				want++
			}
			if got := len(m.Of(fmt.Sprintf("e/c/s%d", i)).Notes); got != want {
				t.Fatalf("run %d has %d notes, want %d", i, got, want)
			}
		}
	})
	if allocated > 300*20 {
		t.Errorf("300 runs took %.0f allocations", allocated)
	}
}

func TestMarkCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, text, want string }{
		{"note", "a b", ""}, {"note", " ", "needs a text"}, {"distrust", "", "needs a text"}, {"distrust", "NaN", ""},
		{"tag", "paper", ""}, {"tag", "", "no tag"}, {"untag", "two words", "no tag"}, {"tag", "a,b", "no tag"}, {"tag", "größer", ""},
		{"tag", "\u202eevil", "no tag"}, {"tag", "a\u2028b", "no tag"}, {"tag", "\xff", "no tag"}, {"tag", "\x1b[2Ja", "no tag"},
		{"tag", strings.Repeat("x", 61), "no tag"},
		{"star", "", ""}, {"hide", "x", "takes no text"}, {"shine", "", "no mark"}, {"note", strings.Repeat("x", 8193), "more than 8192"},
	} {
		err := store.Mark{On: "e", Kind: tt.kind, Text: tt.text}.Check()
		if got := err == nil; got != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %.20q: %v, want %q", tt.kind, tt.text, err, tt.want)
		}
	}
}

// What is said of a mark is shown in a terminal, whatever is in it.
func TestMarkWords(t *testing.T) {
	t.Parallel()
	got := store.Mark{Kind: store.Distrusted, Text: "a\x1b[2J\u202e\nb ö"}.Words()
	if want := "distrusted, and left out of results: a [2J  b ö"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	s := markedStore(t, "")
	for _, tt := range []struct{ name, want, fault string }{
		{"e", "e", ""}, {"e/", "e", ""}, {"e/c", "e/c~0a1b2c", ""}, {"e/c~0a1b2c", "e/c~0a1b2c", ""}, {"e/c/s2", "e/c~0a1b2c/s2", ""},
		{"e/d", "e/d~aaaaaa", ""}, {"e/x", "", "none of that name"}, {"f", "", "no runs of that experiment"}, {"e/c/s2/a1", "", "none of that name"},
	} {
		got, err := s.Target(tt.name)
		if got != tt.want || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("target %s is %q, %v; want %q, %q", tt.name, got, err, tt.want, tt.fault)
		}
	}
	for target, want := range map[string]bool{
		"e": true, "e/c~0a1b2c": true, "e/c~0a1b2c/s1": true, "e/c": false, "e/c/s1": false, "e/c~0a1b2c/s9": false,
		"": false, "..": false, "e/..": false, "engine": false, "e/c~0a1b2c/s1/a1": false, "e/": false, "e/c~0a1b2c/s1//////": false,
	} {
		if got := s.HasTarget(target); got != want {
			t.Errorf("the store has %q: %v, want %v", target, got, want)
		}
	}
}
