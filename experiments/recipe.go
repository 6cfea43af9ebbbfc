package experiments

import "fmt"

// The kinds of a parameter, in the words a user reads.
const (
	Int    = "int"
	Float  = "float"
	String = "string"
	Bool   = "bool"
)

// Command is the recipe that starts the user's own argv. It needs no Recipe
// value: its parameters are whatever the argv names.
const Command = "command"

// Param is one parameter of a recipe.
type Param struct {
	Name string
	Kind string // Int, Float, String or Bool
	Unit string // "tasks", "steps"; may be empty
	// Group is the heading that it stands under in a form: "data", "training".
	Group string
	Doc   string // one line
	// Default is used where an experiment says nothing: an int64, float64,
	// string or bool as Kind says. Nil: every experiment must give a value.
	Default any
	Min     *float64 // smallest value allowed, itself included; nil: none
	Max     *float64 // largest value allowed, itself included; nil: none
	Choices []string // String only: the values allowed; empty: any
}

// Recipe is how a run trains, as far as an experiment file needs to know.
type Recipe struct {
	Name string // one of the known recipe names: "sft", "grpo", "sft+grpo"
	// Version is raised when a change of the recipe changes the bits of its
	// results: it is part of every cell's hash.
	Version int
	Doc     string // what it does, in a line
	Params  []Param
	// Work estimates the FLOPs of one run. Nil: unknown.
	Work func(Params) float64
	// Shared names the part of Work that runs of one seed and this name do once
	// between them, with its FLOPs. Nil: there is none.
	Shared func(Params) (name string, flops float64)
	// Speed is about what one slot does on this machine, in FLOP/s, for estimates
	// before any run was measured. 0: unknown.
	Speed float64
	// Reports says whether runs with these parameters end with a metric. Nil:
	// nobody knows before they did.
	Reports func(metric string, p Params) bool
	// Check reports mistakes between resolved parameters, such as heads that
	// do not divide dim: one sentence each, with the names. May be nil.
	Check func(Params) []string
}

// work is the FLOPs of a run without what others do for it; done are the names of
// that so far.
func (r Recipe) work(p Params, done map[string]bool) float64 {
	flops := r.Work(p)
	if r.Shared == nil {
		return flops
	}
	name, once := r.Shared(p)
	if done[name] {
		flops -= once
	}
	done[name] = true
	return flops
}

// param is the parameter called name.
func (r Recipe) param(name string) (Param, bool) {
	for _, p := range r.Params {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

func (r Recipe) names() []string {
	names := make([]string, len(r.Params))
	for i, p := range r.Params {
		names[i] = p.Name
	}
	return names
}

// standard is the default, as a value of the parameter's kind.
func (p Param) standard() any {
	v := p.Default
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	if n, ok := v.(int64); ok && p.Kind == Float {
		v = float64(n)
	}
	return v
}

// validate finds what the author of a recipe got wrong.
func (r Recipe) validate() error {
	seen := map[string]bool{}
	for _, p := range r.Params {
		switch {
		case !isName(p.Name) || p.Name == "seed" || p.Name == runDir || seen[p.Name]:
			return fmt.Errorf("check recipe %s: %q cannot name a parameter, or names two", r.Name, p.Name)
		case p.Kind != Int && p.Kind != Float && p.Kind != String && p.Kind != Bool:
			return fmt.Errorf("check recipe %s: parameter %s has the unknown kind %q", r.Name, p.Name, p.Kind)
		}
		seen[p.Name] = true
		if p.Default == nil {
			continue
		}
		if _, wrong := p.convert(p.standard()); wrong != nil {
			return fmt.Errorf("check recipe %s: default of %s: %s", r.Name, p.Name, wrong.message)
		}
	}
	return nil
}
