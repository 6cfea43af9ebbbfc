package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"sync"

	"ablate/tui/chart"
)

//go:embed export.html
var pageText string

// pageTemplate is parsed when it is first used.
var pageTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{
		"right": func(head string) bool { return strings.HasPrefix(head, ">") },
		"word":  func(head string) string { return strings.TrimPrefix(head, ">") },
	}).Parse(pageText)
})

// page is the report as HTML in one file, which needs nothing from elsewhere and has
// no script.
type page struct {
	Title  string
	Sheets []sheet
	Method []string
}

// sheet is one experiment of it.
type sheet struct {
	paper
	Figures []drawn
}

// drawn is a chart in the sizes of a desk and of a phone.
type drawn struct {
	Caption      string
	Wide, Narrow template.HTML
}

func (e *exporter) html(w io.Writer, names []string) error {
	all, err := e.studies(names, true)
	if err != nil {
		return err
	}
	out := page{Method: method}
	titles := make([]string, len(all))
	for i, s := range all {
		one := sheet{}
		if one.paper, err = s.paper(); err != nil {
			return err
		}
		figures, err := s.figures()
		if err != nil {
			return err
		}
		for _, f := range figures {
			one.Figures = append(one.Figures, f.draw())
		}
		titles[i] = one.Title
		out.Sheets = append(out.Sheets, one)
	}
	out.Title = strings.Join(titles, ", ")
	t, err := pageTemplate()
	if err != nil {
		return err
	}
	return t.Execute(w, out)
}

// draw draws the chart as elements of the page. A chart escapes every text in it.
func (f figure) draw() drawn {
	return drawn{Caption: chart.Harmless(f.Caption), Wide: template.HTML(f.svg(880, 340)), Narrow: template.HTML(f.svg(372, 280))}
}
