package report

import (
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// learnt is what done runs tell of how a metric's differences between cells vary.
type learnt struct {
	spread  stats.Components // its Seeds are NaN where each cell has one seed
	pairs   []stats.Components
	from    string // the experiment
	runs    int
	tasks   int // 0: the metric has no outcomes of single tasks
	samples int // of each
}

// maxLearnt is how many runs are read for it at most, in whose files it stands what
// became of single tasks.
const maxLearnt = 24

// learn finds runs that tell of a plan: its own; else those of the design in the store
// that has the same recipe and reports the metric, and differs from it in the fewest
// parameters. What tells of the spread between seeds is preferred; false: nothing does.
// What cannot be read tells nothing.
func learn(s *store.Store, p *experiments.Plan, records []store.Record) (learnt, bool) {
	marks, err := store.ReadMarks(s)
	if err != nil {
		return learnt{}, false
	}
	best, ok := learnFrom(p, p, marks, records)
	if ok && !math.IsNaN(best.spread.Seeds) {
		return best, true
	}
	for _, other := range nearest(s, p, func(o *experiments.Plan) bool { return o.Recipe == p.Recipe && len(o.Cells) > 1 }) {
		runs, err := s.Records(other.Experiment)
		if err != nil {
			continue
		}
		switch more, also := learnFrom(other, p, marks, runs); {
		case also && !math.IsNaN(more.spread.Seeds):
			return more, true
		case also && !ok:
			best, ok = more, true
		}
	}
	return best, ok
}

// nearest are the designs in a store that have to do with a plan, an earlier one of its
// own among them: those first that differ from it in the fewest parameters.
func nearest(s *store.Store, p *experiments.Plan, related func(*experiments.Plan) bool) []*experiments.Plan {
	known, _ := s.Experiments() // of a store that cannot be listed nothing is known
	differs := map[*experiments.Plan]int{}
	var others []*experiments.Plan
	for _, name := range known {
		other, err := s.ReadPlan(name)
		if err != nil || len(other.Cells) == 0 || len(p.Cells) == 0 || !related(other) {
			continue
		}
		others = append(others, other)
		differs[other] = len(experiments.Differing([]experiments.Params{p.Cells[0].Params, other.Cells[0].Params}))
	}
	slices.SortStableFunc(others, func(a, b *experiments.Plan) int { return differs[a] - differs[b] })
	return others
}

// learnFrom takes runs of a design that are done, of all cells alike as far as there
// are not too many: pairs of cells vary by more or less.
func learnFrom(of, p *experiments.Plan, marks store.Marks, records []store.Record) (learnt, bool) {
	metric := p.Objective.Metric
	records, _ = Trusted(marks, records)
	var cells [][]told
	most := 0 // seeds of a cell
	for _, c := range Cells(of, records) {
		var cell []told
		for _, r := range c.Runs {
			if r.Status == store.Done && reports(r, metric) && !c.TooFew {
				cell = append(cell, told{Record: r})
			}
		}
		if len(cell) > 0 {
			cells, most = append(cells, cell), max(most, len(cell))
		}
	}
	cells, runs := few(cells, most)
	if len(cells) < 2 {
		return learnt{}, false
	}
	known := learnt{from: of.Experiment, runs: runs}
	ids := read(cells, metric)
	known.tasks = len(ids)
	var parts []stats.Scores
	for i := range cells {
		for j := range i {
			if part := against(cells[i], cells[j], ids, metric); len(part.Of) > 0 {
				parts = append(parts, part)
			}
		}
	}
	if known.tasks == 0 { // one value a seed tells of several seeds alone
		parts = slices.DeleteFunc(parts, func(s stats.Scores) bool { return len(s.Of) < 2 })
	}
	if len(parts) == 0 {
		return learnt{}, false
	}
	noise := 0.0
	if averages(metric) && known.tasks > 0 {
		noise, known.samples = sampling(cells, ids)
	}
	spread := func(parts ...stats.Scores) stats.Components {
		return stats.ComponentsOf(parts...).Sampled(2*noise, max(known.samples, 1))
	}
	known.spread = spread(parts...)
	for _, part := range parts {
		if len(part.Of) > 1 || math.IsNaN(known.spread.Seeds) {
			known.pairs = append(known.pairs, spread(part))
		}
	}
	return known, true
}

// few leaves at most maxLearnt runs of cells that have up to so many: seeds are left out
// down to two of each, then cells, at equal distances.
func few(cells [][]told, seeds int) (kept [][]told, runs int) {
	if len(cells) == 0 {
		return nil, 0
	}
	each := min(seeds, max(maxLearnt/len(cells), 2))
	n := min(len(cells), maxLearnt/each)
	for i := range n {
		cell := cells[i*len(cells)/n]
		cell = cell[:min(len(cell), each)]
		kept, runs = append(kept, cell), runs+len(cell)
	}
	return kept, runs
}

// told is a run with what became of its tasks.
type told struct {
	store.Record
	items map[string]store.Item
	score func(store.Item) (float64, bool)
}

// read reads what became of the tasks of all runs, and which tasks all have, in order;
// nil where some run wrote down none.
func read(cells [][]told, metric string) (ids []string) {
	count, runs := map[string]int{}, 0
	for _, cell := range cells {
		for i := range cell {
			items, score, err := itemsBehind(cell[i].Record, metric)
			if err != nil || items == nil {
				return nil
			}
			cell[i].items, cell[i].score = make(map[string]store.Item, len(items)), score
			for _, item := range items {
				cell[i].items[item.ID] = item
				count[item.ID]++
			}
			runs++
		}
	}
	for _, id := range sortedKeys(count) {
		if count[id] == runs {
			ids = append(ids, id)
		}
	}
	return ids
}

// against are the differences of two cells by the seeds that both have, and by task
// where there are any. Runs of the same weights differ in nothing: they tell of none.
func against(a, b []told, ids []string, metric string) (s stats.Scores) {
	clusters := map[string]int{}
	for _, r := range a {
		i := slices.IndexFunc(b, func(o told) bool { return o.Seed == r.Seed })
		if i < 0 || r.SHA256 != "" && r.SHA256 == b[i].SHA256 {
			continue
		}
		row := make([]float64, max(len(ids), 1))
		row[0] = r.Metrics[metric] - b[i].Metrics[metric]
		for t, id := range ids {
			x, _ := r.score(r.items[id])
			y, _ := b[i].score(b[i].items[id])
			row[t] = x - y
		}
		s.Of = append(s.Of, row)
	}
	for _, id := range ids {
		name := a[0].items[id].Cluster
		if name == "" {
			return s
		}
		if _, ok := clusters[name]; !ok {
			clusters[name] = len(clusters)
		}
	}
	if len(clusters) > 1 {
		for _, id := range ids {
			s.Cluster = append(s.Cluster, clusters[a[0].items[id].Cluster])
		}
	}
	return s
}

// sampling is the variance of one sample of a task, p(1-p) without bias on average, and
// how many samples there are.
func sampling(cells [][]told, ids []string) (noise float64, samples int) {
	sum, n := 0.0, 0
	for _, cell := range cells {
		for _, r := range cell {
			for _, id := range ids {
				item := r.items[id]
				if samples = item.N; item.N < 2 {
					return 0, item.N
				}
				p := float64(item.C) / float64(item.N)
				sum += p * (1 - p) * float64(item.N) / float64(item.N-1)
				n++
			}
		}
	}
	return sum / float64(n), samples
}
