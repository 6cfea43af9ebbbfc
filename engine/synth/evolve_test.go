package synth

import (
	"slices"
	"strings"
	"testing"
)

// executables are the leaves that tasks can ask for.
func executables(c *Catalogue) []*leaf {
	var all []*leaf
	for i := range c.leaves {
		if c.leaves[i].executable() {
			all = append(all, &c.leaves[i])
		}
	}
	return all
}

// Outputs on other inputs than the probes are the behaviour here.
func TestEvolvedFeaturesAreNew(t *testing.T) {
	t.Parallel()
	seen, evolved := map[string]string{}, 0
	for _, l := range executables(grown()) {
		of := behaviours([]Task{{ID: l.path, features: composition{l.feature}}})
		for b := range of {
			if twin, ok := seen[b]; ok {
				t.Errorf("%s behaves like %s", l.path, twin)
			}
			seen[b] = l.path
		}
		if l.count == 0 {
			evolved++
		}
	}
	for b := range behaviours([]Task{{}}) {
		if path, ok := seen[b]; ok {
			t.Errorf("%s changes nothing", path)
		}
	}
	if evolved < 50 {
		t.Errorf("%d evolved features, want at least 50", evolved)
	}
}

// The usual program of a feature is read as that feature, and no other program as
// anything that behaves otherwise.
func TestProgramsAreReadAsTheirFeature(t *testing.T) {
	t.Parallel()
	k, read := learn(), 0
	var m machine
	for _, l := range executables(grown()) {
		for i := range l.feature.idioms {
			text := l.feature.program(i)
			def, err := parseProgram(text)
			if err != nil {
				t.Fatalf("%v:\n%s", err, text)
			}
			c, err := k.read(def)
			if i == 0 && (err != nil || c.id() != l.feature.String()) {
				t.Errorf("%s is read as %s, %v, of\n%s", l.feature, c.id(), err, text)
			}
			if err != nil {
				continue
			}
			want, _ := m.behaviour(composition{l.feature})
			if got, _ := m.behaviour(c); got != want {
				t.Errorf("%s is read as %s of\n%s", l.feature, c.id(), text)
			}
			read++
		}
	}
	if read < 300 {
		t.Errorf("%d programs of features are read, want at least 300", read)
	}
}

func TestTemplatesParse(t *testing.T) {
	t.Parallel()
	k := learn()
	for _, tree := range append(k.templates, template{tree: tailOf()}, template{tree: placesOf()}, template{tree: untilLast()},
		template{tree: fromSecond()}, template{tree: lengthOf()}) {
		if size(tree.tree) < 2 {
			t.Errorf("a template is a mere %s", rendered(tree.tree))
		}
	}
	if len(k.templates) < 30 || len(k.loops) < 3 {
		t.Errorf("%d forms of expressions and %d of loops, want 30 and 3", len(k.templates), len(k.loops))
	}
}

func TestPhrasesAreDistinct(t *testing.T) {
	t.Parallel()
	said, names := map[string]string{}, map[string]bool{}
	words := map[string]bool{}
	for _, l := range executables(grown()) {
		f := l.feature
		if names[f.String()] {
			t.Errorf("two features are called %s", f)
		}
		names[f.String()] = true
		for _, phrase := range slices.Concat(f.ask, f.of) {
			phrase = strings.ReplaceAll(phrase, "K", spelled(f.k))
			if twin, ok := said[phrase]; ok && twin != l.path {
				t.Errorf("%s and %s are both asked for as %q", l.path, twin, phrase)
			}
			said[phrase] = l.path
			for word := range strings.FieldsSeq(phrase) {
				words[word] = true
			}
		}
		if len(f.idioms) < 2 || len(f.ask) < 2 || len(f.of) < 2 {
			t.Errorf("%s has %d idioms and %d and %d phrases, want 2 of each", f, len(f.idioms), len(f.ask), len(f.of))
		}
	}
	if len(words) > 130 {
		t.Errorf("statements use %d words, want at most 130 for a small vocabulary", len(words))
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	growth := grown().Growth()
	if len(growth) != len(Categories()) {
		t.Fatalf("%d categories, want %d", len(growth), len(Categories()))
	}
	for _, g := range growth {
		t.Logf("%s: %d features extracted, %d after evolution", g.Category, g.Extracted, g.Evolved)
		if g.Extracted < 3 || g.Evolved < g.Extracted {
			t.Errorf("%s: %d features extracted, %d after evolution", g.Category, g.Extracted, g.Evolved)
		}
	}
	if g := growth[0]; g.Evolved < 2*g.Extracted || g.Evolved > 4*g.Extracted || g.Evolved > 200 {
		t.Errorf("%s grows from %d to %d, want a factor of 2 to 4 and at most 200", g.Category, g.Extracted, g.Evolved)
	}
}
