package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"ablate/engine/synth"
	"ablate/experiments"
)

// check finds mistakes between parameters that no single range can.
func check(p experiments.Params) (mistakes []string) {
	if p.Int("steps") == 0 && p.Float("epochs") == 0 {
		mistakes = append(mistakes, "neither steps nor epochs says how long to train")
	}
	mistakes = append(mistakes, checkShape(p)...)
	mistakes = append(mistakes, checkRows(p)...)
	mistakes = append(mistakes, checkChoice(p)...)
	return append(mistakes, checkSamples(p)...)
}

func checkShape(p experiments.Params) []string {
	dim, heads := p.Int("dim"), p.Int("heads")
	switch {
	case heads > 0 && dim%heads != 0:
		return []string{fmt.Sprintf("heads = %d does not divide dim = %d", heads, dim)}
	case heads > 0 && dim/heads%2 != 0:
		return []string{fmt.Sprintf("dim / heads = %d is odd: rotary positions turn pairs", dim/heads)}
	}
	return nil
}

// humanTasks is the size of people's corpus, which takes a while to make.
var humanTasks = sync.OnceValue(func() int { return len(synth.Human()) })

func checkRows(p experiments.Params) (mistakes []string) {
	mistakes = checkStyles(p)
	switch p.Text("source") {
	case fromHuman:
		if n := p.Int("solutions"); n > 1 {
			mistakes = append(mistakes, fmt.Sprintf("solutions = %d and source = %q has one program for each task", n, fromHuman))
		}
		if n, most := p.Int("tasks"), humanTasks(); n > most {
			mistakes = append(mistakes, fmt.Sprintf("tasks = %d and source = %q has %d; raise epochs to repeat them", n, fromHuman, most))
		}
	case fromVerified:
		mistakes = append(mistakes, checkVote(p)...)
		if n, m := p.Int("solutions"), p.Int("candidates"); n > m {
			mistakes = append(mistakes, fmt.Sprintf("solutions = %d are more than candidates = %d that they come from", n, m))
		}
	}
	if n := leaked(p); n > p.Int("tasks") {
		mistakes = append(mistakes, fmt.Sprintf("leak = %g of eval_tasks = %d is %d tasks, and tasks = %d leaves no room for them",
			p.Float("leak"), p.Int("eval_tasks"), n, p.Int("tasks")))
	}
	return mistakes
}

// checkVote finds what leaves dual verification without a vote or without tests.
func checkVote(p experiments.Params) (mistakes []string) {
	if n := p.Int("candidates"); n < 2 {
		mistakes = append(mistakes, fmt.Sprintf("candidates = %d is no vote: it takes two", n))
	}
	tests, holdout := p.Int("tests"), p.Float("holdout")
	held := int(math.Round(holdout * float64(tests)))
	switch {
	case held >= tests:
		mistakes = append(mistakes, fmt.Sprintf("holdout = %g leaves none of tests = %d to choose the golden solution on", holdout, tests))
	case held == 0 && holdout > 0:
		mistakes = append(mistakes, fmt.Sprintf("holdout = %g of tests = %d is no test; raise tests, or set holdout = 0", holdout, tests))
	}
	return mistakes
}

func checkSamples(p experiments.Params) (mistakes []string) {
	if n := p.Int("eval_samples"); n > 1 && p.Float("eval_temperature") == 0 {
		mistakes = append(mistakes, fmt.Sprintf("eval_temperature = 0 makes all eval_samples = %d equal", n))
	}
	return mistakes
}

// checkChoice finds a choice of the best step where there is none.
func checkChoice(p experiments.Params) (mistakes []string) {
	every, steps := p.Int("eval_every"), stepsOf(p)
	if p.Text("at") == bestOnDev && every >= steps {
		mistakes = append(mistakes, fmt.Sprintf("at = %q has one step to choose from: eval_every = %d and the run has %d steps",
			bestOnDev, every, steps))
	}
	return mistakes
}

func checkStyles(p experiments.Params) []string {
	if _, err := parseStyles(p.Text("styles")); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// leaked is the number of tasks of the older set that training gets to see.
func leaked(p experiments.Params) int {
	return int(math.Round(p.Float("leak") * p.Float("eval_tasks")))
}

// parseStyles reads the weights of the three styles, like 70:15:15.
func parseStyles(text string) ([]float64, error) {
	parts := strings.Split(text, ":")
	weights, sum := make([]float64, len(parts)), 0.0
	for i, part := range parts {
		w, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(w >= 0 && w <= 1e9) {
			return nil, fmt.Errorf("styles = %q: %q is no weight; write three numbers of 0 or more, like 70:15:15", text, part)
		}
		weights[i] = w
		sum += w
	}
	switch {
	case len(parts) != 3:
		return nil, fmt.Errorf("styles = %q has %d weights; write three, like 70:15:15", text, len(parts))
	case sum == 0:
		return nil, fmt.Errorf("styles = %q leaves no style; write three numbers that are not all 0, like 70:15:15", text)
	}
	return weights, nil
}
