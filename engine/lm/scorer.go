package lm

import (
	"fmt"

	"ablate/engine/lm/kernel"
)

// Scorer tells how likely a model finds completions. Its numbers have the bits
// that training computes and those of Completion.LogProbs, whatever the number of
// workers and the other sequences.
//
// A Scorer is used by one goroutine at a time. The model may change between calls
// of Score and not during one.
type Scorer struct {
	m      *Model
	layout *layout
	crew   *crew
	passes []*pass // one a worker
}

// NewScorer prepares to score with m on a number of workers, at least one.
func NewScorer(m *Model, workers int) *Scorer {
	workers = max(workers, 1)
	s := &Scorer{m: m, layout: newLayout(m.params, false), crew: newCrew(workers)}
	for range workers {
		ps := newPass(m)
		ps.every = true
		s.passes = append(s.passes, ps)
	}
	return s
}

// Score returns log p of every token of every completion, the tokens from Prompt
// on; the first token of a sequence without a prompt is not predicted and has
// none. Weights are not looked at.
func (s *Scorer) Score(seqs []Sequence) ([][]float32, error) {
	for i, sq := range seqs {
		if err := s.m.cfg.checkSequence(sq); err != nil {
			return nil, fmt.Errorf("score sequence %d: %w", i, err)
		}
	}
	s.crew.each(len(s.layout.jobs), func(_, i int) { s.layout.pack(i) })
	starts := shares(seqs)
	scores := make([][]float32, len(seqs))
	s.crew.each(len(starts)-1, func(worker, i int) {
		from, to := starts[i], starts[i+1]
		s.passes[worker].score(s.m.params, s.layout, seqs[from:to], scores[from:to])
	})
	return scores, nil
}

// shares cuts sequences into runs of no more rows than a pass takes, unless one
// alone has more: the index at which each begins, and the end.
func shares(seqs []Sequence) []int {
	starts, rows := []int{0}, 0
	for i, sq := range seqs {
		n := len(sq.Tokens) - 1
		if rows > 0 && rows+n > passRows {
			starts, rows = append(starts, i), 0
		}
		rows += n
	}
	return append(starts, len(seqs))
}

// score sets the scores of a few sequences.
func (ps *pass) score(p params, w *layout, seqs []Sequence, scores [][]float32) {
	ps.load(seqs)
	all := make([]float32, len(ps.lossy))
	if len(all) > 0 {
		ps.forward(p, w)
	}
	for i, target := range ps.targets {
		row := ps.out.logits.Row(i)
		at := row[target]
		largest, sum := kernel.Softmax(row, 1)
		all[i] = -(largest + kernel.Log(sum) - at)
	}
	for i, sq := range seqs {
		n := len(sq.Tokens) - min(max(sq.Prompt, 1), len(sq.Tokens))
		scores[i], all = all[:n:n], all[n:]
	}
}
