package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/report"
)

// infoLines are what the run was run with: its attempts, parameters and
// environment, and where its files are.
func (p *Page) infoLines(l look.Look, w int) []string {
	f := &p.facts
	r := f.record
	if r.ID == "" {
		return []string{l.Muted.Render(" reading")}
	}
	var lines []string
	head := func(text string) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+l.Bold.Render(text))
	}
	pair := func(name, value string) {
		if value != "" {
			lines = append(lines, pairLines(l, name, value, w)...)
		}
	}
	pair("run", r.ID)
	pair("seed", fmt.Sprint(r.Seed))
	pair("recipe", fmt.Sprintf("%s, version %d", r.Recipe, r.RecipeVersion))
	pair("marks", p.marks())
	for _, n := range p.state.Notes {
		pair("note", n.Text+"  "+n.By)
	}
	head("parameters   • not the default")
	lines = append(lines, p.paramLines(l, w)...)
	if len(f.attempts) > 0 {
		head("attempts")
		for _, a := range f.attempts {
			lines = append(lines, look.Fit(fmt.Sprintf("   a%-3d %s  %7s  %s", a.n, report.Moment(a.began), report.Duration(a.ended-a.began), p.endingOf(a)), w))
		}
	}
	if use := p.gpus.use.Against(p.model); use.Any() {
		head("GPUs, over all attempts")
		for _, x := range append(use.Which(p.gpuIndex), use.Pairs()...) {
			pair(x[0], x[1])
		}
	}
	head("environment")
	for _, x := range f.env.pairs(f.start) {
		pair(x[0], x[1])
	}
	head("files")
	pair("folder", r.Dir)
	pair("weights", r.SHA256)
	pair("design", r.PlanHash)
	for _, x := range f.places {
		pair(x[0], x[1])
	}
	return lines
}

// gpuIndex is the driver's number of a GPU, as its readings or else the environment
// have it.
func (p *Page) gpuIndex(uuid string) (int, bool) {
	if n, ok := p.gpus.index[uuid]; ok {
		return n, true
	}
	for _, g := range p.facts.env.GPUs {
		if facts, ok := g.(map[string]any); ok && facts["uuid"] == uuid {
			n, ok := facts["index"].(float64)
			return int(n), ok
		}
	}
	return 0, false
}

// endingOf is how an attempt ended; of the newest, what the run says.
func (p *Page) endingOf(a attempt) string {
	if r := p.facts.record; a.n == r.Attempt {
		return report.Glyph(r.Status) + " " + strings.TrimSuffix(string(r.Status)+": "+look.Harmless(r.Reason), ": ")
	}
	return ending(a)
}

// pairLines are a name and a value, the value on as many lines as it takes.
func pairLines(l look.Look, name, value string, w int) []string {
	const nameW = 14
	lines := look.Wrap(look.Harmless(value), max(w-nameW-5, 10))
	for i := range lines {
		lead := ""
		if i == 0 {
			lead = look.Harmless(name)
		}
		lines[i] = "   " + l.Muted.Render(look.Fit(lead, nameW)) + " " + lines[i]
	}
	return lines
}

func (p *Page) marks() string {
	var words []string
	if p.state.Starred {
		words = append(words, "★ starred")
	}
	if p.state.Hidden {
		words = append(words, "hidden")
	}
	if p.state.Distrusted != nil {
		words = append(words, "distrusted: "+p.state.Distrusted.Text)
	}
	return strings.Join(append(words, p.state.Tags...), ", ")
}

// paramLines are the parameters in columns, those first that are not as the recipe
// has them.
func (p *Page) paramLines(l look.Look, w int) []string {
	r := p.facts.record
	recipe := recipeOf(p.site.Recipes, r.Recipe)
	axis := map[string]bool{}
	for _, a := range r.Axes {
		axis[a.Name] = true
	}
	var set, usual []string
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		value := fmt.Sprint(r.Params[name])
		text := look.Harmless(name + " = " + value)
		standard, known := standardOf(recipe, name)
		switch {
		case axis[name]:
			set = append(set, " • "+text+"  (axis)")
		case !known:
			usual = append(usual, "   "+text)
		case standard != value:
			set = append(set, " • "+text+"  (default "+look.Harmless(standard)+")")
		default:
			usual = append(usual, l.Muted.Render("   "+text))
		}
	}
	return append(columns(set, w), columns(usual, w)...)
}

func recipeOf(all []experiments.Recipe, name string) *experiments.Recipe {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// standardOf is the default of a parameter, as it would be shown; false where
// there is none.
func standardOf(r *experiments.Recipe, name string) (string, bool) {
	if r == nil {
		return "", false
	}
	for _, p := range r.Params {
		if p.Name == name && p.Default != nil {
			if n, ok := p.Default.(int); ok && p.Kind == experiments.Float {
				return fmt.Sprint(float64(n)), true
			}
			return fmt.Sprint(p.Default), true
		}
	}
	return "", false
}

// columns sets texts side by side, down the first column and then the next.
func columns(texts []string, w int) []string {
	widest := 1
	for _, t := range texts {
		widest = max(widest, look.Width(t))
	}
	n := max(min(w/(widest+2), len(texts)), 1)
	rows := (len(texts) + n - 1) / n
	lines := make([]string, rows)
	for i, t := range texts {
		lines[i%rows] += look.Fit(t, widest) + "  "
	}
	return lines
}

// pairs are what is known of where the run ran.
func (e environment) pairs(start store.Start) [][2]string {
	var gpus []string
	for _, g := range e.GPUs {
		switch g := g.(type) {
		case map[string]any:
			gpus = append(gpus, fmt.Sprint(g["name"]))
		default:
			gpus = append(gpus, fmt.Sprint(g))
		}
	}
	memory := ""
	if e.Memory > 0 {
		memory = fmt.Sprintf("%.1f GiB", e.Memory/(1<<30))
	}
	cpu := e.CPUModel
	if e.CPUs > 0 {
		cpu = fmt.Sprintf("%d × %s", e.CPUs, e.CPUModel)
	}
	changed := e.Commit
	if e.Diff != "" {
		changed += fmt.Sprintf(", with changes of %d lines", strings.Count(e.Diff, "\n"))
	}
	process := ""
	if start.Trainer.PID > 0 {
		process = fmt.Sprintf("trainer %d, runner %d, by %s", start.Trainer.PID, start.Runner.PID, start.Launcher)
	}
	workers := ""
	if start.Workers > 0 {
		workers = fmt.Sprint(start.Workers)
	}
	return [][2]string{
		{"host", e.Host}, {"cpu", cpu}, {"memory", memory}, {"gpus", strings.Join(gpus, ", ")}, {"held gpus", strings.Join(start.Held, ", ")},
		{"cores given", workers}, {"kernel", strings.TrimSpace(e.OS + " " + e.Arch + " " + e.Kernel)},
		{"program", strings.TrimSpace(e.Version + " " + e.Build + " " + e.Go)}, {"git", changed},
		{"arithmetic", e.Arithmetic}, {"data", e.Generated}, {"workdir", e.Workdir}, {"command", strings.Join(e.Command, " ")}, {"processes", process},
	}
}
