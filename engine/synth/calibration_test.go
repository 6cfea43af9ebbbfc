package synth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/engine/judge"
)

// played gives what candidates return for tests, without a judge: the reference
// speaks for those without a fault, and the interpreter for the others.
func played(t *testing.T, task Task, tests []Test, cs []Candidate) []Executed {
	t.Helper()
	right := make([]judge.Output, len(tests))
	for i, test := range tests {
		right[i] = judge.Output{Value: task.Run(test.values), Verdict: judge.AC}
	}
	executed := make([]Executed, len(cs))
	for j, c := range cs {
		executed[j] = Executed{Source: c.Source, Outputs: right}
		if c.Fault != "" {
			executed[j].Outputs = interpreted(t, c.Source, tests)
		}
	}
	return executed
}

func interpreted(t *testing.T, source string, tests []Test) []judge.Output {
	t.Helper()
	outs := make([]judge.Output, len(tests))
	program, err := compile(source)
	for i, test := range tests {
		if err != nil {
			outs[i] = judge.Output{Verdict: judge.CE, Err: err.Error()}
		} else if got := program.on(test.values); strings.HasPrefix(got, "error") {
			outs[i] = judge.Output{Verdict: judge.RE, Err: got}
		} else {
			outs[i] = judge.Output{Value: got, Verdict: judge.AC}
		}
	}
	return outs
}

// Voting of the default teacher fails about as often as in table 14 of the paper.
// The sample is fixed; its standard error is about 0.4 points.
func TestTeacherIsCalibrated(t *testing.T) {
	t.Parallel()
	const run, n, most = 1, 2000, 16
	accuracy, right := map[int]float64{}, 0
	for _, task := range trained(n) {
		tests := task.Tests(run, 15, TestsGenerated)
		executed := played(t, task, tests, DefaultTeacher().Candidates(run, task, most))
		truth := make([]string, len(tests))
		for i, test := range tests {
			truth[i] = task.Run(test.values)
		}
		for _, a := range executed {
			if passes(truth, a.Outputs, nil) == len(tests) {
				right++
			}
		}
		for _, m := range []int{4, 8, most} {
			accuracy[m] += labelAccuracy(DefaultRules().vote(tests, executed[:m]), truth) / n
		}
	}
	t.Logf("label accuracy %.4f of 4, %.4f of 8, %.4f of 16", accuracy[4], accuracy[8], accuracy[most])
	if diff := cmp.Diff(map[int]float64{4: 0.9439, 8: 0.9473, most: 0.9513}, accuracy, cmpopts.EquateApprox(0, 0.008)); diff != "" {
		t.Errorf("label accuracy by candidates (-paper +got):\n%s", diff)
	}
	if share := float64(right) / (n * most); share < 0.75 || share > 0.85 {
		t.Errorf("%.3f of the candidates are right, want 0.75 to 0.85", share)
	}
}

func labelAccuracy(labels, truth []string) float64 {
	voted, right := 0.0, 0.0
	for i, label := range labels {
		if label != "" {
			voted++
			if label == truth[i] {
				right++
			}
		}
	}
	return right / max(voted, 1)
}
