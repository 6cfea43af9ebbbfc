package recipe

import (
	"context"
	"fmt"

	"ablate/engine/lm"
	"ablate/engine/seed"
	"ablate/engine/synth"
)

// corpus is what a run learns from and is asked: rows of training tasks, and the
// held-out tasks, which are the same for every cell and seed.
type corpus struct {
	tok     *lm.Tokenizer
	rows    []lm.Sequence
	heldOut []synth.Task
}

// text is how a task and a program for it become one row: the loss is on what
// stands after the separator.
type text struct{ statement, program string }

// newCorpus makes tasks x solutions rows. Sets are nested: the tasks of a small
// cell are the first of a large one with the same seed, and so are solutions.
func newCorpus(ctx context.Context, c SFT) (*corpus, error) {
	o := synth.DefaultOptions()
	tasks := synth.Train(c.Seed, c.Tasks, o)
	texts := make([]text, 0, c.Tasks*c.Solutions)
	lines := make([]string, 0, 2*cap(texts))
	for _, t := range tasks {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w while it made its data", ErrStopped)
		}
		for j := range c.Solutions {
			row := text{t.Statement, t.Solution(c.Seed, j)}
			texts = append(texts, row)
			lines = append(lines, row.statement, row.program)
		}
	}
	d := &corpus{tok: lm.LearnTokenizer(lines, c.Vocab), heldOut: synth.Benchmark("current", c.EvalTasks)}
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
	// A program that the model could not finish would count as a wrong one.
	for i, t := range d.heldOut {
		if n := len(d.sequence(text{t.Statement, t.Solution(c.Seed, 0)}).Tokens); n > c.Context {
			return nil, fmt.Errorf("make corpus: held-out task %d with a solution has %d tokens and context is %d; raise context", i, n, c.Context)
		}
	}
	return d, nil
}

func (d *corpus) prompt(statement string) []int32 {
	return append(d.tok.Encode(statement), lm.SeparatorToken)
}

func (d *corpus) sequence(row text) lm.Sequence {
	tokens := d.prompt(row.statement)
	prompt := len(tokens)
	tokens = append(tokens, d.tok.Encode(row.program)...)
	return lm.Sequence{Tokens: append(tokens, lm.EndToken), Prompt: prompt}
}

// order deals the rows into batches: a new shuffle each epoch, one after the
// other, whatever the number of steps.
type order struct {
	seed  int64
	rows  []lm.Sequence
	perm  []int // of this epoch, what is left
	epoch int   // that began
}

// next fills batch with the rows of the next update.
func (o *order) next(batch []lm.Sequence) {
	for i := range batch {
		if len(o.perm) == 0 {
			o.shuffle()
		}
		batch[i] = o.rows[o.perm[0]]
		o.perm = o.perm[1:]
	}
}

func (o *order) shuffle() {
	o.perm = seed.Stream(o.seed, "order", o.epoch).Perm(len(o.rows))
	o.epoch++
}

// place is where the order is: so many rows of the epoch were dealt.
func (o *order) place() (epoch, dealt int) { return o.epoch, len(o.rows) - len(o.perm) }

// seek goes to a place. The shuffles come from the seed, so that is all there is
// to know of an order.
func (o *order) seek(epoch, dealt int) error {
	if epoch < 1 || dealt < 0 || dealt > len(o.rows) {
		return fmt.Errorf("seek rows: %d dealt of epoch %d, and an epoch has %d", dealt, epoch, len(o.rows))
	}
	o.epoch = epoch - 1
	o.shuffle()
	o.perm = o.perm[dealt:]
	return nil
}
