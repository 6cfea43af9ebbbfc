package compare

import (
	"io"
	"path/filepath"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/page"
	"ablate/tui/report"
)

// write writes the report of the experiments that are compared, as `export` does, and
// asks first where a file of the name is there.
func (p *Compare) write() tea.Cmd {
	if p.data == nil || p.site.Store == nil {
		return page.Answer("nothing is compared yet")
	}
	var names []string
	for _, s := range p.data.Sides {
		if name := s.Plan.Experiment; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 || filepath.Base(names[0]) != names[0] {
		return page.Answer("a report is of an experiment, and what is compared is of none")
	}
	file := names[0] + ".html"
	in, from := p.site.Store, experiments.Origin{Path: p.site.Path, Recipes: p.site.Recipes}
	how := report.ExportFlags{Format: "html", Metric: p.reader.want.Metric}
	return p.site.Write(file, func(path string) error { return report.Export(io.Discard, io.Discard, in, from, names, how, path) })
}

// Picture is the chart that has the focus.
func (p *Compare) Picture() (name, svg string) {
	pl := p.plot()
	if pl == nil || p.data == nil || p.data.Chosen == nil || p.choice != nil || p.tasks != nil || p.strata != nil {
		return "", ""
	}
	name = report.ShortName(p.data.Metric)
	switch p.focus {
	case paneCourse:
		name = report.ShortName(p.reader.got.courseMetric)
	case paneScaling:
		name += "-by-" + p.scaling().Axis
	default:
	}
	for _, s := range p.data.Sides {
		name += "-" + s.Label
	}
	return "compare-" + name, pl.SVG(page.PictureWidth, page.PictureHeight)
}
