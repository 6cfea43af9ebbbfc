package compare

import (
	"errors"
	"io"
	"io/fs"
	"os"
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
	path := filepath.Join(p.site.Workdir, file)
	in, from := p.site.Store, experiments.Origin{Path: p.site.Path, Recipes: p.site.Recipes}
	how := report.ExportFlags{Format: "html", Metric: p.reader.want.Metric}
	do := func() tea.Msg {
		if err := report.Export(io.Discard, in, from, names, how, path); err != nil {
			return page.Say{Text: err.Error(), Failed: true}
		}
		return page.Say{Text: "wrote " + file}
	}
	return func() tea.Msg {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return do()
		}
		return page.Ask{Text: file + " is there already: write it anew?", Yes: do}
	}
}
