package experiments

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SettingKeys are the keys that Draft.Set takes beside a recipe's parameters.
func SettingKeys() []string {
	return []string{
		"title", "question", "recipe", "host", "equal", "order", "seeds", "objective.metric", "objective.goal", "objective.margin",
		"limits.wall", "limits.runs", "limits.gpu_hours", "pause", "gpus", "gpu_type", "keep_off",
		"model.params", "model.layers", "model.hidden", "model.context",
	}
}

// Set gives a key of SettingKeys the value that text says; an empty text leaves
// it out again. The draft stays as it is if text is wrong.
func (d *Draft) Set(key, text string, recipes []Recipe) error {
	text = strings.TrimSpace(text)
	switch key {
	case "title":
		d.Title = text
	case "question":
		d.Question = text
	case "host":
		d.Host = text
	case "recipe":
		return d.setRecipe(text, recipes)
	case "equal":
		return choose(&d.Equal, key, text, "", "rows", "steps", "epochs")
	case "order":
		return choose(&d.Order, key, text, "", breadth, depth, cheap, shuffled)
	case "pause":
		return choose(&d.Pause, key, text, "", PauseHalt, PauseCheckpoint)
	case "objective.goal":
		return choose(&d.Objective.Goal, key, text, Max, Min)
	case "objective.metric":
		if text == "" {
			return errors.New("set objective.metric: it is empty; name a metric, such as eval/pass@1")
		}
		d.Objective.Metric = text
	case "objective.margin":
		return d.setMargin(text)
	case "seeds":
		seeds, err := ReadSeeds(text)
		if err != nil {
			return err
		}
		d.Seeds = seeds
	case "limits.wall", "limits.runs", "limits.gpu_hours":
		return d.setLimit(key, text)
	case "gpus", "gpu_type", "keep_off":
		return d.setGPUs(key, text)
	case "model.params", "model.layers", "model.hidden", "model.context":
		return d.setModel(key, text)
	default:
		return fmt.Errorf("set %s: no key %q. %s", key, key, suggestion(key, SettingKeys()))
	}
	return nil
}

// choose sets one of the words.
func choose(to *string, key, text string, words ...string) error {
	if !slices.Contains(words, text) {
		return fmt.Errorf("set %s: %s is none of its values. %s", key, shown(text), suggestion(text, slices.DeleteFunc(words, func(w string) bool { return w == "" })))
	}
	*to = text
	return nil
}

// setCount sets a number of 1 or more, or 0 for none.
func setCount(to *int, key, text string) error {
	if text == "" {
		*to = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("set %s: %s is no whole number of at least 1", key, shown(text))
	}
	*to = n
	return nil
}

func (d *Draft) setLimit(key, text string) error {
	switch key {
	case "limits.runs":
		return setCount(&d.Limits.Runs, key, text)
	case "limits.wall":
		seconds, ok := duration(text)
		if text != "" && (!ok || seconds < 1) {
			return fmt.Errorf("set %s: %s is no duration; write 90s, 10m, 2h, 3d or 1h30m", key, shown(text))
		}
		d.Limits.Wall = float64(seconds)
	default:
		hours, err := strconv.ParseFloat(text, 64)
		if text != "" && (err != nil || !(hours > 0 && hours < 1e12)) {
			return fmt.Errorf("set %s: %s is no number above 0", key, shown(text))
		}
		d.Limits.GPUHours = hours
	}
	return nil
}

// setRecipe changes the recipe and leaves out what the new one does not take.
func (d *Draft) setRecipe(name string, recipes []Recipe) error {
	names := []string{Command}
	for _, r := range recipes {
		names = append(names, r.Name)
	}
	if !slices.Contains(names, name) {
		return fmt.Errorf("set recipe: no recipe %q. %s", name, suggestion(name, names))
	}
	if d.Recipe = name; name == Command {
		return nil
	}
	r := d.recipe(recipes)
	unknown := func(name string) bool { _, ok := r.param(name); return !ok }
	d.Params = slices.DeleteFunc(d.Params, func(s Setting) bool { return unknown(s.Name) })
	for i := len(d.Axes) - 1; i >= 0; i-- {
		if unknown(d.Axes[i].Name) {
			d.RemoveAxis(d.Axes[i].Name)
		}
	}
	d.Argv, d.Pause, d.GPUs, d.Placement, d.Model = nil, "", 0, Placement{}, nil
	return nil
}

// recipe is the draft's recipe; one without parameters if there is none.
func (d *Draft) recipe(recipes []Recipe) Recipe {
	i := slices.IndexFunc(recipes, func(r Recipe) bool { return r.Name == d.Recipe })
	if i < 0 {
		return Recipe{Name: d.Recipe}
	}
	return recipes[i]
}

// Param is the parameter called name, whose kind follows from its values where
// the recipe does not say it, and from example where it has none yet.
func (d *Draft) param(name, example string, recipes []Recipe) (Param, error) {
	if d.Recipe != Command {
		r := d.recipe(recipes)
		p, ok := r.param(name)
		if !ok {
			return Param{}, fmt.Errorf("recipe %s has no parameter %q. %s", d.Recipe, name, suggestion(name, r.names()))
		}
		return p, nil
	}
	if name == "seed" || name == runDir || !isName(name) {
		return Param{}, fmt.Errorf("%q cannot name a parameter of recipe command", name)
	}
	if v, ok := d.Value(name); ok {
		return Param{Name: name, Kind: kindOf(v)}, nil
	}
	if i := d.axis(name); i >= 0 && len(d.Axes[i].Values) > 0 {
		return Param{Name: name, Kind: kindOf(d.Axes[i].Values[0])}, nil
	}
	for _, kind := range []string{Int, Float, Bool} {
		p := Param{Name: name, Kind: kind}
		if _, err := p.parse(example); err == nil && example != "1" && example != "0" || err == nil && kind != Bool {
			return p, nil
		}
	}
	return Param{Name: name, Kind: String}, nil
}

// Read is the value of p that text says.
func (p Param) Read(text string) (any, error) {
	v, err := p.parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %s is not %s", p.Name, shown(text), article(p.Kind))
	}
	v, wrong := p.convert(v)
	if wrong != nil {
		return nil, errors.New(wrong.words())
	}
	return v, nil
}

// Range says which values p takes: "from 1 to 64", "adamw, sgd"; "" for any.
func (p Param) Range() string {
	if len(p.Choices) > 0 {
		return strings.Join(p.Choices, ", ")
	}
	return p.rangeWords()
}

// SetParam fixes a parameter in all cells. Of steps and epochs the other one is
// left out, since both say how long a run trains.
func (d *Draft) SetParam(name, text string, recipes []Recipe) error {
	p, err := d.param(name, text, recipes)
	if err != nil {
		return fmt.Errorf("set %s=%s: %w", name, text, err)
	}
	if i := d.axis(name); i >= 0 {
		return fmt.Errorf("set %s=%s: %s is an axis, with the values %s; a fixed value would merge its cells. Give the axis other values: --axis %s=%s,VALUE",
			name, text, name, listed(d.Axes[i].Values), name, text)
	}
	v, err := p.Read(text)
	if err != nil {
		return fmt.Errorf("set %s=%s: %w", name, text, err)
	}
	d.silence(name)
	if i := slices.IndexFunc(d.Params, func(s Setting) bool { return s.Name == name }); i >= 0 {
		d.Params[i].Value = v
		return nil
	}
	d.Params = append(d.Params, Setting{Name: name, Value: v})
	if names := d.recipe(recipes).names(); len(names) > 0 {
		slices.SortStableFunc(d.Params, func(a, b Setting) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	}
	return nil
}

// silence leaves out the other one of steps and epochs.
func (d *Draft) silence(name string) {
	if other := map[string]string{"steps": "epochs", "epochs": "steps"}[name]; other != "" {
		d.ResetParam(other)
	}
}

// ResetParam leaves a parameter at its default.
func (d *Draft) ResetParam(name string) {
	d.Params = slices.DeleteFunc(d.Params, func(s Setting) bool { return s.Name == name })
}

// ReadSeeds reads "3" (1, 2 and 3), "101,102", "101-108" or a mix of the last two.
func ReadSeeds(text string) ([]int64, error) {
	wrong := fmt.Errorf("set seeds: %s are no seeds; write 3 for 1, 2 and 3, or 101,102, or 101-108", shown(text))
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > maxSeeds {
			return nil, fmt.Errorf("set seeds: %d is not from 1 to %d", n, maxSeeds)
		}
		return upTo(n), nil
	}
	var seeds []int64
	for word := range strings.SplitSeq(strings.Trim(text, "[] "), ",") {
		first, last, span := strings.Cut(strings.TrimSpace(word), "-")
		from, err := strconv.ParseInt(first, 10, 63)
		if err != nil {
			return nil, wrong
		}
		to := from
		if span {
			if to, err = strconv.ParseInt(last, 10, 63); err != nil || to < from || to-from >= maxSeeds {
				return nil, wrong
			}
		}
		for n := from; n <= to; n++ {
			if slices.Contains(seeds, n) {
				return nil, fmt.Errorf("set seeds: seed %d stands there twice", n)
			}
			seeds = append(seeds, n)
		}
	}
	if len(seeds) > maxSeeds {
		return nil, fmt.Errorf("set seeds: %d seeds; at most %d fit", len(seeds), maxSeeds)
	}
	return seeds, nil
}

// SeedsText is what ReadSeeds reads: "3", "101-108" or "5,3".
func SeedsText(seeds []int64) string {
	n := len(seeds)
	switch {
	case n == 0:
		return ""
	case slices.Equal(seeds, upTo(n)):
		return strconv.Itoa(n)
	}
	var words []string
	for i := 0; i < n; {
		j := i
		for j+1 < n && seeds[j+1] == seeds[j]+1 {
			j++
		}
		word := strconv.FormatInt(seeds[i], 10)
		switch {
		case j > i+1:
			word += "-" + strconv.FormatInt(seeds[j], 10)
		case j > i:
			word += "," + strconv.FormatInt(seeds[j], 10)
		}
		words = append(words, word)
		i = j + 1
	}
	if len(words) == 1 && n == 1 {
		return "[" + words[0] + "]" // 3 alone would be three seeds
	}
	return strings.Join(words, ",")
}
