package report

import (
	"math"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// outcome says how a metric follows from what became of single tasks.
type outcome struct {
	tasks string   // the set of tasks
	sets  []string // what its items may be called, the likeliest first
	k     int
	score func(store.Item) (float64, bool)
}

// outcomeOf reads a metric's name; false for one that has no outcome a task, such
// as train/reward.
//
//	eval/pass@1       one greedy program for each task of the set current
//	eval/pass@4       current-samples: at least one of 4 samples right, unbiased
//	eval/avg@8        current-samples-8, else current-samples: the share of 8 samples that are right
//	eval/older/pass@1 the same of another set
//
// Results that were made elsewhere have all samples in the set itself.
func outcomeOf(metric string) (outcome, bool) {
	name, ok := strings.CutPrefix(metric, "eval/")
	o := outcome{tasks: "current"}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		o.tasks, name = name[:i], name[i+1:]
	}
	kind, digits, at := strings.Cut(name, "@")
	k, err := strconv.Atoi(digits)
	if !ok || !at || err != nil || k < 1 || strings.ContainsAny(o.tasks, "/=") {
		return outcome{}, false
	}
	samples := o.tasks + "-samples"
	o.k, o.sets = k, []string{samples, o.tasks}
	switch {
	case kind == "pass":
		if k == 1 {
			o.sets = []string{o.tasks}
		}
		o.score = func(i store.Item) (float64, bool) { return stats.PassAtK(i.N, i.C, k) }
	case kind == "avg":
		o.sets = []string{samples + "-" + digits, samples, o.tasks} // of the first k of more samples, or of all
		o.score = func(i store.Item) (float64, bool) { return float64(i.C) / float64(i.N), i.N >= k }
	default:
		return outcome{}, false
	}
	return o, true
}

// kindOf is what a metric counts of the samples of a task: "pass" and "4" of
// eval/older/pass@4.
func kindOf(metric string) (kind, k string, ok bool) {
	return strings.Cut(metric[strings.LastIndexByte(metric, '/')+1:], "@")
}

// TooFew is true if a metric needs more samples a task than a run with these
// parameters takes: it is then shown as [FewSamples] and never as a number. The
// greedy pass@1 needs none.
func TooFew(metric string, p experiments.Params) bool {
	kind, digits, _ := kindOf(metric)
	k, err := strconv.Atoi(digits)
	_, asked := p["eval_samples"]
	return asked && err == nil && (kind == "avg" || kind == "pass" && k > 1) && p.Int("eval_samples") < k
}

// FewSamples stands for a pass@k or avg@k of fewer than k samples.
const FewSamples = "n < k"

// itemsBehind are what became of single tasks behind a run's metric: the newest
// evaluation whose mean is what the run reports, so that they speak of the same
// checkpoint, and what one item counts. Nil where there is none.
func itemsBehind(r store.Record, metric string) ([]store.Item, func(store.Item) (float64, bool), error) {
	o, ok := outcomeOf(metric)
	if !ok {
		return nil, nil, nil
	}
	var files []string
	for _, set := range o.sets {
		of, err := store.ItemFiles(r, set)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, of...)
	}
	for _, file := range files {
		items, err := store.ReadItems(r, file)
		if err != nil {
			return nil, nil, err
		}
		mean, enough := o.mean(items)
		switch {
		case !enough:
			return nil, nil, nil
		case math.Abs(mean-r.Metrics[metric]) < 1e-9:
			return items, o.score, nil
		}
	}
	return nil, nil, nil
}

// mean is that of the scores of items, NaN where there are none or a task stands there
// twice; false where one of them has too few samples.
func (o outcome) mean(items []store.Item) (mean float64, enough bool) {
	known := make(map[string]bool, len(items))
	for _, i := range items {
		score, ok := o.score(i)
		if !ok {
			return math.NaN(), false
		}
		known[i.ID] = true
		mean += score / float64(len(items))
	}
	if len(items) == 0 || len(known) < len(items) {
		mean = math.NaN()
	}
	return mean, true
}

// IsRate is true of metrics that are shares, which people count in points.
func IsRate(metric string) bool {
	switch {
	case strings.HasPrefix(metric, "eval/"):
		return strings.Contains(metric, "@") || strings.Contains(metric, "/verdict/")
	case strings.HasPrefix(metric, "data/"):
		return metric != "data/tasks"
	}
	return metric == "rl/no_signal" || strings.HasPrefix(metric, "rl/verdict/") || strings.HasPrefix(metric, "train/clip_")
}
