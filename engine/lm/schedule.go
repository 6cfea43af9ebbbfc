package lm

import "ablate/engine/lm/kernel"

// Schedule is the learning rate of a step, counted from 0, of a run of steps:
// it rises linearly to peak over the warm-up steps, then falls along half a
// cosine to floor at the last step.
func Schedule(step, steps, warmup int, peak, floor float32) float32 {
	switch {
	case step < warmup:
		return float32(float64(peak) * float64(step+1) / float64(warmup))
	case step >= steps-1:
		return floor
	}
	const pi = 3.14159265358979323846
	done := float64(step-warmup) / float64(max(steps-1-warmup, 1))
	_, cos := kernel.SinCos(pi * done)
	return float32(float64(floor) + float64(float64(peak-floor)*(1+cos)/2))
}

// Average is an exponential moving average of a model's weights, corrected for
// its start: after n updates it is a mean of the n states that weighs each one
// Decay times less than the next. Evaluation on it is steadier than on the last
// weights.
type Average struct {
	model *Model
	decay float32
	left  float64 // decay to the power of the updates: what the start would weigh
}

// NewAverage prepares an average for models of m's shape; until the first
// update it is m's weights. Decay is in [0, 1); 0.99 looks back about a hundred
// updates.
func NewAverage(m *Model, decay float32) *Average {
	a := &Average{model: blank(m.cfg), decay: decay, left: 1}
	copy(a.model.flat, m.flat)
	return a
}

// Update takes in the weights of m, which has the shape of the first.
func (a *Average) Update(m *Model) {
	a.left = float64(a.left * float64(a.decay))
	share := float32((1 - float64(a.decay)) / (1 - a.left)) // 1 at first, then towards 1-decay
	kernel.Blend(a.model.flat, m.flat, share)
}

// Model is the average as a model. It changes with later updates.
func (a *Average) Model() *Model { return a.model }
