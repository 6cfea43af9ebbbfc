package synth

import (
	"cmp"
	"slices"
	"strings"

	"go.starlark.net/syntax"

	"ablate/engine/seed"
)

// Example is a task with the program that a person wrote for it.
type Example struct {
	Task    Task
	Program string
}

// Human gives the programs of the seed corpus that were read, as tasks, in the
// order of the corpus: those whose behaviour is for training and whose features
// tasks can ask for. Two of them may have one behaviour.
func Human() []Example {
	var m machine
	var all []Example
	for _, p := range grown().programs {
		if p.unread != nil || slices.ContainsFunc(p.features, func(f feature) bool { return len(f.ask) == 0 }) {
			continue
		}
		if s, _ := m.behaviour(p.features); s.side() != training {
			continue
		}
		r := seed.Stream(frozen, "human/"+p.def.Name.Name, 0)
		all = append(all, Example{m.task(r, p.features, DefaultOptions()), p.asSolution()})
	}
	return all
}

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
