package experiments

import (
	"fmt"
	"strings"
)

// Reference is a Markdown table for each recipe: its parameters with kind, unit,
// default, range and meaning. It is what the README shows.
func Reference(recipes []Recipe) string {
	var b strings.Builder
	for i, r := range recipes {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "### Recipe `%s`, version %d\n\n", r.Name, r.Version)
		b.WriteString("| parameter | type | unit | default | range | meaning |\n|---|---|---|---|---|---|\n")
		for _, p := range r.Params {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n",
				p.Name, p.Kind, cellText(p.Unit), p.defaultText(), cellText(p.allowed()), cellText(p.Doc))
		}
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
