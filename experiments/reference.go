package experiments

import (
	"fmt"
	"strings"
)

// Reference is a Markdown table of the parameters of all recipes, each with the
// recipes that know it, kind, unit, default, range and meaning.
func Reference(recipes []Recipe) string {
	var b strings.Builder
	for _, r := range recipes {
		fmt.Fprintf(&b, "- recipe `%s`, version %d: %s\n", r.Name, r.Version, r.Doc)
	}
	b.WriteString("\n| parameter | recipes | type | unit | default | range | meaning |\n|---|---|---|---|---|---|---|\n")
	var rows []string              // what stands in a row but for the recipes
	known := map[string][]string{} // by row: the recipes
	for _, r := range recipes {
		for _, p := range r.Params {
			row := fmt.Sprintf("%s | %s | %s | %s | %s |", p.Kind, cellText(p.Unit), p.defaultText(), cellText(p.allowed()), cellText(p.Doc))
			row = p.Name + "\n" + row
			if known[row] == nil {
				rows = append(rows, row)
			}
			known[row] = append(known[row], r.Name)
		}
	}
	for _, row := range rows {
		name, rest, _ := strings.Cut(row, "\n")
		in := strings.Join(known[row], ", ")
		if len(known[row]) == len(recipes) {
			in = "all"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s\n", name, in, rest)
	}
	return b.String()
}

// defaultText is the default as a file would write it.
func (p Param) defaultText() string {
	if p.Default == nil {
		return "required"
	}
	return "`" + strings.ReplaceAll(shown(p.standard()), "|", `\|`) + "`"
}

// allowed is the range or the choices.
func (p Param) allowed() string {
	if len(p.Choices) > 0 {
		return strings.Join(p.Choices, ", ")
	}
	return p.rangeWords()
}

// cellText keeps text inside one cell of a Markdown table.
func cellText(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}
