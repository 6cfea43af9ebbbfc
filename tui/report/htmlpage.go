package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"strings"
)

//go:embed export.css
var pageStyle string

// page is HTML as it is written. Texts come in by text, list, pairs and table, which
// escape them; html/template would do so, too, but what it needs to find methods by
// their names makes the program a quarter larger.
type page struct{ bytes.Buffer }

// escaped is a text as it stands between tags and in quoted attributes.
func escaped(text string) string { return html.EscapeString(text) }

func sheetName(i int) string { return fmt.Sprintf("e%d", i) }

// head is all before the body.
func (p *page) head(title string) {
	p.raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
`)
	p.text("title", "", title)
	p.raw("<style>\n" + pageStyle + "</style>\n</head>\n")
}

func (p *page) raw(html string) { p.WriteString(html) }

func (p *page) open(name, attributes string) {
	p.raw("<" + strings.TrimSpace(name+" "+attributes) + ">\n")
}

func (p *page) shut(name string) { p.raw("</" + name + ">\n") }

func (p *page) tag(name string, inside func()) {
	p.open(name, "")
	inside()
	p.shut(name)
}

func (p *page) section(title string, inside func()) {
	p.tag("section", func() {
		p.text("h2", "", title)
		inside()
	})
}

// text is an element with a text; nothing without one.
func (p *page) text(name, class, text string) {
	if strings.Trim(text, ". ") == "" {
		return
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	p.raw("<" + name + class + ">" + escaped(text) + "</" + name + ">\n")
}

func (p *page) item(html string) { p.raw("<li>" + html + "</li>\n") }

// list are texts with bullets.
func (p *page) list(class string, texts []string) {
	if len(texts) == 0 {
		return
	}
	p.open("ul", `class="`+class+`"`)
	for _, t := range texts {
		p.item(escaped(t))
	}
	p.shut("ul")
}

// pairs are names with what they stand for.
func (p *page) pairs(all [][2]string) {
	p.tag("dl", func() {
		for _, f := range all {
			p.raw("<dt>" + escaped(f[0]) + "</dt><dd>" + escaped(f[1]) + "</dd>\n")
		}
	})
}

// table says in each cell what its column is called, for screens on which rows become
// cards.
func (p *page) table(t Table) {
	cell := func(name, attributes, head, text string) string {
		if strings.HasPrefix(head, ">") { // of numbers
			attributes += ` class="n"`
		}
		return "<" + name + attributes + ">" + escaped(text) + "</" + name + ">"
	}
	word := func(head string) string { return strings.TrimPrefix(head, ">") }
	p.tag("table", func() {
		p.raw("<thead><tr>")
		for _, head := range t.Head {
			p.raw(cell("th", ` scope="col"`, head, word(head)))
		}
		p.raw("</tr></thead>\n<tbody>\n")
		for _, row := range t.Rows {
			p.raw("<tr>")
			for k, text := range row {
				p.raw(cell("td", ` data-label="`+escaped(word(t.Head[k]))+`"`, t.Head[k], text))
			}
			p.raw("</tr>\n")
		}
		p.raw("</tbody>\n")
	})
}
