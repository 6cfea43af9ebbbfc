package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ablate/experiments/store"
)

// exportBundle is `export --bundle`: runs for a colleague, into the file at path, else
// to w.
func exportBundle(w io.Writer, s *store.Store, names []string, path string) error {
	known, err := s.Experiments()
	if err != nil {
		return err
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("export %q: bundles are of whole experiments, and none of that name was run in %s; there are %s", name, s.Dir, orUnknown(known))
		}
	}
	if path == "" {
		if _, ok := terminalOf(w); ok {
			return errors.New("export bundle: a terminal does not show it; -o FILE writes it to a file")
		}
		_, err := s.WriteBundle(w, names)
		return err
	}
	var b store.Bundle
	if err := writeWhole(path, func(w io.Writer) (err error) { b, err = s.WriteBundle(w, names); return err }); err != nil {
		return fmt.Errorf("export bundle: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %s of %s, %s; `ablate import %s` takes them in", path, Count(b.Runs, "run"), strings.Join(names, ", "), byteText(info.Size()), path)
	if len(b.LeftOut) > 0 {
		text += fmt.Sprintf("\nleft out: %s not at rest, such as %s", Count(len(b.LeftOut), "run"), b.LeftOut[0])
	}
	_, err = fmt.Fprintln(w, plainLong(text))
	return err
}

// importBundle takes the runs of a bundle into a store.
func importBundle(w io.Writer, s *store.Store, path string, asJSON bool) error {
	f, err := store.OpenFile(path)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	in, err := s.ReadBundle(f)
	if err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	if asJSON {
		return writeJSON(w, in)
	}
	text := fmt.Sprintf("%s: %s of %s taken in", path, Count(len(in.New), "run"), strings.Join(in.Experiments, ", "))
	if n := len(in.Already); n > 0 {
		text += fmt.Sprintf(", %d were here already", n)
	}
	_, err = fmt.Fprintln(w, plainLong(text))
	return err
}
