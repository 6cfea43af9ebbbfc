package lm

import (
	"context"
	"math/rand/v2"

	"ablate/engine/lm/kernel"
)

// lane is one worker's part of a Sampler.
type lane struct {
	scratch
	m      *Model
	layout *layout
	free   []*memory
	live   []live
	rows   []int // last row of every live sequence in the current batch
	mlps   []mlp
	out    output
	drawer drawer
}

// memory is what one sequence keeps of its past: for every layer and head the
// keys (D, seen) and the values (seen, D).
type memory struct {
	keys, values []kernel.Strips // (L H)
}

// live is a sequence that is not finished.
type live struct {
	prompt int // its index
	memory *memory
	seen   int // positions in memory
	feed   []int32
	out    Completion
	rng    *rand.Rand
}

func newLane(m *Model, w *layout, places int) *lane {
	l := &lane{m: m, layout: w, mlps: make([]mlp, m.cfg.Layers)}
	for range places {
		mem := &memory{}
		for range m.cfg.Layers * m.cfg.Heads {
			mem.keys = append(mem.keys, kernel.NewStrips(m.cfg.headDim(), m.cfg.Context))
			mem.values = append(mem.values, kernel.NewStrips(m.cfg.Context, m.cfg.headDim()))
		}
		l.free = append(l.free, mem)
	}
	return l
}

// run completes prompts until none is left or ctx ends.
func (l *lane) run(ctx context.Context, work *draws) {
	for ctx.Err() == nil {
		l.admit(work)
		if len(l.live) == 0 {
			return
		}
		logits := l.forward()
		keep := l.live[:0]
		for i, sq := range l.live {
			sq.seen += len(sq.feed)
			l.extend(&sq, logits.Row(i), work.how)
			if l.finished(sq, work.how) {
				work.done[sq.prompt] = sq.out
				l.retire(sq)
				continue
			}
			keep = append(keep, sq)
		}
		l.live = keep
	}
	for _, sq := range l.live {
		l.retire(sq)
	}
	l.live = l.live[:0]
}

// admit fills the free places with prompts, as long as the rows of one batch
// stay few.
func (l *lane) admit(work *draws) {
	rows := len(l.live)
	for len(l.free) > 0 {
		room := max(passRows, 2*len(l.live)) - rows
		if rows == 0 {
			room = l.m.cfg.Context
		}
		i, ok := work.take(room)
		if !ok {
			return
		}
		sq := live{prompt: i, memory: l.free[len(l.free)-1], feed: work.prompts[i]}
		if work.how.Temperature > 0 {
			sq.rng = work.how.Rand(i)
		}
		l.free = l.free[:len(l.free)-1]
		l.live = append(l.live, sq)
		rows += len(sq.feed)
	}
}

func (l *lane) retire(sq live) {
	for i := range sq.memory.keys {
		sq.memory.keys[i].Empty()
		sq.memory.values[i].Empty()
	}
	l.free = append(l.free, sq.memory)
}

// extend draws a token from logits, which it overwrites.
func (l *lane) extend(sq *live, logits []float32, how Sampling) {
	mark := l.mark()
	defer l.scratch.release(mark)
	probs := l.take(len(logits))
	copy(probs, logits)
	largest, sum := kernel.Softmax(probs, 1)
	var token int
	switch {
	case how.Temperature == 0:
		token = argmax(logits)
	case how.Temperature == 1:
		token = l.drawer.draw(probs, how.TopP, sq.rng)
	default:
		for i, z := range logits {
			probs[i] = z - largest // so that a large factor overflows to nothing but -Inf
		}
		kernel.Softmax(probs, min(1/how.Temperature, 1e30))
		token = l.drawer.draw(probs, how.TopP, sq.rng)
	}
	sq.out.Tokens = append(sq.out.Tokens, int32(token))
	sq.out.LogProbs = append(sq.out.LogProbs, -(largest + kernel.Log(sum) - logits[token]))
	sq.feed = sq.out.Tokens[len(sq.out.Tokens)-1:]
}

func (l *lane) finished(sq live, how Sampling) bool {
	n := len(sq.out.Tokens)
	return sq.out.Tokens[n-1] == how.Stop || n == how.MaxNew || sq.seen+1 == l.m.cfg.Context
}

// forward feeds every live sequence its new tokens and returns the logits of
// the last of each (live, V).
func (l *lane) forward() kernel.Mat {
	l.reset()
	cfg, p := l.m.cfg, l.m.params
	n := 0
	for _, sq := range l.live {
		n += len(sq.feed)
	}
	x := l.matrix(n, cfg.Dim)
	l.rows = l.rows[:0]
	row := 0
	for _, sq := range l.live {
		for _, token := range sq.feed {
			copy(x.Row(row), p.embed.Row(int(token)))
			row++
		}
		l.rows = append(l.rows, row-1)
	}
	for i := range p.layers {
		x = l.attention(i, x)
		if i == cfg.Layers-1 {
			x = gather(&l.scratch, x, l.rows)
		}
		l.mlps[i].forward(&l.scratch, p.layers[i], &l.layout.layers[i], x)
		x = l.mlps[i].out
	}
	l.out.forward(&l.scratch, p, l.layout, x)
	return l.out.logits
}

// attention is attention.forward over what the sequences remember: the new rows'
// keys and values are added, and queries look at all of them up to their own.
func (l *lane) attention(layer int, x kernel.Mat) kernel.Mat {
	cfg, p, w := l.m.cfg, l.m.params.layers[layer], &l.layout.layers[layer]
	c, d := cfg.Dim, cfg.headDim()
	out := l.copyOf(x)
	mark := l.mark()
	defer l.scratch.release(mark)
	_, h := l.normalise(p.norm1, x)
	qkv := l.matrix(x.Rows, 3*c)
	kernel.Multiply(qkv, h, &w.qkv.as, kernel.Fresh)
	heads := l.matrix(x.Rows, c)
	room := l.take(l.cells())
	row := 0
	for _, sq := range l.live {
		t := len(sq.feed)
		for i := range t {
			l.m.rotary.turn(qkv.Row(row + i)[:2*c], sq.seen+i)
		}
		seen := sq.seen + t
		probs := kernel.Dense(room, t, kernel.Padded(seen))
		for head, col := 0, 0; col < c; head, col = head+1, col+d {
			keys, values := &sq.memory.keys[layer*cfg.Heads+head], &sq.memory.values[layer*cfg.Heads+head]
			for i := range t {
				r := qkv.Row(row + i)
				keys.AppendColumn(r[c+col : c+col+d])
				values.AppendRow(r[2*c+col : 2*c+col+d])
			}
			attend(heads.Part(row, col, t, d), probs, qkv.Part(row, col, t, d), keys, values)
		}
		row += t
	}
	kernel.Multiply(out, heads, &w.proj.as, 0)
	return out
}

// cells is the room that one head's probabilities need, at most.
func (l *lane) cells() int {
	n := 0
	for _, sq := range l.live {
		n = max(n, len(sq.feed)*kernel.Padded(sq.seen+len(sq.feed)))
	}
	return n
}
