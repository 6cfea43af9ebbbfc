package experiments

import "fmt"

// maxGPUs bounds what one run may hold on one machine.
const maxGPUs = 1024

// gpus is how many GPUs a run holds, of a command: the built-in recipes compute on
// the CPU.
func (c *checker) gpus(e *Experiment, t table) int {
	n := t.whole("gpus", 0)
	switch _, given := t.m["gpus"]; {
	case !given:
	case e.Recipe != Command && e.Recipe != "":
		c.report(t.keyAt("gpus"), fmt.Sprintf("gpus is for recipe command; this is recipe %s", e.Recipe),
			"The built-in recipes compute on the CPU")
	case n > maxGPUs:
		c.report(t.valueAt("gpus"), fmt.Sprintf("gpus is %d; at most %d can be held", n, maxGPUs), "It is how many each run holds")
	}
	return int(n)
}
