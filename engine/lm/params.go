package lm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"ablate/engine/lm/kernel"
	"ablate/engine/seed"
)

// Model is a transformer's weights. They are one flat slice, so that the
// optimiser, averaging, hashing and checkpoints are each one loop; params are
// named views into it.
type Model struct {
	cfg    Config
	flat   []float32
	params params
	rotary rotary
}

// params are views of one flat slice: of the weights, of their gradient.
type params struct {
	embed  kernel.Mat // (V, C); the output layer too
	layers []layerParams
	norm   []float32 // (C)
}

// layerParams are one layer's. Matrices map rows to rows: y = x W.
type layerParams struct {
	norm1 []float32  // (C)
	qkv   kernel.Mat // (C, 3C): queries, keys, values
	proj  kernel.Mat // (C, C)
	norm2 []float32  // (C)
	up    kernel.Mat // (C, 4C)
	down  kernel.Mat // (4C, C)
}

// tensor is one named stretch of the flat slice. A gain is a row.
type tensor struct {
	rows, cols int
	gain       bool
	std        float64 // of its first values; 0 for a gain, which starts at 1
	from       int     // offset in the flat slice
}

func (t tensor) len() int { return t.rows * t.cols }

// tensors lists the tensors of a shape in the order of the flat slice, and the
// length of that slice.
func (c Config) tensors() (ts []tensor, total int) {
	add := func(rows, cols int, gain bool, std float64) {
		ts = append(ts, tensor{rows, cols, gain, std, total})
		total += rows * cols
	}
	inner := 1 / math.Sqrt(float64(c.Dim))
	// What a layer adds to the residual stream is scaled down by the number of
	// additions, so that the stream's variance does not grow with depth.
	residual := 1 / math.Sqrt(2*float64(c.Layers))
	// The embedding is scaled like a matrix that maps from C, as it is the output
	// layer too; a small model learns visibly faster from it than from GPT-2's
	// 0.02, at the price of a first loss half a nat above uniform.
	add(c.Vocab, c.Dim, false, inner)
	for range c.Layers {
		add(1, c.Dim, true, 0)
		add(c.Dim, 3*c.Dim, false, inner)
		add(c.Dim, c.Dim, false, inner*residual)
		add(1, c.Dim, true, 0)
		add(c.Dim, 4*c.Dim, false, inner)
		add(4*c.Dim, c.Dim, false, inner*residual/2)
	}
	add(1, c.Dim, true, 0)
	return ts, total
}

// view names the parts of a flat slice of the shape's length.
func (c Config) view(flat []float32) params {
	ts, _ := c.tensors()
	mat := func(i int) kernel.Mat {
		return kernel.Dense(flat[ts[i].from:ts[i].from+ts[i].len()], ts[i].rows, ts[i].cols)
	}
	p := params{embed: mat(0), layers: make([]layerParams, c.Layers), norm: mat(len(ts) - 1).Data}
	for l := range p.layers {
		i := 1 + 6*l
		p.layers[l] = layerParams{mat(i).Data, mat(i + 1), mat(i + 2), mat(i + 3).Data, mat(i + 4), mat(i + 5)}
	}
	return p
}

// clearGains sets everything but the matrices to zero.
func (p params) clearGains() {
	clear(p.norm)
	for _, l := range p.layers {
		clear(l.norm1)
		clear(l.norm2)
	}
}

// blank is a model of a checked shape with all weights zero.
func blank(cfg Config) *Model {
	_, total := cfg.tensors()
	flat := make([]float32, total)
	return &Model{cfg: cfg, flat: flat, params: cfg.view(flat), rotary: newRotary(cfg)}
}

// New makes a model with the first weights of a run's seed: uniform with a
// standard deviation that depends on the tensor, gains one.
func New(cfg Config, runSeed int64) (*Model, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	m := blank(cfg)
	ts, _ := cfg.tensors()
	for i, t := range ts {
		w := m.flat[t.from : t.from+t.len()]
		if t.gain {
			for j := range w {
				w[j] = 1
			}
			continue
		}
		r := seed.Stream(runSeed, "init", i)
		spread := 2 * math.Sqrt(3) * t.std // the width of a uniform with that deviation
		for j := range w {
			w[j] = float32((float64(r.Float64()) - 0.5) * spread)
		}
	}
	return m, nil
}

// Clone is a model of its own with the same weights.
func (m *Model) Clone() *Model {
	c := blank(m.cfg)
	copy(c.flat, m.flat)
	return c
}

// Config is the model's shape.
func (m *Model) Config() Config { return m.cfg }

// Params is the number of weights.
func (m *Model) Params() int { return len(m.flat) }

// WeightsSHA256 is the hash of all weights in hexadecimal, over their
// little-endian bytes in the order of the flat slice: equal hashes mean equal
// bits.
func (m *Model) WeightsSHA256() string {
	h := sha256.New()
	buf := make([]byte, 0, 1<<14)
	for i, w := range m.flat {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(w))
		if len(buf) == cap(buf) || i == len(m.flat)-1 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
