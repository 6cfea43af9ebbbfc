package recipe

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"ablate/engine/judge"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// The frozen sets of tasks that training never meets. current is asked throughout
// and gives the result. older, whose window shares more with what is trained on,
// and harder, of deeper compositions, are asked at the end. dev chooses a step if
// anything does.
const (
	current = "current"
	older   = "older"
	harder  = "harder"
	dev     = "dev"
)

// The choices of eval_sets.
const (
	onlyCurrent = "current"
	allSets     = "all"
)

// set is a frozen set of tasks under its name.
type set struct {
	name  string
	tasks []synth.Task
}

// conclude asks what is asked at the end only: the strata of the current set, the
// other sets greedily, and samples of the current set, which is the one that
// costs.
func (s *session) conclude(ctx context.Context, e evaluation) (store.Values, error) {
	m := e.strata()
	if s.OnDev {
		m["eval/at"] = float64(s.at.Best.Step)
	}
	for _, other := range s.data.others {
		e, err := s.greedy(ctx, s.final(), other.tasks)
		if err != nil {
			return nil, err
		}
		m["eval/"+other.name+"/pass@1"] = e.rate()
		if err := s.out.Items(other.name, int64(s.at.Step), e.items()); err != nil {
			return nil, err
		}
		fmt.Fprintf(s.log, "%s: pass@1 %.3f on %d tasks\n", other.name, e.rate(), len(other.tasks))
	}
	if s.EvalSamples > 0 {
		right, err := s.sampled(ctx, e.tasks)
		if err != nil {
			return nil, err
		}
		maps.Copy(m, sampleMetrics(right))
		if err := s.writeSamples(e.tasks, right); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// strata are the shares of solved tasks by depth and by style.
func (e evaluation) strata() store.Values {
	solved, all := map[string]float64{}, map[string]float64{}
	for i, t := range e.tasks {
		for _, name := range []string{"depth=" + strconv.Itoa(t.Depth), "style=" + t.Style} {
			all[name]++
			if e.results[i].Verdict == judge.AC {
				solved[name]++
			}
		}
	}
	m := store.Values{}
	for name, n := range all {
		m["eval/"+name+"/pass@1"] = solved[name] / n
	}
	return m
}
