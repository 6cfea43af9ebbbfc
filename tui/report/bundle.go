package report

import (
	"context"
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
	text := fmt.Sprintf("%s: %s of %s, %s; `ablate import %s` takes them in", path, Count(b.Runs, "run"), someOf(names), byteText(info.Size()), path)
	if len(b.LeftOut) > 0 {
		text += fmt.Sprintf("\nleft out: %s not at rest, such as %s", Count(len(b.LeftOut), "run"), b.LeftOut[0])
	}
	_, err = fmt.Fprintln(w, plainLong(text))
	return err
}

// importBundle takes the runs of a bundle into a store.
func importBundle(ctx context.Context, s *store.Store, path string) (store.TakenIn, error) {
	f, err := store.OpenFile(path)
	if err != nil {
		return store.TakenIn{}, fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	in, err := s.ReadBundle(ctx, f)
	if err != nil {
		return in, fmt.Errorf("import %s: %w", path, err)
	}
	return in, nil
}

// tellTakenIn says for people what a bundle added.
func tellTakenIn(w io.Writer, path string, in store.TakenIn) error {
	text := fmt.Sprintf("%s: %s of %s taken in", path, Count(len(in.New), "run"), someOf(in.Experiments))
	if n := len(in.Already); n > 0 {
		text += fmt.Sprintf(", %d were here already", n)
	}
	_, err := fmt.Fprintln(w, plainLong(text))
	return err
}

// someOf are names as far as a line has room for them.
func someOf(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, such as %s", Count(len(names), "experiment"), names[0])
}
