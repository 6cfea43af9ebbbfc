package report

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

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

// Import is `import FILE...`: bundles of runs, and results of evaluations. What is wrong
// with one file keeps none of the others out.
func Import(ctx context.Context, w io.Writer, s *store.Store, o ImportOptions, asJSON bool) error {
	if len(o.Files) == 0 {
		return errors.New("import: want files: a bundle, or results of an evaluation; `ablate help import` shows how")
	}
	in, err := newImporter(s, o)
	if err != nil {
		return err
	}
	var docs []importDoc
	var all []any // of evaluations and of bundles
	var errs []error
	for _, file := range o.Files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("import %s: no such file", file))
			continue
		}
		if isBundle(file) {
			taken, err := importBundle(ctx, s, file)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if all = append(all, taken); !asJSON {
				errs = append(errs, tellTakenIn(w, file, taken))
			}
			continue
		}
		doc, err := in.add(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		docs, all = append(docs, doc), append(all, doc)
	}
	switch {
	case !asJSON:
		errs = append(errs, tellImported(w, docs))
	case len(o.Files) == 1 && len(all) == 1:
		errs = append(errs, writeJSON(w, all[0]))
	case len(all) > 0:
		errs = append(errs, writeJSON(w, all))
	}
	return errors.Join(errs...)
}

// tellImported says for people what became of each file, and what can be done with it.
func tellImported(w io.Writer, docs []importDoc) error {
	var b strings.Builder
	var cells []string
	for _, d := range docs {
		state := "taken in as"
		if !d.New {
			state = "is there already as"
		}
		fmt.Fprintln(&b, plainLong(fmt.Sprintf("%s %s %s: %s, %s, pass@1 %s", d.file, state, d.ID, d.Format, Count(d.Points, "task"), number(d.Metrics[elsewhere.Metric]))))
		for _, warning := range d.Warnings {
			fmt.Fprintln(&b, plainLong("  "+warning))
		}
		if cell := d.experiment + "/" + d.model; len(cells) == 0 || cells[len(cells)-1] != cell {
			cells = append(cells, cell)
		}
	}
	if len(cells) > 1 {
		fmt.Fprintln(&b, plainLong(fmt.Sprintf("`ablate compare %s %s` says which is better", cells[0], cells[1])))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// isBundle is true of a file that begins as an archive of zstd or tar does.
func isBundle(path string) bool {
	f, err := store.OpenFile(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 262)
	n, _ := io.ReadFull(f, head)
	return n >= 4 && string(head[:4]) == "\x28\xb5\x2f\xfd" || n == len(head) && string(head[257:]) == "ustar"
}
