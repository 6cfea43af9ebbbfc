package report

import "slices"

// clustersOf numbers the clusters of tasks in the order in which they appear. Tasks belong
// together if any run says so, and those that go together with one of them, too: which run
// comes first makes no difference, nor that another lacks what puts a task into a cluster.
// A task without one is its own. Nil: all are.
func clustersOf(all []*taskScores, ids []string) []int {
	if !slices.ContainsFunc(all, func(s *taskScores) bool { return s.clusters != nil }) {
		return nil
	}
	first := make([]int, len(ids)) // a task before it in the same cluster, or itself
	for t := range first {
		first[t] = t
	}
	root := func(t int) int {
		for first[t] != t {
			first[t] = first[first[t]]
			t = first[t]
		}
		return t
	}
	var told []*taskScores
	for _, s := range all {
		if s.clusters == nil || slices.ContainsFunc(told, s.clusteredAs) {
			continue
		}
		told = append(told, s)
		of := map[string]int{}
		for t, name := range s.clustersOn(ids) {
			if name == "" {
				continue
			}
			if before, ok := of[name]; ok {
				a, b := root(before), root(t)
				first[max(a, b)] = min(a, b)
			} else {
				of[name] = t
			}
		}
	}
	cluster, n := make([]int, len(ids)), 0
	for t := range ids {
		if r := root(t); r < t {
			cluster[t] = cluster[r]
			continue
		}
		cluster[t] = n
		n++
	}
	if n == len(ids) {
		return nil
	}
	return cluster
}

// clusteredAs is true of the same tasks in the same clusters.
func (s *taskScores) clusteredAs(o *taskScores) bool {
	return slices.Equal(s.clusters, o.clusters) && slices.Equal(s.ids, o.ids)
}

// clustersOn are the names of the clusters of some ids, which it has all.
func (s *taskScores) clustersOn(ids []string) []string {
	out := make([]string, len(ids))
	for i, at := 0, 0; i < len(ids); at++ {
		if s.ids[at] == ids[i] {
			out[i] = s.clusters[at]
			i++
		}
	}
	return out
}
