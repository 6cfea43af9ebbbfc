package recipe

import (
	"context"
	"math/rand/v2"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/seed"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// rollout is a program that the policy wrote for a task, and what it is worth.
type rollout struct {
	task      int // its index
	sequence  lm.Sequence
	logProbs  []float32 // of the completion's tokens, under the policy that wrote it
	start     []float32 // the same under the starting policy
	program   string
	result    judge.Result
	reward    float64
	advantage float64
}

// exercises are the tasks of training by reward.
type exercises struct {
	tasks   []synth.Task
	cases   [][]judge.Case // what their programs are judged on
	prompts [][]int32
	maxNew  int // tokens of a program at most
	tok     *lm.Tokenizer
	pool    *judge.Pool
}

// sampling is how rollouts are drawn: the i-th of a batch has the stream of first
// + i.
func sampling(run int64, purpose string, first int, temperature float64) lm.Sampling {
	return lm.Sampling{
		Stop: lm.EndToken, Temperature: float32(temperature),
		Rand: func(i int) *rand.Rand { return seed.Stream(run, purpose, first+i) },
	}
}

// roll writes n programs for each of some tasks and has them judged, on all tests
// or up to the first that fails. The rollouts of a task follow each other.
func (e *exercises) roll(ctx context.Context, sampler *lm.Sampler, how lm.Sampling, tasks []int, n int, all bool) ([]rollout, error) {
	rollouts := make([]rollout, 0, len(tasks)*n)
	prompts := make([][]int32, 0, len(tasks)*n)
	for _, task := range tasks {
		for range n {
			rollouts = append(rollouts, rollout{task: task})
			prompts = append(prompts, e.prompts[task])
		}
	}
	how.MaxNew = e.maxNew
	completions, err := sampler.Generate(ctx, prompts, how)
	if err != nil {
		return nil, err
	}
	asked := make([]judge.Program, len(rollouts))
	for i := range rollouts {
		r, c := &rollouts[i], completions[i]
		r.sequence = lm.Sequence{Tokens: append(append([]int32(nil), prompts[i]...), c.Tokens...), Prompt: len(prompts[i])}
		r.logProbs, r.program = c.LogProbs, e.tok.Decode(c.Tokens)
		asked[i] = judge.Program{Source: programOf(r.program), Cases: e.cases[r.task], All: all}
	}
	results, err := e.pool.Judge(ctx, asked)
	if err != nil {
		return nil, err
	}
	for i := range rollouts {
		rollouts[i].result = results[i]
	}
	return rollouts, nil
}

// samples are rollouts for people to look at.
func (e *exercises) samples(ctx context.Context, step int, rollouts []rollout) ([]store.Sample, error) {
	all := make([]attempted, len(rollouts))
	for i, r := range rollouts {
		all[i] = attempted{e.tasks[r.task], e.cases[r.task], r.program, r.result}
	}
	samples, err := show(ctx, e.pool, all)
	for i := range samples {
		samples[i].Step, samples[i].Reward, samples[i].Advantage = int64(step), &rollouts[i].reward, rollouts[i].advantage
	}
	return samples, err
}

// sorted are the tasks by the share of n programs of the start that pass, largest
// first.
func (e *exercises) sorted(ctx context.Context, sampler *lm.Sampler, how lm.Sampling, n int) ([]int, error) {
	tasks := make([]int, len(e.tasks))
	for i := range tasks {
		tasks[i] = i
	}
	rollouts, err := e.roll(ctx, sampler, how, tasks, n, false)
	if err != nil {
		return nil, err
	}
	passed := make([]int, len(tasks))
	for _, r := range rollouts {
		if r.result.Verdict == judge.AC {
			passed[r.task]++
		}
	}
	slices.SortStableFunc(tasks, func(i, j int) int { return passed[j] - passed[i] })
	return tasks, nil
}
