package report

import (
	"cmp"
	"slices"
	"strings"
)

// Ks are the metrics that count the same tasks with other numbers of samples, as
// eval/pass@1, eval/pass@4 and eval/avg@8, the metric of the comparison among them: by
// kind, then by k. Empty: it has no k.
func (c *Comparison) Ks() []string {
	is, ok := outcomeOf(c.Metric)
	if !ok {
		return nil
	}
	kind := func(name string) string {
		return name[strings.LastIndexByte(name, '/')+1 : strings.LastIndexByte(name, '@')]
	}
	same := slices.DeleteFunc(slices.Clone(c.Metrics), func(name string) bool {
		o, ok := outcomeOf(name)
		return !ok || o.tasks != is.tasks
	})
	slices.SortFunc(same, func(a, b string) int {
		x, _ := outcomeOf(a)
		y, _ := outcomeOf(b)
		return cmp.Or(-cmp.Compare(kind(a), kind(b)), cmp.Compare(x.k, y.k))
	})
	return same
}
