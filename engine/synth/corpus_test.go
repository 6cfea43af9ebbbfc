package synth

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.starlark.net/syntax"
)

// written is one program of the seed corpus.
type written struct {
	file string
	def  *syntax.DefStmt
	body string // the lines below the one of def
}

// corpusPrograms parses the files of the seed corpus.
func corpusPrograms(t *testing.T) []written {
	t.Helper()
	entries, err := corpusFiles.ReadDir("corpus")
	if err != nil {
		t.Fatal(err)
	}
	var programs []written
	for _, entry := range entries {
		name := path.Join("corpus", entry.Name())
		source, err := corpusFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := (&syntax.FileOptions{}).Parse(name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(source), "\n")
		for _, stmt := range file.Stmts {
			def, ok := stmt.(*syntax.DefStmt)
			if !ok {
				start, _ := stmt.Span()
				t.Fatalf("%s: a statement that is no def", start)
			}
			start, end := def.Span()
			body := strings.Join(lines[start.Line:end.Line], "\n")
			programs = append(programs, written{file: name, def: def, body: body})
		}
	}
	return programs
}

// source makes the program one of f, as tasks have it.
func (w written) source() string {
	return "def f(" + w.argument() + "):\n" + w.body + "\n"
}

func (w written) argument() string {
	if len(w.def.Params) != 1 {
		return ""
	}
	name, ok := w.def.Params[0].(*syntax.Ident)
	if !ok {
		return ""
	}
	return name.Name
}

func TestCorpusHasManyDifferentPrograms(t *testing.T) {
	t.Parallel()
	programs := corpusPrograms(t)
	if len(programs) < 300 {
		t.Errorf("%d programs, want at least 300", len(programs))
	}
	names, bodies := map[string]string{}, map[string]string{}
	for _, p := range programs {
		name := p.def.Name.Name
		if p.argument() == "" {
			t.Errorf("%s: %s does not take exactly one plain argument", p.file, name)
		}
		if other, ok := names[name]; ok {
			t.Errorf("%s: %s is defined in %s as well", p.file, name, other)
		}
		if other, ok := bodies[p.body]; ok {
			t.Errorf("%s: %s has the body of %s", p.file, name, other)
		}
		names[name], bodies[p.body] = p.file, name
	}
}

// numeric says whether text is a Starlark int or list of ints: the text of any
// other value has a letter, a quote or another bracket in it.
func numeric(text string) bool {
	return strings.Trim(text, "[]-0123456789, ") == "" && strings.Count(text, "[") <= 1
}

func TestCorpusRunsOnTheProbes(t *testing.T) {
	t.Parallel()
	for _, p := range corpusPrograms(t) {
		c, err := compile(p.source())
		if err != nil {
			t.Errorf("%s: %s: %v", p.file, p.def.Name.Name, err)
			continue
		}
		scalar := !strings.HasPrefix(c.on(nil), "[")
		for _, probe := range probes() {
			got := c.on(probe)
			if !numeric(got) {
				t.Errorf("%s: %s(%v) = %s, want an int or a list of ints", p.file, p.def.Name.Name, probe, got)
				break
			}
			if scalar == strings.HasPrefix(got, "[") {
				t.Errorf("%s: %s(%v) = %s: now an int, now a list", p.file, p.def.Name.Name, probe, got)
				break
			}
		}
	}
}

func TestCorpusIsPythonAsWell(t *testing.T) {
	t.Parallel()
	var programs []checked
	for _, p := range corpusPrograms(t) {
		c, err := compile(p.source())
		if err != nil {
			t.Fatal(err)
		}
		wants := make([]string, len(probes()))
		for i, probe := range probes() {
			wants[i] = c.on(probe)
		}
		programs = append(programs, checked{Source: p.source(), Inputs: probes(), Wants: wants})
	}
	agreeInPython(t, programs)
}

func TestCorpusProgramsDoWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	input := []int64{6, -3, 8, 8, 0, 5, -10}
	want := map[string]string{
		"even_numbers":                  "[6, 8, 8, 0, -10]",
		"positive_single_digits":        "[6, 8, 8, 5]",
		"larger_than_index":             "[6, 8, 8]",
		"halve_the_even":                "[3, -3, 4, 4, 0, 5, -5]",
		"rotate_right":                  "[-10, 6, -3, 8, 8, 0, 5]",
		"neighbours_swapped":            "[-3, 6, 8, 8, 5, 0, -10]",
		"running_minimum":               "[6, -3, -3, -3, -3, -3, -10]",
		"gaps":                          "[7, 3, 5, 1, 2, 0]",
		"sum_of_even_squares":           "264",
		"sum_without_extremes":          "16",
		"total_variation":               "48",
		"second_largest":                "8",
		"index_of_largest":              "2",
		"count_repeats":                 "1",
		"count_above_mean":              "4",
		"doubles_of_three_largest_even": "[16, 16, 12]",
		"gaps_between_squares":          "[9, 16, 11, 28, 0, 36]",
		"alternating_sum_descending":    "-6",
		"sum_of_capped_pair_sums":       "18",
		"most_frequent":                 "8",
		"run_lengths":                   "[1, 1, 2, 1, 1, 1]",
		"count_inversions":              "13",
		"largest_block_sum":             "24",
		"from_both_ends":                "[6, -10, -3, 5, 8, 0, 8]",
		"insertion_sorted":              "[-10, -3, 0, 5, 6, 8, 8]",
		"closest_pair_distance":         "0",
	}
	got := map[string]string{}
	for _, p := range corpusPrograms(t) {
		if _, ok := want[p.def.Name.Name]; !ok {
			continue
		}
		c, err := compile(p.source())
		if err != nil {
			t.Fatal(err)
		}
		got[p.def.Name.Name] = c.on(input)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on %v (-want +got):\n%s", input, diff)
	}
}
