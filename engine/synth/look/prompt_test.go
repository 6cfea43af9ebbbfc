package look

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

func TestPrompt(t *testing.T) {
	t.Parallel()
	const rest = `

Write a Python function ` + "`f(a)`" + `.

Input: ` + "`a`" + `, a list of 0 to 40 integers, each from -20 to 20.
Output: an integer.

Quotients are rounded down and a remainder has the sign of the divisor, as with ` + "`//` and `%`" + ` in Python. The sum of no numbers is 0, their product is 1.

Example 1:
f([2, 3]) == 2

Example 2:
f([]) == 0

Answer with the whole function in one ` + "```python" + ` block.`
	tests := []struct{ style, statement, want string }{
		{synth.Codeforces, "eva has a list and must keep the even, then return the sum", "Eva has a list and must keep the even, then return the sum."},
		{synth.AtCoder, "the sum of the even numbers of the list", "Given a list of integers, find the sum of the even numbers of the list."},
		{synth.LeetCode, "f(a: list) -> int: keep the even, then return the sum", "Implement `f(a: list) -> int`.\n\nKeep the even, then return the sum."},
	}
	for _, tt := range tests {
		t.Run(tt.style, func(t *testing.T) {
			t.Parallel()
			task := synth.Task{Style: tt.style, Statement: tt.statement}
			got := prompt(task, []judge.Case{{Input: "[2, 3]", Want: "2"}, {Input: "[]", Want: "0"}})
			if got != tt.want+rest {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want+rest)
			}
		})
	}
}

// Only tests with a label are shown: no longer one than needed, each once.
func TestSampleTests(t *testing.T) {
	t.Parallel()
	v := synth.Verified{
		Tests: []synth.Test{
			{Input: "[]", Class: synth.Boundary}, {Input: "[1]", Class: synth.Small}, {Input: "[2]", Class: synth.Small},
			{Input: "[9, 9]", Class: synth.Stress}, {Input: "[4]", Class: synth.Boundary},
		},
		Decision: synth.Decision{Labels: []string{"0", "", "2", "18", "4"}, Agreed: []bool{true, false, true, true, true}},
	}
	want := []judge.Case{{Input: "[2]", Want: "2"}, {Input: "[]", Want: "0"}, {Input: "[4]", Want: "4"}}
	if diff := cmp.Diff(want, sampleTests(v)); diff != "" {
		t.Error(diff)
	}
	// The golden program gives something else for the first and the third.
	v.Decision.Agreed = []bool{false, false, false, true, true}
	if diff := cmp.Diff([]judge.Case{{Input: "[4]", Want: "4"}}, sampleTests(v)); diff != "" {
		t.Error(diff)
	}
}
