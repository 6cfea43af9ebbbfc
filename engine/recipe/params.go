package recipe

import (
	"fmt"

	"ablate/engine/lm"
	"ablate/experiments"
)

// tokensPerRow is what a row of this domain comes to on average, for estimates.
const tokensPerRow = 27

func sftTable() experiments.Recipe {
	whole := func(name, unit string, def int64, lo, hi float64, doc string) experiments.Param {
		return experiments.Param{Name: name, Kind: experiments.Int, Unit: unit, Default: def, Min: &lo, Max: &hi, Doc: doc}
	}
	number := func(name, unit string, def, hi float64, doc string) experiments.Param {
		return experiments.Param{Name: name, Kind: experiments.Float, Unit: unit, Default: def, Min: new(0.0), Max: &hi, Doc: doc}
	}
	return experiments.Recipe{
		Name: "sft", Version: Version, Work: work, Speed: lm.Speed(), Check: check,
		Params: []experiments.Param{
			whole("tasks", "tasks", 1024, 1, 100_000, "different training tasks; the sets of one seed are nested"),
			whole("solutions", "a task", 1, 1, 64, "different correct programs for each task"),
			whole("steps", "steps", 0, 0, 1_000_000, "updates of the weights; 0: from epochs"),
			number("epochs", "epochs", 0, 10_000, "passes over the rows, instead of steps"),
			whole("batch", "rows", 64, 1, 4096, "rows an update"),
			number("lr", "", 6e-3, 1, "peak learning rate; cosine decay to a tenth of it"),
			whole("warmup", "steps", 20, 0, 100_000, "steps of linear warm-up"),
			number("weight_decay", "", 2, 10, "decoupled weight decay of AdamW, on matrices; a small model on few rows wants much"),
			number("clip", "", 1, 1e6, "largest norm of the gradient; 0: no clipping"),
			number("average", "", 0.98, 0.9999, "decay of the running average of the weights that is evaluated; 0: no average"),
			whole("dim", "", 64, 8, 1024, "width of the model"),
			whole("layers", "", 2, 1, 48, "transformer blocks"),
			whole("heads", "", 4, 1, 64, "attention heads; they divide dim"),
			whole("context", "tokens", 128, 8, 4096, "longest row"),
			whole("vocab", "", 480, 64, 4096, "largest number of byte-pair units"),
			whole("eval_every", "steps", 50, 1, 1_000_000, "steps between evaluations"),
			whole("eval_tasks", "tasks", 1024, 16, 2048, "held-out tasks; the same in all cells and seeds"),
			whole("checkpoint_every", "steps", 50, 1, 1_000_000, "steps between checkpoints: at most so many are made again after a kill"),
			whole("keep_every", "steps", 0, 0, 1_000_000, "steps between weights that stay, for `init` of other runs; 0: none but the last"),
		},
	}
}

// check finds mistakes between parameters that no single range can.
func check(p experiments.Params) (mistakes []string) {
	if p.Int("steps") == 0 && p.Float("epochs") == 0 {
		mistakes = append(mistakes, "neither steps nor epochs says how long to train")
	}
	return append(mistakes, checkShape(p)...)
}

// checkShape finds mistakes in the shape of a model.
func checkShape(p experiments.Params) (mistakes []string) {
	dim, heads := p.Int("dim"), p.Int("heads")
	switch {
	case heads > 0 && dim%heads != 0:
		mistakes = append(mistakes, fmt.Sprintf("heads = %d does not divide dim = %d", heads, dim))
	case heads > 0 && dim/heads%2 != 0:
		mistakes = append(mistakes, fmt.Sprintf("dim / heads = %d is odd: rotary positions turn pairs", dim/heads))
	}
	return mistakes
}

// work estimates the FLOPs of a run: 6 for each parameter and token, of which
// the output's are needed on the program's half of the tokens only.
func work(p experiments.Params) float64 {
	d, l, v := p.Float("dim"), p.Float("layers"), p.Float("vocab")
	tokens := float64(stepsOf(p)*p.Int("batch")) * tokensPerRow
	return 6 * (12*l*d*d + v*d/2) * tokens
}
