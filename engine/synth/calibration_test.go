package synth

import (
	"strings"
	"testing"

	"ablate/engine/judge"
)

// played gives what candidates return for tests, without a judge: the reference
// speaks for those without a fault, and the interpreter for the others.
func played(t *testing.T, task Task, tests []Test, cs []Candidate) []Answer {
	t.Helper()
	right := make([]judge.Output, len(tests))
	for i, test := range tests {
		right[i] = judge.Output{Value: task.Run(test.values), Verdict: judge.AC}
	}
	answers := make([]Answer, len(cs))
	for j, c := range cs {
		answers[j] = Answer{Source: c.Source, Outputs: right}
		if c.Fault != "" {
			answers[j].Outputs = interpreted(t, c.Source, tests)
		}
	}
	return answers
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
