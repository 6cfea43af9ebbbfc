package recipe

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/synth"
)

// verifiedSet is a small run on verified data, with some parameters changed.
func verifiedSet(set map[string]any) map[string]any {
	v := map[string]any{"source": fromVerified, "tasks": int64(64), "solutions": int64(1)}
	maps.Copy(v, set)
	return v
}

// judged are the means of a corpus whose source needs a judge.
func judged(t *testing.T, workers int) Means {
	t.Helper()
	return Means{Pool: newPool(t, workers), Workers: workers, Log: io.Discard}
}

// Raw rows are the teacher's first candidates, wrong ones among them; verified
// ones are golden programs of tasks that no gate dropped, and far fewer are wrong.
func TestRawAndVerified(t *testing.T) {
	t.Parallel()
	m := judged(t, 2)
	set := map[string]any{"teacher_error": 0.15, "tasks": int64(100)}
	raw := maps.Clone(verifiedSet(set))
	raw["source"] = fromRaw
	rawCorpus, rawRows := made(t, m, raw)
	verified, verifiedRows := made(t, m, verifiedSet(set))

	c := newConfig(tiny(raw))
	tasks := synth.Train(c.Seed, 200, c.options())
	teacher := synth.TeacherOf(0.15)
	for i, row := range rawRows {
		if want := (text{tasks[i].Statement, teacher.Candidates(c.Seed, tasks[i], 1)[0].Source}); row != want {
			t.Fatalf("raw row %d is %v, want %v", i, row, want)
		}
	}
	at := 0
	for i, row := range verifiedRows {
		for at < len(tasks) && tasks[at].Statement != row.statement {
			at++
		}
		if at == len(tasks) {
			t.Fatalf("verified row %d is of no made task, or out of order: %q", i, row.statement)
		}
		at++
	}
	wrong := func(d *corpus) float64 { return 1 - d.made["data/right"] }
	if wrong(rawCorpus) < 0.15 {
		t.Errorf("of raw rows %.3f are wrong: too few to tell", wrong(rawCorpus))
	}
	if wrong(verified) > wrong(rawCorpus)/2 {
		t.Errorf("of verified rows %.3f are wrong, of raw ones %.3f", wrong(verified), wrong(rawCorpus))
	}
	if made := verified.made["data/made"]; made != float64(at) {
		t.Errorf("%v tasks were made and the last row is of number %d", made, at)
	}
	t.Logf("raw %v, verified %v", rawCorpus.made, verified.made)
}

// A teacher that is never wrong loses no task but to the solver, and its rows are
// right.
func TestVerifiedOfPerfectTeacher(t *testing.T) {
	t.Parallel()
	d, _ := made(t, judged(t, 1), verifiedSet(map[string]any{"teacher_error": 0.0}))
	want := map[string]float64{
		"data/right": 1, "data/label_accuracy": 1, "data/golden_error": 0, "data/candidate_right": 1,
		"data/dropped/no_output": 0, "data/dropped/no_tests": 0, "data/dropped/disagreement": 0,
	}
	for name, v := range want {
		if d.made[name] != v {
			t.Errorf("%s is %v, want %v", name, d.made[name], v)
		}
	}
}

// The shares of what became of tasks make one.
func TestMakingIsWhole(t *testing.T) {
	t.Parallel()
	d, rows := made(t, judged(t, 1), verifiedSet(map[string]any{"teacher_error": 0.3}))
	sum := d.made["data/kept"]
	for _, reason := range synth.Reasons {
		sum += d.made["data/dropped/"+reason]
	}
	if sum < 1-1e-12 || sum > 1+1e-12 {
		t.Errorf("kept and dropped make %v", sum)
	}
	if kept := d.made["data/kept"] * d.made["data/made"]; len(rows) != 64 || kept < 63.999 || kept > 64.001 {
		t.Errorf("%v tasks are kept, %d rows; want 64", kept, len(rows))
	}
}

// The same seed gives the same rows whatever the number of workers, another seed
// does not, and few tasks are the first of many.
func TestVerifiedRowsAreNested(t *testing.T) {
	t.Parallel()
	few, many := verifiedSet(map[string]any{"tasks": int64(24)}), verifiedSet(nil)
	_, one := made(t, judged(t, 1), many)
	_, three := made(t, judged(t, 3), many)
	if !slices.Equal(one, three) {
		t.Error("the number of workers shows in the rows")
	}
	_, first := made(t, judged(t, 1), few)
	if !slices.Equal(first, one[:24]) {
		t.Error("24 tasks are not the first of 64")
	}
	other := tiny(many)
	other.Seed = 2
	d, err := newCorpus(t.Context(), newConfig(other), judged(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(one, d.texts()) {
		t.Error("two seeds give the same rows")
	}
}

// Solutions of a task are different verified programs, the golden one first; a
// task with fewer has them again, and the log says how many tasks that are.
func TestVerifiedSolutions(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	m := judged(t, 1)
	m.Log = &log
	_, single := made(t, m, verifiedSet(nil))
	_, rows := made(t, m, verifiedSet(map[string]any{"solutions": int64(8)}))
	repeated := 0
	for i := range 64 {
		mine := rows[8*i : 8*i+8]
		if mine[0] != single[i] {
			t.Errorf("task %d: the first of 8 is not the golden program", i)
		}
		seen := map[string]int{}
		for j, row := range mine {
			if at, ok := seen[row.completion]; ok && at != j%len(seen) {
				t.Errorf("task %d: program %d is that of %d and not in turn", i, j, at)
			} else if !ok {
				seen[row.completion] = j
			}
		}
		if len(seen) < 8 {
			repeated++
		}
	}
	if repeated == 0 || !strings.Contains(log.String(), " of 64 tasks have fewer than 8 verified programs") {
		t.Errorf("%d tasks repeat programs, the log:\n%s", repeated, &log)
	}
}

// Each parameter of making tasks reaches its place in the pipeline, and no other.
func TestPipelineOf(t *testing.T) {
	t.Parallel()
	pipeline := func(set map[string]any) synth.Pipeline { return newConfig(tiny(set)).pipeline(3) }
	usual := pipeline(nil)
	if diff := cmp.Diff(synth.DefaultPipeline(3), usual); diff != "" {
		t.Errorf("the default is not the paper's:\n%s", diff)
	}
	for name, c := range map[string]struct {
		value any
		with  func(*synth.Pipeline)
	}{
		"candidates":    {int64(16), func(p *synth.Pipeline) { p.Candidates = 16 }},
		"tests":         {int64(5), func(p *synth.Pipeline) { p.Tests = 5 }},
		"test_kind":     {"lists", func(p *synth.Pipeline) { p.TestKind = synth.TestsListed }},
		"weighting":     {"semantic", func(p *synth.Pipeline) { p.Rules.Weighting = synth.WeightSemantic }},
		"holdout":       {0.25, func(p *synth.Pipeline) { p.Rules.HoldOut = 0.25 }},
		"teacher_error": {0.3, func(p *synth.Pipeline) { p.Teacher = synth.TeacherOf(0.3) }},
		"styles":        {"1:1:1", func(*synth.Pipeline) {}},
		"source":        {fromVerified, func(*synth.Pipeline) {}},
	} {
		want := usual
		c.with(&want)
		if diff := cmp.Diff(want, pipeline(map[string]any{name: c.value})); diff != "" {
			t.Errorf("%s = %v (-want +got):\n%s", name, c.value, diff)
		}
	}
}

// Every axis of verification changes which rows there are, and what each row
// has is of a made task: nothing else moves.
func TestAxesOfVerification(t *testing.T) {
	t.Parallel()
	m := judged(t, 2)
	base := map[string]any{"teacher_error": 0.4} // so much that the weights of tests matter
	_, usual := made(t, m, verifiedSet(base))
	for name, value := range map[string]any{
		"candidates": int64(4), "tests": int64(6), "test_kind": "lists", "weighting": "none", "holdout": 0.0, "teacher_error": 0.1,
	} {
		set := maps.Clone(base)
		set[name] = value
		_, rows := made(t, m, verifiedSet(set))
		if slices.Equal(rows, usual) {
			t.Errorf("%s = %v changes no row", name, value)
		}
	}
}

// Data of which nothing is left is an error that says so, not an endless search.
func TestVerificationKeepsNothing(t *testing.T) {
	t.Parallel()
	c := newConfig(tiny(verifiedSet(map[string]any{"holdout": 1.0}))) // no test is left to select on
	_, err := newCorpus(t.Context(), c, judged(t, 1))
	if err == nil || !strings.Contains(err.Error(), "verification kept 0 of 96 tasks") {
		t.Errorf("error %v, want one that nothing was kept", err)
	}
}
