package report

import (
	"fmt"
	"slices"
)

// metricCalled is the metric that a name means: one that runs ended with, in full or
// without its eval/, which other names get back where they are of rates of tasks.
func (c *Comparison) metricCalled(name string) string {
	if slices.Contains(c.Metrics, name) || name == c.Plan.Objective.Metric {
		return name
	}
	for _, known := range append(slices.Clone(c.Metrics), c.Plan.Objective.Metric) {
		if ShortName(known) == name {
			return known
		}
	}
	if _, ok := outcomeOf("eval/" + name); ok {
		return "eval/" + name
	}
	return name
}

// unknownMetric is an error where runs are done and none ended with the metric, so that
// it is no matter of waiting: the name is a mistake.
func (c *Comparison) unknownMetric() error {
	if len(c.Metrics) == 0 || slices.Contains(c.Metrics, c.Metric) || c.Live > 0 {
		return nil
	}
	for _, s := range c.Sides {
		for _, u := range s.Units {
			if TooFew(c.Metric, u.Cell.Params) { // which is said
				return nil
			}
		}
	}
	return fmt.Errorf("compare: no run reports %q%s", c.Metric, instead(c.Metric, c.Metrics))
}
