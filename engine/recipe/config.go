package recipe

import (
	"strconv"

	"ablate/experiments"
)

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
	Source           string // one of the constants from...
	Trace            string // short or long
	Leaked           int    // tasks of the older set among the training tasks
	Shuffle          int    // which shuffle of the rows
	makingConfig
}

// makingConfig says how tasks are made and verified.
type makingConfig struct {
	Candidates, Tests   int
	TestKind, Weighting string
	Holdout             float64
	TeacherError        float64
	Evolution, TwoStage bool
	Styles              []float64
	Element             string
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
	AverageDecay float64 // of the average of the weights that is evaluated; 0: none
}

// evalConfig is when and on what a model is asked.
type evalConfig struct {
	EvalEvery int // steps
	EvalTasks int
	Shown     int // programs of an evaluation that are kept as samples

	EvalSamples       int // of a task at the end; 0: none
	SampleTemperature float64
	SampleTopP        float64
	AllSets           bool // the older and the harder set too
	OnDev             bool // the best step on the development set is the result, not the last
}

func newConfig(run experiments.Run) config {
	p := run.Params
	return config{
		Run: run.ID, Seed: run.Seed,
		dataConfig: newDataConfig(p),
		modelConfig: modelConfig{
			Dim: p.Int("dim"), Layers: p.Int("layers"), Heads: p.Int("heads"), Context: p.Int("context"), Vocab: p.Int("vocab"),
		},
		trainConfig: trainConfig{
			Steps: stepsOf(p), Batch: p.Int("batch"), LR: p.Float("lr"), Warmup: p.Int("warmup"),
			WeightDecay: p.Float("weight_decay"), Clip: p.Float("clip"), AverageDecay: p.Float("average"),
		},
		evalConfig: evalConfig{
			EvalEvery: p.Int("eval_every"), EvalTasks: p.Int("eval_tasks"), Shown: 16,
			EvalSamples: p.Int("eval_samples"), SampleTemperature: p.Float("eval_temperature"), SampleTopP: p.Float("eval_top_p"),
			AllSets: p.Text("eval_sets") == allSets, OnDev: p.Text("at") == bestOnDev,
		},
		rlConfig:        newRLConfig(p),
		CheckpointEvery: p.Int("checkpoint_every"), KeepEvery: p.Int("keep_every"),
	}
}

func newDataConfig(p experiments.Params) dataConfig {
	return dataConfig{
		Tasks: p.Int("tasks"), Solutions: p.Int("solutions"), Source: p.Text("source"), Trace: p.Text("trace"),
		Leaked: leaked(p), Shuffle: p.Int("shuffle"),
		makingConfig: newMakingConfig(p),
	}
}

func newMakingConfig(p experiments.Params) makingConfig {
	styles, err := parseStyles(p.Text("styles"))
	if err != nil {
		styles = nil // the default: check has refused it
	}
	return makingConfig{
		Candidates: p.Int("candidates"), Tests: p.Int("tests"), TestKind: p.Text("test_kind"), Weighting: p.Text("weighting"),
		Holdout: p.Float("holdout"), TeacherError: p.Float("teacher_error"),
		Evolution: !off(p, "evolution"), TwoStage: !off(p, "two_stage"), Styles: styles, Element: p.Text("element"),
	}
}

// off says whether a switch is off: a recipe without it has it on.
func off(p experiments.Params, name string) bool {
	on, ok := p[name].(bool)
	return ok && !on
}

// orderOf is the purpose of the stream by which rows are shuffled.
func (c dataConfig) orderOf(purpose string) string {
	if c.Shuffle == 0 {
		return purpose
	}
	return purpose + "/" + strconv.Itoa(c.Shuffle)
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
