package report

import (
	"errors"
	"flag"
	"io"

	"ablate/experiments/store"
)

// FitFlags are those of `fit`.
type FitFlags struct{ Metric, Axis string }

func (o *FitFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.Metric, "metric", "", "")
	f.StringVar(&o.Axis, "axis", "", "")
}

// Fit is `fit EXP`.
func Fit(w io.Writer, s *store.Store, names []string, o FitFlags, asJSON bool) error {
	return errors.New("fit: not here yet")
}
