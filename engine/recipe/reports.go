package recipe

import (
	"slices"
	"strings"

	"ablate/experiments"
)

// reports says whether runs with these parameters end with a metric, so that a
// question which no run can answer is found before it costs any.
func reports(metric string, p experiments.Params) bool {
	family, name, _ := strings.Cut(metric, "/")
	switch family {
	case "eval":
		return reportsEval(name, p)
	case "data":
		return p.Text("source") == fromVerified || p.Text("source") == fromRaw && name == "right"
	}
	return metric == "train/loss" || metric == "tokens"
}

// reportsRL is reports for runs that train by reward.
func reportsRL(metric string, p experiments.Params) bool {
	return reports(metric, p) && metric != "train/loss" || slices.Contains(lately, metric) && p.Int("rl_steps") > 0
}

func reportsEval(name string, p experiments.Params) bool {
	group, rest, nested := strings.Cut(name, "/")
	switch {
	case !nested:
		need := map[string]int{"pass@1": 0, "pass@2": 2, "pass@4": 4, "pass@8": 8, "pass@16": 16, "avg@8": 8, "avg@16": 16}
		k, known := need[name]
		return known && k <= p.Int("eval_samples") || name == "at" && p.Text("at") == bestOnDev
	case group == older || group == harder:
		return rest == "pass@1" && p.Text("eval_sets") == allSets
	}
	return group == "verdict" || strings.HasPrefix(group, "depth=") || strings.HasPrefix(group, "style=")
}

// reportsData is reports for runs that make data and train nothing.
func reportsData(metric string, _ experiments.Params) bool {
	name, ok := strings.CutPrefix(metric, "data/")
	known := []string{"made", "kept", "label_accuracy", "golden_error", "candidate_right"}
	return ok && (slices.Contains(known, name) || strings.HasPrefix(name, "dropped/"))
}
