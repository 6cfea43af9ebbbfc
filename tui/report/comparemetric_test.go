package report_test

import (
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// A metric is called in full or in short, and one that nobody has is a mistake and not a
// result, but while runs go on that may still end with it.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	f := files{"a.json": solved(8, "0123"), "b.json": solved(8, "4455"), "one.json": solved(1, "0101")}
	for name, c := range map[string]struct{ metric, b, want string }{
		"in short":          {"pass@8", "b.json", "pass@8: "},
		"in full":           {"eval/pass@8", "b.json", "pass@8: "},
		"avg@8 in short":    {"avg@8", "b.json", "avg@8: "},
		"too few samples":   {"pass@8", "one.json", "pass@8: n < k"},
		"k that nobody has": {"pass@3", "b.json", `compare: no run reports "eval/pass@3"; did you mean "eval/pass@`},
		"a slip":            {"pas@1", "b.json", `compare: no run reports "pas@1"; there are eval/pass@1, `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			err = report.Compare(&b, s, report.CompareOptions{Names: []string{"a.json", c.b}, Metric: c.metric, Read: f.read}, false, false)
			got := b.String()
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || strings.Contains(got, "yet") {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
}
