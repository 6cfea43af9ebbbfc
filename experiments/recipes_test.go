package experiments_test

import (
	"fmt"

	"ablate/experiments"
)

// recipes is a small table of parameters like those of a built-in recipe.
func recipes() []experiments.Recipe {
	return []experiments.Recipe{{
		Name:    "sft",
		Version: 3,
		Params: []experiments.Param{
			{Name: "tasks", Kind: experiments.Int, Unit: "tasks", Doc: "distinct training tasks", Default: 256, Min: new(1.0)},
			{Name: "solutions", Kind: experiments.Int, Doc: "solutions of each task", Default: 1, Min: new(1.0), Max: new(64.0)},
			{Name: "steps", Kind: experiments.Int, Unit: "steps", Doc: "optimiser updates", Default: 400, Min: new(0.0)},
			{Name: "epochs", Kind: experiments.Int, Unit: "epochs", Default: 0, Min: new(0.0)},
			{Name: "batch", Kind: experiments.Int, Default: 32, Min: new(1.0), Max: new(4096.0)},
			{Name: "lr", Kind: experiments.Float, Doc: "peak learning rate", Default: 3e-3, Min: new(0.0), Max: new(1.0)},
			{Name: "warmup", Kind: experiments.Float, Default: 0.1},
			{Name: "dim", Kind: experiments.Int, Default: 64, Min: new(8.0)},
			{Name: "layers", Kind: experiments.Int, Default: 2, Max: new(64.0)},
			{Name: "heads", Kind: experiments.Int, Default: 4, Min: new(1.0)},
			{Name: "optimizer", Kind: experiments.String, Doc: "adamw | sgd", Default: "adamw", Choices: []string{"adamw", "sgd"}},
			{Name: "tie", Kind: experiments.Bool, Default: false},
		},
		Work: func(p experiments.Params) float64 { return float64(p.Int("steps") * p.Int("batch")) },
		Check: func(p experiments.Params) []string {
			if p.Int("dim")%p.Int("heads") != 0 {
				return []string{fmt.Sprintf("heads = %d does not divide dim = %d", p.Int("heads"), p.Int("dim"))}
			}
			return nil
		},
	}}
}
