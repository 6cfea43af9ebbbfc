package recipe

import (
	"strings"

	"ablate/engine/synth"
)

// The traces that a model learns to write: a program alone, or after the plan in
// execution order, which is what is left here of a chain of thought.
const (
	short = "short"
	long  = "long"
)

// The most units of a completion that the model writes, by trace.
const (
	maxProgram     = 96
	maxLongProgram = 160
)

func (c dataConfig) maxNew() int {
	if c.Trace == long {
		return maxLongProgram
	}
	return maxProgram
}

// completion is what a model shall write for a task, given a program for it.
func (c dataConfig) completion(t synth.Task, program string) string {
	if c.Trace == long {
		return t.Plan() + "\n" + program
	}
	return program
}

// programOf is the part of a completion that is judged: what stands from the
// first "def f" on. A plan that could not run does no harm.
func programOf(completion string) string {
	i := strings.Index(completion, "def f")
	if i < 0 {
		return completion // the judge finds no code in it
	}
	return completion[i:]
}
