package lm

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ablate/engine/lm/kernel"
)

// Sampling says how completions are drawn.
type Sampling struct {
	MaxNew      int     // tokens of a completion at most
	Temperature float32 // 0 takes the likeliest token, 1 samples from the model as it is
	Stop        int32   // ends a completion and is its last token; -1 for none
	// Rand gives the random stream of prompt i, so that a completion depends on
	// no other; it may be nil at temperature 0.
	Rand func(i int) *rand.Rand
}

// Completion is what was drawn for one prompt.
type Completion struct {
	Tokens []int32 // the stop token included, if it came to that
	// LogProbs are the log-probabilities of Tokens under the model itself, that
	// is at temperature 1, whatever the temperature of the draw. They have the
	// bits that training on prompt and completion computes.
	LogProbs []float32
}

// Sampler draws completions from a model. It keeps the keys and values of every
// position that it has seen, feeds all unfinished sequences through the model as
// one batch, and gives the place of a finished one to the next prompt. A
// completion is a function of the model, its prompt and its random stream: who
// else is in the batch does not change a bit of it.
//
// A Sampler is used by one goroutine; several may share a model that does not
// change meanwhile.
type Sampler struct {
	scratch
	m            *Model
	keys, values []kernel.Mat // for each layer (batch * Context, C)
	free         []int        // places in the caches
	live         []live
	rows         []int // last row of every live sequence in the current batch
	mlps         []mlp
	head         head
}

// live is a sequence that is not finished.
type live struct {
	prompt int // index of its prompt
	place  int // it has rows place*Context and on in the caches
	seen   int // positions in the caches
	feed   []int32
	out    Completion
	rng    *rand.Rand
}

// NewSampler prepares a sampler that runs up to batch sequences at a time, at
// least one. Its caches hold 2 L batch Context C numbers.
func NewSampler(m *Model, batch int) *Sampler {
	s := &Sampler{m: m, mlps: make([]mlp, m.cfg.Layers)}
	for i := range max(batch, 1) {
		s.free = append(s.free, i)
	}
	rows := len(s.free) * m.cfg.Context
	for range m.cfg.Layers {
		s.keys = append(s.keys, kernel.Dense(make([]float32, rows*m.cfg.Dim), rows, m.cfg.Dim))
		s.values = append(s.values, kernel.Dense(make([]float32, rows*m.cfg.Dim), rows, m.cfg.Dim))
	}
	return s
}

// Generate draws one completion for every prompt, in their order. A completion
// ends with the stop token, after MaxNew tokens, or when the context is full.
func (s *Sampler) Generate(ctx context.Context, prompts [][]int32, how Sampling) ([]Completion, error) {
	if err := s.check(prompts, how); err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	defer s.abandon()
	done := make([]Completion, len(prompts))
	for next := 0; next < len(prompts) || len(s.live) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sample: %w", err)
		}
		next = s.admit(prompts, next, how)
		logits := s.forward()
		keep := s.live[:0]
		for i, sq := range s.live {
			sq.seen += len(sq.feed)
			s.extend(&sq, logits.Row(i), how)
			if s.finished(sq, how) {
				done[sq.prompt] = sq.out
				s.free = append(s.free, sq.place)
				continue
			}
			keep = append(keep, sq)
		}
		s.live = keep
	}
	return done, nil
}

func (s *Sampler) check(prompts [][]int32, how Sampling) error {
	switch {
	case how.MaxNew < 1:
		return fmt.Errorf("%d new tokens, want 1 or more", how.MaxNew)
	case !(how.Temperature >= 0):
		return fmt.Errorf("temperature %g, want 0 or more", how.Temperature)
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

// admit fills the free places with prompts, as long as the rows of one batch
// stay few, and returns the index of the next prompt.
func (s *Sampler) admit(prompts [][]int32, next int, how Sampling) int {
	rows := len(s.live)
	for next < len(prompts) && len(s.free) > 0 && (rows == 0 || rows+len(prompts[next]) <= max(passRows, 2*len(s.live))) {
		sq := live{prompt: next, place: s.free[len(s.free)-1], feed: prompts[next]}
		if how.Temperature > 0 {
			sq.rng = how.Rand(next)
		}
		s.free = s.free[:len(s.free)-1]
		s.live = append(s.live, sq)
		rows += len(sq.feed)
		next++
	}
	return next
}

// abandon gives the places of unfinished sequences back.
func (s *Sampler) abandon() {
	for _, sq := range s.live {
		s.free = append(s.free, sq.place)
	}
	s.live = s.live[:0]
}

// extend draws a token from logits, which it overwrites.
func (s *Sampler) extend(sq *live, logits []float32, how Sampling) {
	mark := s.mark()
	defer s.release(mark)
	probs := s.take(len(logits))
	copy(probs, logits)
	largest, sum := kernel.Softmax(probs, 1)
	var token int
	switch {
	case how.Temperature == 0:
		token = argmax(logits)
	case how.Temperature == 1:
		token = draw(probs, sq.rng)
	default:
		copy(probs, logits)
		kernel.Softmax(probs, 1/how.Temperature)
		token = draw(probs, sq.rng)
	}
	sq.out.Tokens = append(sq.out.Tokens, int32(token))
	sq.out.LogProbs = append(sq.out.LogProbs, -(largest + kernel.Log(sum) - logits[token]))
	sq.feed = sq.out.Tokens[len(sq.out.Tokens)-1:]
}

func (s *Sampler) finished(sq live, how Sampling) bool {
	n := len(sq.out.Tokens)
	return sq.out.Tokens[n-1] == how.Stop || n == how.MaxNew || sq.seen+1 == s.m.cfg.Context
}

// argmax is the index of the largest element, the first of equals.
func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// draw takes an index with the given probabilities.
func draw(probs []float32, rng *rand.Rand) int {
	left, last := rng.Float64(), 0
	for i, p := range probs {
		if p == 0 {
			continue
		}
		if left -= float64(p); left < 0 {
			return i
		}
		last = i // rounding may leave a rest after the last
	}
	return last
}

// forward feeds every live sequence its new tokens and returns the logits of
// the last of each (live, V).
func (s *Sampler) forward() kernel.Mat {
	s.reset()
	cfg, p := s.m.cfg, s.m.params
	n := 0
	for _, sq := range s.live {
		n += len(sq.feed)
	}
	x := kernel.Dense(s.take(n*cfg.Dim), n, cfg.Dim)
	s.rows = s.rows[:0]
	row := 0
	for _, sq := range s.live {
		for _, token := range sq.feed {
			copy(x.Row(row), p.embed.Row(int(token)))
			row++
		}
		s.rows = append(s.rows, row-1)
	}
	for l := range p.layers {
		x = s.attention(l, x)
		if l == cfg.Layers-1 {
			x = gather(&s.scratch, x, s.rows)
		}
		s.mlps[l].forward(&s.scratch, p.layers[l], x)
		x = s.mlps[l].out
	}
	s.head.forward(&s.scratch, p, x)
	return s.head.logits
}

// attention is attention.forward over the caches: the new rows' keys and values
// are stored, and queries look at all that their sequence has stored so far.
func (s *Sampler) attention(l int, x kernel.Mat) kernel.Mat {
	cfg, p := s.m.cfg, s.m.params.layers[l]
	c, d := cfg.Dim, cfg.headDim()
	out := s.copyOf(x)
	mark := s.mark()
	defer s.release(mark)
	_, h := s.normalise(p.norm1, x)
	qkv := s.zeros(x.Rows, 3*c)
	s.work.NN(qkv, h, p.qkv)
	heads := s.zeros(x.Rows, c)
	probs := s.take(s.cells())
	row := 0
	for _, sq := range s.live {
		from, t := sq.place*cfg.Context, len(sq.feed)
		for i := range t {
			r := qkv.Row(row + i)
			turn(r[:2*c], s.m.rotary, sq.seen+i, kernel.Rotate)
			copy(s.keys[l].Row(from+sq.seen+i), r[c:2*c])
			copy(s.values[l].Row(from+sq.seen+i), r[2*c:])
		}
		seen := sq.seen + t
		for col := 0; col < c; col += d {
			attend(&s.work, heads.Part(row, col, t, d), kernel.Dense(probs, t, seen),
				qkv.Part(row, col, t, d), s.keys[l].Part(from, col, seen, d), s.values[l].Part(from, col, seen, d))
		}
		row += t
	}
	s.work.NN(out, heads, p.proj)
	return out
}

// cells is the room that one head's probabilities need, at most.
func (s *Sampler) cells() int {
	n := 0
	for _, sq := range s.live {
		n = max(n, len(sq.feed)*(sq.seen+len(sq.feed)))
	}
	return n
}
