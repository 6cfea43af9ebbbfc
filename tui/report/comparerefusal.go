package report

import (
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
)

// evaluationsApart says in what the evaluations of two units differ that decides what is
// measured, "" for nothing. What is an axis of either is what is asked, and no fault.
func evaluationsApart(a, b *Unit, metric string) string {
	if !strings.HasPrefix(metric, "eval/") {
		return ""
	}
	for _, name := range experiments.Differing([]experiments.Params{a.Cell.Params, b.Cell.Params}) {
		va, inA := a.Cell.Params[name]
		vb, inB := b.Cell.Params[name]
		if inA && inB && measures(name, metric, a, b) && !a.varies(name) && !b.varies(name) {
			return fmt.Sprintf("evaluations with %s %v and %v", name, va, vb)
		}
	}
	return ""
}

// measures is true of parameters that decide what an evaluation measures, and not how
// much of it. The greedy programs of the built-in recipes are sampled by none. Results
// that were made elsewhere have the data set and the program among their parameters.
func measures(name, metric string, units ...*Unit) bool {
	if !strings.HasPrefix(name, "eval_") || slices.Contains([]string{"eval_every", "eval_tasks", "eval_samples", "eval_sets"}, name) {
		return false
	}
	own := func(u *Unit) bool {
		return len(u.Runs) == 0 || !slices.Contains([]string{experiments.Command, experiments.Imported}, u.Runs[0].Recipe)
	}
	return sampled(metric) || slices.ContainsFunc(units, func(u *Unit) bool { return !own(u) })
}

// sampled is true of what several samples of a task came to: avg@k, and pass@k of more
// than one.
func sampled(metric string) bool {
	kind, k, ok := kindOf(metric)
	return ok && (kind == "avg" || k != "1")
}

func (u *Unit) varies(name string) bool {
	return slices.ContainsFunc(u.Cell.Axes, func(s experiments.Setting) bool { return s.Name == name })
}

// samplesApart are the samples of a task where two units took another number of them for
// a metric, "8 and 16"; pass@k and avg@k mean the same of both.
func samplesApart(a, b *Unit, metric string) string {
	va, inA := a.Cell.Params["eval_samples"]
	vb, inB := b.Cell.Params["eval_samples"]
	if !sampled(metric) || !inA || !inB || va == vb {
		return ""
	}
	return fmt.Sprintf("%v and %v", va, vb)
}
