package recipe

import (
	"context"
	"fmt"
	"maps"

	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// corpus is what a run learns from and is asked: rows of training tasks, and the
// held-out tasks, which are the same for every cell and seed.
type corpus struct {
	tok     *lm.Tokenizer
	rows    []lm.Sequence
	heldOut []synth.Task // of the current set
	others  []set        // asked at the end
	dev     []synth.Task // chooses a step; nil if the last is the result
	made    store.Values // data/*: how making the rows went
}

// text is how a task and a completion for it become one row: the loss is on what
// stands after the separator.
type text struct{ statement, completion string }

// lesson is a training task with the programs that are taught for it.
type lesson struct {
	task     synth.Task
	programs []string
}

// newCorpus makes tasks x solutions rows. Sets are nested: the tasks of a small
// cell are the first of a large one with the same seed, and so are solutions.
func newCorpus(ctx context.Context, c config, m Means) (*corpus, error) {
	lessons, made, err := c.lessons(ctx, c.Seed, m)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w while it made its data", ErrStopped)
		}
		return nil, fmt.Errorf("make corpus: %w", err)
	}
	d := &corpus{made: made}
	d.takeSets(c)
	if err := leak(lessons, c); err != nil {
		return nil, fmt.Errorf("make corpus: %w", err)
	}
	texts := make([]text, 0, c.Tasks*c.Solutions)
	lines := make([]string, 0, 2*cap(texts))
	for _, l := range lessons {
		for j := range c.Solutions {
			row := text{l.task.Statement, c.completion(l.task, l.programs[j%len(l.programs)])}
			texts = append(texts, row)
			lines = append(lines, row.statement, row.completion)
		}
	}
	d.tok = lm.LearnTokenizer(lines, c.Vocab)
	if n := d.tok.Size(); n > c.Vocab {
		return nil, fmt.Errorf("make corpus: the characters of the text alone take %d units and vocab is %d; raise vocab", n, c.Vocab)
	}
	for i, row := range texts {
		s := d.sequence(row)
		if len(s.Tokens) > c.Context {
			return nil, fmt.Errorf("make corpus: row %d has %d tokens and context is %d; raise context", i, len(s.Tokens), c.Context)
		}
		d.rows = append(d.rows, s)
	}
	return d, d.checkSets(c)
}

// takeSets takes the held-out sets that the run is asked.
func (d *corpus) takeSets(c config) {
	d.heldOut = synth.Benchmark(current, c.EvalTasks)
	if c.AllSets {
		for _, name := range []string{older, harder} {
			d.others = append(d.others, set{name, synth.Benchmark(name, c.EvalTasks)})
		}
	}
	if c.OnDev {
		d.dev = synth.Benchmark(dev, c.EvalTasks)
	}
}

// heldOutOnly is the corpus of a run that goes on from a model: what it is asked.
func heldOutOnly(tok *lm.Tokenizer, c config) *corpus {
	d := &corpus{tok: tok}
	d.takeSets(c)
	return d
}

// checkSets refuses a context in which a model could not finish the program of a
// held-out task: it would count as a wrong one.
func (d *corpus) checkSets(c config) error {
	sets := append([]set{{"held-out", d.heldOut}, {dev, d.dev}}, d.others...)
	for _, set := range sets {
		for i, t := range set.tasks {
			row := d.sequence(text{t.Statement, c.completion(t, t.Solution(c.Seed, 0))})
			if n := len(row.Tokens); n > c.Context {
				return fmt.Errorf("make corpus: %s task %d with a solution has %d tokens and context is %d; raise context", set.name, i, n, c.Context)
			}
		}
	}
	return nil
}

// leak puts the first tasks of the older set, with right programs, in place of
// the last training tasks: as many rows, of which some are the test's.
func leak(lessons []lesson, c config) error {
	if c.Leaked == 0 {
		return nil
	}
	if c.Leaked > len(lessons) {
		return fmt.Errorf("%d leaked tasks take the place of training tasks, and there are %d", c.Leaked, len(lessons))
	}
	rest := lessons[len(lessons)-c.Leaked:]
	for i, t := range synth.Benchmark(older, c.Leaked) {
		rest[i] = rightLesson(t, c.Seed, c.Solutions)
	}
	return nil
}

func (d *corpus) prompt(statement string) []int32 { return promptOf(d.tok, statement) }

func promptOf(tok *lm.Tokenizer, statement string) []int32 {
	return append(tok.Encode(statement), lm.SeparatorToken)
}

func (d *corpus) sequence(row text) lm.Sequence {
	tokens := d.prompt(row.statement)
	prompt := len(tokens)
	tokens = append(tokens, d.tok.Encode(row.completion)...)
	return lm.Sequence{Tokens: append(tokens, lm.EndToken), Prompt: prompt}
}

// opening is the first point of a run: how long it is, and how its data came
// about.
func (d *corpus) opening(steps int) store.Values {
	m := store.Values{"train/total_steps": float64(steps)}
	maps.Copy(m, d.made)
	return m
}

// result is what an evaluation measured with how the data came about.
func (d *corpus) result(last store.Values) store.Values {
	m := maps.Clone(last)
	maps.Copy(m, d.made)
	return m
}
