package recipe

import "ablate/experiments"

// config is everything that a run is told, resolved.
type config struct {
	Run  string // its id
	Seed int64
	dataConfig
	modelConfig
	trainConfig
	evalConfig
	rlConfig
	CheckpointEvery int // steps
	KeepEvery       int // steps; 0: no weights are kept on the way
}

// dataConfig says what a model learns from: tasks x solutions rows.
type dataConfig struct {
	Tasks, Solutions int
}

// modelConfig is the shape of the transformer.
type modelConfig struct {
	Dim, Layers, Heads, Context, Vocab int
}

// trainConfig is how supervised fine-tuning goes: Steps of Batch rows.
type trainConfig struct {
	Steps, Batch int
	LR           float64
	Warmup       int // steps
	WeightDecay  float64
	Clip         float64 // of the gradient's norm
	AverageDecay float64 // of the average of the weights that is evaluated; 0: the weights themselves
}

// evalConfig is when and on what a model is asked.
type evalConfig struct {
	EvalEvery int // steps
	EvalTasks int
	Shown     int // programs of an evaluation that are kept as samples
}

func newConfig(run experiments.Run) config {
	p := run.Params
	c := config{
		Run: run.ID, Seed: run.Seed, CheckpointEvery: p.Int("checkpoint_every"), KeepEvery: p.Int("keep_every"), rlConfig: newRLConfig(p),
		dataConfig:  dataConfig{Tasks: p.Int("tasks"), Solutions: p.Int("solutions")},
		modelConfig: modelConfig{Dim: p.Int("dim"), Layers: p.Int("layers"), Heads: p.Int("heads"), Context: p.Int("context"), Vocab: p.Int("vocab")},
		trainConfig: trainConfig{
			Steps: stepsOf(p), Batch: p.Int("batch"), LR: p.Float("lr"), Warmup: p.Int("warmup"),
			WeightDecay: p.Float("weight_decay"), Clip: p.Float("clip"), AverageDecay: p.Float("average"),
		},
		evalConfig: evalConfig{EvalEvery: p.Int("eval_every"), EvalTasks: p.Int("eval_tasks"), Shown: 16},
	}
	return c
}

// stepsOf is the number of updates, which a number of epochs over the rows may
// give.
func stepsOf(p experiments.Params) int {
	if n := p.Int("steps"); n > 0 {
		return n
	}
	rows := float64(p.Int("tasks") * p.Int("solutions"))
	return max(1, int(rows*p.Float("epochs")/float64(p.Int("batch"))+0.5))
}
