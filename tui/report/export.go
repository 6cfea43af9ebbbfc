package report

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// ExportFlags are those of `export`.
type ExportFlags struct {
	Format string
	Metric string
	Chart  string // of svg
	Points bool   // csv: every point
	Bundle bool
}

func (o *ExportFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.Format, "format", "", "")
	f.StringVar(&o.Metric, "metric", "", "")
	f.StringVar(&o.Chart, "chart", "", "")
	f.BoolVar(&o.Points, "points", false, "")
	f.BoolVar(&o.Bundle, "bundle", false, "")
}

// exporter writes one format. Runs that cannot be read are left out, and named once
// the others are written.
type exporter struct {
	store  *store.Store
	from   experiments.Origin
	flags  ExportFlags
	unread error
}

// exportFormats are what `export` can write.
var exportFormats = []string{"csv", "json", "md", "svg", "html"}

// Export is `export EXP...`: to the file at path, which progress is told of, else to w.
func Export(w, progress io.Writer, s *store.Store, from experiments.Origin, names []string, o ExportFlags, path string) error {
	if len(names) == 0 {
		return errors.New("export: want the name of an experiment, such as `ablate export quick`; `ablate ls` lists the runs")
	}
	if o.Bundle {
		return exportBundle(w, s, names, path)
	}
	format, err := o.format(path)
	if err != nil {
		return err
	}
	if _, ok := terminalOf(w); ok && path == "" && (format == "html" || format == "svg") {
		return fmt.Errorf("export %s: a terminal does not show it; -o FILE writes it to a file", format)
	}
	e := &exporter{store: s, from: from, flags: o}
	write := map[string]func(io.Writer, []string) error{"csv": e.csv, "json": e.json, "md": e.markdown, "svg": e.svg, "html": e.html}[format]
	if path == "" {
		err = write(w, names)
	} else {
		err = writeWhole(path, func(w io.Writer) error { return write(w, names) })
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", format, err)
	}
	if path != "" {
		fmt.Fprintln(progress, plainLong("wrote "+path))
	}
	return e.unread
}

// format is what is written: as it was asked for, else as the ending of the file says.
func (o ExportFlags) format(path string) (string, error) {
	format, all := o.Format, strings.Join(exportFormats, ", ")
	if format == "" {
		switch format = strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")); format {
		case "htm":
			format = "html"
		case "markdown":
			format = "md"
		}
	}
	switch {
	case format == "" && path == "":
		return "", fmt.Errorf("export: say --format F, which is one of %s, or -o FILE with such an ending", all)
	case !slices.Contains(exportFormats, format) && o.Format == "":
		return "", fmt.Errorf("export: the ending of %s names no format; say --format F, which is one of %s", path, all)
	case !slices.Contains(exportFormats, format):
		return "", fmt.Errorf("export: there is no format %q; there are %s", format, all)
	case o.Points && format != "csv":
		return "", fmt.Errorf("export: --points is of --format csv, not of %s", format)
	case o.Chart != "" && format != "svg":
		return "", fmt.Errorf("export: --chart is of --format svg, not of %s", format)
	}
	return format, nil
}

// reading keeps what could not be read, and goes on.
func (e *exporter) reading(err error) { e.unread = errors.Join(e.unread, err) }
