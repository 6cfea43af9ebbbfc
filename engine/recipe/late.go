package recipe

import (
	"ablate/experiments/store"
)

// late is the mean over the last tenth of a run's steps of what one step of
// rewarded training tells too roughly: a batch of 256 rollouts moves the reward
// more than many a method does. By metric.
type late map[string]mean

type mean struct {
	N   int     `json:"n"`
	Sum float64 `json:"sum"`
}

// lately lists those metrics.
var lately = []string{
	"train/reward", "train/entropy", "train/kl", "train/clip_low", "train/clip_high",
	"rl/no_signal", "rl/skipped", "rl/length",
}

// take adds what a step measured. A step without an update has no entropy.
func (l *late) take(values store.Values) {
	for _, name := range lately {
		v, ok := values[name]
		if !ok {
			continue
		}
		if *l == nil {
			*l = late{}
		}
		of := (*l)[name]
		(*l)[name] = mean{of.N + 1, of.Sum + v}
	}
}
