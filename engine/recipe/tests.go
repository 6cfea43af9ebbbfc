package recipe

import (
	"context"
	"strings"
	"unicode/utf8"

	"ablate/engine/judge"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// Of a program that is shown, so many tests are, each text of them cut at so many
// bytes.
const (
	mostTests    = 8
	longestShown = 200
)

// attempted is a program with what the judge said of it on its cases.
type attempted struct {
	task    synth.Task
	cases   []judge.Case
	program string
	result  judge.Result
}

// show is what a model wrote for some tasks, as people look at it, each with what
// came of its first tests. The judge stops at the first that fails, so those behind
// it are run here; not where that one went on for too long or took too much.
func show(ctx context.Context, pool *judge.Pool, all []attempted) ([]store.Sample, error) {
	samples := make([]store.Sample, len(all))
	var asked []judge.Program
	var to []*store.SampleTest
	for i, x := range all {
		samples[i] = shown(x.task, x.cases, x.program, x.result)
		s := &samples[i]
		s.Tests = known(x)
		if v := x.result.Verdict; v != judge.WA && v != judge.RE {
			continue
		}
		for j := range s.Tests {
			if t := &s.Tests[j]; t.Verdict == "" {
				asked = append(asked, judge.Program{Source: programOf(x.program), Cases: x.cases[j : j+1]})
				to = append(to, t)
			}
		}
	}
	results, err := pool.Judge(ctx, asked)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		fill(to[i], r)
	}
	for i := range samples {
		samples[i].Passed = max(samples[i].Passed, passed(samples[i].Tests))
	}
	return samples, nil
}

// known are the first tests of a program, with what its judging said of them.
func known(x attempted) []store.SampleTest {
	tests := make([]store.SampleTest, min(len(x.cases), mostTests))
	for i := range tests {
		t, r := &tests[i], x.result
		t.Input, t.Want = brief(x.cases[i].Input), brief(x.cases[i].Want)
		switch {
		case r.Verdict == judge.AC, i < r.Case:
			t.Verdict = string(judge.AC)
		case i == r.Case:
			fill(t, r)
		}
	}
	return tests
}

func fill(t *store.SampleTest, r judge.Result) {
	t.Verdict, t.Got, t.Error = string(r.Verdict), brief(r.Got), brief(r.Error)
}

func passed(tests []store.SampleTest) (n int) {
	for _, t := range tests {
		if t.Verdict == string(judge.AC) {
			n++
		}
	}
	return n
}

// brief is a text cut at a rune.
func brief(text string) string {
	if len(text) <= longestShown {
		return text
	}
	n := longestShown
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.Clone(text[:n]) + "…"
}

// shown is what a model wrote for a task, with what the judge says of it on some
// cases.
func shown(t synth.Task, cases []judge.Case, completion string, r judge.Result) store.Sample {
	s := store.Sample{
		Task: t.ID, Statement: t.Statement, Program: completion,
		Verdict: string(r.Verdict), Passed: r.Passed, Total: len(cases), Got: r.Got, Error: r.Error,
	}
	if r.Case >= 0 && r.Case < len(cases) {
		s.Input, s.Want = cases[r.Case].Input, cases[r.Case].Want
	}
	return s
}
