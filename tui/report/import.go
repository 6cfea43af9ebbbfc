package report

import (
	"errors"
	"flag"
	"io"

	"ablate/experiments/store"
)

// ReadEvaluation reads results of an evaluation that was made elsewhere.
type ReadEvaluation func(path string) (store.Evaluation, error)

// ImportFlags are those of `import`.
type ImportFlags struct{ as string }

func (o *ImportFlags) flags(f *flag.FlagSet) { f.StringVar(&o.as, "as", "", "") }

// With completes them by files and by who reads results of evaluations.
func (o ImportFlags) With(files []string, read ReadEvaluation) ImportOptions {
	return ImportOptions{Files: files, As: o.as, Read: read}
}

// ImportOptions say what is taken in.
type ImportOptions struct {
	Files []string
	As    string // the experiment that evaluations become cells of; "": "imported"
	Read  ReadEvaluation
}

// Import is `import FILE...`: bundles of runs, and results of evaluations.
func Import(w io.Writer, s *store.Store, o ImportOptions, asJSON bool) error {
	return errors.New("import: not here yet")
}
