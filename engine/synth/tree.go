package synth

import (
	"cmp"
	"slices"
	"strings"
)

// The categories of features, as in the paper's table of features (X-Coder,
// table 8).
const (
	Algorithm      = "algorithm"
	ProblemType    = "problem type"
	DataStructures = "data structures"
	Logic          = "implementation logic"
	Complexity     = "complexity"
	Optimisation   = "optimisation"
)

// Categories are the six, the one that tasks are made of first.
func Categories() []string {
	return []string{Algorithm, ProblemType, DataStructures, Logic, Complexity, Optimisation}
}

// support is how many programs have to show a feature. What one program shows
// may be its own peculiarity, and a small model has no room for all of these.
const support = 2

// leaf is a feature in the tree that all programs share: its path, and how many
// programs of the corpus have it.
type leaf struct {
	path    string // category/group/form/name
	count   int    // 0 for an evolved feature
	feature feature
}

// executable says whether a task can ask for the feature: it is an operation,
// and there are words for it.
func (l *leaf) executable() bool { return l.feature.family != nil && len(l.feature.ask) > 0 }

// group is the first two steps of the path.
func (l *leaf) group() string {
	parts := strings.SplitN(l.path, "/", 3)
	return parts[0] + "/" + parts[1]
}

// merge counts the features of programs in one tree, its leaves in the order of
// their paths.
func merge(programs []seedProgram) []leaf {
	at := map[string]int{}
	var leaves []leaf
	count := func(path string, f feature) {
		i, ok := at[path]
		if !ok {
			i, at[path] = len(leaves), len(leaves)
			leaves = append(leaves, leaf{path: path, feature: f})
		}
		leaves[i].count++
	}
	for _, p := range programs {
		if p.unread != nil {
			continue
		}
		seen := map[string]bool{}
		for _, f := range p.features {
			if path := f.path(); !seen[path] {
				seen[path] = true
				count(path, f)
			}
		}
		for _, path := range p.traits {
			count(path, feature{})
		}
	}
	leaves = slices.DeleteFunc(leaves, func(l leaf) bool { return l.count < support })
	slices.SortFunc(leaves, byPath)
	return leaves
}

func byPath(a, b leaf) int { return cmp.Compare(a.path, b.path) }

// path is the feature's place in the tree: what kind of operation it is, the
// form with constants left open, the name.
func (f feature) path() string {
	group, form := f.group(), f.name
	if s := f.asShape(); s.kind != "" && s.kind != scanning {
		form = s.form()
	}
	return strings.Join([]string{Algorithm, group, form, f.String()}, "/")
}

// form is the expression with its constants left open. Paths are cut at slashes,
// so that a division is written as a word.
func (s shape) form() string {
	text := numbersAsK(s.expr.text())
	text = strings.ReplaceAll(strings.ReplaceAll(text, "//", "div"), "-K", "K")
	if s.kind == reducing {
		return s.how + " " + text
	}
	return text
}

// numbersAsK writes K for each number of a text whose names have no digits.
func numbersAsK(text string) string {
	var b strings.Builder
	inside := false // a number
	for i := range len(text) {
		digit := '0' <= text[i] && text[i] <= '9'
		switch {
		case !digit:
			b.WriteByte(text[i])
		case !inside:
			b.WriteByte('K')
		}
		inside = digit
	}
	return b.String()
}

// group is the kind of operation.
func (f feature) group() string {
	switch s := f.asShape(); s.kind {
	case keeping:
		if !s.expr.uses(element) {
			return "cut"
		}
		return "filter"
	case mapping:
		return "map"
	case pairing, scanning:
		return "neighbours"
	case tallying:
		return "count"
	case reducing:
		if s.how == "max" || s.how == "min" {
			return "extreme"
		}
		return "total"
	}
	if f.final {
		switch f.name {
		case "range", "head", "tail":
			return "extreme"
		case "count", "distinct":
			return "count"
		}
		return "total"
	}
	switch f.name {
	case "reverse", "sort", "sort_down", "rotate", "unique":
		return "order"
	case "repeat_each", "mirror":
		return "neighbours"
	}
	return "cut"
}
