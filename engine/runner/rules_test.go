package runner

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func TestRules(t *testing.T) {
	t.Parallel()
	rule := func(kind, goal string, limit float64, window int) experiments.StopRule {
		return experiments.StopRule{Kind: kind, Metric: "train/loss", Above: limit, Below: limit, Window: window, Goal: goal}
	}
	diverge, collapse := rule("diverge", "", 10, 3), rule("collapse", "", 0.5, 2)
	lower, higher := rule("plateau", "min", 0.1, 3), rule("plateau", "max", 0, 2)
	tests := []struct {
		name   string
		rule   experiments.StopRule
		values []float64 // at the steps 1, 2, ...
		want   string    // the step at which it fires and what it says then; "" never
	}{
		{"nan: finite", rule("nan", "", 0, 0), []float64{1, -1e308, 0}, ""},
		{"nan", rule("nan", "", 0, 0), []float64{1, nan, 1}, "train/loss is NaN at step 2"},
		{"nan: infinite", rule("nan", "", 0, 0), []float64{1, 1, inf}, "train/loss is +Inf at step 3"},
		{"nan: minus infinite", rule("nan", "", 0, 0), []float64{-inf}, "train/loss is -Inf at step 1"},
		{"diverge: interrupted", diverge, []float64{11, 11, 10, 11, 11}, ""},
		{"diverge: at the limit", diverge, []float64{10, 10, 10, 10}, ""},
		{"diverge", diverge, []float64{1, 11, 12, 13, 14}, "train/loss is 13 at step 4, above 10 for 3 points in a row"},
		{"diverge: NaN counts", diverge, []float64{11, nan, inf}, "train/loss is +Inf at step 3, above 10 for 3 points in a row"},
		{"diverge: minus infinite does not", diverge, []float64{11, -inf, 11}, ""},
		{"diverge: at once", rule("diverge", "", 10, 1), []float64{9, 11}, "train/loss is 11 at step 2, above 10 for 1 point"},
		{"collapse", collapse, []float64{1, 0.4, 0.6, 0.4, 0.1}, "train/loss is 0.1 at step 5, below 0.5 for 2 points in a row"},
		{"collapse: at the limit", collapse, []float64{0.5, 0.5, 0.5}, ""},
		{"collapse: NaN is not below", collapse, []float64{0.4, nan, 0.4}, ""},
		{"plateau: too few", lower, []float64{1, 1, 1}, ""},
		{"plateau: nothing at all", lower, []float64{1, 1, 1, 1}, "train/loss was 1 and got no better than that by more than 0.1 in 3 points, to step 4"},
		{"plateau: worse", lower, []float64{1, 2, 3, 4}, "train/loss was 1 and got no better than that by more than 0.1 in 3 points, to step 4"},
		{"plateau: the least improvement is none", lower, []float64{1, 1, 0.9, 1}, "train/loss was 1 and got no better than that by more than 0.1 in 3 points, to step 4"},
		{"plateau: more than that", lower, []float64{1, 1, 0.875, 1}, ""},
		{"plateau: slow and steady", lower, []float64{1, 0.96, 0.92, 0.875, 0.85, 0.8, 0.75}, ""},
		{"plateau: too slow", lower, []float64{1, 0.98, 0.96, 0.94}, "train/loss was 1 and got no better than that by more than 0.1 in 3 points, to step 4"},
		{"plateau: NaN is no improvement", lower, []float64{1, nan, nan, nan}, "train/loss was 1 and got no better than that by more than 0.1 in 3 points, to step 4"},
		{"plateau: it began with NaN", lower, []float64{nan, 5, 4, 3, 2}, ""},
		{"plateau: infinite is no best", lower, []float64{-inf, 5, 4, 3, 2}, ""},
		{"plateau: higher is better", higher, []float64{0.1, 0.3, 0.2, 0.2}, "train/loss was 0.3 and got no better than that by more than 0 in 2 points, to step 4"},
		{"plateau: a new best every other point", higher, []float64{0.1, 0.3, 0.2, 0.4, 0.3, 0.5}, ""},
		{"unknown kind", rule("median", "", 0, 1), []float64{1, nan, 3}, ""},
	}
	for _, tt := range tests {
		r := newRules("", 1, []experiments.StopRule{tt.rule})
		kind, words := "", ""
		for i, v := range tt.values {
			b := store.Batch{Attempt: 1, Points: []store.Point{{Step: int64(i + 1), M: store.Values{"train/loss": v, "x": nan}}, {Step: int64(i + 1), M: store.Values{"x": nan}}}}
			if kind, words = r.take(b); kind != "" {
				break
			}
		}
		if words != tt.want || kind != "" && kind != tt.rule.Kind {
			t.Errorf("%s: %s %q, want %q", tt.name, kind, words, tt.want)
		}
	}
}

func TestRuleMetrics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, metric string
		want         bool
	}{
		{"train/loss", "train/loss", true},
		{"train/loss", "loss", true},
		{"loss", "train/loss", true},
		{"loss", "loss", true},
		{"train/reward", "reward", true},
		{"train/loss", "eval/loss", false},
		{"eval/loss", "loss", false},
		{"train/tokens", "tokens", false},
		{"entropy", "train/entropy", true},
	}
	for _, tt := range tests {
		r := newRules("", 1, []experiments.StopRule{{Kind: "nan", Metric: tt.rule}})
		kind, _ := r.take(store.Batch{Attempt: 1, Points: []store.Point{{Step: 1, M: store.Values{tt.metric: nan}}}})
		if got := kind == "nan"; got != tt.want {
			t.Errorf("a rule of %s sees %s: %t, want %t", tt.rule, tt.metric, got, tt.want)
		}
	}
}

// What an attempt is judged by: the points of those before it, up to where it goes
// on, and its own.
func TestRulesOverAttempts(t *testing.T) {
	t.Parallel()
	type points map[int64]float64
	diverge := experiments.StopRule{Kind: "diverge", Metric: "loss", Above: 10, Window: 3}
	plateau := experiments.StopRule{Kind: "plateau", Metric: "loss", Window: 2, Goal: "min"}
	isNaN := experiments.StopRule{Kind: "nan", Metric: "loss"}
	tests := []struct {
		name     string
		rule     experiments.StopRule
		attempts []points
		want     string // what it begins with
	}{
		{"goes on", diverge, []points{{1: 11, 2: 11}, {3: 12}}, "loss is 12 at step 3"},
		{"goes on from before", diverge, []points{{1: 1, 2: 11, 3: 11}, {2: 12, 3: 1}}, ""},
		{"begins anew", diverge, []points{{1: 11, 2: 11, 3: 11}, {1: 11, 2: 11}}, ""},
		{"nothing yet", diverge, []points{{1: 11, 2: 11, 3: 11}, {}}, ""},
		{"an earlier NaN is over", isNaN, []points{{1: 1, 2: nan}, {2: 1, 3: 1}}, ""},
		{"an earlier NaN is before", isNaN, []points{{1: nan}, {2: 1}}, ""},
		{"the middle one replaced", diverge, []points{{1: 1, 2: 11, 3: 11}, {2: 1}, {3: 11, 4: 11}}, ""},
		{"three in a row", diverge, []points{{1: 11, 2: 1}, {2: 11}, {3: 11}}, "loss is 11 at step 3"},
		{"best of before", plateau, []points{{1: 0.5, 2: 0.7}, {3: 0.6}}, "loss was 0.5"},
		{"best is cut", plateau, []points{{1: 0.9, 2: 0.5}, {2: 0.7, 3: 0.6}}, ""},
		{"a later attempt is not this one's", isNaN, []points{{1: 1}, {2: 1}, {3: nan}}, ""},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		for i, all := range tt.attempts {
			attempt := store.AttemptDir(dir, i+1)
			if err := os.Mkdir(attempt, 0o755); err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for step := range int64(9) {
				if v, ok := all[step]; ok {
					b, err := json.Marshal(store.Point{Step: step, M: store.Values{"loss": v}})
					if err != nil {
						t.Fatal(err)
					}
					fmt.Fprintf(&text, "%s\n", b)
				}
			}
			if err := os.WriteFile(filepath.Join(attempt, "metrics.jsonl"), []byte(text.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		n := len(tt.attempts)
		if tt.name == "a later attempt is not this one's" {
			n--
		}
		_, got, err := newRules(dir, n, []experiments.StopRule{tt.rule}).look()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Without any rule NaN ends a run, and a rule that is written takes its place.
func TestDefaultRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		list []experiments.StopRule
		want string
	}{
		{"none", nil, "nan"},
		{"another", []experiments.StopRule{{Kind: "collapse", Metric: "train/entropy", Window: 1}}, ""},
	} {
		r := newRules("", 1, tt.list)
		kind, _ := r.take(store.Batch{Attempt: 1, Points: []store.Point{{Step: 1, M: store.Values{"loss": nan}}}})
		if kind != tt.want {
			t.Errorf("%s: rule %q, want %q", tt.name, kind, tt.want)
		}
	}
}

// A trainer of ours that ends itself for NaN is one that the rule ended.
func TestFailure(t *testing.T) {
	t.Parallel()
	const words = "ablate: train step 7: loss NaN, gradient norm +Inf: not a finite number"
	tests := []struct {
		name, log string
		argv      []string
		want      string
	}{
		{"of ours", words, nil, "rule nan: train step 7: loss NaN, gradient norm +Inf"},
		{"another end of ours", "ablate: no room", nil, "exit code 1: ablate: no room"},
		{"somebody else's", words, []string{"train"}, "exit code 1: " + words},
	}
	for _, tt := range tests {
		r := Runner{NotFinite: "not a finite number", Dir: t.TempDir(), run: experiments.Run{Argv: tt.argv}}
		if err := os.WriteFile(filepath.Join(r.Dir, "out.log"), []byte("phase sft\n"+tt.log+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := r.failure(1); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
