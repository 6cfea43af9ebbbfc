package report

import (
	"io"
	"strings"

	"ablate/tui/chart"
)

// html writes the report as one file that needs nothing from elsewhere and has no
// script.
func (e *exporter) html(w io.Writer, names []string) error {
	all, err := e.studies(names, true)
	if err != nil {
		return err
	}
	var body page
	titles := make([]string, len(all))
	papers := make([]paper, len(all))
	for i, s := range all {
		if papers[i], err = s.paper(); err != nil {
			return err
		}
		titles[i] = papers[i].Title
	}
	body.contents(titles)
	for i, s := range all {
		figures, err := s.figures()
		if err != nil {
			return err
		}
		body.sheet(i, papers[i], figures)
	}
	body.tag("footer", func() {
		body.text("h2", "", "How the numbers were made")
		body.list("small", method)
	})
	var head page
	head.head(strings.Join(titles, ", "))
	for _, part := range []string{head.String(), "<body>\n", body.String(), "</body>\n</html>\n"} {
		if _, err := io.WriteString(w, part); err != nil {
			return err
		}
	}
	return nil
}

// contents leads to the sheets where there are several.
func (p *page) contents(titles []string) {
	if len(titles) < 2 {
		return
	}
	p.tag("nav", func() {
		p.tag("ul", func() {
			for i, title := range titles {
				p.item(`<a href="#` + sheetName(i) + `">` + escaped(title) + "</a>")
			}
		})
	})
}

// sheet is one experiment.
func (p *page) sheet(i int, of paper, figures []figure) {
	p.open("main", `id="`+sheetName(i)+`"`)
	p.tag("header", func() {
		p.text("p", "kicker", of.Name)
		p.text("h1", "", of.Title)
		p.text("p", "question", of.Question)
		p.text("p", "verdict", of.Sentence)
		p.list("", of.Answers)
	})
	p.section("Design", func() {
		p.pairs(of.Facts)
		p.text("p", "small", fixedWords(of.Fixed))
	})
	p.section("Cells", func() { p.table(of.Cells) })
	if len(of.Verdicts.Rows) > 0 {
		p.section("Verdicts", func() { p.table(of.Verdicts); p.list("small", of.Notes) })
	}
	if len(figures) > 0 {
		p.section("Charts", func() {
			for _, f := range figures {
				p.figure(f)
			}
		})
	}
	p.tables("Findings", "", of.Findings)
	p.tables("Flips by kind of task", of.FlipsOf+".", of.Flips)
	p.tables("Cost", "", of.Cost)
	if len(of.Prices) > 0 || len(of.Types.Rows) > 0 {
		p.section("Cost of the design", func() {
			if len(of.Types.Rows) > 0 {
				p.table(of.Types)
			}
			p.list("small", of.Prices)
		})
	}
	p.tables("Published", "", of.Published)
	p.section("Provenance", func() { p.pairs(of.Origin); p.list("small", of.Missing) })
	p.shut("main")
}

// tables is a section of one table, nothing without rows.
func (p *page) tables(title, words string, t Table) {
	if len(t.Rows) > 0 {
		p.section(title, func() { p.text("p", "small", words); p.table(t) })
	}
}

// figure draws a chart in the sizes of a desk and of a phone. A chart escapes every text
// in it.
func (p *page) figure(f figure) {
	p.tag("figure", func() {
		p.raw(`<div class="wide">` + f.svg(880, 340) + `</div><div class="narrow">` + f.svg(372, 280) + "</div>\n")
		p.text("figcaption", "", chart.Harmless(f.Caption))
	})
}

// fixedWords are the parameters that are the same in every cell.
func fixedWords(fixed [][2]string) string {
	if len(fixed) == 0 {
		return ""
	}
	words := make([]string, len(fixed))
	for i, f := range fixed {
		words[i] = f[0] + "\u00a0" + f[1]
	}
	return "The same in every cell: " + strings.Join(words, ", ") + "."
}
