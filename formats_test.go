package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"ablate/engine"
	"ablate/engine/notify"
	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/report"
)

// What the commands print and others may read is documented: FORMATS.md names every
// key of it.
func TestFormatsNameEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("experiments/FORMATS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		engine.Status{}, notify.Notice{}, report.Detail{}, report.Planned{}, report.Answer{}, report.LeftOut{}, report.Compared{}, report.Exported{}, report.FitsDoc{},
		experiments.Difference{}, store.Mark{}, store.Point{}, store.Item{}, gpu.Use{}, gpu.Device{},
	} {
		for _, key := range keysOf(reflect.TypeOf(v), map[reflect.Type]bool{}) {
			if !strings.Contains(string(text), "`"+key+"`") && !strings.Contains(string(text), `"`+key+`"`) {
				t.Errorf("FORMATS.md does not name %q of %T", key, v)
			}
		}
	}
}

// keysOf are the JSON keys of a type of this program and of those in it.
func keysOf(t reflect.Type, seen map[reflect.Type]bool) (keys []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || !strings.HasPrefix(t.PkgPath(), "ablate/") {
		return nil
	}
	seen[t] = true
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name != "" {
			keys = append(keys, name)
		}
		keys = append(keys, keysOf(f.Type, seen)...)
	}
	return keys
}

// The README's lines on GPUs are an experiment file once there is a trainer, and it
// names every key that `gpu --json` has for a GPU.
func TestReadmeTellsOfGPUs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "## GPUs\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for f := range reflect.TypeFor[gpu.Device]().Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("the README does not name %q of `gpu --json`", key)
		}
	}
	_, lines, _ := strings.Cut(section, "```toml\n")
	lines, _, _ = strings.Cut(lines, "```")
	text := "schema = 1\n" + lines + "recipe = \"command\"\naxes = { lr = [1, 2] }\nargv = [\"train\", \"{lr}\", \"{seed}\"]\n"
	f, err := experiments.Parse("README.md", []byte(text), recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	if e, err := f.Experiment("mine"); err != nil || e.Plan().GPUs != 2 || e.Plan().Placement.Type != "H20" {
		t.Errorf("the experiment is %+v, %v; want one with 2 GPUs of type H20", e, err)
	}
}
