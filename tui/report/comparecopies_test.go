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
	items := func(name, last string) string {
		path := filepath.Join(dir, name)
		text := strings.Repeat(" ", 1<<17) + `{"id":"a","n":4,"c":1}` + "\n" + `{"id":"b","n":4,"c":` + last + "}\n"
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, copied, other, b := items("a.jsonl", "2"), items("copy.jsonl", "2"), items("other.jsonl", "3"), items("b.jsonl", "4")
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
		a + "," + dir + "/./a.jsonl": "hold the same bytes", a + "," + link: "hold the same bytes",
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
}
