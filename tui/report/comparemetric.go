package report

import (
	"fmt"
	"slices"
)

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
