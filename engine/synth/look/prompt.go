package look

import (
	"fmt"
	"slices"
	"strings"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

const samples = 3 // tests in a prompt, at most

// prompt words a task for a model that knows nothing of this program: what is to
// be done, what f takes and returns, and sample tests, labelled by vote as all
// are.
func prompt(t synth.Task, shown []judge.Case) string {
	var b strings.Builder
	b.WriteString(request(t))
	returns := "an integer"
	if strings.HasPrefix(shown[0].Want, "[") {
		returns = "a list of integers"
	}
	fmt.Fprintf(&b, "\n\nWrite a Python function `f(a)`.\n\n"+
		"Input: `a`, a list of 0 to 40 integers, each from -20 to 20.\n"+
		"Output: %s.\n\n"+
		"Quotients are rounded down and a remainder has the sign of the divisor, as with `//` and `%%` in Python. "+
		"The sum of no numbers is 0, their product is 1.\n", returns)
	for i, c := range shown {
		fmt.Fprintf(&b, "\nExample %d:\nf(%s) == %s\n", i+1, c.Input, c.Want)
	}
	b.WriteString("\nAnswer with the whole function in one ```python block.")
	return b.String()
}

// request is the statement as sentences.
func request(t synth.Task) string {
	switch t.Style {
	case synth.AtCoder:
		return "Given a list of integers, find " + t.Statement + "."
	case synth.LeetCode:
		if head, steps, ok := strings.Cut(t.Statement, ": "); ok {
			if signature, more, ok := strings.Cut(steps, ": "); ok { // the types of the signature have a colon too
				return "Implement `" + head + ": " + signature + "`.\n\n" + sentence(more)
			}
		}
	}
	return sentence(t.Statement)
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

// sampleTests chooses tests to show: a medium and a small one, then the empty
// list, as far as they have labels which the golden program gives, so that no
// prompt contradicts its answer; else others. There may be fewer.
func sampleTests(v synth.Verified) []judge.Case {
	var shown []judge.Case
	add := func(fit func(synth.Test) bool) {
		for i, t := range v.Tests {
			c := judge.Case{Input: t.Input, Want: v.Decision.Labels[i]}
			if v.Decision.Agreed[i] && fit(t) && !slices.Contains(shown, c) && len(shown) < samples {
				shown = append(shown, c)
				return
			}
		}
	}
	add(func(t synth.Test) bool { return t.Class == synth.Medium })
	add(func(t synth.Test) bool { return t.Class == synth.Small })
	add(func(t synth.Test) bool { return t.Input == "[]" })
	for range samples {
		add(func(t synth.Test) bool { return t.Class != synth.Stress })
	}
	return shown
}

// answer is what a model should say: the program, after a plan if asked.
func answer(t synth.Task, program string, long bool) string {
	text := "```python\n" + program + "```"
	if long {
		return "Plan: " + strings.TrimPrefix(t.Plan(), "# plan: ") + ".\n\n" + text
	}
	return text
}
