package recipe

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// evaluation is what a model made of a set of tasks, one greedy program each.
type evaluation struct {
	tasks       []synth.Task
	completions []string
	results     []judge.Result
}

// evaluate asks the model for every held-out task, judges the programs, and
// writes down the outcome of each task, the share that passed and some samples.
func (s *session) evaluate(ctx context.Context) error {
	s.at.Due = true
	if err := s.ask(ctx); err != nil {
		return err
	}
	if err := s.out.Point(int64(s.at.Step), s.last); err != nil {
		return err
	}
	s.at.Due = false
	return nil
}

// ask is an evaluation but for its point. After the last step the chosen model is
// asked, and all that only the end is asked: that is the run's result.
func (s *session) ask(ctx context.Context) error {
	m, e, err := s.measure(ctx)
	if err != nil {
		return s.cause(ctx, err)
	}
	s.last = m
	if err := s.out.Items(current, int64(s.at.Step), e.items()); err != nil {
		return err
	}
	samples, err := e.samples(ctx, s.pool, s.at.Step, s.Shown)
	if err != nil {
		return s.cause(ctx, err)
	}
	if err := s.showSamples(samples); err != nil {
		return err
	}
	fmt.Fprintf(s.log, "step %d of %d: %s, pass@1 %.3f on %d held-out tasks\n",
		s.at.Step, s.total, s.method.headline(s.at.Last), e.rate(), len(e.tasks))
	return nil
}

// showSamples writes samples down.
func (s *session) showSamples(samples []store.Sample) error {
	for _, x := range samples {
		if err := s.out.Sample(x); err != nil {
			return err
		}
	}
	return nil
}

// measure takes all metrics that are due at this step.
func (s *session) measure(ctx context.Context) (store.Values, evaluation, error) {
	m := store.Values{}
	if s.OnDev {
		of, err := s.choose(ctx)
		if err != nil {
			return nil, evaluation{}, err
		}
		maps.Copy(m, of)
	}
	e, err := s.greedy(ctx, s.final(), s.data.heldOut)
	if err != nil {
		return nil, e, err
	}
	maps.Copy(m, e.metrics())
	if s.at.Step < s.total {
		return m, e, nil
	}
	end, err := s.conclude(ctx, e)
	maps.Copy(m, end)
	return m, e, err
}

// cause tells an evaluation that was called off from one that failed.
func (s *session) cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return s.stopped()
	}
	return fmt.Errorf("evaluate step %d: %w", s.at.Step, err)
}

// greedy has a model write one program for each task, greedily, and judges them.
func (s *session) greedy(ctx context.Context, m *lm.Model, tasks []synth.Task) (evaluation, error) {
	prompts := make([][]int32, len(tasks))
	for i, t := range tasks {
		prompts[i] = s.data.prompt(t.Statement)
	}
	completions, err := s.write(ctx, m, prompts, lm.Sampling{})
	if err != nil {
		return evaluation{}, err
	}
	asked := make([]judge.Program, len(tasks))
	for i, t := range tasks {
		asked[i] = judge.Program{Source: programOf(completions[i]), Cases: t.Cases}
	}
	results, err := s.pool.Judge(ctx, asked)
	return evaluation{tasks, completions, results}, err
}

// write has a model write one completion for each prompt.
func (s *session) write(ctx context.Context, m *lm.Model, prompts [][]int32, how lm.Sampling) ([]string, error) {
	how.MaxNew, how.Stop = s.maxNew(), lm.EndToken
	drawn, err := lm.NewSampler(m, len(prompts), s.workers).Generate(ctx, prompts, how)
	if err != nil {
		return nil, err
	}
	completions := make([]string, len(drawn))
	for i, c := range drawn {
		completions[i] = s.data.tok.Decode(c.Tokens)
	}
	return completions, nil
}

// rate is the share of solved tasks.
func (e evaluation) rate() float64 { return e.metrics()["eval/pass@1"] }

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

func (e evaluation) items() []store.Item {
	items := make([]store.Item, len(e.tasks))
	for i, t := range e.tasks {
		items[i] = store.Item{ID: t.ID, N: 1, Stratum: stratum(t), Verdict: string(e.results[i].Verdict)}
		if e.results[i].Verdict == judge.AC {
			items[i].C = 1
		}
	}
	return items
}

// stratum is the kind of task by which outcomes are told apart.
func stratum(t synth.Task) string { return "depth" + strconv.Itoa(t.Depth) + "/" + t.Style }

// samples are the first n programs, as people look at them.
func (e evaluation) samples(ctx context.Context, pool *judge.Pool, step, n int) ([]store.Sample, error) {
	all := make([]attempted, min(n, len(e.tasks)))
	for i := range all {
		all[i] = attempted{e.tasks[i], e.tasks[i].Cases, e.completions[i], e.results[i]}
	}
	samples, err := show(ctx, pool, all)
	for i := range samples {
		samples[i].Step = int64(step)
	}
	return samples, err
}
