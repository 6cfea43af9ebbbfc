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
// page, several keys a line. What many pages have, and what only moves, has a
// paragraph of its own.
func Reference() string {
	site := &page.Site{File: &experiments.File{}}
	m := &Model{site: site, list: lab.NewList(site)}
	var b strings.Builder
	var moves, common []page.Key
	pages := map[string]int{} // that have the key, by its part of the text
	for _, p := range everyPage(site) {
		for _, k := range p.page.Keys() {
			if pages[part(k)]++; pages[part(k)] == manyPages {
				common = append(common, k)
			}
		}
	}
	for _, p := range everyPage(site) {
		var own []page.Key
		for _, k := range p.page.Keys() {
			switch {
			case k.Name == "" && k.Hint == "":
				if !slices.ContainsFunc(moves, func(m page.Key) bool { return m.Keys == k.Keys }) {
					moves = append(moves, k)
				}
			case pages[part(k)] < manyPages:
				own = append(own, k)
			}
		}
		paragraph(&b, p.name, own)
	}
	common = slices.DeleteFunc(common, func(k page.Key) bool { return k.Name == "" && k.Hint == "" })
	paragraph(&b, "most pages", common)
	paragraph(&b, "moving", moves)
	paragraph(&b, "everywhere", m.everywhere())
	return b.String()
}

// manyPages is how many have to have a key for it not to stand under each.
const manyPages = 3

// part is a key with the shortest words that there are for it.
func part(k page.Key) string {
	words := cmp.Or(k.Name, k.Hint, k.Help)
	if words == k.Keys {
		words = cmp.Or(k.Hint, k.Help)
	}
	if len(k.Help) < len(words) {
		words = k.Help
	}
	if k.Keys == "" {
		return ":" + words
	}
	return strings.Join(strings.Fields(k.Keys), "/") + " " + words
}

// paragraph lists keys.
func paragraph(b *strings.Builder, title string, keys []page.Key) {
	const margin, width = 19, 118
	line := fmt.Sprintf("    %-*s", margin-4, title)
	first := true
	for _, k := range keys {
		part := part(k)
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
