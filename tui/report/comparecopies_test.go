package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/engine/formats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// One file by two names, and a copy of it, is one seed: as two it would show that seeds
// make no difference. Files of one size that differ in a digit are two.
func TestCopiesAreNoSeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	samples := func(name, last string) string {
		path := filepath.Join(dir, name)
		text := strings.Repeat(" ", 1<<17) + `{"task_id":"a","passed":true}` + "\n" + `{"task_id":"b","passed":` + last + "}\n"
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, copied, other, b := samples("a.jsonl", " true"), samples("copy.jsonl", " true"), samples("other.jsonl", "false"), samples("b.jsonl", "false ")
	link := filepath.Join(dir, "link.jsonl")
	if err := os.Symlink(a, link); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) (*report.Comparison, error) {
		return report.NewComparer(s).Compare(report.CompareOptions{Names: names, Read: formats.ReadEvaluation})
	}
	for files, want := range map[string]string{
		a + "," + dir + "/./a.jsonl": "stands there twice", a + "," + link: "stands there twice",
		other + "," + a + "," + copied: a + " and " + copied + " hold the same bytes; each file is a seed", a + "," + a: "stands there twice",
	} {
		if _, err := at(files, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", files, err, want)
		}
	}
	if c, err := at(a+","+other, b); err != nil || c.Chosen.Against[1].SeedsA != 2 {
		t.Errorf("two files that differ in a digit: %v, %+v", err, c)
	}
	if c, err := at(a, link); err != nil || !c.Chosen.Against[1].Same {
		t.Errorf("one file on both sides: %v, %+v", err, c)
	}

	outcomes := []string{filepath.Join(dir, "i.jsonl"), filepath.Join(dir, "j.jsonl")}
	for _, path := range outcomes {
		if err := os.WriteFile(path, []byte(`{"id":"a","n":1,"c":1}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := at(strings.Join(outcomes, ","), b)
	if err != nil || len(c.Sides[0].Notes) != 1 || !strings.Contains(c.Sides[0].Notes[0], "hold the same bytes: if one is a copy, they are no two seeds") {
		t.Errorf("outcomes that two seeds may share: %v, %+v", err, c)
	}
}
