package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ablate/tui/report"
)

// Whoever is told that `ablate help COMMAND` shows how finds each flag there.
func TestHelpTellsOfEveryFlag(t *testing.T) {
	t.Parallel()
	flags := regexp.MustCompile(`(^|[[| ])(--?[a-z]+)`)
	for _, c := range commands() {
		if c.purpose == "" || c.name == "" {
			continue
		}
		var b strings.Builder
		report.Help(&b, calls(), c.name)
		_, told, _ := strings.Cut(b.String(), c.purpose+"\n")
		told, _, _ = strings.Cut(told, "all take --store")
		for _, m := range flags.FindAllStringSubmatch(c.usage, -1) {
			if name := m[2]; name != "--json" && !regexp.MustCompile(name+`\b`).MatchString(told) {
				t.Errorf("`ablate help %s` does not say what %s does:\n%s", c.name, name, told)
			}
		}
		for line := range strings.Lines(told) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 120 {
				t.Errorf("`ablate help %s` has a line that is too long: %s", c.name, line)
			}
		}
	}
}

// An example in the help is a command line that is understood.
func TestHelpExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, c := range commands() {
		var b strings.Builder
		report.Help(&b, calls(), c.name)
		_, told, _ := strings.Cut(b.String(), "for example")
		for line := range strings.Lines(told) {
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "ablate" {
				break
			}
			a := &app{ctx: t.Context()}
			if err := a.parse(c, append(slices.Clone(words[2:]), "--store", t.TempDir())); words[1] != c.name || err != nil || len(a.args) == 0 {
				t.Errorf("`ablate help %s` shows %q: %v", c.name, strings.TrimSpace(line), err)
			}
			shown[c.name] = true
		}
	}
	for _, name := range []string{"plan", "compare", "fit", "export", "import"} {
		if !shown[name] {
			t.Errorf("`ablate help %s` shows no example", name)
		}
	}
}
