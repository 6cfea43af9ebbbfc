package recipe

import (
	"context"
	"fmt"
	"strconv"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// maxProgram bounds the units of a program that the model writes.
const maxProgram = 64

// evaluation is what a model made of the held-out tasks, one greedy program each.
type evaluation struct {
	programs []string
	results  []judge.Result
}

// evaluate asks the model for every held-out task, judges the programs, and
// writes down the outcome of each task, the share that passed and some samples.
func (s *sftRun) evaluate(ctx context.Context, step int) error {
	programs, err := s.write(ctx)
	if err != nil {
		return s.cause(ctx, step, err)
	}
	asked := make([]judge.Program, len(programs))
	for i, t := range s.data.heldOut {
		asked[i] = judge.Program{Source: programs[i], Cases: t.Cases}
	}
	results, err := s.pool.Judge(ctx, asked)
	if err != nil {
		return s.cause(ctx, step, err)
	}
	s.last = evaluation{programs, results}
	if err := s.out.Items("heldout", int64(step), s.last.items(s.data.heldOut)); err != nil {
		return err
	}
	for i := range min(s.SamplesPerEval, len(results)) {
		if err := s.out.Sample(s.last.sample(step, i, s.data.heldOut[i])); err != nil {
			return err
		}
	}
	m := s.last.metrics()
	fmt.Fprintf(s.log, "step %d of %d: loss %.3f, pass@1 %.3f on %d held-out tasks\n", step, s.Steps, s.loss, m["eval/pass@1"], len(results))
	return s.out.Point(int64(step), m)
}

// cause tells an evaluation that was called off from one that failed.
func (s *sftRun) cause(ctx context.Context, step int, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w at step %d of %d", ErrStopped, step, s.Steps)
	}
	return fmt.Errorf("evaluate step %d: %w", step, err)
}

// write has the model write one program for each held-out task, greedily.
func (s *sftRun) write(ctx context.Context) ([]string, error) {
	prompts := make([][]int32, len(s.data.heldOut))
	for i, t := range s.data.heldOut {
		prompts[i] = s.data.prompt(t.Statement)
	}
	sampler := lm.NewSampler(s.evaluated(), len(prompts), s.workers)
	completions, err := sampler.Generate(ctx, prompts, lm.Sampling{MaxNew: maxProgram, Stop: lm.EndToken})
	if err != nil {
		return nil, err
	}
	programs := make([]string, len(completions))
	for i, c := range completions {
		programs[i] = s.data.tok.Decode(c.Tokens)
	}
	return programs, nil
}

// metrics are the shares of the verdicts; that of the accepted ones is pass@1.
func (e evaluation) metrics() store.Values {
	counts := map[judge.Verdict]int{}
	for _, r := range e.results {
		counts[r.Verdict]++
	}
	m := store.Values{}
	for _, v := range judge.Verdicts {
		m["eval/verdict/"+string(v)] = float64(counts[v]) / float64(len(e.results))
	}
	m["eval/pass@1"] = m["eval/verdict/AC"]
	return m
}

func (e evaluation) items(tasks []synth.Task) []store.Item {
	items := make([]store.Item, len(tasks))
	for i, t := range tasks {
		items[i] = store.Item{ID: t.ID, N: 1, Stratum: stratum(t), Verdict: string(e.results[i].Verdict)}
		if e.results[i].Verdict == judge.AC {
			items[i].C = 1
		}
	}
	return items
}

// stratum is the kind of task by which outcomes are told apart.
func stratum(t synth.Task) string { return "depth" + strconv.Itoa(t.Depth) + "/" + t.Style }

func (e evaluation) sample(step, i int, t synth.Task) store.Sample {
	r := e.results[i]
	s := store.Sample{
		Step: int64(step), Task: t.ID, Statement: t.Statement, Program: e.programs[i],
		Verdict: string(r.Verdict), Passed: r.Passed, Total: len(t.Cases), Got: r.Got, Error: r.Error,
	}
	if r.Verdict == judge.AC {
		s.Reward = 1
	}
	if r.Case >= 0 && r.Case < len(t.Cases) {
		s.Input, s.Want = t.Cases[r.Case].Input, t.Cases[r.Case].Want
	}
	return s
}
