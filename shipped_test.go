package main

import (
	"testing"

	"ablate/engine/recipe"
	"ablate/experiments"
)

// Every store and run carries the hash of its plan. These were recorded before an
// experiment could give limits, stop rules, retries and a pause: what a file does
// not say leaves its plans as they were. A raised recipe version changes them.
func TestShippedPlansKeepTheirHash(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("experiments.toml", shipped, recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"quick": "744c2f808d9f", "tasks-vs-solutions": "c37728a72034", "rl": "8f8d1eb454dd", "placebo-seed": "0d696cf5d058",
	} {
		p, err := f.Plan(name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.Hash != want {
			t.Errorf("the plan of %s has the hash %s, want %s", name, p.Hash, want)
		}
	}
}
