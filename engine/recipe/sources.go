package recipe

import (
	"context"
	"errors"
	"fmt"

	"ablate/engine/synth"
	"ablate/experiments/store"
)

// The sources of programs.
const (
	fromReference = "reference"
	fromHuman     = "human"
	fromRaw       = "raw"
	fromVerified  = "verified"
)

// options are those of the tasks that are made.
func (c makingConfig) options() synth.Options {
	o := synth.DefaultOptions()
	o.Styles, o.Element = c.Styles, c.Element
	o.SeedOnly, o.OneStep = !c.Evolution, !c.TwoStage
	return o
}

// lessons gives the training tasks with their programs from the run's source, and
// as data/* how they came about.
func (c dataConfig) lessons(ctx context.Context, run int64, m Means) ([]lesson, store.Values, error) {
	var lessons []lesson
	var err error
	switch c.Source {
	case fromHuman:
		lessons, err = c.human()
	case fromRaw:
		return c.raw(ctx, run, m)
	case fromVerified:
		return c.verified(ctx, run, m)
	default:
		lessons, err = c.reference(ctx, run)
	}
	return lessons, nil, err
}

// reference gives programs that are right by construction.
func (c dataConfig) reference(ctx context.Context, run int64) ([]lesson, error) {
	lessons := make([]lesson, 0, c.Tasks)
	for _, t := range synth.Train(run, c.Tasks, c.options()) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		lessons = append(lessons, rightLesson(t, run, c.Solutions))
	}
	return lessons, c.enough(len(lessons))
}

// rightLesson is a task with n programs that are right by construction.
func rightLesson(t synth.Task, run int64, n int) lesson {
	l := lesson{task: t}
	for j := range n {
		l.programs = append(l.programs, t.Solution(run, j))
	}
	return l
}

// human gives the fixed corpus of people's programs, one for each task: the same
// for every seed.
func (c dataConfig) human() ([]lesson, error) {
	all := synth.Human()
	if c.Tasks > len(all) {
		return nil, fmt.Errorf("tasks = %d and the corpus of people's programs has %d; lower tasks, and raise epochs to repeat it", c.Tasks, len(all))
	}
	lessons := make([]lesson, c.Tasks)
	for i, e := range all[:c.Tasks] {
		lessons[i] = lesson{e.Task, []string{e.Program}}
	}
	return lessons, nil
}

// enough refuses sets that ran out of behaviours.
func (c dataConfig) enough(n int) error {
	switch {
	case n < c.Tasks && n == 0:
		return errors.New("there are no tasks with these parameters")
	case n < c.Tasks:
		return fmt.Errorf("there are only %d tasks with these parameters; lower tasks = %d", n, c.Tasks)
	}
	return nil
}
