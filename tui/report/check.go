package report

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"ablate/experiments"
)

// Warn writes what a file's warnings say of one experiment.
func Warn(w io.Writer, f *experiments.File, name string) {
	from, to := 0, math.MaxInt
	for _, e := range f.Experiments {
		switch {
		case e.Name == name:
			from = e.Line
		case from > 0 && e.Line > from:
			to = min(to, e.Line)
		}
	}
	own := *f.Warnings
	own.List = slices.DeleteFunc(slices.Clone(own.List), func(p experiments.Problem) bool {
		return from == 0 || p.Line < from || p.Line >= to
	})
	if len(own.List) > 0 {
		fmt.Fprintln(w, own.Warning())
	}
}

// Check is `check`: the experiments of a file that was read with err, and on
// warn what works in it and may surprise. As JSON it is the array of mistakes,
// empty where there is none.
func Check(w, warn io.Writer, f *experiments.File, err error, asJSON bool) error {
	mistakes := &experiments.Problems{List: []experiments.Problem{}}
	if err != nil && (!asJSON || !errors.As(err, &mistakes)) {
		return err
	}
	if asJSON {
		return errors.Join(err, writeJSON(w, mistakes.List))
	}
	if len(f.Warnings.List) > 0 {
		if _, err := fmt.Fprintln(warn, f.Warnings.Warning()); err != nil {
			return err
		}
	}
	if len(f.Experiments) == 0 {
		_, err := fmt.Fprintln(w, "no mistakes, and no experiments yet")
		return err
	}
	var rows [][]string
	for _, e := range f.Experiments {
		p := e.Plan()
		rows = append(rows, []string{e.Name, fmt.Sprint(len(p.Cells)), fmt.Sprint(len(p.Seeds)), Design(p), e.Title})
	}
	return table(w, []string{"experiment", ">cells", ">seeds", "design", "title"}, rows)
}
