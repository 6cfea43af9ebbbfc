package look

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/recipe"
	"ablate/engine/synth"
)

// TestMain lets the test binary be the judge's child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "judge" {
		if err := judge.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// line is a command line without the request.
type line struct {
	names, set []string
	json       bool
}

// run gives what a request writes.
func run(t *testing.T, r Request, l line) (string, error) {
	t.Helper()
	if r.Stage == "" {
		r.Stage = "verify"
	}
	if r.Seed == 0 {
		r.Seed = 1
	}
	r.Recipes = recipe.Table()
	var out bytes.Buffer
	err := r.Run(t.Context(), &out, l.names, l.set, l.json)
	return out.String(), err
}

// decoded is the JSON of a stage.
func decoded[T any](t *testing.T, r Request, set ...string) T {
	t.Helper()
	text, err := run(t, r, line{json: true, set: set})
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// Lines for people fit a terminal of 80 columns, but for programs, and end in a
// next step.
func TestTextFits(t *testing.T) {
	t.Parallel()
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for seed := range int64(4) {
				text, err := run(t, Request{Stage: s.name, Seed: seed + 1, N: min(s.n, 150)}, line{set: []string{"trace=long"}})
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(text) {
					program := strings.HasPrefix(line, "    ")
					if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > width && !program {
						t.Errorf("seed %d: %d columns: %s", seed+1, utf8.RuneCountInString(line), line)
					}
					if strings.TrimRight(line, " ") != line {
						t.Errorf("blanks at the end of %q", line)
					}
				}
				if !strings.Contains(text, "\nnext: ") {
					t.Error("no next step")
				}
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		r    Request
		line line
		want string
	}{
		{"stage", Request{Stage: "verfy"}, line{}, `there is no stage "verfy"; the stages are `},
		{"name", Request{}, line{names: []string{"quick"}}, `synth takes flags alone, not "quick"`},
		{"key", Request{}, line{set: []string{"candidate=4"}}, `Did you mean "candidates"?`},
		{"value", Request{}, line{set: []string{"candidates=many"}}, `"many" is not an int`},
		{"range", Request{}, line{set: []string{"teacher_error=2"}}, "teacher_error"},
		{"choice", Request{}, line{set: []string{"weighting=heavy"}}, "semantic"},
		{"tasks", Request{}, line{set: []string{"tasks=5"}}, "how many is said by --n"},
		{"no vote", Request{}, line{set: []string{"candidates=1"}}, "candidates = 1 is no vote: it takes two"},
		{"no tests", Request{}, line{set: []string{"holdout=1"}}, "holdout = 1 leaves none of tests = 15"},
		{"styles", Request{}, line{set: []string{"styles=1:2"}}, "write three, like 70:15:15"},
		{"export of a stage", Request{Stage: "write", Export: t.TempDir()}, line{}, "only verified tasks are exported"},
		{"export into a file", Request{Export: file + "/x"}, line{}, "choose a folder that can be written"},
		{"one test", Request{Export: t.TempDir()}, line{set: []string{"tests=1", "holdout=0"}}, "needs 2 sample tests and tests = 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.r.N = 2
			text, err := run(t, tt.r, tt.line)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if text != "" {
				t.Errorf("wrote %q", text)
			}
		})
	}
}

// What is not given is the paper's, under the recipes' names.
func TestParamsOfJSON(t *testing.T) {
	t.Parallel()
	got := decoded[written](t, Request{Stage: "write", N: 3, Seed: 7}, "styles=0:0:1", "candidates=4")
	want := map[string]any{
		"candidates": int64(4), "evolution": true, "holdout": 0.5, "styles": "0:0:1", "tasks": int64(3), "teacher_error": synth.DefaultTeacher().Slip,
		"test_kind": "generator", "tests": int64(15), "trace": "short", "two_stage": true, "weighting": "size",
	}
	if diff := cmp.Diff(want, map[string]any(got.Params)); diff != "" {
		t.Error(diff)
	}
	if got.Stage != "write" || got.Seed != 7 || got.N != 3 || len(got.Tasks) != 3 {
		t.Errorf("stage %q, seed %d, n %d, %d tasks", got.Stage, got.Seed, got.N, len(got.Tasks))
	}
	for _, task := range got.Tasks {
		if task.Style != "leetcode" || !strings.HasPrefix(task.Program, "def f(a):\n") {
			t.Errorf("%s in style %s with program %q", task.ID, task.Style, task.Program)
		}
	}
}

// A candidate without a fault is right on all tests, and one that fails a test
// shows where.
func TestSolve(t *testing.T) {
	t.Parallel()
	got := decoded[solved](t, Request{Stage: "solve", N: 30}, "teacher_error=0.2")
	faults := 0
	for _, task := range got.Tasks {
		for j, c := range task.Candidates {
			if (c.Wrong == nil) != (c.Right == c.Tests) {
				t.Errorf("%s, candidate %d: right on %d of %d, first wrong %v", task.ID, j, c.Right, c.Tests, c.Wrong)
			}
			if c.Fault == "" && c.Wrong != nil {
				t.Errorf("%s, candidate %d has no fault and is wrong: %+v", task.ID, j, c.Wrong)
			}
			if c.Wrong != nil {
				faults++
			}
		}
	}
	if faults == 0 {
		t.Error("a bad teacher was never wrong")
	}
}

// The funnel loses what it says, and a task that was dropped says why.
func TestVerify(t *testing.T) {
	t.Parallel()
	got := decoded[verified](t, Request{N: 300, All: true}, "teacher_error=0.2")
	if len(got.Examples) != 300 {
		t.Fatalf("%d tasks", len(got.Examples))
	}
	dropped := map[string]int{}
	for _, task := range got.Examples {
		dropped[task.Dropped]++
	}
	left := 0
	for i, g := range got.Gates {
		switch {
		case g.Name == "kept":
			if g.Left != dropped[""] || g.Left != left {
				t.Errorf("kept %d, after %d; %d tasks say so", g.Left, left, dropped[""])
			}
		case g.Dropped > 0:
			if want := left - g.Dropped; g.Left != want {
				t.Errorf("%s leaves %d of %d and dropped %d", g.Name, g.Left, left, g.Dropped)
			}
			if n, ok := dropped[g.Name]; ok && n != g.Dropped {
				t.Errorf("%s dropped %d, and %d tasks say so", g.Name, g.Dropped, n)
			}
		case i > 0 && g.Left > left:
			t.Errorf("%s has %d left of %d", g.Name, g.Left, left)
		}
		left = g.Left
	}
	if dropped["disagreement"] == 0 || dropped["unsolvable"] == 0 {
		t.Errorf("dropped %v: a gate never closed", dropped)
	}
}

func TestExamplesOfVerify(t *testing.T) {
	t.Parallel()
	got := decoded[verified](t, Request{N: 300}, "teacher_error=0.2")
	var reasons []string
	for _, task := range got.Examples {
		reasons = append(reasons, task.Dropped)
	}
	if diff := cmp.Diff([]string{"", "", "disagreement", "unsolvable"}, reasons); diff != "" {
		t.Error(diff)
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	var p page
	p.prose(2, strings.Repeat("word ", 30))
	want := "  " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n"
	if p.String() != want+want {
		t.Errorf("got\n%swant\n%s", p.String(), want+want)
	}
	p.Reset()
	p.hang(2, "label", strings.Repeat("leaf 12, ", 9)+"last")
	if diff := cmp.Diff("  label  leaf 12, leaf 12, leaf 12, leaf 12, leaf 12, leaf 12, leaf 12, leaf 12,\n         leaf 12, last\n", p.String()); diff != "" {
		t.Error(diff)
	}
}

// Without evolution no task has an evolved feature; without a second stage no set
// is dropped for what it does.
func TestArms(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, f := range decoded[extracted](t, Request{Stage: "extract"}).Features {
		known[f.leaf()] = true
	}
	evolved := map[bool]int{}
	for _, arm := range []bool{true, false} {
		for _, task := range decoded[written](t, Request{Stage: "write", N: 100}, fmt.Sprintf("evolution=%t", arm)).Tasks {
			for _, f := range task.Features {
				if !known[f] {
					evolved[arm]++
				}
			}
		}
	}
	if evolved[true] == 0 || evolved[false] != 0 {
		t.Errorf("evolved features with and without evolution: %v", evolved)
	}
	for _, g := range decoded[sampled](t, Request{Stage: "select", N: 100}, "two_stage=false").Gates {
		if (g.Name == "idle" || g.Name == "constant") && g.Dropped > 0 {
			t.Errorf("one stage dropped %d sets as %s", g.Dropped, g.Name)
		}
	}
}
