package synth

import (
	"math/rand/v2"
	"slices"
	"sync"

	"ablate/engine/seed"
)

func stream(i int) *rand.Rand { return seed.Stream(1, "test", i) }

var trainedTasks = sync.OnceValue(func() []Task { return Train(1, 2048, Options{}) })

// trained gives the first n training tasks of seed 1, of one set for all tests: sets
// are nested, as TestSetsAreNested shows.
func trained(n int) []Task { return slices.Clip(trainedTasks()[:n]) }

var heldOutTasks = sync.OnceValue(func() map[string][]Task {
	all := map[string][]Task{}
	for _, name := range benchmarks {
		all[name] = Benchmark(name, 256)
	}
	all["current"] = Benchmark("current", 512)
	return all
})

// heldOut gives the first n tasks of a benchmark likewise, up to 256, and to 512 of
// current.
func heldOut(name string, n int) []Task { return slices.Clip(heldOutTasks()[name][:n]) }
