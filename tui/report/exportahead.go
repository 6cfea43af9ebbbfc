package report

import (
	"fmt"

	"ablate/experiments"
	"ablate/experiments/store"
)

// ahead reads what the whole design of a study could see in its metric and what it costs
// at these prices, which may be nil, and the laws that it follows.
func (s *study) ahead(in *store.Store, cost *experiments.Cost) error {
	p := *s.plan
	p.Objective.Metric, p.Objective.Goal = s.compared.Metric, s.compared.Goal
	records, err := in.Records(p.Experiment)
	if err != nil {
		return err
	}
	see, err := SeeOf(in, &p, records, 0, 1)
	s.see, s.cost = &see, costOf(in, &p, records, cost, wholeDesign)
	if f, err := s.comparer.Fits(p.Experiment, FitFlags{Metric: s.compared.Metric}); err == nil { // else there is nothing to fit
		s.fits = f
	}
	return err
}

// laws are what the cells follow along each axis, in words, and what further solutions of
// a task are worth beside new tasks.
func (s *study) laws() (lines []string) {
	if s.fits == nil {
		return nil
	}
	for _, c := range s.fits.Curves {
		lines = append(lines, fmt.Sprintf("%s: %s", c.title(s.fits.Metric), c.Fitted.Words()))
	}
	return append(lines, s.gamma()...)
}

// gamma is the second of them.
func (s *study) gamma() []string {
	if s.fits == nil || s.fits.Diversity == nil {
		return nil
	}
	return diversityWords(*s.fits.Diversity)
}
