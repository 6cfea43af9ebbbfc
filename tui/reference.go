package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/tui/lab"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Reference is the key tables of all pages as text for the README: a paragraph a
// page, several keys a line. What only moves has a paragraph of its own.
func Reference() string {
	site := &page.Site{File: &experiments.File{}}
	m := &Model{site: site, list: lab.NewList(site)}
	var b strings.Builder
	var moves []page.Key
	for _, p := range everyPage(site) {
		var own []page.Key
		for _, k := range p.page.Keys() {
			switch {
			case k.Name != "" || k.Hint != "":
				own = append(own, k)
			case !slices.ContainsFunc(moves, func(m page.Key) bool { return m.Keys == k.Keys }):
				moves = append(moves, k)
			}
		}
		paragraph(&b, p.name, own)
	}
	paragraph(&b, "moving", moves)
	paragraph(&b, "everywhere", m.everywhere())
	return b.String()
}

// paragraph lists keys, each with the shortest words that there are for it.
func paragraph(b *strings.Builder, title string, keys []page.Key) {
	const margin, width = 19, 118
	line := fmt.Sprintf("    %-*s", margin-4, title)
	first := true
	for _, k := range keys {
		words := cmp.Or(k.Name, k.Hint, k.Help)
		if words == k.Keys {
			words = cmp.Or(k.Hint, k.Help)
		}
		if len(k.Help) < len(words) {
			words = k.Help
		}
		part := strings.Join(strings.Fields(k.Keys), "/") + " " + words
		if k.Keys == "" {
			part = ":" + words
		}
		if !first && look.Width(line)+look.Width(part)+3 > width {
			b.WriteString(line + "\n")
			line, first = strings.Repeat(" ", margin), true
		}
		if !first {
			line += " · "
		}
		line, first = line+part, false
	}
	b.WriteString(line + "\n")
}
