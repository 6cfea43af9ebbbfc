package recipe

import (
	"math"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/seed"
	"ablate/engine/synth"
)

const (
	noProgram  = -2.0 // nothing that compiles
	fullReward = 5.0
)

// rewardOf is the reward of a program by what the judge says of it, X-Coder eq. 6:
// -2 if there is none or it does not compile, else 5 times the share of tests
// passed; or, all or nothing, 5 if it passes all of them and else 0.
func rewardOf(r judge.Result, tests int, shape string) float64 {
	switch {
	case r.Verdict == judge.NC || r.Verdict == judge.CE:
		return noProgram
	case shape == allReward && r.Passed < tests:
		return 0
	}
	return fullReward * float64(r.Passed) / float64(tests)
}

// misorder does what the released reward code does (verl's code_execution.py):
// it takes rollouts 16 at a time, appends the rewards of those without a program
// while it sends the rest to be judged, and those of the rest after them. Every
// rollout behind one without a program so gets the reward of another. (There the
// rollouts are first dealt out by length across prompts; here two groups of 8
// share a batch.)
func misorder(rewards []float64) {
	const batch = 16
	for part := range slices.Chunk(rewards, batch) {
		var judged []float64
		front := 0
		for _, r := range part {
			if r == noProgram {
				part[front] = r
				front++
			} else {
				judged = append(judged, r)
			}
		}
		copy(part[front:], judged)
	}
}

// advantages sets how much better each reward of a group is than its group:
// (r - mean) / (std + 1e-6), with the standard deviation of a sample, as verl has
// it. Equal rewards have no advantage over each other: the group gives no signal.
func advantages(rewards, to []float64) (signal bool) {
	if clear(to); slices.Min(rewards) == slices.Max(rewards) {
		return false
	}
	mean, squares := 0.0, 0.0
	for _, r := range rewards {
		mean += r
	}
	mean /= float64(len(rewards))
	for i, r := range rewards {
		to[i] = r - mean
		squares += float64(to[i] * to[i])
	}
	spread := math.Sqrt(squares/float64(len(rewards)-1)) + 1e-6
	for i := range to {
		to[i] /= spread
	}
	return true
}

// labelled are the tests of each task with a share of wrong labels: such a test
// wants what another test of its task does, or "None" if they all want the same.
// A label is right or wrong for the whole run and for all rollouts alike.
func labelled(run int64, tasks []synth.Task, noise float64) [][]judge.Case {
	all := make([][]judge.Case, len(tasks))
	for i, t := range tasks {
		r := seed.Stream(run, "label/"+t.ID, 0)
		all[i] = slices.Clone(t.Cases)
		for j, right := range t.Cases {
			wrong := r.Float64() < noise
			others := slices.DeleteFunc(slices.Clone(t.Cases), func(c judge.Case) bool { return c.Want == right.Want })
			switch at := r.Uint64(); {
			case wrong && len(others) > 0:
				all[i][j].Want = others[at%uint64(len(others))].Want
			case wrong:
				all[i][j].Want = "None"
			}
		}
	}
	return all
}
