package lm

import "ablate/engine/lm/kernel"

// rotary holds the cosines and sines of every position, D/2 each.
type rotary struct {
	half           int
	cos, sin, back []float32 // (Context, D/2); back is -sin
}

// rotaryBase sets the slowest pair's wave length, 2 pi times it in tokens.
const rotaryBase = 10000

func newRotary(cfg Config) rotary {
	half := cfg.headDim() / 2
	room := func() []float32 { return make([]float32, cfg.Context*half) }
	r := rotary{half, room(), room(), room()}
	for i := range half {
		turn := float64(kernel.Exp(-kernel.Log(rotaryBase) * float32(i) / float32(half))) // radians a position
		for t := range cfg.Context {
			sin, cos := kernel.SinCos(float64(t) * turn)
			at := t*half + i
			r.cos[at], r.sin[at], r.back[at] = float32(cos), float32(sin), -float32(sin)
		}
	}
	return r
}

// turn rotates every head in a row of queries and keys to position t.
func (r rotary) turn(row []float32, t int) {
	from, to := t*r.half, (t+1)*r.half
	kernel.Rotate(row, r.cos[from:to], r.sin[from:to])
}

// turnBack undoes turn, which is also its gradient.
func (r rotary) turnBack(row []float32, t int) {
	from, to := t*r.half, (t+1)*r.half
	kernel.Rotate(row, r.cos[from:to], r.back[from:to])
}
