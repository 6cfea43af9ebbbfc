// Package lm is the tiny language model that the built-in recipes train: a
// byte-pair tokenizer, a decoder-only transformer with hand-written gradients,
// AdamW, and sampling with a key-value cache.
//
// The model is the usual one, kept small: a token embedding that is also the
// output layer, rotary positions, and per layer
//
//	x = x + attention(norm(x)) ; x = x + mlp(norm(x))
//
// with causal multi-head attention, a GELU of four times the width, layer norms
// with a gain and no biases anywhere. There is no dropout and no padding: the
// sequences of a batch are packed end to end as rows of one matrix, and only
// attention looks at where one ends.
//
// What a reader should look at, in order: params.go (the one flat slice of
// weights), attention.go, mlp.go and head.go (every operation's forward and
// backward side by side), pass.go (the model as a list of them), trainer.go (a
// step over shards) and sampler.go.
//
// In comments T is the length of a sequence, N the packed rows of a pass, M
// those rows that carry loss, C the width (Config.Dim), H the heads, D = C/H, V
// the vocabulary and L the layers.
//
// One seed gives one set of weights, bit for bit, whatever the number of
// workers: see package kernel for the arithmetic's half of that promise and
// Trainer for the other.
package lm

import "fmt"

// Config is the shape of a model.
type Config struct {
	Vocab   int `json:"vocab"`   // V, tokens in the vocabulary
	Dim     int `json:"dim"`     // C, width of the residual stream
	Layers  int `json:"layers"`  // L
	Heads   int `json:"heads"`   // H; Dim/Heads must be even for the rotary pairs
	Context int `json:"context"` // longest sequence in tokens, prompt and completion together
}

// maxParams bounds a model to what 32-bit offsets and this machine's memory can
// hold; beyond it a Config is a typing error.
const maxParams = 1 << 30

// Check says what is wrong with a shape, or nothing.
func (c Config) Check() error {
	for _, f := range []struct {
		name  string
		value int
		min   int
	}{{"vocab", c.Vocab, 2}, {"dim", c.Dim, 2}, {"layers", c.Layers, 1}, {"heads", c.Heads, 1}, {"context", c.Context, 2}} {
		if f.value < f.min || f.value > 1<<24 {
			return fmt.Errorf("check model shape: %s is %d, want %d or more", f.name, f.value, f.min)
		}
	}
	if c.Dim%c.Heads != 0 {
		return fmt.Errorf("check model shape: dim %d does not divide into %d heads", c.Dim, c.Heads)
	}
	if c.headDim()%2 != 0 {
		return fmt.Errorf("check model shape: dim %d over %d heads gives an odd head width %d, and rotary positions turn pairs", c.Dim, c.Heads, c.headDim())
	}
	if n := float64(c.Vocab)*float64(c.Dim) + 12*float64(c.Layers)*float64(c.Dim)*float64(c.Dim); n > maxParams {
		return fmt.Errorf("check model shape: %.3g parameters, at most %d", n, maxParams)
	}
	return nil
}

// headDim is D, the width of one head.
func (c Config) headDim() int { return c.Dim / c.Heads }
