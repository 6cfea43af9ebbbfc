package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pixels of a chart in a file of its own.
const (
	svgWidth  = 820
	svgHeight = 420
)

// svg writes one chart of one experiment.
func (e *exporter) svg(w io.Writer, names []string) error {
	all, err := e.studies(names, true)
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fmt.Errorf("a chart is of one experiment, got %d", len(all))
	}
	figures, err := all[0].figures()
	if err != nil {
		return err
	}
	f, err := figureOf(figures, e.flags.Chart)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.TrimSuffix(f.svg(svgWidth, svgHeight), "\n")+"\n")
	return err
}

// figureOf is the chart of a name; scaling alone is along the first axis.
func figureOf(figures []figure, name string) (figure, error) {
	var have []string
	for _, f := range figures {
		if f.Name == name || strings.HasPrefix(f.Name, name+":") || name == "" && f.Name == "curves" {
			return f, nil
		}
		have = append(have, f.Name)
	}
	kinds := []string{"curves", "loss", "scaling", "matrix"}
	kind, _, _ := strings.Cut(name, ":")
	known := name == ""
	for _, k := range kinds {
		known = known || k == kind
	}
	switch {
	case !known:
		return figure{}, fmt.Errorf("there is no chart %q; there are %s", name, strings.Join(kinds, ", "))
	case len(have) == 0:
		return figure{}, errors.New("there is nothing to draw yet: no run wrote two points of the metric or of its loss, and no cell has a result")
	case name == "":
		name = "curves"
	}
	return figure{}, fmt.Errorf("there is nothing to draw as %s; there are %s", name, strings.Join(have, ", "))
}
