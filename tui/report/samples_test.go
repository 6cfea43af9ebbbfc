package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Of the last step the first right program, the first wrong one and the rollout of
// the largest advantage are shown, and nothing of what they hold moves the cursor.
func TestPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lines := []store.Sample{
		{Step: 1, Verdict: "AC", Statement: "early", Program: "def f(a):\n    return 0"},
		{Step: 2, Verdict: "WA", Statement: "return the \x1b[2Jsum", Program: "def f(a):\n    return max(a)", Passed: 1, Total: 8, Input: "[1, 2]", Want: "3", Got: "2"},
		{Step: 2, Verdict: "AC", Statement: "return the count", Program: "def f(a):\n    return len(a)", Passed: 8, Total: 8},
		{Step: 2, Verdict: "AC", Statement: "second right", Program: "def f(a):\n    return 1"},
		{Step: 2, Verdict: "CE", Statement: "rolled", Program: "def f(a", Total: 8, Reward: new(-2.0), Advantage: -0.5, Error: "line 1: got end of file"},
		{Step: 2, Verdict: "WA", Statement: "rolled", Program: "def f(a):\n    return []", Passed: 4, Total: 8, Reward: new(2.5), Advantage: 1.5, Input: "[]", Want: "0", Got: "[]"},
	}
	var b strings.Builder
	for _, s := range lines {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	if err := os.MkdirAll(filepath.Join(dir, "a1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a1", "samples.jsonl"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := programs(&out, store.Record{Run: experiments.Run{ID: "x/y/s1"}, Dir: dir, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	want := `
programs of step 2, some of those in DIR/a1/samples.jsonl

  AC, 8 of 8 tests
  return the count
    def f(a):
        return len(a)

  WA, 1 of 8 tests
  return the sum
    def f(a):
        return max(a)
  f([1, 2]) gave 2 and should give 3

  WA, 4 of 8 tests, a rollout: reward 2.5, advantage 1.50
  rolled
    def f(a):
        return []
  f([]) gave [] and should give 0
`
	if got := strings.ReplaceAll(out.String(), dir, "DIR"); got != want {
		t.Errorf("shown\n%s\nwant\n%s", got, want)
	}
}
