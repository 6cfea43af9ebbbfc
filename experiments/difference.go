package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference is what a design has that an earlier one had not, and the other way
// round.
type Difference struct {
	CellsAdded   []string `json:"cells_added"`   // names
	CellsLeft    []string `json:"cells_left"`    // no longer in the design; their runs stay in the store
	SeedsAdded   []int64  `json:"seeds_added"`   // in every cell
	SeedsRemoved []int64  `json:"seeds_removed"` // likewise
	// Words say all of it in short lines for people, and what else is different:
	// parameters, argv, limits, rules. Empty: the designs come to the same runs,
	// run in the same way, though their titles or questions may differ.
	Words []string `json:"words"`
}

// Difference is what p has that old, the design of the same experiment before,
// had not; nothing if old is nil.
func (p *Plan) Difference(old *Plan) Difference {
	d := Difference{CellsAdded: []string{}, CellsLeft: []string{}, SeedsAdded: []int64{}, SeedsRemoved: []int64{}, Words: []string{}}
	if old == nil || old.Hash == p.Hash && p.Hash != "" {
		return d
	}
	d.CellsAdded, d.CellsLeft = lacking(cellNames(p), cellNames(old)), lacking(cellNames(old), cellNames(p))
	d.SeedsAdded, d.SeedsRemoved = lacking(p.Seeds, old.Seeds), lacking(old.Seeds, p.Seeds)
	d.Words = append(d.Words, d.cells(p, old)...)
	if len(d.SeedsAdded) > 0 {
		d.Words = append(d.Words, "seeds + "+listed(d.SeedsAdded))
	}
	if len(d.SeedsRemoved) > 0 {
		d.Words = append(d.Words, "seeds - "+listed(d.SeedsRemoved)+": their runs stay in the store")
	}
	d.Words = append(d.Words, p.conduct(old)...)
	return d
}

// lacking are the elements of list that other does not have; never nil.
func lacking[T comparable](list, other []T) []T {
	has := make(map[T]bool, len(other))
	for _, v := range other {
		has[v] = true
	}
	out := []T{}
	for _, v := range list {
		if !has[v] {
			out = append(out, v)
		}
	}
	return out
}

func cellNames(p *Plan) []string {
	names := make([]string, len(p.Cells))
	for i, c := range p.Cells {
		names[i] = c.Name
	}
	return names
}

// cells says why there are other cells, and how many.
func (d Difference) cells(p, old *Plan) []string {
	causes := append(program(p, old), parameters(p, old)...)
	causes = append(causes, axes(p, old)...)
	added, left := plural(len(d.CellsAdded), "new cell"), plural(len(d.CellsLeft), "cell")+" no longer in the design, kept in the store"
	var effect []string
	switch {
	case len(d.CellsAdded) > 0 && len(d.CellsAdded) == len(p.Cells) && len(d.CellsLeft) == len(old.Cells):
		effect = []string{added + ", the old ones stay"}
	case len(causes) == 0: // a design that is no grid: only their names tell which
		effect = append(named(added, d.CellsAdded), named(left, d.CellsLeft)...)
	default:
		if len(d.CellsAdded) > 0 {
			effect = append(effect, added)
		}
		if len(d.CellsLeft) > 0 {
			effect = append(effect, left)
		}
	}
	if len(causes) == 1 && len(effect) > 0 {
		return []string{causes[0] + ": " + strings.Join(effect, ", ")}
	}
	return append(causes, effect...)
}

// named adds the cells to what became of them, where they are few.
func named(what string, cells []string) []string {
	if len(cells) == 0 {
		return nil
	}
	labels := make([]string, len(cells))
	for i, name := range cells {
		labels[i] = name[:max(0, strings.LastIndexByte(name, '~'))]
	}
	if len(cells) <= 3 {
		what += ": " + strings.Join(labels, "; ")
	}
	return []string{what}
}

// program says what else the runs start.
func program(p, old *Plan) []string {
	var words []string
	switch {
	case p.Recipe != old.Recipe:
		words = append(words, fmt.Sprintf("recipe %s -> %s", old.Recipe, p.Recipe))
	case p.RecipeVersion != old.RecipeVersion:
		words = append(words, fmt.Sprintf("version of recipe %s %d -> %d", p.Recipe, old.RecipeVersion, p.RecipeVersion))
	}
	if slices.Equal(p.Argv, old.Argv) || p.Recipe != old.Recipe {
		return words
	}
	was, is := old.Argv, p.Argv
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	return append(words, "argv "+changed(strings.Join(was, " "), strings.Join(is, " ")))
}

// parameters says which of those that are the same in all cells have other values.
func parameters(p, old *Plan) []string {
	if len(p.Cells) == 0 || len(old.Cells) == 0 {
		return nil
	}
	was, is := old.Cells[0].Params, p.Cells[0].Params
	both := maps.Clone(was)
	maps.Copy(both, is)
	var words []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if slices.Contains(p.Axes, name) || slices.Contains(old.Axes, name) || was[name] == is[name] {
			continue
		}
		a, b := settingText(was, name), settingText(is, name)
		if a == b { // 1 and "1"
			a, b = shown(was[name]), shown(is[name])
		}
		words = append(words, name+" "+changed(a, b))
	}
	return words
}

// settingText is the value of a parameter, "" where there is none.
func settingText(p Params, name string) string {
	v, ok := p[name]
	switch {
	case !ok:
		return ""
	case v == "":
		return `""`
	}
	return ValueText(v)
}

// axes says which values axes have gained and lost.
func axes(p, old *Plan) []string {
	var words []string
	for _, name := range p.Axes {
		is := axisValues(p, name)
		if !slices.Contains(old.Axes, name) {
			words = append(words, fmt.Sprintf("%s is now an axis: %s", name, listed(is)))
			continue
		}
		was := axisValues(old, name)
		if list := lacking(is, was); len(list) > 0 {
			words = append(words, name+" + "+listed(list))
		}
		if list := lacking(was, is); len(list) > 0 {
			words = append(words, name+" - "+listed(list))
		}
	}
	for _, name := range lacking(old.Axes, p.Axes) {
		words = append(words, name+" is no axis now")
	}
	if len(words) == 0 && !slices.Equal(p.Axes, old.Axes) {
		words = append(words, "the axes in another order: "+strings.Join(p.Axes, ", "))
	}
	return words
}

// axisValues are the values that the cells give to an axis, each once.
func axisValues(p *Plan, name string) []any {
	var values []any
	seen := map[any]bool{}
	for _, c := range p.Cells {
		if v := c.Params[name]; !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

// conduct says what is different in how the runs are run and judged.
func (p *Plan) conduct(old *Plan) []string {
	var words []string
	tell := func(what, was, is string) {
		if was != is {
			words = append(words, what+" "+changed(was, is))
		}
	}
	tell("objective", old.Objective.Metric+" "+old.Objective.Goal, p.Objective.Metric+" "+p.Objective.Goal)
	tell("margin", old.Objective.marginWords(), p.Objective.marginWords())
	tell("equal", old.Equal, p.Equal)
	tell("order", old.Order, p.Order)
	tell("host", old.Host, p.Host)
	was, is := old.Limits.words(), p.Limits.words()
	for i, what := range []string{"limit of wall time", "limit of runs", "limit of GPU-hours"} {
		tell(what, was[i], is[i])
	}
	for _, r := range lacking(old.Stop, p.Stop) {
		words = append(words, "stop rule gone: "+r.String())
	}
	for _, r := range lacking(p.Stop, old.Stop) {
		words = append(words, "stop rule new: "+r.String())
	}
	tell("retry", old.Retry.words(), p.Retry.words())
	tell("pause", cmp.Or(old.Pause, PauseHalt), cmp.Or(p.Pause, PauseHalt))
	before, after := old.place(), p.place()
	tell("gpus", heldText(old.GPUs, before.Only), heldText(p.GPUs, after.Only))
	tell("gpu_type", before.Type, after.Type)
	tell("keep_off", GPUsText(before.KeepOff), GPUsText(after.KeepOff))
	tell("model", old.Model.String(), p.Model.String())
	return words
}

// words are wall, runs and gpu_hours as a file writes them, "" for no limit.
func (l Limits) words() [3]string {
	var w [3]string
	if l.Wall > 0 {
		w[0] = DurationText(l.Wall)
	}
	if l.Runs > 0 {
		w[1] = fmt.Sprint(l.Runs)
	}
	if l.GPUHours > 0 {
		w[2] = fmt.Sprintf("%g", l.GPUHours)
	}
	return w
}

func (r *Retry) words() string {
	switch {
	case r == nil:
		return DefaultRetry.words()
	case r.Max == 0:
		return "none"
	}
	return fmt.Sprintf("%d after %s on %s", r.Max, DurationText(r.Backoff), strings.Join(r.On, ", "))
}

// changed is "was -> is".
func changed(was, is string) string {
	short := func(s string) string {
		if s == "" {
			return "none"
		}
		if r := []rune(s); len(r) > 60 {
			return string(r[:59]) + "…"
		}
		return s
	}
	return short(was) + " -> " + short(is)
}

// listed are values in a line; of many the first few.
func listed[T any](values []T) string {
	const most = 6
	words := make([]string, 0, most)
	for i, v := range values {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(values)-most))
			break
		}
		words = append(words, ValueText(v))
	}
	return strings.Join(words, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
