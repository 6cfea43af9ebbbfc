package recipe

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"ablate/engine/lm"
	"ablate/experiments/store"
)

// The steps whose weights may be a run's result.
const (
	lastStep  = "last"
	bestOnDev = "dev"
)

// bestName is the file of a checkpoint with the best model so far on the
// development set.
const bestName = store.BestName

// chosen is the step that did best so far on the development set, the first of
// equals. The tested sets have no say in it: the best of many steps on the set
// that is reported would be too good.
type chosen struct {
	Step int     `json:"step"`
	Rate float64 `json:"rate"` // solved tasks of the development set
}

// choose asks the development set and keeps the model if it is the best so far.
// Asked again for a step, it chooses the same.
func (s *session) choose(ctx context.Context) (store.Values, error) {
	e, err := s.greedy(ctx, s.evaluated(), s.data.dev)
	if err != nil {
		return nil, err
	}
	rate := e.rate()
	if s.at.Best == nil || rate > s.at.Best.Rate {
		s.best = s.evaluated().Clone()
		s.at.Best = &chosen{s.at.Step, rate}
	}
	return store.Values{"dev/pass@1": rate}, nil
}

// final is the model that is the result as far as the run is: the chosen one once
// all steps are made, if there is a choice.
func (s *session) final() *lm.Model {
	if s.at.Step == s.total && s.best != nil {
		return s.best
	}
	return s.evaluated()
}

// fillBest writes the chosen model into a checkpoint, if there is one.
func (s *session) fillBest(dir string) error {
	if s.best == nil {
		return nil
	}
	return writeTo(filepath.Join(dir, bestName), s.best.Save)
}

// restoreBest reads the chosen model of a checkpoint; nil if it has none.
func (s *session) restoreBest(place string, at progress) (best *lm.Model, err error) {
	if at.Best == nil {
		return nil, nil
	}
	err = readFrom(filepath.Join(place, bestName), func(r io.Reader) error {
		best, err = lm.Load(r)
		return err
	})
	if err == nil && best.Config() != s.model.Config() {
		err = fmt.Errorf("the best model has shape %v, the run has %v", best.Config(), s.model.Config())
	}
	return best, err
}
