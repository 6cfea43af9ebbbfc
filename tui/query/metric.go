package query

import (
	"slices"
	"strings"
)

// Stats are the statistics that a metric of a run has: its last value, which is
// meant without one, the best by the metric's own goal, least, greatest and first,
// mean and standard deviation over its points, and how many there are.
func Stats() []string { return []string{"last", "best", "min", "max", "mean", "first", "n", "std"} }

// Metric reads a field as a metric and its statistic. The metric may be short:
// pass@1 is eval/pass@1, loss is train/loss, and else what stands after the last
// slash of one metric alone. ok is false if it is none of the metrics.
func Metric(field string, metrics []string) (metric, stat string, ok bool) {
	if metric, ok = full(field, metrics); ok {
		return metric, "last", true
	}
	i := strings.LastIndexByte(field, '.')
	if i < 0 || !slices.Contains(Stats(), field[i+1:]) {
		return "", "", false
	}
	metric, ok = full(field[:i], metrics)
	return metric, field[i+1:], ok
}

// full is a metric's whole name.
func full(name string, metrics []string) (string, bool) {
	for _, prefix := range []string{"", "eval/", "train/"} {
		if slices.Contains(metrics, prefix+name) {
			return prefix + name, true
		}
	}
	found := ""
	for _, m := range metrics {
		if strings.HasSuffix(m, "/"+name) {
			if found != "" && found != m {
				return "", false
			}
			found = m
		}
	}
	return found, found != ""
}

// short is the shortest name that means a metric.
func short(metric string, metrics []string) string {
	name := metric[strings.LastIndexByte(metric, '/')+1:]
	if m, ok := full(name, metrics); ok && m == metric {
		return name
	}
	return metric
}
