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
func (s *session) evaluate(ctx context.Context) error {
	s.at.Due = true
	if err := s.ask(ctx); err != nil {
		return err
	}
	if err := s.out.Point(int64(s.at.Step), s.last.metrics()); err != nil {
		return err
	}
	s.at.Due = false
	return nil
}

// ask is an evaluation but for its point.
func (s *session) ask(ctx context.Context) error {
	programs, err := s.write(ctx)
	if err != nil {
		return s.cause(ctx, err)
	}
	asked := make([]judge.Program, len(programs))
	for i, t := range s.data.heldOut {
		asked[i] = judge.Program{Source: programs[i], Cases: t.Cases}
	}
	results, err := s.pool.Judge(ctx, asked)
	if err != nil {
		return s.cause(ctx, err)
	}
	s.last = evaluation{programs, results}
	if err := s.out.Items("current", int64(s.at.Step), s.last.items(s.data.heldOut)); err != nil {
		return err
	}
	for i := range min(s.Shown, len(results)) {
		if err := s.out.Sample(s.last.sample(s.at.Step, i, s.data.heldOut[i])); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.log, "step %d of %d: %s, pass@1 %.3f on %d held-out tasks\n",
		s.at.Step, s.total, s.method.headline(s.at.Last), s.last.metrics()["eval/pass@1"], len(results))
	return nil
}

// cause tells an evaluation that was called off from one that failed.
func (s *session) cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return s.stopped()
	}
	return fmt.Errorf("evaluate step %d: %w", s.at.Step, err)
}

// write has the model write one program for each held-out task, greedily.
func (s *session) write(ctx context.Context) ([]string, error) {
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
