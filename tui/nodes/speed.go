package nodes

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/report"
)

// speedEvery is how often, in seconds, the speed of runs is read from their files.
const speedEvery = 30

// speed is how fast a run trains.
type speed struct {
	tokens float64 // a second, as it wrote last; 0: it did not
	flops  float64 // that a token takes, as the experiment file says; 0: it does not
}

// mfu is what a run makes of the arithmetic of its GPUs.
type mfu struct {
	speed
	share float64
	text  string // "41%"; "n/a" where some GPU is not known; "" where nobody can say
}

// mfu is that of a run on GPUs of these names.
func (s speed) mfu(names []string) mfu {
	m := mfu{speed: s}
	if s.tokens <= 0 || s.flops <= 0 {
		return m
	}
	share, known := gpu.MFU(s.tokens, s.flops, names)
	if m.text = "n/a"; known {
		m.share, m.text = share, inPercent(100*share)
		if !report.MFUCanBe(share) {
			m.text += " ?"
		}
	}
	return m
}

// readSpeeds reads how fast runs train, those whose plans say what a token takes.
func readSpeeds(s *store.Store, runs []string) map[string]speed {
	speeds := map[string]speed{}
	flops := map[string]float64{} // by experiment
	for _, id := range runs {
		experiment, _, _ := strings.Cut(id, "/")
		per, read := flops[experiment]
		if plan, err := s.ReadPlan(experiment); !read && err == nil && plan.Model != nil {
			per = plan.Model.FLOPsPerToken()
		}
		if flops[experiment] = per; per <= 0 {
			continue
		}
		if tokens := lastSpeed(s, id); tokens > 0 {
			speeds[id] = speed{tokens, per}
		}
	}
	return speeds
}

// lastSpeed is what a run wrote last of its tokens a second; 0: nothing.
func lastSpeed(s *store.Store, id string) float64 {
	const metric, enough = "perf/tokens_per_s", 50 // lines: not all have every metric
	r, err := s.Look(id)
	if err != nil || r.Attempt == 0 {
		return 0
	}
	lines, _ := store.LastLines(filepath.Join(store.AttemptDir(r.Dir, r.Attempt), "metrics.jsonl"), enough) // none is no speed
	for _, line := range slices.Backward(lines) {
		var p store.Point
		if json.Unmarshal([]byte(line), &p) == nil && p.M[metric] > 0 {
			return p.M[metric]
		}
	}
	return r.Metrics[metric]
}
