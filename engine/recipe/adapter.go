package recipe

import "ablate/engine/synth"

type example struct {
	Task    synth.Task
	Program string
}

func human() []example {
	var all []example
	for _, t := range synth.Train(77, 200, synth.DefaultOptions()) {
		all = append(all, example{t, t.Solution(77, 0)})
	}
	return all
}

func benchmark(name string, n int) (tasks []synth.Task) {
	place := map[string]int{current: 0, older: 1, harder: 2, dev: 3}[name]
	for i, t := range synth.HeldOut(4*n, synth.DefaultOptions()) {
		if i%4 == place {
			tasks = append(tasks, t)
		}
	}
	return tasks
}
