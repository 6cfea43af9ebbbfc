package experiments_test

import (
	"fmt"

	"ablate/experiments"
)

func ExampleParse() {
	text := `
schema = 1
[experiment.width]
recipe = "sft"
axes   = { dim = [32, 64] }
seeds  = 2
`
	f, err := experiments.Parse("experiments.toml", []byte(text), recipes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range f.Experiments[0].Plan().Runs() {
		fmt.Println(r.Axes[0].Value, r.Seed, r.Params.Int("steps"))
	}
	// Output:
	// 32 1 400
	// 64 1 400
	// 32 2 400
	// 64 2 400
}

func ExampleProblems() {
	text := `schema = 1
[experiment.width]
recipe = "sft"
[experiment.width.axes]
dims = [32, 64]
`
	_, err := experiments.Parse("experiments.toml", []byte(text), nil)
	fmt.Println(err)
	// Output:
	// experiments.toml: 1 problem
	//
	//    2 │ [experiment.width]
	//    3 │ recipe = "sft"
	//      │          ^^^^^ recipe sft is not built yet; known: command
}
