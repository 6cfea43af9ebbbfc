package synth

import (
	"slices"
	"strings"
)

// Plan is the reasoning of a long trace: the task's features in the order of
// execution, in few words of the statements, like "# plan: keep even; square; sum".
// It is one line without an end and a comment, so that a plan and a program
// below it are a program.
func (t Task) Plan() string {
	steps := make([]string, len(t.features))
	for i, f := range t.features {
		steps[i] = f.brief()
	}
	return "# plan: " + strings.Join(steps, "; ")
}

// filler are the words of a clause that tell no feature from another.
var filler = []string{
	"the", "a", "an", "of", "each", "every", "number", "numbers", "list", "values", "return", "give", "take", "form",
	"to", "from", "by", "at", "than", "its", "and",
}

// brief is the usual clause of the feature less its filler: it costs a model few
// tokens and none that the statement has not.
func (f feature) brief() string {
	clause := strings.TrimSuffix(f.say(f.ask[0]), orZero)
	clause = strings.Replace(clause, "number of ", "count ", 1)
	words := slices.DeleteFunc(strings.Fields(clause), func(w string) bool { return slices.Contains(filler, w) })
	return strings.Join(words, " ")
}
