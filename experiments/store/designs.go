package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ablate/experiments"
)

// Design is one that an experiment was run with.
type Design struct {
	Hash    string
	Asked   float64 // when it was first asked for, in seconds since 1970
	Last    float64 // when it was last: known of the current design, else Asked
	Cells   int
	Runs    int
	Current bool
}

// Designs lists the designs that an experiment was ever run with, those asked for
// last first. With an error there are all that could be read.
//
// No file says when a design was asked for. The first wish in the asked.jsonl of a
// run that was made by it does, to the moment; a design that made no run, since it
// changed only titles, limits or rules, or left cells out, has the time at which its
// file was written, once, when it was first run. The current one has been asked for
// again when plan.json is younger: it is written at each `ablate run`.
func (s *Store) Designs(experiment string) ([]Design, error) {
	plans, err := s.keptPlans(experiment)
	if len(plans) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("list designs: %s was never run in %s", experiment, s.Dir))
	}
	asked := s.firstAsked(experiment, len(plans))
	current, _ := s.ReadPlan(experiment) // without it none is
	designs := make([]Design, 0, len(plans))
	for _, p := range plans {
		d := Design{Hash: p.Hash, Cells: len(p.Cells), Runs: len(p.Cells) * len(p.Seeds), Asked: asked[p.Hash]}
		if d.Asked == 0 {
			d.Asked = written(s.KeptPlan(experiment, p.Hash))
		}
		d.Last = d.Asked
		if d.Current = current != nil && current.Hash == p.Hash; d.Current {
			d.Last = max(d.Asked, written(s.PlanFile(experiment)))
		}
		designs = append(designs, d)
	}
	slices.SortFunc(designs, func(a, b Design) int {
		return cmp.Or(-cmp.Compare(a.Last, b.Last), -cmp.Compare(a.Asked, b.Asked), cmp.Compare(a.Hash, b.Hash))
	})
	return designs, err
}

// keptPlans reads all designs of an experiment, by hash.
func (s *Store) keptPlans(experiment string) (plans []*experiments.Plan, err error) {
	entries, err := os.ReadDir(filepath.Dir(s.KeptPlan(experiment, "")))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list designs: %w", err)
	}
	var errs []error
	for _, e := range entries {
		hash, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || strings.HasPrefix(hash, ".") {
			continue
		}
		var p experiments.Plan
		if err := ReadJSON(s.KeptPlan(experiment, hash), &p); err != nil {
			errs = append(errs, err)
			continue
		}
		p.Hash = hash // the name is what runs refer to
		plans = append(plans, &p)
	}
	return plans, errors.Join(errs...)
}

// firstAsked is when runs were first asked for, by the design that made them, of at
// most so many designs. All that one made were asked for at once.
func (s *Store) firstAsked(experiment string, designs int) map[string]float64 {
	first := map[string]float64{}
	ids, _ := s.RunIDs(experiment) // what cannot be read has no times
	for _, id := range ids {
		if len(first) == designs {
			break
		}
		var run experiments.Run
		if ReadJSON(filepath.Join(s.RunDir(id), "run.json"), &run) != nil || first[run.PlanHash] > 0 {
			continue
		}
		if asked, err := ReadAsked(s.RunDir(id)); err == nil && len(asked) > 0 && asked[0].Time > 0 {
			first[run.PlanHash] = asked[0].Time
		}
	}
	return first
}

// written is when a file was written, in seconds since 1970; 0 if it is not there.
func written(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.ModTime().UnixNano()) / 1e9
}

// PlanAt reads the design that an experiment was last run with at or before a time:
// "2026-11-18" (its end) and "2026-11-18T10:00" in the local time zone, "yesterday",
// "3d" and "12h" ago; or that whose hash begins so, of at least 4 digits.
func (s *Store) PlanAt(experiment, at string) (*experiments.Plan, error) {
	p, err := s.planAt(experiment, at)
	if err != nil {
		return nil, fmt.Errorf("find design %s@%s: %w", experiment, at, err)
	}
	return p, nil
}

func (s *Store) planAt(experiment, at string) (*experiments.Plan, error) {
	designs, err := s.Designs(experiment)
	if len(designs) == 0 {
		return nil, err
	}
	hash, err := choose(designs, strings.TrimSpace(at), Now())
	if err != nil {
		return nil, err
	}
	var p experiments.Plan
	return &p, ReadJSON(s.KeptPlan(experiment, hash), &p)
}

// choose is the hash of the design that at means, of those that there are, newest
// first.
func choose(designs []Design, at string, now float64) (hash string, err error) {
	when, isTime := instant(at, now)
	var named []Design
	for _, d := range designs {
		if len(at) >= 4 && strings.HasPrefix(d.Hash, strings.ToLower(at)) {
			named = append(named, d)
		}
	}
	switch {
	case len(named) == 1:
		return named[0].Hash, nil
	case len(named) > 1:
		return "", fmt.Errorf("%d designs begin so; write more of the hash: %s", len(named), list(named))
	case !isTime:
		return "", fmt.Errorf("it is no time such as 2026-11-18, 2026-11-18T10:00, 3d, 12h or yesterday, and no hash of %s", list(designs))
	}
	newest, best := "", math.Inf(-1)
	for _, d := range designs {
		for _, t := range []float64{d.Asked, d.Last} {
			if t <= when && t > best {
				newest, best = d.Hash, t
			}
		}
	}
	if newest == "" {
		return "", fmt.Errorf("nothing of it was run before %s; there are %s", clockText(when), list(designs))
	}
	return newest, nil
}

// list names designs by time and hash, newest first.
func list(designs []Design) string {
	const most = 8
	var b strings.Builder
	for i, d := range designs {
		if i == most {
			fmt.Fprintf(&b, " and %d older ones", len(designs)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%s)", clockText(d.Asked), d.Hash)
	}
	return b.String()
}
