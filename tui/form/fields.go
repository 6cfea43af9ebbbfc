package form

import (
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/tui/look"
	"ablate/tui/report"
)

// field is one thing that can be said of an experiment.
type field struct {
	key    string // as experiments.FieldProblem names it: "title", "params.lr", "axes.tasks", "cell.2"
	group  string // the heading that it stands under
	label  string
	value  string // as it is typed
	takes  string // "float, from 0 to 1"
	usual  string // its default; "" for none
	doc    string
	choose []string // the values that it may have; nil: many

	standard bool // value is the default and nobody said it
	changed  bool
}

// lay makes the fields of the draft, and marks those that changed.
func (f *Form) lay() {
	if f.was == nil {
		f.was = map[string]string{}
		for _, q := range fields(f.base, f.site.Recipes) {
			f.was[q.key] = q.value
		}
	}
	f.all = fields(f.draft, f.site.Recipes)
	for i, q := range f.all {
		before, there := f.was[q.key]
		f.all[i].changed = !there || before != q.value
	}
	f.sift()
}

// sift leaves the fields with all words of the filter. The cursor stays on its
// field, or goes to the first.
func (f *Form) sift() {
	f.rows = f.rows[:0]
	for _, q := range f.all {
		if q.matches(f.filter) {
			f.rows = append(f.rows, q)
		}
	}
	if len(f.rows) > 0 && !slices.ContainsFunc(f.rows, func(q field) bool { return q.key == f.cursor }) {
		f.cursor = f.rows[0].key
	}
}

// nearest puts the cursor on the field that the filter names best.
func (f *Form) nearest() {
	word := strings.ToLower(strings.TrimSpace(f.filter))
	for _, names := range []func(string) bool{
		func(label string) bool { return label == word },
		func(label string) bool { return strings.HasPrefix(label, word) },
		func(label string) bool { return strings.Contains(label, word) },
		func(string) bool { return true },
	} {
		for _, q := range f.rows {
			if names(strings.ToLower(q.label)) {
				f.cursor = q.key
				return
			}
		}
	}
}

// matches is true for a field that has every word of a filter in its name, its
// heading or its line of words.
func (q field) matches(filter string) bool {
	text := strings.ToLower(q.label + " " + q.group + " " + q.doc)
	for word := range strings.FieldsSeq(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// at is the field under the cursor; an empty one if there is none.
func (f *Form) at() field {
	for _, q := range f.rows {
		if q.key == f.cursor {
			return q
		}
	}
	return field{}
}

// fields are all that can be said of a draft.
func fields(d *experiments.Draft, recipes []experiments.Recipe) []field {
	list := headFields(d, recipes)
	list = append(list, designFields(d, recipes)...)
	list = append(list, paramFields(d, recipes)...)
	return append(list, runFields(d)...)
}

func headFields(d *experiments.Draft, recipes []experiments.Recipe) []field {
	names, doc := []string{}, "how a run trains"
	for _, r := range recipes {
		names = append(names, r.Name)
		if r.Name == d.Recipe {
			doc += ": " + r.Doc
		}
	}
	recipe := field{key: "recipe", label: "recipe", value: d.Recipe, doc: doc, choose: names}
	if d.Recipe == experiments.Command {
		recipe.choose = []string{experiments.Command}
	}
	list := []field{
		{key: "name", label: "name", value: d.Name, doc: "of the experiment: a folder of the store, a word on the command line", takes: "letters, digits, - _ ."},
		{key: "title", label: "title", value: d.Title, doc: "for people; the name unless given"},
		{key: "question", label: "question", value: d.Question, doc: "what the experiment is to answer"},
		recipe,
	}
	return under("experiment", list)
}

func under(group string, list []field) []field {
	for i := range list {
		list[i].group = group
	}
	return list
}

// designFields are what makes cells and runs.
func designFields(d *experiments.Draft, recipes []experiments.Recipe) []field {
	var list []field
	names := make([]string, len(d.Axes))
	for i, a := range d.Axes {
		names[i] = a.Name
		if d.Cells == nil {
			p := param(d, a.Name, recipes)
			list = append(list, field{key: "axes." + a.Name, label: a.Name, value: values(a.Values), doc: p.Doc, takes: strings.TrimSuffix("axis, "+takes(p), ", ")})
		}
	}
	for i, c := range d.Cells {
		list = append(list, field{
			key: fmt.Sprintf("cell.%d", i), label: fmt.Sprintf("cell %d", i+1), value: values(c),
			doc: "one cell of the design: " + strings.Join(names, ", "), takes: strings.Join(names, ", "),
		})
	}
	list = append(list,
		field{key: "seeds", label: "seeds", value: experiments.SeedsText(d.Seeds), doc: "3 means 1, 2 and 3; the same in every cell, so that cells pair", takes: "3, or 101,102, or 101-108"},
		field{key: "equal", label: "equal", value: d.Equal, doc: "what the design holds equal, and is then held to", choose: []string{"", "rows", "steps", "epochs"}})
	return under("design", list)
}

// values are those of an axis as they are typed.
func values(list []any) string {
	words := make([]string, len(list))
	apart := false
	for i, v := range list {
		words[i] = short(v)
		apart = apart || strings.Contains(words[i], ",") || strings.HasPrefix(words[i], "[") || strings.TrimSpace(words[i]) != words[i] || words[i] == ""
	}
	if apart { // then they are typed as a list in TOML
		for i := range words {
			words[i] = fmt.Sprintf("%q", words[i])
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	return strings.Join(words, ", ")
}

// short is a value as people write it.
func short(v any) string { return strings.TrimSuffix(experiments.ValueText(v), ".0") }

// param is a parameter of the draft's recipe; one of no recipe has its name only.
func param(d *experiments.Draft, name string, recipes []experiments.Recipe) experiments.Param {
	for _, r := range recipes {
		for _, p := range r.Params {
			if r.Name == d.Recipe && p.Name == name {
				return p
			}
		}
	}
	return experiments.Param{Name: name}
}

// takes says what a parameter's values are.
func takes(p experiments.Param) string {
	var words []string
	for _, w := range []string{p.Kind, p.Unit, p.Range()} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}

// about is what the field takes, and what it is unless given.
func (q field) about() string {
	about := q.takes
	if len(q.choose) > 0 {
		about = strings.TrimSpace(strings.Join(q.choose, " "))
	}
	if q.usual != "" && !q.standard {
		about = "default " + q.usual + ", " + about
	}
	return about
}

// groups are the headings of parameters in the order of the page; others follow.
func groups() []string { return []string{"data", "model", "training", "RL", "evaluation"} }

// rank is where a heading stands.
func rank(group string) int {
	if i := slices.Index(groups(), group); i >= 0 {
		return i
	}
	return len(groups())
}

// paramFields are the recipe's parameters that are no axes.
func paramFields(d *experiments.Draft, recipes []experiments.Recipe) []field {
	params := []experiments.Param{}
	for _, r := range recipes {
		if r.Name == d.Recipe {
			params = append(params, r.Params...)
		}
	}
	if d.Recipe == experiments.Command {
		for _, s := range d.Params {
			params = append(params, experiments.Param{Name: s.Name})
		}
	}
	var list []field
	for _, p := range params {
		if slices.ContainsFunc(d.Axes, func(a experiments.Axis) bool { return a.Name == p.Name }) {
			continue
		}
		q := field{key: "params." + p.Name, label: p.Name, doc: p.Doc, takes: takes(p), choose: p.Choices, group: p.Group}
		if q.group == "" {
			q.group = "parameters"
		}
		if p.Kind == experiments.Bool {
			q.choose = []string{"false", "true"}
		}
		if p.Default != nil {
			q.usual = short(p.Default)
		}
		if v, given := d.Value(p.Name); given {
			q.value = short(v)
		} else {
			q.value, q.standard = q.usual, true
		}
		list = append(list, q)
	}
	slices.SortStableFunc(list, func(a, b field) int { return rank(a.group) - rank(b.group) })
	return list
}

// runFields are how runs are run and judged.
func runFields(d *experiments.Draft) []field {
	limit := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	wall, hours, margin, order := "", "", "", d.Order
	if d.Objective.Margin > 0 {
		margin = fmt.Sprintf("%g", d.Objective.Margin)
	}
	if d.Limits.Wall > 0 {
		wall = experiments.DurationText(d.Limits.Wall)
	}
	if d.Limits.GPUHours > 0 {
		hours = fmt.Sprintf("%g", d.Limits.GPUHours)
	}
	if order == "" {
		order = "breadth"
	}
	list := []field{
		{key: "objective.metric", label: "objective", value: d.Objective.Metric, doc: "the metric that cells are judged by", takes: "a metric, as eval/pass@1"},
		{key: "objective.goal", label: "goal", value: d.Objective.Goal, doc: "whether more of it is better, or less", choose: []string{experiments.Max, experiments.Min}},
		{key: "objective.margin", label: "margin", value: margin, doc: "the difference that nobody cares about, in the unit of the metric", takes: "a number, as 0.02 for 2 points; empty for none"},
		{key: "order", label: "order", value: order, standard: d.Order == "", doc: "in which runs start: every cell once first, all seeds of a cell first, the cheap ones first, at random",
			choose: []string{"breadth", "depth", "cheap", "random"}},
		{key: "limits.wall", label: "wall limit", value: wall, doc: "time in which any of its runs may live; nothing starts or goes on beyond it", takes: "90s, 10m, 2h, 3d, 1h30m; empty for none"},
		{key: "limits.runs", label: "run limit", value: limit(d.Limits.Runs), doc: "attempts that may begin", takes: "a number; empty for none"},
		{key: "limits.gpu_hours", label: "GPU-hour limit", value: hours, doc: "hours times GPUs that its runs may hold", takes: "a number; empty for none"},
	}
	if d.Recipe != experiments.Command {
		return under("run", list)
	}
	list = append(list,
		field{key: "gpus", label: "GPUs", value: d.GPUsText(), doc: "that each run holds", takes: "a number, or a list such as 0-3; empty for none"},
		field{key: "gpu_type", label: "GPU type", value: d.Placement.Type, doc: "what each of them has to be called", takes: "a type, as H20; empty for any"},
		field{key: "keep_off", label: "keep off", value: experiments.GPUsText(d.Placement.KeepOff), doc: "GPUs that no run of it may have", takes: "a list such as 6-7; empty for none"},
		field{key: "pause", label: "pause", value: d.Pause, doc: "what pausing does: stop the trainer where it is, or let it write a checkpoint and end", choose: []string{"", "halt", "checkpoint"}})
	return append(under("run", list), modelFields(d.ModelTexts())...)
}

// modelFields are what the command trains, which is all that MFU is counted from.
func modelFields(values [4]string) []field {
	attention := "for attention's part of the FLOPs, which takes layers, hidden and context"
	return under("trained model", []field{
		{key: "model.params", label: "params", value: values[0], doc: "parameters that compute: with tokens a second they say the MFU", takes: "a number, as 7.6e9; empty for none"},
		{key: "model.layers", label: "layers", value: values[1], doc: attention, takes: "a number; empty for none"},
		{key: "model.hidden", label: "hidden", value: values[2], doc: "heads x head size; " + attention, takes: "a number; empty for none"},
		{key: "model.context", label: "context", value: values[3], doc: "mean tokens of a sequence; " + attention, takes: "a number; empty for none"},
	})
}

// shown is the value in a line.
func (q field) shown() string {
	if q.value == "" && len(q.choose) > 0 {
		return "–"
	}
	return look.Harmless(q.value)
}

// reused says how many runs are done already.
func reused(n int) string { return report.Reused(n) }
