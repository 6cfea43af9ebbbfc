package recipe

import "ablate/engine/synth"

func human() []synth.Example { return synth.Human() }

func benchmark(name string, n int) []synth.Task { return synth.Benchmark(name, n) }
