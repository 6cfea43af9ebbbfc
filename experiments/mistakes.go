package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// mistake is what is wrong with a design as a whole, wherever it came from.
type mistake struct {
	cell int    // the cell it stands in, from 0; -1: none in particular
	key  string // the parameter or key to look at; "": none in particular
	complaint
}

// mistakes checks what no single value shows: the values are known to be right.
func (e *Experiment) mistakes() []mistake {
	list := append(e.twoLengths(), e.missing()...)
	if len(list) > 0 {
		return list
	}
	list = append(list, e.twins()...)
	list = append(list, e.unequal()...)
	return append(list, e.refused()...)
}

// given is true if the file or the command line says what name is.
func (e *Experiment) given(name string) bool {
	_, fixed := e.Fixed[name]
	return fixed || slices.ContainsFunc(e.Axes, func(a Axis) bool { return a.Name == name })
}

func (e *Experiment) twoLengths() []mistake {
	if !e.given("steps") || !e.given("epochs") {
		return nil
	}
	return []mistake{{0, "epochs", complaint{"steps and epochs stand in one experiment; choose one", "Both say how long a run trains"}}}
}

// missing finds parameters that nobody gives and that have no default.
func (e *Experiment) missing() []mistake {
	var list []mistake
	for _, p := range e.recipe.Params {
		if p.Default == nil && !e.given(p.Name) && !e.silenced(p.Name) {
			list = append(list, mistake{-1, "", complaint{fmt.Sprintf("parameter %s has no default and is not given", p.Name), p.about()}})
		}
	}
	return list
}

// twins finds cells that are the same; in a product none are. Cells differ in
// their axes or not at all.
func (e *Experiment) twins() []mistake {
	if !e.irregular {
		return nil
	}
	var list []mistake
	seen := map[string]int{}
	for i := range e.points {
		name := e.label(i)
		if j, ok := seen[name]; ok {
			list = append(list, mistake{i, "", complaint{fmt.Sprintf("cell %d is the same as cell %d: %s", i+1, j+1, name), "Remove one of them"}})
			continue
		}
		seen[name] = i
	}
	return list
}

// unequal checks the promise of equal = "rows", "steps" or "epochs".
func (e *Experiment) unequal() []mistake {
	size := func(p Params) float64 { return p.Float(e.Equal) }
	what := e.Equal
	switch e.Equal {
	case "":
		return nil
	case "rows":
		what = "tasks x solutions"
		if bad := e.needNumbers("tasks", "solutions"); bad != nil {
			return bad
		}
		size = func(p Params) float64 { return p.Float("tasks") * p.Float("solutions") }
	default:
		if bad := e.needNumbers(e.Equal); bad != nil {
			return bad
		}
		if other := otherLength(e.Equal); e.given(other) {
			return []mistake{{0, "equal", complaint{fmt.Sprintf("equal is %q and the experiment gives %s", e.Equal, other), "Give " + e.Equal + " instead"}}}
		}
	}
	first := size(e.resolve(0))
	if first <= 0 {
		return []mistake{{0, "equal", complaint{fmt.Sprintf("equal is %q and %s is 0", e.Equal, what), "Give " + e.Equal + " in params"}}}
	}
	for i := range e.points {
		if n := size(e.resolve(i)); n != first {
			message := fmt.Sprintf("equal is %q, but %s is %s in cell %s and %s in cell %s", e.Equal, what,
				strconv.FormatFloat(first, 'f', -1, 64), e.label(0), strconv.FormatFloat(n, 'f', -1, 64), e.label(i))
			return []mistake{{i, "equal", complaint{message, "Make it the same in all cells, or remove equal"}}}
		}
	}
	return nil
}

// needNumbers reports those of names that are no numbers in the first cell.
func (e *Experiment) needNumbers(names ...string) []mistake {
	p := e.resolve(0)
	for _, name := range names {
		v, ok := p[name]
		if kind := kindOf(v); kind == Int || kind == Float {
			continue
		}
		message := fmt.Sprintf("equal is %q and there is no parameter %s", e.Equal, name)
		if ok {
			message = fmt.Sprintf("equal is %q and %s is %s", e.Equal, name, kindWords(v))
		}
		return []mistake{{0, "equal", complaint{message, fmt.Sprintf("equal = %q needs the number %s", e.Equal, strings.Join(names, " and the number "))}}}
	}
	return nil
}

// refused asks the recipe about every cell and gives each of its sentences once.
func (e *Experiment) refused() []mistake {
	if e.recipe.Check == nil {
		return nil
	}
	var list []mistake
	seen := map[string]bool{}
	for i := range e.points {
		for _, words := range e.recipe.Check(e.resolve(i)) {
			if seen[words] {
				continue
			}
			seen[words] = true
			list = append(list, mistake{i, e.named(words), complaint{words, "In cell " + e.label(i)}})
		}
	}
	return list
}

// named is the first parameter in the sentence that the experiment gives.
func (e *Experiment) named(sentence string) string {
	for _, w := range strings.FieldsFunc(sentence, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if e.given(w) {
			return w
		}
	}
	return ""
}
