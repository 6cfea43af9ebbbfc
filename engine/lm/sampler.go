package lm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Sampling says how completions are drawn.
type Sampling struct {
	MaxNew      int     // tokens of a completion at most
	Temperature float32 // 0 takes the likeliest token, 1 samples from the model as it is
	// TopP keeps the likeliest tokens that together have this probability at the
	// temperature, and draws among them (nucleus sampling, arXiv 1904.09751); 0 or
	// 1 keeps all.
	TopP float32
	Stop int32 // ends a completion and is its last token; -1 for none
	// Rand gives the random stream of prompt i, so that a completion depends on
	// no other; it may be nil at temperature 0. Several goroutines call it.
	Rand func(i int) *rand.Rand
}

// Completion is what was drawn for one prompt.
type Completion struct {
	Tokens []int32 // the stop token included, if it came to that
	// LogProbs are the log-probabilities of Tokens under the model itself, that
	// is at temperature 1 and without TopP, whatever the draw. They have the bits
	// that training on prompt and completion computes.
	LogProbs []float32
}

// Sampler draws completions from a model. Its workers take prompts as they have
// room; each feeds the sequences that it holds through the model as one batch,
// keeps the keys and values of every position that it has seen, and gives the
// place of a finished sequence to the next prompt. A worker holds no more
// sequences than stay in its cache, and waits for nobody. A completion is a
// function of the model, its prompt and its random stream: who else is in the
// batch, and which worker, does not change a bit of it.
//
// A Sampler is used by one goroutine at a time. The model may change between
// calls of Generate and not during one.
type Sampler struct {
	m      *Model
	layout *layout
	crew   *crew
	lanes  []*lane
}

// cacheBytes is how many bytes of keys and values one worker goes through in a
// step: its share of a usual third-level cache beside the weights. A model with
// large weights is better served by more sequences, among which their reading is
// shared, even if less of the past stays near: then it is twice the weights.
const cacheBytes = 6 << 20

// fewest is the number of sequences below which a batch wastes the machine,
// whatever their size.
const fewest = 8

// NewSampler prepares a sampler that runs up to batch sequences at a time, at
// least one, on a number of workers. Its caches hold 2 L Context C numbers a
// sequence.
func NewSampler(m *Model, batch, workers int) *Sampler {
	batch = max(batch, 1)
	workers = min(max(workers, 1), batch)
	past := 4 * 2 * m.cfg.Layers * m.cfg.Context * m.cfg.Dim
	places := min((batch+workers-1)/workers, max(fewest, max(cacheBytes, 2*4*len(m.flat))/past))
	s := &Sampler{m: m, layout: newLayout(m.params, false), crew: newCrew(workers)}
	for range workers {
		s.lanes = append(s.lanes, newLane(m, s.layout, places))
	}
	return s
}

// Generate draws one completion for every prompt, in their order. A completion
// ends with the stop token, after MaxNew tokens, or when the context is full.
func (s *Sampler) Generate(ctx context.Context, prompts [][]int32, how Sampling) ([]Completion, error) {
	if err := s.check(prompts, how); err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	s.crew.each(len(s.layout.jobs), func(_, i int) { s.layout.pack(i) })
	work := &draws{prompts: prompts, how: how, done: make([]Completion, len(prompts))}
	s.crew.each(len(s.lanes), func(_, i int) { s.lanes[i].run(ctx, work) })
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	return work.done, nil
}

func (s *Sampler) check(prompts [][]int32, how Sampling) error {
	switch {
	case how.MaxNew < 1:
		return fmt.Errorf("%d new tokens, want 1 or more", how.MaxNew)
	case !(how.Temperature >= 0):
		return fmt.Errorf("temperature %g, want 0 or more", how.Temperature)
	case !(how.TopP >= 0 && how.TopP <= 1):
		return fmt.Errorf("top-p %g, want 0 to 1", how.TopP)
	case how.Temperature > 0 && how.Rand == nil:
		return fmt.Errorf("temperature %g without a random stream", how.Temperature)
	}
	for i, p := range prompts {
		if len(p) < 1 || len(p) >= s.m.cfg.Context {
			return fmt.Errorf("prompt %d: %d tokens, want 1 to %d", i, len(p), s.m.cfg.Context-1)
		}
		if err := s.m.cfg.checkTokens(p); err != nil {
			return fmt.Errorf("prompt %d: %w", i, err)
		}
	}
	return nil
}

// draws is what all workers of one Generate share.
type draws struct {
	prompts [][]int32
	how     Sampling
	done    []Completion // each written by whoever took its prompt

	mu   sync.Mutex
	next int
}

// take hands out the next prompt if it has no more tokens than there is room
// for.
func (d *draws) take(room int) (prompt int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == len(d.prompts) || len(d.prompts[d.next]) > room {
		return 0, false
	}
	d.next++
	return d.next - 1, true
}
