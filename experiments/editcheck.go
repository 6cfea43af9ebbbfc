package experiments

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

// FieldProblem is a mistake in a draft and the field to look at: "name", "axes",
// "axes.tasks", "cell.2.tasks" (from 0), "params.lr", "limits.wall", "seeds", ...;
// "" is none in particular.
type FieldProblem struct {
	Field         string
	Message, Hint string
}

// Words are message and hint in one line.
func (p FieldProblem) Words() string { return complaint{p.Message, p.Hint}.words() }

// Check finds the mistakes of the draft, as `ablate check` would in the file that
// has it, each with its field; and what works and may surprise. Whether its name
// is free is not asked.
func (d *Draft) Check(recipes []Recipe) (mistakes, warnings []FieldProblem) {
	_, mistakes, warnings = d.check(recipes)
	return mistakes, warnings
}

// Resolve is Check with the plan; nil if there are mistakes.
func (d *Draft) Resolve(recipes []Recipe) (p *Plan, mistakes, warnings []FieldProblem) {
	f, mistakes, warnings := d.check(recipes)
	if f != nil {
		p = f.Experiments[0].Plan()
	}
	return p, mistakes, warnings
}

// check reads the draft's own text; the file is nil if it has mistakes.
func (d *Draft) check(recipes []Recipe) (f *File, mistakes, warnings []FieldProblem) {
	f, err := d.parse(recipes)
	var p *Problems
	switch {
	case err == nil:
		return f, nil, d.fields(f.Warnings)
	case errors.As(err, &p):
		return nil, d.fields(p), nil
	}
	return nil, []FieldProblem{{Message: err.Error()}}, nil
}

// Plan is what the draft resolves to; mistakes in it are *Problems.
func (d *Draft) Plan(recipes []Recipe) (*Plan, error) {
	f, err := d.parse(recipes)
	if err != nil {
		return nil, err
	}
	return f.Experiments[0].Plan(), nil
}

func (d *Draft) parse(recipes []Recipe) (*File, error) {
	text := "schema = 1\n"
	if name := cmp.Or(d.Host, "local"); name == d.host.Name {
		text += manner{eol: "\n"}.block("[host."+keyText(name)+"]", d.host.gpuPairs())
	} else if name != "local" {
		text += "[host." + keyText(name) + "]\nkind = \"local\"\n"
	}
	text += d.Text()
	return Parse("experiment "+d.Name+", not yet written", []byte(text), recipes)
}

// fields gives every problem the field that it stands in.
func (d *Draft) fields(p *Problems) []FieldProblem {
	if len(p.List) == 0 {
		return nil
	}
	list := make([]FieldProblem, len(p.List))
	root, a := path("experiment", d.Name), locate(string(p.Text))
	for i, q := range p.List {
		list[i] = FieldProblem{Field: a.field(root, q), Message: q.Message, Hint: q.Hint}
	}
	return list
}

// field is the smallest thing under root that problem q marks.
func (a *atlas) field(root string, q Problem) string {
	if q.Line < 1 || q.Line > len(a.lines) {
		return ""
	}
	line := a.line(q.Line)
	at := line.at + len(string([]rune(a.text[line.at:line.end])[:q.Col-1]))
	best, found := span{0, len(a.text) + 1}, ""
	for p, place := range a.places {
		if !strings.HasPrefix(p, root) {
			continue
		}
		for _, s := range []span{place.key, place.value} {
			size := s.end - s.at
			if s.at > at || at >= s.end || size > best.end-best.at {
				continue
			}
			if size < best.end-best.at || len(p) > len(found) || len(p) == len(found) && p > found {
				best, found = s, p
			}
		}
	}
	if found == root {
		if place := a.places[root]; at >= place.key.at && strings.Contains(q.Message, "name") {
			return "name"
		}
	}
	return fieldName(strings.TrimPrefix(found, root))
}

// fieldName is a path under an experiment as a field. A cell keeps its number.
func fieldName(p string) string {
	words := keysOf(p)
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "cell":
		if number, _, ok := strings.Cut(strings.TrimPrefix(p, path("cell")+"["), "]"); ok && !strings.HasPrefix(number, ".") {
			words = append([]string{"cell", number}, words[1:]...)
		}
	case "axes", "params", "limits", "objective", "model":
		words = words[:min(2, len(words))]
	default:
		words = words[:1]
	}
	return strings.Join(words, ".")
}

// keysOf are the keys of a path, without the numbers of elements.
func keysOf(p string) []string {
	var words []string
	for p != "" {
		if p[0] == '[' {
			_, p, _ = strings.Cut(p, "]")
			continue
		}
		quoted, err := strconv.QuotedPrefix(p[1:])
		if err != nil {
			break
		}
		word, _ := strconv.Unquote(quoted)
		words = append(words, word)
		p = p[1+len(quoted):]
	}
	return words
}
