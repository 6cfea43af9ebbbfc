package report

import (
	"errors"
	"flag"
	"io"

	"ablate/experiments"
	"ablate/experiments/store"
)

// ExportFlags are those of `export`.
type ExportFlags struct {
	Format string
	Metric string
	Chart  string // of svg
	Points bool   // csv and json: every point
	Bundle bool
}

func (o *ExportFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.Format, "format", "", "")
	f.StringVar(&o.Metric, "metric", "", "")
	f.StringVar(&o.Chart, "chart", "", "")
	f.BoolVar(&o.Points, "points", false, "")
	f.BoolVar(&o.Bundle, "bundle", false, "")
}

// Export is `export EXP...`: to the file at path, else to w.
func Export(w io.Writer, s *store.Store, from experiments.Origin, names []string, o ExportFlags, path string) error {
	return errors.New("export: not here yet")
}
