package engine

import (
	"strings"
	"testing"
)

// A warning is said once.
func TestTellWarning(t *testing.T) {
	t.Parallel()
	r := Reply{Warning: "budget"}
	for name, tell := range map[string]func(*strings.Builder){
		"resume": func(b *strings.Builder) { r.tell(b, "resume") },
		"run":    func(b *strings.Builder) { r.Tell(b, "e") },
	} {
		var b strings.Builder
		tell(&b)
		if strings.Count(b.String(), "warning: budget") != 1 {
			t.Errorf("%s says %q", name, b.String())
		}
	}
}

// Whoever asks for runs that are left as they are hears what to do about it.
func TestTellNextStep(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{
		"resume": "2 are being ended: ask again when they have",
		"retry":  "2 are being ended: ask again when they have",
		"stop":   "",
		"pause":  "",
	} {
		var b strings.Builder
		Reply{Stopped: 2}.tell(&b, verb)
		if _, rest, _ := strings.Cut(b.String(), "\n"); strings.TrimSpace(rest) != want {
			t.Errorf("%s goes on %q, want %q", verb, rest, want)
		}
	}
}
