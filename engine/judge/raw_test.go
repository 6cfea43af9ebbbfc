package judge_test

import (
	"strings"
	"testing"

	"ablate/engine/judge"
)

// What the judge's speed is measured on does the same work on both sides: every
// program is accepted, and none is like another.
func TestDistinct(t *testing.T) {
	t.Parallel()
	ps := judge.Distinct(50)
	raw, err := judge.NewRaw(ps)
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Run(); err != nil {
		t.Error(err)
	}
	rs, err := openPool(t, 1, testLimits()).Judge(t.Context(), ps)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, r := range rs {
		if r.Verdict != judge.AC || r.Passed != 8 {
			t.Errorf("program %d: %+v, want 8 cases accepted", i, r)
		}
		seen[ps[i].Source] = true
	}
	if len(seen) != len(ps) {
		t.Errorf("%d programs are %d different ones", len(ps), len(seen))
	}
}

func TestRawRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		program judge.Program
		want    string
	}{
		"wrong":      {on(body("return x"), "1", "2"), "got 1, want 2"},
		"fails":      {on(body("return x[5]"), "[1]", "1"), "run program 0 on [1]"},
		"no program": {on(body("return ("), "1", "1"), "run program 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := judge.NewRaw([]judge.Program{c.program})
			if err != nil {
				t.Fatal(err)
			}
			if err := raw.Run(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := judge.NewRaw([]judge.Program{on(body("return x"), "1+1", "2")}); err == nil {
		t.Error("an input that is no literal is taken")
	}
}
