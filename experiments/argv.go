package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	runDir = "run_dir" // the placeholder for the run's folder
	// commandVersion is raised when placeholders come to mean something else.
	commandVersion = 1
)

// piece of an argument: text, or the name of a placeholder.
type piece struct{ text, name string }

// isName is true for what may stand between braces.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '-' || r == '.')) {
			return false
		}
	}
	return s != ""
}

// pieces splits an argument: {name} is a placeholder, {{ a brace.
func pieces(arg string) ([]piece, error) {
	var out []piece
	for rest := arg; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			return append(out, piece{text: rest}), nil
		}
		if i > 0 {
			out = append(out, piece{text: rest[:i]})
			rest = rest[i:]
		}
		if strings.HasPrefix(rest, "{{") {
			out = append(out, piece{text: "{"})
			rest = rest[2:]
			continue
		}
		name, after, closed := strings.Cut(rest[1:], "}")
		if !closed || !isName(name) {
			return nil, fmt.Errorf("read argument %q: a brace that begins no {name}", arg)
		}
		out = append(out, piece{name: name})
		rest = after
	}
	return out, nil
}

// expand fills the placeholders of an argument.
func expand(arg string, values map[string]string) (string, error) {
	list, err := pieces(arg)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range list {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		v, ok := values[p.name]
		if !ok {
			return "", fmt.Errorf("fill argument %q: no axis or parameter %q", arg, p.name)
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// Command is what a run of the recipe Command starts, with dir as {run_dir}.
// Strings stand as they are, without quotes: no shell reads them.
func (r Run) Command(dir string) ([]string, error) {
	values := map[string]string{}
	for name, v := range r.Params {
		values[name] = ValueText(v)
	}
	values["seed"], values[runDir] = strconv.FormatInt(r.Seed, 10), dir
	argv := make([]string, len(r.Argv))
	for i, a := range r.Argv {
		s, err := expand(a, values)
		if err != nil {
			return nil, err
		}
		argv[i] = s
	}
	return argv, nil
}

// argv checks the template: it may use only what the experiment gives, and must
// use all of it, since what it leaves out changes nothing.
func (c *checker) argv(e *Experiment, t table) {
	_, there := t.m["argv"]
	switch {
	case e.Recipe == "":
		return
	case e.Recipe != Command:
		if there {
			c.report(t.keyAt("argv"), fmt.Sprintf("argv is for recipe command; this is recipe %s", e.Recipe), "")
		}
		return
	case !there:
		c.report(t.at(), "recipe command needs argv", `Write argv = ["python", "train.py", "--seed", "{seed}"]`)
		return
	}
	before := len(c.list)
	e.Argv = t.words("argv")
	if len(c.list) > before {
		return
	}
	if len(e.Argv) == 0 || e.Argv[0] == "" {
		c.report(t.valueAt("argv"), "argv names no program", "")
		return
	}
	used := c.placeholders(e, t)
	unused := func(what, under, name string) {
		at := t.keyAt("argv")
		if p, ok := c.places[child(under, name)]; ok {
			at = p.key
		}
		if !slices.Contains(used, name) {
			c.report(at, fmt.Sprintf("%s %s changes nothing: argv does not use {%s}", what, name, name), "")
		}
	}
	under := child(t.path, "axes")
	if e.irregular {
		under = item(child(t.path, "cell"), 0)
	}
	for _, a := range e.Axes {
		unused("axis", under, a.Name)
	}
	for name := range e.Fixed {
		unused("parameter", child(t.path, "params"), name)
	}
}

// placeholders checks every argument and returns the names they use.
func (c *checker) placeholders(e *Experiment, t table) []string {
	var names, used []string
	for _, a := range e.Axes {
		names = append(names, a.Name)
	}
	names = append(names, c.children[child(t.path, "params")]...)
	names = append(names, "seed", runDir)
	for i, arg := range e.Argv {
		at := c.places[item(child(t.path, "argv"), i)].value
		list, err := pieces(arg)
		switch {
		case strings.ContainsRune(arg, 0):
			c.report(at, "an argument cannot hold a NUL", "")
		case err != nil:
			c.report(at, "a brace that begins no {name}", "Write {{ for a brace")
		}
		for _, p := range list {
			if p.name != "" && !slices.Contains(names, p.name) {
				c.report(c.within(at, "{"+p.name+"}"), fmt.Sprintf("no axis or parameter %q", p.name), suggestion(p.name, names))
			}
			used = append(used, p.name)
		}
	}
	return used
}

// within is where part stands in the text of at, or at itself.
func (a *atlas) within(at span, part string) span {
	if i := strings.Index(a.text[at.at:at.end], part); i >= 0 {
		return span{at.at + i, at.at + i + len(part)}
	}
	return at
}
