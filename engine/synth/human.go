package synth

import (
	"cmp"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// asSolution is the program as a solution: its function is called f, its
// argument a, and comments are gone. All else stays as it was written.
func (p *seedProgram) asSolution() string {
	arg, _ := soleParameter(p.def)
	type edit struct {
		at   syntax.Position
		from string
		to   string
	}
	edits := []edit{{p.def.Name.NamePos, p.def.Name.Name, "f"}}
	syntax.Walk(p.def, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && id != p.def.Name && id.Name == arg {
			edits = append(edits, edit{id.NamePos, arg, "a"})
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { // from the end, so that columns stay right
		return cmp.Or(cmp.Compare(b.at.Line, a.at.Line), cmp.Compare(b.at.Col, a.at.Col))
	})
	lines := strings.SplitAfter(p.text, "\n")
	first, _ := p.def.Span()
	for _, e := range edits {
		line := &lines[e.at.Line-first.Line]
		at := int(e.at.Col) - 1
		*line = (*line)[:at] + e.to + (*line)[at+len(e.from):]
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") })
	return strings.Join(lines, "")
}
