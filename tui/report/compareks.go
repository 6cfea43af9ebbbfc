package report

import (
	"cmp"
	"slices"
)

// Ks are the metrics that count the same tasks with other numbers of samples, as
// eval/pass@1, eval/pass@4 and eval/avg@8, the metric of the comparison among them: by
// kind, then by k. Empty: it has no k.
func (c *Comparison) Ks() []string {
	is, ok := outcomeOf(c.Metric)
	if !ok {
		return nil
	}
	same := slices.DeleteFunc(slices.Clone(c.Metrics), func(name string) bool {
		o, ok := outcomeOf(name)
		return !ok || o.tasks != is.tasks
	})
	slices.SortFunc(same, func(a, b string) int {
		x, _ := outcomeOf(a)
		y, _ := outcomeOf(b)
		kindA, _, _ := kindOf(a)
		kindB, _, _ := kindOf(b)
		return cmp.Or(-cmp.Compare(kindA, kindB), cmp.Compare(x.k, y.k))
	})
	return same
}
