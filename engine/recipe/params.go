package recipe

import (
	"slices"

	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments"
)

// tokensPerRow is what a row of this domain comes to on average, for estimates:
// with the program alone, and with the plan before it.
const (
	tokensPerRow     = 36
	tokensPerLongRow = 49
)

func whole(name, unit string, def int64, lo, hi float64, doc string) experiments.Param {
	return experiments.Param{Name: name, Kind: experiments.Int, Unit: unit, Default: def, Min: &lo, Max: &hi, Doc: doc}
}

func number(name, unit string, def, hi float64, doc string) experiments.Param {
	return experiments.Param{Name: name, Kind: experiments.Float, Unit: unit, Default: def, Min: new(0.0), Max: &hi, Doc: doc}
}

func word(name, doc string, choices ...string) experiments.Param {
	return experiments.Param{Name: name, Kind: experiments.String, Default: choices[0], Choices: choices, Doc: doc}
}

func flag(name string, def bool, doc string) experiments.Param {
	return experiments.Param{Name: name, Kind: experiments.Bool, Default: def, Doc: doc}
}

// under gives parameters the heading that they share in a form.
func under(group string, params []experiments.Param) []experiments.Param {
	for i := range params {
		params[i].Group = group
	}
	return params
}

func sftTable() experiments.Recipe {
	return experiments.Recipe{
		Name: onlySFT, Version: Version, Doc: "supervised fine-tuning from nothing", Work: work, Speed: lm.Speed(), Check: check, Reports: reports,
		Params: slices.Concat(under("data", rowParams()), under("data", makingParams()), under("placebo", placeboParams()),
			under("training", trainParams()), under("model", modelParams()), under("evaluation", evalParams())),
	}
}

// rowParams say which rows a model learns from.
func rowParams() []experiments.Param {
	return []experiments.Param{
		whole("tasks", "tasks", 1024, 1, 100_000, "different training tasks; the sets of one seed are nested"),
		whole("solutions", "a task", 1, 1, 64, "different programs for each task"),
		word("source", "where programs come from: right ones by construction; the fixed corpus of people's; the teacher's as they come; the teacher's that dual verification kept",
			fromReference, fromHuman, fromRaw, fromVerified),
		word("trace", "what stands before a program: nothing, or the plan in execution order", short, long),
		number("leak", "", 0, 1, "share of the tested tasks of `older` put among the training tasks, in place of as many: contamination"),
	}
}

// makingParams say how tasks are made and verified.
func makingParams() []experiments.Param {
	return []experiments.Param{
		whole("candidates", "a task", 8, 1, 64, "programs of the teacher that vote on the outputs"),
		whole("tests", "a task", 15, 1, 100, "inputs that are voted on"),
		word("test_kind", "where inputs come from: a generator of all sizes for each task, or a list written once", synth.TestsGenerated, synth.TestsListed),
		word("weighting", "what a test counts when the golden solution is chosen: its quartile by size, its kind, or one", synth.WeightSize, synth.WeightSemantic, synth.WeightNone),
		number("holdout", "", 0.5, 1, "share of the tests that the golden solution is confirmed on; 0: no confirmation"),
		number("teacher_error", "a feature", synth.DefaultTeacher().Slip, 1, "how often the teacher slips; it misreads statements in proportion"),
		flag("evolution", true, "features beyond those of the seed corpus"),
		flag("two_stage", true, "select features that go together in a step of its own"),
		{Name: "styles", Kind: experiments.String, Default: "70:15:15", Doc: "weights of the styles of statements, Codeforces : AtCoder : LeetCode"},
	}
}

// placeboParams change nothing that matters: what a comparison along them finds
// is what it finds by chance.
func placeboParams() []experiments.Param {
	return []experiments.Param{
		word("element", "usual name of an element in programs (a placebo)", "x", "n", "v"),
		whole("spare_seed", "", 0, 0, 1e9, "used by nothing (a placebo)"),
		whole("copy", "", 0, 0, 1e9, "used by nothing: equal cells under different names (a placebo)"),
		whole("shuffle", "", 0, 0, 1e9, "which shuffle of the rows (a placebo)"),
	}
}

// trainParams say how supervised fine-tuning goes.
func trainParams() []experiments.Param {
	return []experiments.Param{
		whole("steps", "steps", 0, 0, 1_000_000, "updates of the weights; 0: from epochs"),
		number("epochs", "epochs", 0, 10_000, "passes over the rows, instead of steps"),
		whole("batch", "rows", 64, 1, 4096, "rows an update"),
		number("lr", "", 6e-3, 1, "peak learning rate; cosine decay to a tenth of it"),
		whole("warmup", "steps", 20, 0, 100_000, "steps of linear warm-up"),
		number("weight_decay", "", 2, 10, "decoupled weight decay of AdamW, on matrices; a small model on few rows wants much"),
		number("clip", "", 1, 1e6, "largest norm of the gradient; 0: no clipping"),
		number("average", "", 0.98, 0.9999, "decay of the running average of the weights that is evaluated; 0: no average"),
	}
}

// modelParams are the shape of the transformer.
func modelParams() []experiments.Param {
	return []experiments.Param{
		whole("dim", "", 64, 8, 1024, "width of the model"),
		whole("layers", "", 2, 1, 48, "transformer blocks"),
		whole("heads", "", 4, 1, 64, "attention heads; they divide dim"),
		whole("context", "tokens", 192, 8, 4096, "longest row"),
		whole("vocab", "", 480, 64, 4096, "largest number of byte-pair units"),
	}
}

// evalParams say when and what a model is asked.
func evalParams() []experiments.Param {
	return []experiments.Param{
		whole("eval_every", "steps", 50, 1, 1_000_000, "steps between evaluations"),
		whole("eval_tasks", "tasks", 1024, 16, 2048, "tasks of each held-out set; the same in all cells and seeds"),
		whole("eval_samples", "a task", 0, 0, 256, "samples of each task of `current` at the end, for avg@8 and pass@k; 0: the greedy program alone"),
		number("eval_temperature", "", 0.6, 10, "temperature of the samples"),
		number("eval_top_p", "", 0.95, 1, "samples come from the likeliest tokens of this probability; 0 or 1: from all"),
		word("eval_sets", "held-out sets that are asked at the end: current, or older and harder too", onlyCurrent, allSets),
		word("at", "step whose weights are the result: the last, or the best on a development set", lastStep, bestOnDev),
		whole("checkpoint_every", "steps", 50, 1, 1_000_000, "steps between checkpoints: at most so many are made again after a kill"),
		whole("keep_every", "steps", 0, 0, 1_000_000, "steps between weights that stay, for `init` of other runs; 0: none but the last"),
	}
}

// work estimates the FLOPs of a run: 6 for each parameter and token, of which
// the output's are needed on the program's half of the tokens only. A token of a
// sample at the end takes as long as two that are trained on, token by token as
// it is.
func work(p experiments.Params) float64 {
	d, l, v := p.Float("dim"), p.Float("layers"), p.Float("vocab")
	perRow := tokensPerRow
	if p.Text("trace") == long {
		perRow = tokensPerLongRow
	}
	rows := stepsOf(p)*p.Int("batch") + 2*p.Int("eval_samples")*p.Int("eval_tasks")
	tokens := float64(rows * perRow)
	flops := 6 * (12*l*d*d + v*d/2) * tokens
	if p.Text("source") == fromVerified {
		flops += makingWork(p)
	}
	return flops
}

// makingWork is the time that making and verifying tasks takes one core, in the
// FLOPs that it does in it otherwise.
func makingWork(p experiments.Params) float64 {
	const perRun = 20e-6 // seconds for one program on one test, all else included
	return p.Float("tasks") * p.Float("candidates") * p.Float("tests") * perRun * lm.Speed()
}
